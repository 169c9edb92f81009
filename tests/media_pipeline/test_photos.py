"""Photos of a visit: evidence for the panel, but silent about who took them and with what (D10.1)."""

import subprocess
from pathlib import Path

import pytest

from media_pipeline import BadFile, Limits, UnreadableMedia, render_photo
from media_pipeline.jpeg import orientation, without_metadata

_SECRETS = (b"Li Xiaolong", b"Mate-XT-771", b"356938035643809")


def exif(turned: int) -> bytes:
    """An EXIF segment with an orientation and, where a phone would put its maker, the secrets."""
    maker = b"\0".join(_SECRETS) + b"\0"
    count = 2
    data_at = 8 + 2 + 12 * count + 4
    entries = (
        (0x010F).to_bytes(2, "little") + (2).to_bytes(2, "little") + len(maker).to_bytes(4, "little")
        + data_at.to_bytes(4, "little")
        + (0x0112).to_bytes(2, "little") + (3).to_bytes(2, "little") + (1).to_bytes(4, "little")
        + turned.to_bytes(2, "little") + b"\0\0"
    )  # fmt: skip
    tiff = b"II*\0" + (8).to_bytes(4, "little") + count.to_bytes(2, "little") + entries + b"\0\0\0\0" + maker
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


def make_photo(path: Path, *, size: str = "64x48", picture: str = "testsrc2") -> Path:
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"{picture}=size={size}:rate=1"]
    subprocess.run([*command, "-frames:v", "1", str(path)], check=True)
    return path


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    path = make_photo(tmp_path / "tagged.jpg")
    data = path.read_bytes()
    path.write_bytes(data[:2] + exif(6) + b"\xff\xfe\0\x0dLi Xiaolong" + data[2:])
    assert all(secret in path.read_bytes() for secret in _SECRETS)
    return path


class TestRenderPhoto:
    async def test_leaves_out_everything_but_the_picture(self, tagged: Path, tmp_path: Path) -> None:
        photo = await render_photo(tagged, tmp_path / "out.jpg")

        data = photo.path.read_bytes()
        assert not any(secret in data for secret in (*_SECRETS, b"Exif", b"Lavc"))
        assert (photo.size_bytes, photo.sha256) == (
            len(data),
            (await render_photo(tagged, tmp_path / "b.jpg")).sha256,
        )

    async def test_turns_it_upright(self, tagged: Path, tmp_path: Path) -> None:
        photo = await render_photo(tagged, tmp_path / "out.jpg")

        assert (photo.width, photo.height) == (48, 64)

    @pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
    async def test_takes_what_phones_take(self, tmp_path: Path, suffix: str) -> None:
        photo = await render_photo(make_photo(tmp_path / f"in.{suffix}"), tmp_path / "out.jpg")

        assert (photo.width, photo.height) == (64, 48)
        assert photo.path.read_bytes().startswith(b"\xff\xd8")

    async def test_bounds_its_longer_side_and_enlarges_nothing(self, tmp_path: Path) -> None:
        original = make_photo(tmp_path / "in.jpg", size="400x300")

        smaller = await render_photo(original, tmp_path / "out.jpg", longest_side=200)
        same = await render_photo(original, tmp_path / "same.jpg")

        assert (smaller.width, smaller.height) == (200, 150)
        assert (same.width, same.height) == (400, 300)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", BadFile.EMPTY),
            (b"GIF89a and so on", BadFile.FORMAT_REFUSED),
            (b"ffconcat version 1.0\nfile other.jpg\n", BadFile.FORMAT_REFUSED),
            (b"\xff\xd8\xff\xe0 and then nothing", BadFile.NOT_MEDIA),
        ],
    )
    async def test_refuses_what_is_none(self, tmp_path: Path, content: bytes, reason: BadFile) -> None:
        path = tmp_path / "photo.jpg"
        path.write_bytes(content)

        with pytest.raises(UnreadableMedia) as refusal:
            await render_photo(path, tmp_path / "out.jpg")

        assert refusal.value.reason is reason

    async def test_refuses_more_pixels_than_it_may_decode(self, tmp_path: Path) -> None:
        large = make_photo(tmp_path / "large.png", size="400x300", picture="color")

        with pytest.raises(UnreadableMedia):
            await render_photo(large, tmp_path / "out.jpg", limits=Limits(max_pixels=10_000))


class TestSegments:
    @pytest.mark.parametrize("turned", range(1, 9))
    def test_the_orientation_is_read(self, turned: int) -> None:
        assert orientation(b"\xff\xd8" + exif(turned) + b"\xff\xda\0\x02") == turned

    @pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\0\x0aExif\0\0II", b"GIF89a"])
    def test_nonsense_counts_as_upright(self, data: bytes) -> None:
        assert orientation(data) == 1

    def test_what_is_no_jpeg_is_not_passed_on(self) -> None:
        with pytest.raises(ValueError, match="not a JPEG"):
            without_metadata(b"\x89PNG")
