"""Editions as files: readable in both languages, the same each time, and never a formula."""

import io
from datetime import UTC, date, datetime
from uuid import UUID

import openpyxl
import pypdf
import pytest

from app.bulletins import pdf, xlsx
from app.bulletins.content import (
    Content,
    ControlChart,
    Figure,
    Name,
    OpenAction,
    Placed,
    Ranking,
    Spoke,
    TrendPoint,
    Veto,
    WorstItem,
)
from app.bulletins.rules import Cadence, Language, Scope, days_of, latest_over
from app.visits.rules import Kind

HALL = Name(zh="天河营业厅", en="Tianhe hall")


def a_figure(value: float | None) -> Figure:
    return Figure(value=value, low=None, high=None, visits=7, outlets=3)


def a_content(**changes: object) -> Content:
    whole = Content(
        cadence=Cadence.MONTHLY,
        scope=Scope.REGION,
        kind=Kind.COVERT,
        edition=2,
        follows=1,
        programme="Hall inspection 2026",
        about=Name(zh="广州", en="Guangzhou"),
        first=date(2026, 3, 1),
        last=date(2026, 3, 31),
        as_of=datetime(2026, 4, 1, 4, 0, tzinfo=UTC),
        score=a_figure(76.666667),
        provisional=1,
        without_number=0,
        before=a_figure(70.0),
        difference=6.666667,
        significant=True,
        others=71.5,
        trend=[
            TrendPoint(month=date(2026, month, 1), figure=a_figure(value))
            for month, value in ((1, 64.0), (2, None), (3, 76.666667))
        ],
        chart=a_chart(64.0, 61.5, 70.0, 66.0, 72.5, 70.0, 76.666667),
        profile=[
            Spoke(code=code, title=title, value=value, low=None, high=None, lost=3.2, visits=7, others=others)
            for code, title, value, others in (
                ("norms", Name(zh="服务规范", en="Norms"), 82.0, 75.0),
                ("affinity", Name(zh="亲和力", en="Affinity"), 61.0, None),
            )
        ],
        minimum_visits=5,
        regions=Ranking(ranked=0, not_ranked=0, rows=[]),
        outlets=Ranking(
            ranked=1, not_ranked=2, rows=[Placed(rank=1, code="gz-1", name=HALL, figure=a_figure(88.0))]
        ),
        veto_count=1,
        vetoes=[
            Veto(
                outlet_code="gz-1",
                outlet=HALL,
                visited_on=date(2026, 3, 5),
                text=Name(zh="禁止吸烟", en="Nobody smokes"),
                provisional=True,
            )
        ],
        worst=[
            WorstItem(
                code="greeting", text=Name(zh="主动问候", en="Greeting"), value=40.0, lost=2.5, visits=7
            )
        ],
        action_count=1,
        actions=[
            OpenAction(
                outlet_code="gz-1",
                outlet=HALL,
                text=Name(zh="主动问候", en="Greeting"),
                due_on=date(2026, 3, 20),
                overdue=True,
            )
        ],
        score_revisions=[UUID(int=1)],
    )
    return whole.model_copy(update=changes)


def a_chart(*values: float) -> ControlChart:
    return ControlChart(
        days=[
            date(2025, 9 + number, 1) if number < 4 else date(2026, number - 3, 1)
            for number in range(len(values))
        ],
        values=list(values),
        centre=68.7 if values else None,
        lower=54.2 if values else None,
        upper=83.2 if values else None,
        signals=0,
    )


def nothing() -> Content:
    return a_content(
        trend=[],
        chart=a_chart(),
        profile=[],
        outlets=Ranking(ranked=0, not_ranked=0, rows=[]),
        vetoes=[],
        worst=[],
        actions=[],
        score=a_figure(None),
    )


def text_of(file: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file)).pages)


class TestPdf:
    @pytest.mark.parametrize(
        ("language", "said"),
        [
            (
                Language.ZH,
                [
                    "检查月报",
                    "广州",
                    "天河营业厅",
                    "禁止吸烟",
                    "指标概况",
                    "亲和力",
                    "已逾期",
                    "76.67",
                    "暗访",
                    "接续第 1 版",
                ],
            ),
            (
                Language.EN,
                ["Monthly report", "Guangzhou", "Tianhe hall", "Nobody smokes", "Overdue", "76.67"],
            ),
        ],
    )
    def test_it_says_everything_in_letters_that_can_be_found(
        self, language: Language, said: list[str]
    ) -> None:
        text = text_of(pdf.drawn(a_content(), language))

        assert [one for one in said if one not in text] == []

    def test_its_letters_are_in_the_file(self) -> None:
        page = pypdf.PdfReader(io.BytesIO(pdf.drawn(a_content(), Language.ZH))).pages[0]

        fonts = [one.get_object() for one in page["/Resources"]["/Font"].values()]  # type: ignore[index]
        embedded = [one for one in fonts if "/FontFile2" in str(one.get("/FontDescriptor", ""))]
        described = [one["/FontDescriptor"].get_object() for one in fonts if "/FontDescriptor" in one]
        assert embedded or any("/FontFile2" in one for one in described)

    def test_drawn_again_it_is_the_same_file(self) -> None:
        assert pdf.drawn(a_content(), Language.ZH) == pdf.drawn(a_content(), Language.ZH)

    def test_with_nothing_to_tell_it_is_a_file_all_the_same(self) -> None:
        assert "none" in text_of(pdf.drawn(nothing(), Language.EN))
        assert xlsx.drawn(nothing(), Language.EN)

    def test_marks_in_names_are_only_letters(self) -> None:
        odd = a_content(about=Name(zh=None, en="<b>A & B</b>"))

        assert "<b>A & B</b>" in text_of(pdf.drawn(odd, Language.ZH))


class TestXlsx:
    def test_it_has_a_sheet_for_each_table_and_charts_of_the_programs_own(self) -> None:
        book = openpyxl.load_workbook(io.BytesIO(xlsx.drawn(a_content(), Language.ZH)))

        assert book.sheetnames == [
            "总览",
            "趋势",
            "控制图",
            "指标概况",
            "区域排名",
            "网点排名",
            "一票否决",
            "失分最多的检查项",
            "未完成的整改",
        ]
        assert [cell.value for cell in book["网点排名"][2]][:4] == [1, "gz-1", "天河营业厅", 88]
        charts = {
            sheet.title: [type(one).__name__ for one in sheet._charts]  # type: ignore[attr-defined]
            for sheet in book.worksheets
        }
        assert {title: kinds for title, kinds in charts.items() if kinds} == {
            "趋势": ["LineChart"],
            "控制图": ["LineChart"],
            "指标概况": ["BarChart"],
        }

    def test_it_says_which_edition_it_follows(self) -> None:
        sheet = openpyxl.load_workbook(io.BytesIO(xlsx.drawn(a_content(), Language.EN)))["Summary"]

        told = {row[0].value: row[1].value for row in sheet.iter_rows()}
        assert told["Edition"] == "Edition 2, which follows edition 1"
        assert (told["Score"], told["Change"], told["Visits"]) == (76.67, 6.67, 7)

    def test_an_outlet_is_not_ranked(self) -> None:
        book = openpyxl.load_workbook(io.BytesIO(xlsx.drawn(a_content(scope=Scope.OUTLET), Language.EN)))

        assert [name for name in book.sheetnames if "Ranking" in name] == []

    def test_what_looks_like_a_formula_is_a_text(self) -> None:
        evil = a_content(about=Name(zh="=1+1", en=None), programme="=HYPERLINK(1)")

        sheet = openpyxl.load_workbook(io.BytesIO(xlsx.drawn(evil, Language.ZH)))["总览"]

        assert (sheet["B1"].value, sheet["B1"].data_type) == ("=1+1", "s")
        assert sheet["B2"].data_type == "s"

    def test_drawn_again_it_is_the_same_file(self) -> None:
        assert xlsx.drawn(a_content(), Language.EN) == xlsx.drawn(a_content(), Language.EN)


class TestDays:
    def test_a_week_begins_on_monday(self) -> None:
        assert days_of(Cadence.WEEKLY, date(2026, 3, 1)) == (date(2026, 2, 23), date(2026, 3, 1))

    @pytest.mark.parametrize("last", [date(2028, 2, 29), date(2026, 12, 31)])
    def test_a_month_ends_with_its_last_day(self, last: date) -> None:
        assert days_of(Cadence.MONTHLY, last) == (last.replace(day=1), last)

    @pytest.mark.parametrize(
        ("today", "days_ago", "last"),
        [
            (date(2026, 3, 1), 1, date(2026, 2, 28)),
            (date(2026, 3, 3), 3, date(2026, 2, 28)),
            (date(2026, 3, 2), 3, date(2026, 1, 31)),
            (date(2026, 3, 31), 1, date(2026, 2, 28)),
        ],
    )
    def test_the_latest_that_is_over_ended_so_many_days_ago(
        self, today: date, days_ago: int, last: date
    ) -> None:
        assert latest_over(Cadence.MONTHLY, today, days_ago=days_ago)[1] == last
