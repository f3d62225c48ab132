"""Numeric gradients of everything: is the analytic one right, cell by cell, and if not, where first?"""

from engine.check.gradients import check, checks, difference, work
from engine.check.result import REASONS, WRONG, Check, Difference, Reason, joined
from engine.check.wrong import Wrong, first_wrong

__all__ = [
    "REASONS",
    "WRONG",
    "Check",
    "Difference",
    "Reason",
    "Wrong",
    "check",
    "checks",
    "difference",
    "first_wrong",
    "joined",
    "work",
]
