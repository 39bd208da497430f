"""The strict reader of JSON values: each value knows where it stands, so each complaint carries its JSON pointer.

The pointer is RFC 6901: `/clips/0/crops/9:16/keys/3/cx`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeVar, cast

from reel.errors import BadEdit, BadField
from reel.keys import checked_uuid

T = TypeVar("T", bound=str)

LARGEST_INTEGER: Final = 2**53 - 1
"""The largest integer that JSON carries unharmed through a browser (RFC 8259, section 6)."""

LARGEST_TERM: Final = 2**31 - 1
"""The largest term of a rational: ffmpeg's AVRational holds two 32-bit integers."""


class _Absent:
    """Marks a member that the object does not have."""


_ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Field:
    """A JSON value, or its absence, at a place.

    Every reader raises BadField with the pointer of the place. Where it takes a `default`, that stands for an absent
    value; without one the value is required. A `null` counts as absent only for `given`.
    """

    value: object
    pointer: str = ""

    @property
    def given(self) -> bool:
        """Whether there is a value other than null."""
        return self.value is not _ABSENT and self.value is not None

    def wrong(self, message: str) -> BadField:
        """Return the complaint, to be raised."""
        return BadField(self.pointer, message)

    def required(self) -> Field:
        """Return the same, which has to be there."""
        if self.value is _ABSENT:
            raise self.wrong("is missing")
        return self

    @contextmanager
    def at_fault(self) -> Generator[None]:
        """Let a rule of the domain blame this place: its own pointer, if it has one, goes on from here."""
        try:
            yield
        except BadField as error:
            inner = str(error.details["field"])
            raise BadField(self.pointer + inner, error.message.removeprefix(f"{inner}: ")) from None
        except BadEdit as error:
            error.details["field"] = self.pointer + str(error.details.get("field", ""))
            raise

    def members(self, *names: str) -> Mapping[str, Field]:
        """Read an object that has no members but `names`; those that it lacks are there as absent fields."""
        found = self._object()
        for name in found:
            if name not in names:
                raise Field(found[name], self._below(name)).wrong(f"is not known here; known are {', '.join(names)}")
        return {name: Field(found.get(name, _ABSENT), self._below(name)) for name in names}

    def entries(self) -> Mapping[str, Field]:
        """Read an object with members of any name; absent is empty."""
        if self.value is _ABSENT:
            return {}
        return {name: Field(value, self._below(name)) for name, value in self._object().items()}

    def items(self, most: int) -> tuple[Field, ...]:
        """Read an array of at most `most` values; absent is empty."""
        if self.value is _ABSENT:
            return ()
        values: object = self.value
        if not isinstance(values, list):
            raise self.wrong("has to be an array")
        values = cast("list[object]", values)
        if len(values) > most:
            raise self.wrong(f"has {len(values)} entries; {most} are allowed")
        return tuple(Field(value, f"{self.pointer}/{place}") for place, value in enumerate(values))

    def boolean(self, default: bool | None = None) -> bool:
        """Read true or false."""
        value = self._or(default)
        if not isinstance(value, bool):
            raise self.wrong("has to be true or false")
        return value

    def integer(
        self, lowest: int = -LARGEST_INTEGER, highest: int = LARGEST_INTEGER, default: int | None = None
    ) -> int:
        """Read an integer within bounds; true and 1.0 are none."""
        value = self._or(default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong("has to be an integer")
        if not lowest <= value <= highest:
            raise self.wrong(f"has to be from {lowest} to {highest}")
        return value

    def number(self, lowest: float, highest: float, default: float | None = None) -> float:
        """Read a finite number within bounds; integers count, true does not."""
        value = self._or(default)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.wrong("has to be a number")
        if not lowest <= value <= highest:  # false for NaN too
            raise self.wrong(f"has to be from {lowest:g} to {highest:g}")
        return float(value)

    def rational(self) -> Fraction:
        """Read a positive [numerator, denominator]."""
        terms = self.items(2)
        if len(terms) != 2:
            raise self.wrong("has to be [numerator, denominator]")
        numerator, denominator = (term.integer(1, LARGEST_TERM) for term in terms)
        return Fraction(numerator, denominator)

    def text(self, most: int, default: str | None = None, *, lines: bool = False) -> str:
        """Read text of at most `most` characters without control characters; line feeds only where `lines` allows."""
        value = self._or(default)
        if not isinstance(value, str):
            raise self.wrong("has to be text")
        if len(value) > most:
            raise self.wrong(f"has {len(value)} characters; {most} are allowed")
        if any(_is_control(character) and not (lines and character == "\n") for character in value):
            raise self.wrong("holds a control character")
        return value

    def choice(self, options: Sequence[T], default: T | None = None) -> T:
        """Read one of a few words."""
        value = self._or(default)
        for option in options:
            if value == option:
                return option
        raise self.wrong(f"has to be one of {', '.join(options)}")

    def uuid(self) -> str:
        """Read a UUID in its canonical text."""
        return checked_uuid(self.text(36), self.pointer)

    def _object(self) -> Mapping[str, object]:
        members: object = self.value
        if not isinstance(members, dict):
            raise self.wrong("is missing" if members is _ABSENT else "has to be an object")
        members = cast("Mapping[object, object]", members)
        if not all(isinstance(name, str) for name in members):
            raise self.wrong("has a member that is not named by text")
        return cast("Mapping[str, object]", members)

    def _below(self, name: str) -> str:
        return f"{self.pointer}/{name.replace('~', '~0').replace('/', '~1')}"

    def _or(self, default: object) -> object:
        if self.value is not _ABSENT:
            return self.value
        if default is None:
            raise self.wrong("is missing")
        return default


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff"
