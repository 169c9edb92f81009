"""The tables of an edition, the same in both formats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.bulletins.content import Content, Figure, OpenAction, Ranking, Veto
from app.bulletins.rules import Language, Scope
from app.bulletins.words import KINDS, edition_of, word
from app.kit.sheets import Cell


@dataclass(frozen=True, slots=True)
class Table:
    """`key` names it in `app.bulletins.words`, and so do the columns."""

    key: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


FIGURE = ("score", "low", "high", "visits", "outlets")


def tables_of(content: Content, language: Language) -> list[Table]:
    """In the order in which they are read. An outlet is not ranked against itself."""
    ranked = [
        _ranking(content.regions, "ranked_regions", "region", language),
        _ranking(content.outlets, "ranked_outlets", "outlet", language),
    ]
    return [
        _summary(content, language),
        _trend(content),
        _chart(content),
        _profile(content, language),
        *(ranked if content.scope is not Scope.OUTLET else []),
        _vetoes(content, language),
        _worst(content, language),
        _actions(content, language),
    ]


def points(value: float | None) -> float | None:
    """Two places, as people read them (D3.5)."""
    return None if value is None else round(value, 2)


def subject_of(content: Content, language: Language) -> str:
    """Whose figures they are."""
    if content.scope is Scope.NETWORK:
        return f"{word('network', language)} · {content.about.told(language)}"
    return content.about.told(language)


def _figure(figure: Figure) -> list[Cell]:
    return [points(figure.value), points(figure.low), points(figure.high), figure.visits, figure.outlets]


def _said(truth: bool | None, language: Language) -> str | None:
    return None if truth is None else word("yes" if truth else "no", language)


def _summary(content: Content, language: Language) -> Table:
    period = f"{content.first.isoformat()} – {content.last.isoformat()}"
    told: list[tuple[str, Cell]] = [
        ("programme", content.programme),
        ("kind", KINDS[content.kind, language]),
        ("period", period),
        ("as_of", content.as_of.isoformat(timespec="seconds")),
        ("edition", edition_of(content.edition, content.follows, language)),
        *zip(FIGURE, _figure(content.score), strict=True),
        ("provisional_visits", content.provisional),
        ("without_number", content.without_number),
        ("before", points(content.before.value)),
        ("difference", points(content.difference)),
        ("significant", _said(content.significant, language)),
        ("others", points(content.others)),
        ("signals", content.chart.signals),
        ("vetoes", content.veto_count),
        ("actions", content.action_count),
    ]
    if content.scope is not Scope.OUTLET:
        told += [
            ("minimum", content.minimum_visits),
            ("ranked", content.outlets.ranked),
            ("not_ranked", content.outlets.not_ranked),
        ]
    return Table("summary", (), [[word(key, language), value] for key, value in told])


def _trend(content: Content) -> Table:
    rows = [[one.month.isoformat()[:7], *_figure(one.figure)] for one in content.trend]
    return Table("trend", ("month", *FIGURE), rows)


def _chart(content: Content) -> Table:
    chart = content.chart
    limits = [points(chart.centre), points(chart.lower), points(chart.upper)]
    rows = [
        [day.isoformat(), points(value), *limits] for day, value in zip(chart.days, chart.values, strict=True)
    ]
    return Table("chart", ("date", "score", "centre", "lower", "upper"), rows)


def _profile(content: Content, language: Language) -> Table:
    rows = [
        [
            one.title.told(language) or one.code,
            points(one.value),
            points(one.others),
            points(one.low),
            points(one.high),
            points(one.lost),
            one.visits,
        ]
        for one in content.profile
    ]
    return Table("profile", ("indicator", "score", "others", "low", "high", "lost", "visits"), rows)


def _ranking(ranking: Ranking, key: str, of: str, language: Language) -> Table:
    rows = [[one.rank, one.code, one.name.told(language), *_figure(one.figure)] for one in ranking.rows]
    return Table(key, ("rank", "code", of, *FIGURE), rows)


def _of_item(one: Veto | OpenAction, on: date, is_so: bool, language: Language) -> list[Cell]:
    """What concerns an item of one outlet."""
    place = [one.outlet_code, one.outlet.told(language), one.text.told(language)]
    return [on.isoformat(), *place, _said(is_so, language)]


def _vetoes(content: Content, language: Language) -> Table:
    rows = [_of_item(one, one.visited_on, one.provisional, language) for one in content.vetoes]
    return Table("vetoes", ("date", "code", "outlet", "item", "provisional"), rows)


def _worst(content: Content, language: Language) -> Table:
    rows = [
        [one.text.told(language) or one.code, points(one.value), points(one.lost), one.visits]
        for one in content.worst
    ]
    return Table("worst", ("item", "earned", "lost", "visits"), rows)


def _actions(content: Content, language: Language) -> Table:
    rows = [_of_item(one, one.due_on, one.overdue, language) for one in content.actions]
    return Table("actions", ("due_on", "code", "outlet", "item", "overdue"), rows)
