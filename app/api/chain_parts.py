"""The part of a chain of Jacobians that is asked for, what all of it does, and what either costs."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.api.slices import span
from app.build import Live
from app.limits import SECONDS_A_FLOP, check_cells, check_product
from app.problems import Problem
from app.settings import Settings
from engine.arrays import Array
from engine.chain import Chain, Link
from engine.jacobians import PlaceError, chain, places_of
from engine.run import NotComputedError
from engine.singular import Singular, singular

Without = Literal["not_finite", "too_large"]

WINDOW = 256
"""The most rows of a Jacobian that is too large to be sent whole, where none are asked for."""

SECONDS_A_SINGULAR = 1e-9
"""Times the shorter side squared, times the longer one: measured, and rounded up."""

MOST_SECONDS = 1.0
"""Longer than this, nobody who did not ask for them waits for singular values."""


def chain_of(run: Live, position: int, start: str, end: str, sample: int) -> Chain:
    """The Jacobians between two places.

    Raises:
        Problem: There are none, a layer between has not run, or there is no such sample.
    """
    try:
        return chain(run.run, position, start, end, sample)
    except KeyError as error:
        field = "query.from" if error.args[0] == start else "query.to"
        expected = f"{field}: expected one of {', '.join(places_of(run.run))}."
        raise Problem("no_jacobian", expected, field=field) from None
    except PlaceError as error:
        field = f"query.{str(error).partition(':')[0]}"
        raise Problem("no_jacobian", f"query.{error}.", field=field) from None
    except NotComputedError as error:
        tensor = str(error).partition(" ")[0]
        raise Problem("not_computed", f"{error}.", tensor=tensor, position=position) from None
    except IndexError as error:
        raise Problem("out_of_range", f"query.{error}.", field="query.sample", got=sample) from None


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows and columns of a Jacobian."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    values: Array

    def first(self, shape: tuple[int, int]) -> tuple[int, int] | None:
        """The first row and column; None of a whole of this shape."""
        return None if self.values.shape == shape else (self.rows[0], self.columns[0])


def part_of(found: Chain, rows: str | None, columns: str | None, settings: Settings) -> Part:
    """What is asked for; where nothing is, all of it, or the first cells of what is too large to be sent.

    Raises:
        Problem: It has too many cells, or would take too long.
    """
    height, width = found.shape
    down, across = span(rows, height, "rows"), span(columns, width, "columns")
    most = settings.max_response_cells
    # On its way through the chain a row is as long as the widest layer.
    length = max(across[1] - across[0], found.widest if len(found.links) > 1 else 0)
    if not rows and height * length > most:
        down = (0, max(1, min(WINDOW, most // length, height)))
    taken = down[1] - down[0]
    check_cells(taken * length, settings, "Ask for fewer rows, or columns.")
    check_product(_seconds(found, taken), settings.max_replay_seconds, "query.rows")
    return Part(down, across, found.matrix(slice(*down), slice(*across)))


class Spectra:
    """Singular values, as long as they are quickly found, or why there are none.

    Attributes:
        whole: Those of the whole chain.
        links: Those of each of its Jacobians.
    """

    def __init__(self, found: Chain, settings: Settings) -> None:
        self._left = MOST_SECONDS
        self._most = settings.max_response_cells
        self.whole = self._of_chain(found)
        self.links = [self.whole] if len(found.links) == 1 else [self._of_link(link) for link in found.links]

    def _of_link(self, link: Link) -> Singular | Without:
        diagonal = link.diagonal
        if diagonal is not None:
            return singular(diagonal) or "not_finite"
        if not self._affords(link.shape, link.shape[1]):
            return "too_large"
        return singular(link.rows()) or "not_finite"

    def _of_chain(self, found: Chain) -> Singular | Without:
        diagonals = [diagonal for link in found.links if (diagonal := link.diagonal) is not None]
        if len(diagonals) == len(found.links):
            return singular(np.prod(diagonals, axis=0)) or "not_finite"
        if not self._affords(found.shape, found.widest, _seconds(found, found.shape[0])):
            return "too_large"
        return singular(found.matrix()) or "not_finite"

    def _affords(self, shape: tuple[int, int], widest: int, seconds: float = 0.0) -> bool:
        seconds += SECONDS_A_SINGULAR * min(shape) ** 2 * max(shape)
        affords = seconds <= self._left and shape[0] * widest <= self._most
        self._left -= seconds if affords else 0
        return affords


def _seconds(found: Chain, rows: int) -> float:
    """What multiplying so many rows through the chain takes."""
    cells = [link.shape[1] * (1 if link.diagonal is not None else link.shape[0]) for link in found.links[:-1]]
    return SECONDS_A_FLOP * 2 * rows * sum(cells)
