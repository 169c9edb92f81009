"""What indicators and items are called, and in what order they stand: as in the newest checklist that was used."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from app.checklists import queries as checklists
from app.checklists.document import Document, Text
from app.insight import queries
from app.insight.queries import Asked, Group
from app.scoring import Mode


@dataclass(frozen=True, slots=True)
class Words:
    """Codes of older versions that are not in this one have no words, and stand last."""

    mode: Mode = Mode.WEIGHTS_FIXED
    indicators: dict[str, Text] = field(default_factory=dict)
    dimensions: dict[str, str] = field(default_factory=dict)  # by indicator
    items: dict[str, Text] = field(default_factory=dict)
    indicator_of: dict[str, str] = field(default_factory=dict)  # by item

    @classmethod
    def of(cls, document: Document) -> "Words":
        indicators = list(document.indicators())
        return cls(
            mode=Mode(document.mode),
            indicators={one.code: one.title for one in indicators},
            dimensions={
                one.code: dimension.code for dimension in document.dimensions for one in dimension.indicators
            },
            items={item.code: item.text for item in document.items()},
            indicator_of={item.code: one.code for one in indicators for item in one.items},
        )

    def in_order(self, codes: set[str]) -> list[str]:
        """Codes of indicators or of items, as the checklist has them."""
        known = [*self.indicators, *self.items]
        return [code for code in dict.fromkeys(known) if code in codes] + sorted(codes - set(known))


async def words_for(session: AsyncSession, asked: Asked, group: Group) -> Words:
    version_id = await queries.newest_checklist(session, asked, group)
    if version_id is None:
        return Words()
    return Words.of(checklists.document_of(await checklists.get_version_by_id(session, version_id)))
