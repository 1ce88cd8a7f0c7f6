"""Samples: a few artifacts that stand for a source, if wanted without saying what the code says.

Belongs here: choosing artifacts, pseudonyms for what they name, and writing them. Does not:
scanning the source, printing.
"""

from snake_pipe_core.sample.choose import choose
from snake_pipe_core.sample.pseudonyms import Pseudonyms
from snake_pipe_core.sample.words import kept_words
from snake_pipe_core.sample.write import SampleError, SampleReport, write_sample

__all__ = [
    "Pseudonyms", "SampleError", "SampleReport", "choose", "kept_words", "write_sample",
]  # fmt: skip
