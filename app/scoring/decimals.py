"""Exact numbers in, decimal strings out (D3.5). No float ever enters a score."""

import re
from decimal import Decimal
from fractions import Fraction

KEPT_PLACES = 12  # D3.5 asks for at least six
SHOWN_PLACES = 2

LONGEST = 40  # characters: more than any measurement or weight needs
PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def exact(value: int | str | Decimal | Fraction) -> Fraction:
    """The rational number that `value` writes down.

    Raises ValueError for anything else: floats, booleans, infinities, exponents ("1e9" as a string can fill
    the memory) and absurdly long numbers.
    """
    match value:
        case bool():
            pass
        case int() | Fraction():
            return Fraction(value)
        case Decimal() if value.is_finite() and abs(value.adjusted()) <= LONGEST:
            return Fraction(value)
        case str() if len(value) <= LONGEST and PLAIN.fullmatch(value):
            return Fraction(value)
    raise ValueError(f"not an exact number: {str(value)[:LONGEST]!r}")


def kept(value: Fraction) -> str:
    """`value` to 12 decimal places, cut and not rounded.

    A cut value lies on the same side of every two-place boundary as the exact one, so rounding a stored
    score for display gives what rounding the exact score would have given.
    """
    return _decimal(value.numerator * 10**KEPT_PLACES // value.denominator, places=KEPT_PLACES)


def shown(value: Fraction) -> str:
    """`value` to two places, half up: for people, never for further arithmetic."""
    doubled = 2 * value.numerator * 10**SHOWN_PLACES + value.denominator
    return _decimal(doubled // (2 * value.denominator), places=SHOWN_PLACES)


def _decimal(scaled: int, *, places: int) -> str:
    return f"{Decimal(scaled).scaleb(-places):.{places}f}"
