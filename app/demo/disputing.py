"""What the outlet disputes, and what a panel that had no part in it decides (D8.4, D4.3)."""

from app.cases.rules import Category, Seat, State
from app.cases.schemas import AdmitIn, AppealDetail, AppealedItemIn, AppealIn, CorrectedIn, SeatIn, VoteIn
from app.demo.account import expect, require
from app.demo.client import path_of
from app.demo.filling import BREACHED
from app.demo.scene import Scene
from app.kit.ids import new_id
from app.review.schemas_reports import ReportDetail

WHY = "He answered a customer's message on the shop's own telephone; it was no private matter."


def dispute(scene: Scene, report: ReportDetail) -> None:
    """mona disputes the breach; two people who agree lift it, and the report says so from then on."""
    house, account = scene.house, scene.account
    body = AppealIn(id=new_id(), items=[AppealedItemIn(item=BREACHED, reason=WHY)])
    appeal = house.mona.api.post(path_of("reports", report.alias, "appeals"), AppealDetail, body)
    disputed = house.mona.api.get(path_of("reports", report.alias), ReportDetail)
    expect(
        "the score is provisional, not hidden", (disputed.provisional, disputed.total), (True, report.total)
    )
    account.shown(
        f"mona disputes the breach, to be decided until {appeal.decision_due_at:%d %b}: the score is provisional, not hidden"
    )

    admit = path_of("appeals", appeal.id, "admit")
    alone = AdmitIn(panel=[SeatIn(person_id=house.alice.id, seat=Seat.CHAIR)])
    with_rita = AdmitIn(panel=[*alone.panel, SeatIn(person_id=house.rita.id)])
    panel = AdmitIn(panel=[*alone.panel, SeatIn(person_id=house.otto.id)])
    partial = house.sam.api.refused("POST", admit, "not-impartial", panel)
    house.alice.api.refused("POST", admit, "panel-unfit", alone)
    house.alice.api.refused("POST", admit, "panel-refused", with_rita)
    house.alice.api.post(admit, AppealDetail, panel)
    account.shown(
        f"sam may not admit it ({partial.member('because')}); one person is too few to lift a veto, and rita approved "
        "the visit: alice and otto decide"
    )
    _decide(scene, appeal, report)


def _decide(scene: Scene, appeal: AppealDetail, report: ReportDetail) -> None:
    house, account = scene.house, scene.account
    decision = path_of("appeals", appeal.id, "items", BREACHED, "decision")
    vote = VoteIn(
        category=Category.UPHELD,
        reason="The recording shows the shop's telephone.",
        answer=CorrectedIn(value=False),
    )
    one = house.alice.api.post(decision, AppealDetail, vote)
    expect("one person alone lifts no veto (D4.3)", (one.state, one.total_after), (State.ADMITTED, None))
    two = house.otto.api.post(decision, AppealDetail, vote)
    expect("two who agree do", two.state, State.DECIDED)

    seen = house.mona.api.get(path_of("appeals", appeal.id), AppealDetail)
    after = house.mona.api.get(path_of("reports", report.alias), ReportDetail)
    expect("the report has the new score", (after.total, after.veto_list), (seen.total_after, []))
    expect("it lost what only the veto took", after.total, after.total_without_vetoes)
    expect("nothing is provisional any more", after.provisional, False)
    expect("what it said before stays", [one.total for one in after.revisions], [report.total, after.total])
    require(seen.total_before is not None and seen.total_after is not None, "before and after are numbers")
    account.shown(
        f"alice alone: pending; otto agrees: veto lifted, {seen.total_before:.2f} → {seen.total_after:.2f} points, "
        f"revision {after.revision} of the report, both kept"
    )
