"""The terms of a visit: the programme's rules and the outlet's standing on the day it was made.

A later change of either does not change what an inspector was asked to do, nor a score (D3.5).
"""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from app.outlets.models import Outlet
from app.outlets.rules import LoadBand, Stage
from app.programmes.rules import Ownership, RecordingMode
from app.programmes.schemas import ProgrammeRules
from app.rotation.parts import RotationRule
from app.visits.declared import Medium
from app.visits.gate import Demands
from app.visits.models import Visit


class Terms(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    tier: str
    stage: Stage
    load: LoadBand
    ownership: Ownership
    rules: ProgrammeRules

    @property
    def rotation(self) -> RotationRule:
        return RotationRule(self.rules.rotation_months, self.rules.rotation_scope)

    def demands(self, mode: RecordingMode) -> Demands:
        """What the leave gate asks for (D7.1); without recording where the policy allows none (D10.5)."""
        minutes = self.rules.minimum_video_minutes.at(self.ownership)
        medium = {
            RecordingMode.NONE: None,
            RecordingMode.AUDIO: Medium.AUDIO,
            RecordingMode.VIDEO: Medium.VIDEO,
        }[mode]
        return Demands(
            medium=medium,
            recording=timedelta(minutes=minutes),
            coverage=float(self.rules.recording_coverage),
            photos=0 if mode is RecordingMode.NONE else self.rules.minimum_photos,
            questions=self.rules.minimum_questions,
            summary_characters=self.rules.summary_minimum_characters,
            check_out_distance_m=self.rules.check_out_distance_m,
        )


def draw_up(outlet: Outlet, rules: ProgrammeRules) -> Terms:
    return Terms(
        tier=outlet.tier, stage=outlet.stage, load=outlet.load_band, ownership=outlet.ownership, rules=rules
    )


def terms_of(visit: Visit) -> Terms:
    return Terms.model_validate(visit.terms)
