"""An edition as XLSX with charts, in Chinese or English: the same content gives the same bytes. Blocking."""

from collections.abc import Mapping, Sequence

from app.bulletins.content import Content
from app.bulletins.rules import Language
from app.bulletins.tables import Table, subject_of, tables_of
from app.bulletins.words import TITLES, word
from app.kit.sheets import ChartKind, XlsxWriter

WIDE = {"outlet": 28, "region": 28, "item": 48, "indicator": 28}
NARROW = 12
# By table: how it is drawn, and which of its columns.
CHARTS: Mapping[str, tuple[ChartKind, Sequence[int]]] = {
    "trend": (ChartKind.LINE, (1,)),
    "chart": (ChartKind.LINE, (1, 2, 3, 4)),
    "profile": (ChartKind.BAR, (1, 2)),
}


def drawn(content: Content, language: Language) -> bytes:
    """A sheet for each table; what looks like a formula is text."""
    first, *others = tables_of(content, language)
    created = content.as_of.replace(tzinfo=None, microsecond=0)
    head = (TITLES[content.cadence, language], subject_of(content, language))
    writer = XlsxWriter(head, title=word(first.key, language), widths=(40, 48), created=created)
    writer.add(first.rows)
    for table in others:
        _add(writer, table, language)
    with writer.finish() as file:
        return file.read()


def _add(writer: XlsxWriter, table: Table, language: Language) -> None:
    writer.begin(
        [word(one, language) for one in table.columns],
        title=word(table.key, language),
        widths=[WIDE.get(one, NARROW) for one in table.columns],
    )
    writer.add(table.rows)
    if table.rows and table.key in CHARTS:
        kind, columns = CHARTS[table.key]
        writer.chart(kind, labels=0, values=columns, highest=100)
