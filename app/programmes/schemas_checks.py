"""In which thresholds of the recording checks one programme may differ from another (D7.3).

The names are those of the media pipeline, which has the defaults and says how they were found. A covert camera in a
handbag and one on a lanyard see different halls: what is not given here stays as it is there.
"""

from typing import Annotated

from pydantic import Field

from app.kit.wire import In, Whole

DAY_S = 86_400

_Luma = Annotated[float, Field(strict=True, ge=0, le=255)] | None
_Level = Annotated[float, Field(strict=True, ge=-120, le=0)] | None
_Share = Annotated[float, Field(strict=True, ge=0, le=1)] | None
_Seconds = Annotated[float, Field(strict=True, ge=0, le=DAY_S)] | None
_Flag = Annotated[bool, Field(strict=True)] | None


class CheckRules(In):
    """Null keeps the default. They are taken into the terms of visits made from now on."""

    covered_spread: _Luma = Field(None, description="of light: less is a covered lens")
    covered_dark_luma: _Luma = Field(None, description="darker than this, more spread is asked for")
    covered_dark_spread: _Luma = Field(None, description="of light in the dark: less is a covered lens")
    covered_min_s: _Seconds = Field(None, description="shorter is not told")
    dark_luma: _Luma = Field(None, description="a picture below it is too dark", examples=[36.0])
    dark_min_s: _Seconds = None
    blur_score: _Luma = Field(None, description="a picture above it is blurred beyond use")
    blur_min_s: _Seconds = None
    shaken_jolt_share: _Share = Field(
        None,
        description="of the picture's width, by which its motion changes in a fifth of a second: more is shaken",
    )
    shaken_min_s: _Seconds = None
    frozen_min_s: _Seconds = Field(None, description="a picture that stands still for longer is frozen")
    silent_dbfs: _Level = Field(None, description="sound below it is silence", examples=[-58.0])
    silent_min_s: _Seconds = None
    muffled_treble_db: _Level = Field(None, description="less of the treble is a microphone in cloth")
    muffled_min_s: _Seconds = None
    clipped_share: _Share = Field(None, description="of samples at full scale: more is clipped")
    clipped_min_s: _Seconds = None
    wind_rumble_db: _Level = Field(None, description="more of the lowest tones is wind")
    wind_dbfs: _Level = Field(None, description="a fainter rumble drowns nobody")
    wind_min_s: _Seconds = None
    speech_probability: _Share = Field(None, description="from which on something heard is speech")
    no_speech_min_s: _Seconds = Field(None, description="longer without a word is told")
    interrupted_min_s: _Seconds = Field(None, description="a longer hole inside a file is told")
    damaged_errors: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="complaints of the decoder from which on a file is damaged"
    )
    min_duration_s: _Seconds = Field(None, description="of one file: shorter is too short")
    picture_required: _Flag = Field(None, description="a file without a picture fails")
    sound_required: _Flag = Field(None, description="a film without sound fails")
    warn_share: _Share = Field(None, description="of the recording: more that is bad is a warning")
    fail_share: _Share = Field(None, description="of the recording: more that is bad fails")

    def overrides(self) -> dict[str, float | int | bool]:
        """Only what differs, by the pipeline's names."""
        given: dict[str, float | int | bool] = self.model_dump(exclude_none=True)
        return given
