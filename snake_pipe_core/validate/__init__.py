"""Judge artifacts: outcomes, the quality gate, explanations of rejections.

Belongs here: what makes an artifact valid and a source good enough. Does not: scanning, storing.
"""

from snake_pipe_core.validate.checks import broken_rules
from snake_pipe_core.validate.explain import Explainer
from snake_pipe_core.validate.ledger import (
    QualityGate,
    check_ledger_adds_up,
    quality_gate,
    settle,
)

__all__ = [
    "Explainer",
    "QualityGate",
    "broken_rules",
    "check_ledger_adds_up",
    "quality_gate",
    "settle",
]
