"""The checklist document: the one source of truth for its shape, in YAML, in JSON and in the database.

Frozen, and closed to unknown keys. Numbers are exact: a weight written as 1.10 is the decimal 1.10. What no
single field can say (codes used once, weights covered, references that exist) is in `app.checklists.rules`.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)

PLAIN_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")


def _exact(value: object) -> Decimal:
    """Accept what was written as a plain decimal; a float from JSON counts as the digits it was written with."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        value = format(value, "f") if isinstance(value, Decimal) else repr(value)
    if isinstance(value, str) and PLAIN_DECIMAL.fullmatch(value):
        return Decimal(value)
    raise ValueError("must be a plain decimal number such as 0.5, with at most 12 digits on either side")


def plain(value: Decimal) -> str:
    """The shortest plain writing: 10.0 and 10 are the same weight."""
    return f"{value.normalize():f}"


def _without_nul(text: str) -> str:
    """YAML can write one, PostgreSQL cannot keep it."""
    if "\x00" in text:
        raise ValueError("must not contain NUL")
    return text


Exact: TypeAlias = Annotated[
    Decimal,
    BeforeValidator(_exact),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$"}]}),
]
Weight: TypeAlias = Annotated[Exact, Field(ge=0)]
Share: TypeAlias = Annotated[Exact, Field(ge=0, le=1)]
Code: TypeAlias = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)
]
Words: TypeAlias = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=2000),
    AfterValidator(_without_nul),
]


class Mode(StrEnum):
    """How items roll up to a total (D3.2)."""

    WEIGHTS_FIXED = "weights_fixed"
    POINTS_POOL = "points_pool"


class NotApplicable(StrEnum):
    """What "not applicable" does to an item (D3.1)."""

    EXCLUDE = "exclude"
    COUNT_AS_ZERO = "count_as_zero"
    COUNT_AS_FULL = "count_as_full"
    NOT_ALLOWED = "not_allowed"


class VetoScope(StrEnum):
    """What a breached basic norm takes with it (D4.1)."""

    ITEM = "item"
    INDICATOR = "indicator"
    DIMENSION = "dimension"
    VISIT = "visit"
    CAP = "cap"


class Stage(StrEnum):
    """How far an outlet has come (D2.2)."""

    EARLY = "early"
    IMPROVED = "improved"


class Load(StrEnum):
    """The pressure of business an outlet is under (D2.2)."""

    HIGH = "high"
    LOW = "low"


class Servqual(StrEnum):
    """The dimension of service quality an item speaks to (D9.1)."""

    TANGIBLES = "tangibles"
    RELIABILITY = "reliability"
    RESPONSIVENESS = "responsiveness"
    ASSURANCE = "assurance"
    EMPATHY = "empathy"


class Part(BaseModel):
    """Any piece of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Text(Part):
    """The same words in both languages."""

    zh: Words
    en: Words


class Tags(Part):
    """What an item is evidence of, for gap analysis and campaigns."""

    servqual: Servqual | None = None
    campaign: Code | None = None
    """The campaign check it belongs to, such as active-selling (D2.1)."""


class Condition(Part):
    """Holds when another item was answered with one of these values."""

    item: Code
    any_of: Annotated[tuple[StrictBool | StrictInt | Code, ...], Field(min_length=1)]
    """true or false for yes_no, option codes for choice, points for rating."""


class Veto(Part):
    """A basic norm. Breached when the item earns at most `breached_at` of its weight (D4)."""

    scope: VetoScope = VetoScope.INDICATOR
    cap: Annotated[Exact, Field(ge=0, lt=100)] | None = None
    """Only with scope cap: the total is at most this."""
    breached_at: Annotated[Exact, Field(ge=0, lt=1)] = Decimal(0)
    confirm: StrictBool = True
    """A second person confirms it before publication (D4.3)."""


class Asked(Part):
    """What every item has, whatever its type."""

    code: Code
    """Stable over versions and shared between variants: answers and comparisons refer to it."""
    text: Text
    guidance: Text | None = None
    """How to judge it, for the inspector."""
    required: StrictBool = True
    required_if: Condition | None = None
    """Required only when this holds. When it does not, an unanswered item is left out of the score."""
    purposes: Annotated[tuple[Code, ...], Field(min_length=1)] | None = None
    """The visit purposes that ask for it; without it, all."""
    not_applicable: NotApplicable = NotApplicable.EXCLUDE
    bonus: StrictBool = False
    """Adds to earned points only (D3.3)."""
    tags: Tags = Tags()


class Scored(Asked):
    """An item whose answer gives its fraction by itself."""

    weight: Weight
    """Above 0; 0 makes a pure gate and needs a veto."""
    veto: Veto | None = None


class Reviewed(Asked):
    """An item that is not scored, or, when it has a weight, scored by the reviewer (D3.3)."""

    weight: Weight | None = None
    veto: None = None


class YesNo(Scored):
    """Yes or no; the expected answer earns all of it."""

    type: Literal["yes_no"]
    expected: StrictBool = True


class Option(Part):
    """One answer to choose, and the fraction it earns."""

    code: Code
    text: Text
    fraction: Share


class Choice(Scored):
    """Exactly one of several options."""

    type: Literal["choice"]
    options: Annotated[tuple[Option, ...], Field(min_length=2)]


class Rating(Scored):
    """Points on a scale, linear between its ends."""

    type: Literal["rating"]
    lowest: StrictInt = 1
    highest: StrictInt = 5


class Band(Part):
    """Up to and including this number, the item earns this fraction."""

    up_to: Exact
    fraction: Share


class Number(Scored):
    """A measured number, such as minutes of waiting."""

    type: Literal["number"]
    unit: Text
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    otherwise: Share
    """Earned beyond the last band."""
    minimum: Exact = Decimal(0)
    maximum: Exact | None = None


class Deductions(Scored):
    """A count of faults; each takes the same fraction, never below zero."""

    type: Literal["deductions"]
    each: Annotated[Exact, Field(gt=0, le=1)]


class FreeText(Reviewed):
    """Words of the inspector's own."""

    type: Literal["text"]
    min_length: Annotated[StrictInt, Field(ge=0, le=2000)] = 0


class Photo(Reviewed):
    """Photos, given as evidence of the answer."""

    type: Literal["photo"]
    min_count: Annotated[StrictInt, Field(ge=1, le=20)] = 1


Item: TypeAlias = Annotated[
    YesNo | Choice | Rating | Number | Deductions | FreeText | Photo, Field(discriminator="type")
]


class Indicator(Part):
    """Items that are judged together."""

    code: Code
    title: Text
    items: Annotated[tuple[Item, ...], Field(min_length=1)]


class Dimension(Part):
    """Indicators that share one weight."""

    code: Code
    title: Text
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]


class Purpose(Part):
    """Why the inspector comes: what is asked or done at the counter."""

    code: Code
    title: Text
    transaction: StrictBool
    """A real transaction, not only an enquiry (D2.5)."""


class Profile(Part):
    """The weights of a tier × stage × load band; an axis that is left out stands for any value (D2.2)."""

    code: Code
    tier: Code | None = None
    stage: Stage | None = None
    load: Load | None = None
    indicators: dict[Code, Annotated[Exact, Field(gt=0)]]
    """A weight for every indicator."""
    dimensions: dict[Code, Annotated[Exact, Field(gt=0)]] | None = None
    """Without it, a dimension weighs what its indicators weigh together."""


class Document(Part):
    """A checklist of one trade, in one immutable version."""

    id: Code
    version: Annotated[StrictInt, Field(ge=1)]
    title: Text
    trade: Code
    mode: Mode = Mode.WEIGHTS_FIXED
    completeness_threshold: Share = Decimal("0.6")
    """Below this share of the applicable weight there is no number (D3.4)."""
    weights_sum: Annotated[Exact, Field(gt=0)] | None = None
    """What the weights of every profile add up to, said so that a slip is found. Without it they are shares of whatever they add up to."""
    shares_items_with: Code | None = None
    """The id of the checklist whose item codes this variant shares, for comparison (D2.3, D9.7)."""
    purposes: tuple[Purpose, ...] = ()
    profiles: tuple[Profile, ...] = ()
    dimensions: Annotated[tuple[Dimension, ...], Field(min_length=1)]

    def indicators(self) -> Iterator[Indicator]:
        """Every indicator, in order."""
        for dimension in self.dimensions:
            yield from dimension.indicators

    def items(self) -> Iterator[Item]:
        """Every item, in order."""
        for indicator in self.indicators():
            yield from indicator.items

    def fingerprint(self) -> str:
        """SHA-256 of the content. Comments, layout and defaults written out make no difference."""
        content = self.model_dump(mode="json", exclude_defaults=True)
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def json_schema_document() -> dict[str, Any]:
    """The JSON Schema of a document."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Document.model_json_schema()}


def json_schema() -> str:
    """The same for editors, as it is committed beside the checklists."""
    return json.dumps(json_schema_document(), ensure_ascii=False, indent=2) + "\n"
