"""The one partition: a source.

Belongs here: the partitions definition. Does not: finding sources. A file is never a partition: a
run over a thousand partitions spends most of its time writing events.
"""

import dagster as dg

SOURCES = dg.DynamicPartitionsDefinition(name="source")
"""One key per source; keys are slugs as `model.ids.check_source_name` allows them."""
