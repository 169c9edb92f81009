"""The words of editions in both languages."""

from app.bulletins.rules import Cadence, Language
from app.visits.rules import Kind

TITLES = {
    (Cadence.WEEKLY, Language.ZH): "检查周报",
    (Cadence.WEEKLY, Language.EN): "Weekly bulletin",
    (Cadence.MONTHLY, Language.ZH): "检查月报",
    (Cadence.MONTHLY, Language.EN): "Monthly report",
}
KINDS = {
    (Kind.COVERT, Language.ZH): "暗访",
    (Kind.COVERT, Language.EN): "Covert visits",
    (Kind.OVERT, Language.ZH): "明访",
    (Kind.OVERT, Language.EN): "Overt visits",
}

_WORDS = {
    "summary": ("总览", "Summary"),
    "programme": ("检查项目", "Programme"),
    "network": ("全网", "Whole network"),
    "kind": ("检查方式", "Kind of visits"),
    "period": ("期间", "Period"),
    "as_of": ("数据截至", "Published until"),
    "edition": ("版次", "Edition"),
    "edition_first": ("第 {edition} 版", "Edition {edition}"),
    "edition_later": (
        "第 {edition} 版，接续第 {follows} 版",
        "Edition {edition}, which follows edition {follows}",
    ),
    "score": ("得分", "Score"),
    "before": ("上期得分", "Period before"),
    "difference": ("变化", "Change"),
    "significant": ("变化是否显著", "Change is significant"),
    "others": ("其他网点中位数", "Median of others"),
    "low": ("区间下限", "Interval from"),
    "high": ("区间上限", "Interval to"),
    "visits": ("检查次数", "Visits"),
    "outlets": ("网点数", "Outlets"),
    "provisional_visits": ("其中申诉中", "Of them under appeal"),
    "without_number": ("证据不足、无得分", "Without enough evidence for a number"),
    "signals": ("控制图异常信号", "Signals on the control chart"),
    "centre": ("中心线", "Centre"),
    "lower": ("控制下限", "Lower limit"),
    "upper": ("控制上限", "Upper limit"),
    "trend": ("趋势", "Trend"),
    "month": ("月份", "Month"),
    "chart": ("控制图", "Control chart"),
    "profile": ("指标概况", "Indicator profile"),
    "indicator": ("指标", "Indicator"),
    "lost": ("失分", "Points lost"),
    "ranked_regions": ("区域排名", "Ranking of regions"),
    "ranked_outlets": ("网点排名", "Ranking of outlets"),
    "rank": ("名次", "Rank"),
    "region": ("区域", "Region"),
    "outlet": ("网点", "Outlet"),
    "code": ("编码", "Code"),
    "vetoes": ("一票否决", "Vetoes"),
    "date": ("日期", "Date"),
    "item": ("检查项", "Item"),
    "provisional": ("申诉中", "Under appeal"),
    "worst": ("失分最多的检查项", "Items that cost most"),
    "earned": ("得分率 %", "Earned, %"),
    "actions": ("未完成的整改", "Open actions"),
    "due_on": ("期限", "Due"),
    "overdue": ("已逾期", "Overdue"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "nothing": ("无", "none"),
    "ranked": ("参加排名的网点", "Outlets ranked"),
    "not_ranked": ("检查次数不足、未排名", "Outlets with too few visits to be ranked"),
    "minimum": ("排名所需最低检查次数", "Visits needed for a rank"),
    "page": ("第 {number} 页", "Page {number}"),
}


def word(key: str, language: Language, **values: object) -> str:
    """With `values` put where it names them."""
    zh, en = _WORDS[key]
    text = zh if language is Language.ZH else en
    return text.format(**values) if values else text


def edition_of(edition: int, follows: int | None, language: Language) -> str:
    """Which it is, and which it follows."""
    key = "edition_first" if follows is None else "edition_later"
    return word(key, language, edition=edition, follows=follows)
