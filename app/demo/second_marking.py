"""What a second marker does: judge the visit again from its recordings, without knowing what was found (D8.1)."""

from app.demo.account import expect, require
from app.demo.client import path_of
from app.demo.filling import fill
from app.demo.phone import Haul
from app.demo.scene import Scene
from app.recordings.schemas import PlaybackOut
from app.review.pairing import markable
from app.review.schemas_marking import AssignIn, MarkingSheetOut, MarkingTaskOut, SecondAnswersIn
from app.scoring import State
from app.visits.answers import Answer
from app.visits.schemas import VisitOut

DIFFERENT = "initiative-farewell"  # sam heard none


def mark(scene: Scene, visit: VisitOut, haul: Haul) -> None:
    """alice gives it to sam, who sees the recordings and the checklist, and not the visit until he has handed in."""
    house, account = scene.house, scene.account
    assign = path_of("visits", visit.id, "second-marking", "assign")
    task = house.alice.api.post(assign, MarkingTaskOut, AssignIn(marker_id=house.sam.id))
    sam = house.sam.api
    for hidden in ((), ("answers",), ("scores",), ("review",), ("send-backs",)):
        sam.refused("GET", path_of("visits", visit.id, *hidden), "not-found")
    sheet = sam.get(path_of("second-markings", task.id), MarkingSheetOut)
    require(str(house.ivy.id) not in sheet.model_dump_json(), "the second marker is not told who came")
    account.shown("sam is to mark it again, blind (D8.1): answers, score and review are not found for him")

    play = path_of("second-markings", task.id, "recordings", haul.good.id, "play")
    require(sam.post(play, PlaybackOut).url, "the second marker hears the recording")
    answers = SecondAnswersIn(answers=_answers(sheet, visit, haul))
    saved = sam.put(path_of("second-markings", task.id, "answers"), MarkingSheetOut, answers)
    expect("every item has an answer", saved.open_items, [])
    sam.post(path_of("second-markings", task.id, "submit"), MarkingSheetOut)
    sam.refused("PUT", path_of("second-markings", task.id, "answers"), "marking-done", answers)
    sam.get(path_of("visits", visit.id), VisitOut)
    account.shown(
        f"sam answered {len(answers.answers)} items and handed in, once; now he sees the visit again"
    )


def _answers(sheet: MarkingSheetOut, visit: VisitOut, haul: Haul) -> dict[str, Answer]:
    """As ivy answered, where it can be seen and heard; one basic norm otherwise."""
    filled = fill(sheet.checklist, purpose=visit.purpose or "", haul=haul, at=sheet.assigned_at)
    items = [item for item in markable(sheet.checklist, purpose=visit.purpose) if item.code in filled]
    return {
        item.code: Answer(value=False)
        if item.code == DIFFERENT
        else Answer(
            value=filled[item.code].value, state=filled[item.code].state, reason=filled[item.code].reason
        )
        for item in items
        if filled[item.code].value is not None or filled[item.code].state is State.NOT_APPLICABLE
    }
