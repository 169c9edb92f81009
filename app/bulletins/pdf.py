"""An edition as PDF with charts, in Chinese or English: the same content gives the same bytes. Blocking."""

import io
from collections.abc import Sequence
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)

from app.bulletins import charts
from app.bulletins.charts import ACCENT, FAINT, INK, PALE
from app.bulletins.content import Content
from app.bulletins.fonts import letters
from app.bulletins.rules import Language
from app.bulletins.tables import Table, points, subject_of, tables_of
from app.bulletins.words import KINDS, TITLES, edition_of, word
from app.kit.sheets import Cell

MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
# How much room columns get, where it is not one share.
SHARES = {
    "outlet": 3.0,
    "region": 3.0,
    "item": 4.0,
    "indicator": 3.0,
    "date": 1.6,
    "due_on": 1.6,
    "code": 1.5,
    "overdue": 1.4,
    "provisional": 1.4,
}
FIRST_CJK = "\N{CJK RADICAL REPEAT}"
NUMBERS = (
    "score",
    "others",
    "low",
    "high",
    "lost",
    "earned",
    "visits",
    "outlets",
    "rank",
    "centre",
    "lower",
    "upper",
)


def drawn(content: Content, language: Language, *, font: str = "") -> bytes:
    """Raises `NoFont`."""
    styles = _Styles(letters(font))
    file = io.BytesIO()
    title = TITLES[content.cadence, language]
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=f"{title} · {subject_of(content, language)}",
        author="",
        lang={Language.ZH: "zh-CN", Language.EN: "en"}[language],
        invariant=1,  # no clock and no chance in the file
    )

    def foot(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setFont(styles.font, 7)
        canvas.setFillColor(FAINT)
        canvas.drawString(MARGIN, 10 * mm, document.title)
        canvas.drawRightString(A4[0] - MARGIN, 10 * mm, word("page", language, number=canvas.getPageNumber()))

    document.build(_story(content, language, styles), onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


class _Styles:
    def __init__(self, font: str) -> None:
        self.font = font
        self.title = ParagraphStyle("title", fontName=font, fontSize=19, leading=25, textColor=INK)
        self.under = ParagraphStyle("under", fontName=font, fontSize=10, leading=15, textColor=FAINT)
        self.heading = ParagraphStyle(
            "heading", fontName=font, fontSize=12, leading=16, textColor=ACCENT, spaceBefore=10, spaceAfter=4
        )
        self.text = ParagraphStyle("text", fontName=font, fontSize=8.5, leading=11.5, textColor=INK)
        self.number = ParagraphStyle("number", parent=self.text, alignment=2)
        self.big = ParagraphStyle("big", fontName=font, fontSize=18, leading=24, textColor=INK)
        self.small = ParagraphStyle("small", fontName=font, fontSize=7.5, leading=10, textColor=FAINT)


def _story(content: Content, language: Language, styles: _Styles) -> list[Flowable]:
    story: list[Flowable] = [
        Paragraph(escape(TITLES[content.cadence, language]), styles.title),
        Paragraph(escape(subject_of(content, language)), styles.heading),
        Paragraph(escape(_under(content, language)), styles.under),
        Spacer(1, 6),
        _headline(content, language, styles),
    ]
    drawings = {
        "chart": charts.control_chart(content.chart, WIDTH, styles.font, language),
        "profile": charts.profile(content.profile, WIDTH, styles.font, language),
    }
    for table in tables_of(content, language):
        drawing = drawings.get(table.key)
        room = 60 if drawing is None else drawing.height + 60
        story += [
            CondPageBreak(room),
            Paragraph(escape(word(table.key, language)), styles.heading),
        ]
        if drawing is not None:
            story += [drawing, Spacer(1, 4)]
        if table.key == "chart" and drawing is not None:
            continue  # it says all of its table
        if table.rows:
            story.append(_table(table, language, styles))
        else:
            story.append(Paragraph(escape(word("nothing", language)), styles.text))
    return story


def _under(content: Content, language: Language) -> str:
    return " · ".join(
        (
            f"{content.first.isoformat()} – {content.last.isoformat()}",
            KINDS[content.kind, language],
            edition_of(content.edition, content.follows, language),
        )
    )


def _headline(content: Content, language: Language, styles: _Styles) -> LongTable:
    """The numbers people look for first."""
    found: list[tuple[str, Cell]] = [
        ("score", points(content.score.value)),
        ("difference", points(content.difference)),
        ("others", points(content.others)),
        ("visits", content.score.visits),
        ("vetoes", content.veto_count),
        ("actions", content.action_count),
    ]
    rows = [
        [Paragraph(escape(_text(value, signed=key == "difference")), styles.big) for key, value in found],
        [Paragraph(escape(word(key, language)), styles.small) for key, _ in found],
    ]
    style = [
        ("LINEABOVE", (0, 0), (-1, 0), 1, ACCENT),
        ("LINEBELOW", (0, -1), (-1, -1), 0.5, PALE),
        ("BOTTOMPADDING", (0, 0), (-1, 0), 0),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
    ]
    return LongTable(rows, colWidths=[WIDTH / len(found)] * len(found), style=TableStyle(style))


def _table(table: Table, language: Language, styles: _Styles) -> LongTable:
    numbers = [one in NUMBERS for one in table.columns] or [False] * len(table.rows[0])
    kinds = [styles.number if is_number else styles.text for is_number in numbers]
    head = [[_told(word(one, language), kind) for one, kind in zip(table.columns, kinds, strict=False)]]
    body = [[_told(_text(value), kind) for value, kind in zip(row, kinds, strict=True)] for row in table.rows]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, PALE),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        *([("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eef3f7"))] if table.columns else []),
    ]
    return LongTable(
        (head if table.columns else []) + body,
        colWidths=_widths(table),
        repeatRows=1 if table.columns else 0,
        style=TableStyle(style),
    )


def _widths(table: Table) -> Sequence[float]:
    shares = [SHARES.get(key, 1.0) for key in table.columns] or [1.0, 2.0]
    return [WIDTH * share / sum(shares) for share in shares]


def _told(text: str, style: ParagraphStyle) -> Paragraph:
    """Chinese may be broken anywhere, English only between words."""
    if max(text, default="") >= FIRST_CJK:
        style = ParagraphStyle(f"{style.name} cjk", parent=style, wordWrap="CJK")
    return Paragraph(escape(text), style)


def _text(value: Cell, *, signed: bool = False) -> str:
    match value:
        case None:
            return "–"
        case float():
            return f"{value:+.2f}" if signed else f"{value:.2f}"
        case _:
            return str(value)
