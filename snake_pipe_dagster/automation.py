"""When Dagster starts runs by itself.

Belongs here: automation conditions and why they are what they are. Does not: noticing that files
changed; the landing sensor does.

A changed source is carried through all stages by one run, because starting a run costs more than a
small source takes. Blocking checks stop such a run where they fail. Across runs Dagster does not
stop anything, so an asset also waits until what is upstream has passed its blocking checks, unless
the same run is about to make it anew.
"""

import dagster as dg

_Condition = dg.AutomationCondition

RETRY_AT = "17 * * * *"
"""Minute of the hour at which backends that failed are tried again."""

_BEFORE_WE_LOOKED = (
    _Condition.initial_evaluation()
    & _Condition.missing()
    & ~_Condition.any_deps_missing()
    & ~_Condition.in_progress()
).with_label("missing at the first look")

WHEN_FILES_CHANGE = _Condition.eager() | _BEFORE_WE_LOOKED
"""Run when what is upstream changes, even if it did so before automation first looked."""

_PARENTS_CHECKED = _Condition.all_deps_match(
    _Condition.all_checks_match(_Condition.check_passed(), blocking_only=True).with_label(
        "passed its blocking checks"
    )
    | _Condition.will_be_requested()
).with_label("parents passed their checks, or are in the same run")

WHEN_PARENTS_ARE_GOOD = (WHEN_FILES_CHANGE & _PARENTS_CHECKED).with_label(
    "when what is upstream changes and passes its checks"
)
"""Run when what is upstream changed and passed its blocking checks, or is made by the same run."""

_EVERY_HOUR_WHILE_IT_FAILS = (
    _Condition.execution_failed()
    & _Condition.cron_tick_passed(RETRY_AT)
    & ~_Condition.any_deps_match(_Condition.execution_failed())
    & ~_Condition.any_deps_match(_Condition.missing())
    & ~_Condition.any_deps_in_progress()
    & ~_Condition.in_progress()
    & _PARENTS_CHECKED
).with_label("hourly while this alone fails")

WHEN_TO_PUBLISH = WHEN_PARENTS_ARE_GOOD | _EVERY_HOUR_WHILE_IT_FAILS
"""As above, and again every hour while a backend fails although everything upstream is good."""
