"""Real film where a scene has only rows and placeholders: what a page can play."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from app.demo.clips import find_ffmpeg
from app.demo.voice import write_voice
from app.recordings import queries
from app.recordings.making import files_of
from app.recordings.models import Recording
from app.recordings.rules import RenditionKind
from media_pipeline import process
from tests.support.review import Desk

SECONDS = 96  # the scenes' vetoes are seen at 1:23
SIZE = "160x90"


async def film(desk: Desk, recording_ids: Sequence[str], photo_ids: Sequence[str] = ()) -> None:
    """Put renditions made of a small real clip, and a real picture, where those of the recordings are kept."""
    with tempfile.TemporaryDirectory() as place:
        clip, picture = Path(place) / "clip.mp4", Path(place) / "photo.jpg"
        voice = Path(place) / "voice.wav"
        write_voice(voice, 12.0)
        scene = f"testsrc2=size={SIZE}:rate=5"
        sound = ["-stream_loop", "-1", "-i", str(voice), "-af", "volume=0:enable='between(t,40,52)'"]
        _ffmpeg(
            "-f",
            "lavfi",
            "-i",
            scene,
            *sound,
            "-t",
            str(SECONDS),
            "-g",
            "10",
            "-preset",
            "ultrafast",
            str(clip),
        )
        _ffmpeg("-f", "lavfi", "-i", "testsrc2=size=640x360", "-frames:v", "1", str(picture))
        made = await process(clip, Path(place) / "out")
        for recording in recording_ids:
            await _keep(desk, recording, clip)
            await _replace(desk, recording, {kind: file.path for kind, file in files_of(made.renditions)})
        for photo in photo_ids:
            await _replace(desk, photo, {RenditionKind.PHOTO: picture})


async def _keep(desk: Desk, recording_id: str, original: Path) -> None:
    """From which renditions are made again, when a part is muted or hidden."""
    async with desk.world.database.reading() as session:
        recording = await session.get_one(Recording, UUID(recording_id))
    assert recording.sealed_key is not None
    await desk.storage.upload(original, recording.sealed_key, content_type=recording.content_type)


async def _replace(desk: Desk, recording_id: str, files: dict[RenditionKind, Path]) -> None:
    async with desk.world.database.reading() as session:
        found = (await queries.renditions_of(session, [UUID(recording_id)], kinds=files))[UUID(recording_id)]
    for kind, rendition in found.items():
        await desk.storage.upload(files[kind], rendition.key, content_type=rendition.content_type)


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(
        [find_ffmpeg(), "-nostdin", "-v", "error", "-y", *arguments], check=True, capture_output=True
    )
