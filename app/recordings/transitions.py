"""The one way a recording changes its state: whoever waits for it is told in the same transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.events.kinds import Kind as Event
from app.events.service import announce
from app.recordings.models import Recording
from app.recordings.rules import State


def become(session: AsyncSession, recording: Recording, wanted: State, *, now: datetime) -> None:
    recording.state = wanted
    announce(
        session,
        Event(f"recording.{wanted}"),
        organisation_id=recording.organisation_id,
        subject_id=recording.id,
        visit_id=recording.visit_id,
        data={"medium": str(recording.medium), "rejected_code": recording.rejected_code},
        now=now,
    )
