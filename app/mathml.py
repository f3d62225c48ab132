"""Small pieces of MathML, as strings: identifiers with indices, sums, fractions, numbers."""

import math
from html import escape

Index = int | str


def math_of(*parts: str) -> str:
    """A whole formula."""
    inner = "".join(parts)
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow>{inner}</mrow></math>'


def name(text: str) -> str:
    """A word or a letter: letters lean, words stand."""
    upright = ' mathvariant="normal"' if len(text) == 1 and text in "σδμ" else ""
    return f"<mi{upright}>{escape(text)}</mi>"


def sign(text: str) -> str:
    """An operator."""
    return f"<mo>{escape(text)}</mo>"


TIMES, PLUS, MINUS, EQUALS = sign("·"), sign("+"), sign("−"), sign("=")


def row(*parts: str) -> str:
    """Parts side by side, as one."""
    return f"<mrow>{''.join(parts)}</mrow>"


def var(text: str, *indices: Index) -> str:
    """`weight` with the subscript 2,1."""
    marks = [f"<mn>{i}</mn>" if isinstance(i, int) else name(i) for i in indices]
    return f"<msub>{name(text)}{row(sign(',').join(marks))}</msub>" if marks else name(text)


def integer(value: int) -> str:
    """A whole number."""
    return f"<mn>{value}</mn>" if value >= 0 else row(MINUS, f"<mn>{-value}</mn>")


def fraction(above: str, below: str) -> str:
    """A fraction."""
    return f"<mfrac>{row(above)}{row(below)}</mfrac>"


def large(*parts: str) -> str:
    """Parts as large as the formula, though they stand in a fraction."""
    return f'<mstyle scriptlevel="0" displaystyle="true">{"".join(parts)}</mstyle>'


def power(base: str, exponent: str) -> str:
    """A power."""
    return f"<msup>{base}{row(exponent)}</msup>"


def root(inner: str) -> str:
    """A square root."""
    return f"<msqrt>{row(inner)}</msqrt>"


def total(letter: str, *parts: str) -> str:
    """Σ over a letter."""
    return row(f"<munder>{sign('∑')}{name(letter)}</munder>", *parts)


def group(*parts: str) -> str:
    """Parts in parentheses, as high as the parts."""
    return row(sign("("), *parts, sign(")"))


def call(function: str, *parts: str) -> str:
    """`ln(…)`, `max(…)`."""
    return row(name(function), sign("\u2061"), group(*parts))


def log(*parts: str) -> str:
    """`ln …` without parentheses."""
    return row(name("ln"), sign("\u2061"), *parts)


def cases(*lines: tuple[str, str]) -> str:
    """A value and its condition a line, after one brace."""
    rows = "".join(
        f"<mtr><mtd>{row(value)}</mtd><mtd>{row(condition)}</mtd></mtr>" for value, condition in lines
    )
    return row(sign("{"), f'<mtable columnalign="left">{rows}</mtable>')


def decimal(value: float, digits: int = 4) -> str:
    """A number of so many significant digits, with a true minus sign and, if need be, a power of ten."""
    if math.isnan(value):
        return "<mtext>NaN</mtext>"
    if math.isinf(value):
        return sign("∞") if value > 0 else row(MINUS, sign("∞"))
    mantissa, _, exponent = f"{abs(value):.{digits}g}".partition("e")
    number = f"<mn>{mantissa}</mn>"
    if exponent:
        number = row(number, sign("×"), power("<mn>10</mn>", integer(int(exponent))))
    return row(MINUS, number) if value < 0 else number
