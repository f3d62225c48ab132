"""Numeric gradients of everything: is the analytic one right, cell by cell, and if not, where first?"""

from engine.check.gradients import check, checks, work
from engine.check.result import REASONS, WRONG, Check, Reason
from engine.check.wrong import Wrong, first_wrong

__all__ = ["REASONS", "WRONG", "Check", "Reason", "Wrong", "check", "checks", "first_wrong", "work"]
