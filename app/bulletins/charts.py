"""Charts of PDFs, readable without colour."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from reportlab.graphics.charts.barcharts import HorizontalBarChart
from reportlab.graphics.charts.lineplots import LinePlot
from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.graphics.widgets.markers import makeMarker
from reportlab.lib import colors

from app.bulletins.content import ControlChart, Spoke
from app.bulletins.rules import Language
from app.bulletins.words import word

INK, FAINT = colors.HexColor("#1f2933"), colors.HexColor("#52606d")
ACCENT, PALE = colors.HexColor("#1d6fb8"), colors.HexColor("#b8c4ce")
MOST_LABELS = 12
LABEL_CHARACTERS = 20
LEFT = 30


def control_chart(chart: ControlChart, width: float, font: str, language: Language) -> Drawing | None:
    """Values over time, with centre and limits where there are any; null where there is nothing to compare."""
    if len(chart.values) < 2:
        return None
    drawing, plot = Drawing(width, 165), LinePlot()
    plot.x, plot.y, plot.width, plot.height = LEFT, 22, width - LEFT - 60, 122
    plot.data = [list(enumerate(chart.values))]
    plot.lines[0].strokeColor, plot.lines[0].strokeWidth = ACCENT, 1.5
    plot.lines[0].symbol = makeMarker("FilledCircle", size=4)
    up: Any = plot.yValueAxis
    up.valueMin, up.valueMax, up.valueStep = 0, 100, 20
    up.visibleGrid, up.gridStrokeColor, up.gridStrokeWidth = 1, PALE, 0.25
    up.labels.fontName, up.labels.fontSize = font, 7
    _date_axis(plot.xValueAxis, chart.days, font)
    drawing.add(plot)
    for key, dashes in (("upper", [2, 2]), ("centre", None), ("lower", [2, 2])):
        value = getattr(chart, key)
        if value is not None:
            label = String(0, 0, f"{word(key, language)} {value:.1f}", fontName=font, fontSize=6)
            _level(drawing, plot, value, label, dashes)
    return drawing


def profile(spokes: Sequence[Spoke], width: float, font: str, language: Language) -> Drawing | None:
    """Own values beside the median of others, the first indicator on top."""
    if not spokes:
        return None
    shown = list(reversed(spokes))
    height = 26 * len(shown) + 40
    drawing, bars = Drawing(width, height), HorizontalBarChart()
    bars.x, bars.y, bars.width, bars.height = 130, 18, width - 150, height - 40
    bars.data = [[one.others for one in shown], [one.value for one in shown]]
    bars.bars.strokeColor = None
    bars.bars[0].fillColor, bars.bars[1].fillColor = PALE, ACCENT
    across: Any = bars.valueAxis
    across.valueMin, across.valueMax, across.valueStep = 0, 100, 20
    across.labels.fontName, across.labels.fontSize = font, 7
    names: Any = bars.categoryAxis
    names.categoryNames = [(one.title.told(language) or one.code)[:LABEL_CHARACTERS] for one in shown]
    names.labels.fontName, names.labels.fontSize = font, 7
    drawing.add(bars)
    _legend(drawing, 130, height - 12, [word("score", language), word("others", language)], font)
    return drawing


def _date_axis(axis: Any, days: Sequence[date], font: str) -> None:
    """At most a dozen labels, evenly."""
    step = -(-len(days) // MOST_LABELS)
    at = list(range(0, len(days), step))
    axis.valueMin, axis.valueMax = -0.5, len(days) - 0.5
    axis.valueSteps = at
    axis.labelTextFormat = [days[number].isoformat()[2:] for number in at]
    axis.labels.fontName, axis.labels.fontSize = font, 6.5


def _level(drawing: Drawing, plot: LinePlot, value: float, label: String, dashes: list[int] | None) -> None:
    """A line across; limits beyond the axis are not drawn: no score lies there."""
    if not 0 <= value <= 100:
        return
    y = plot.y + plot.height * value / 100
    line = Line(plot.x, y, plot.x + plot.width, y, strokeColor=FAINT, strokeWidth=0.75)
    line.strokeDashArray = dashes
    label.x, label.y, label.fillColor = plot.x + plot.width + 3, y - 2, FAINT
    drawing.add(line)
    drawing.add(label)


def _legend(drawing: Drawing, x: float, y: float, labels: Sequence[str], font: str) -> None:
    for label, colour in zip(labels, (ACCENT, PALE), strict=True):
        drawing.add(Rect(x, y, 7, 7, fillColor=colour, strokeColor=None))
        drawing.add(String(x + 10, y + 1, label, fontName=font, fontSize=7, fillColor=INK))
        x += 24 + 7 * len(label)
