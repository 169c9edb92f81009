"""Files made to hurt: every one is small, and claims, hides or nests something. Built from good clips by hand."""

import io
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from app.demo.clips import find_ffmpeg
from tests.support.clips import Clips


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each box of one level."""
    at = 0
    while at + 8 <= len(data):
        size = struct.unpack_from(">I", data, at)[0]
        yield data[at + 4 : at + 8], at, at + size
        at += size


def _claiming(data: bytes, kind: bytes, offset: int, value: bytes) -> bytes:
    """With `value` written at so many bytes after every box name `kind`."""
    changed, at = bytearray(data), data.find(kind)
    assert at > 0, kind
    while at > 0:
        changed[at + offset : at + offset + len(value)] = value
        at = data.find(kind, at + 4)
    return bytes(changed)


def _many_tracks(good: bytes, count: int) -> bytes:
    """The index lies last, so that its tracks may be repeated, with nothing in them, without moving the media."""
    kinds = {kind: (start, end) for kind, start, end in boxes(good)}
    start, end = kinds[b"moov"]
    inner = good[start + 8 : end]
    tracks = [inner[one:two] for kind, one, two in boxes(inner) if kind == b"trak"]
    return good[:start] + box(b"moov", inner + _without_samples(tracks[0]) * count) + good[end:]


def _without_samples(track: bytes) -> bytes:
    kind = track[4:8]
    if kind in {b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stco"}:
        return box(kind, bytes(12 if kind == b"stsz" else 8))
    if kind not in {b"trak", b"mdia", b"minf", b"stbl"}:
        return track
    return box(kind, b"".join(_without_samples(track[8 + one : 8 + two]) for _, one, two in boxes(track[8:])))


def _nested(depth: int, kind: bytes) -> bytes:
    content = b""
    for _ in range(depth):
        content = box(kind, content)
    return content


def _squeezed_index(claim: int) -> bytes:
    """A `cmov`: an index that is unpacked by zlib; 30 kB that become 30 MB and claim more."""
    packed = zlib.compress(bytes(30 * 1024**2), 9)
    cmvd = box(b"cmvd", struct.pack(">I", claim) + packed)
    return box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov", box(b"cmov", box(b"dcom", b"zlib") + cmvd))


def _elsewhere(good: bytes, other: Path) -> bytes:
    """Samples "in another file": the data reference names it, as QuickTime allows."""
    path = b"file://" + str(other).encode() + b"\0"
    kinds = {kind: (start, end) for kind, start, end in boxes(good)}
    start, end = kinds[b"moov"]
    url = box(b"url ", bytes(4) + path)
    own = box(b"url ", struct.pack(">I", 1))
    return good[:start] + _replaced(good[start:end], own, url) + good[end:]


def _replaced(container: bytes, old: bytes, new: bytes) -> bytes:
    """In all boxes within, their sizes put right."""
    if old not in container:
        return container
    if container == old:
        return new
    head = {b"dref": 16, b"stsd": 16, b"meta": 12}.get(container[4:8], 8)
    parts = [
        _replaced(container[head + one : head + two], old, new) for _, one, two in boxes(container[head:])
    ]
    inner = container[8:head] + b"".join(parts)
    return box(container[4:8], inner)


def _wide(avi: bytes) -> bytes:
    """65,000 × 65,000 in the main header, in the stream's and in every picture's own."""
    changed = bytearray(_claiming(avi, b"\xff\xc0\x00\x11", 5, struct.pack(">HH", 65_000, 65_000)))
    main, form = avi.index(b"avih"), avi.index(b"strf")
    struct.pack_into("<II", changed, main + 8 + 32, 65_000, 65_000)
    struct.pack_into("<II", changed, form + 8 + 4, 65_000, 65_000)
    return bytes(changed)


def _torn(clips: Clips, seconds: int) -> bytes:
    """Sound whose second half comes that much later."""
    path = clips.directory / f"torn-{seconds}.mka"
    later = f"setts=ts=if(gt(N\\,50)\\,TS+{seconds * 1000}\\,TS)"  # in Matroska's milliseconds
    command = ["-nostdin", "-v", "error", "-y", "-i", str(clips("voice.m4a")), "-c", "copy", "-bsf:a", later]
    subprocess.run([find_ffmpeg(), *command, str(path)], check=True)
    return path.read_bytes()


def _talkative(wav: bytes, length: int) -> bytes:
    """A comment as long as a film."""
    comment = b"INFOICMT" + struct.pack("<I", length) + b"x" * length
    content = wav[8:] + b"LIST" + struct.pack("<I", len(comment)) + comment
    return b"RIFF" + struct.pack("<I", len(content)) + content


def with_attachment(clips: Clips, content: bytes) -> bytes:
    """Matroska that brings a font, as subtitles do; players write those to disk."""
    path, font = clips.directory / "font.mkv", clips.directory / "evil.ttf"
    font.write_bytes(content)
    command = ["-nostdin", "-v", "error", "-y", "-i", str(clips("good.mp4")), "-c", "copy"]
    kind = ["-attach", str(font), "-metadata:s:t", "mimetype=application/x-truetype-font"]
    subprocess.run([find_ffmpeg(), *command, *kind, str(path)], check=True)
    return path.read_bytes()


def with_second_face(clips: Clips, content: bytes) -> bytes:
    """A good recording that is a ZIP archive as well: one begins at its start, the other at its end."""
    held = io.BytesIO(clips("good.mp4").read_bytes())
    with zipfile.ZipFile(held, "a") as archive:
        archive.writestr("hidden.txt", content)
    return held.getvalue()


def in_fragments(clips: Clips) -> bytes:
    """Sound as a stream of fragments of half a second, which say when they begin."""
    path = clips.directory / "fragments.mp4"
    if not path.exists():
        command = ["-nostdin", "-v", "error", "-y", "-i", str(clips("voice.m4a")), "-c", "copy"]
        cut = ["-movflags", "empty_moov+default_base_moof", "-frag_duration", "500000"]
        subprocess.run([find_ffmpeg(), *command, *cut, str(path)], check=True)
    return path.read_bytes()


def _over_and_over(data: bytes, count: int) -> bytes:
    """The first fragment again and again, each time at the same moment."""
    found = list(boxes(data))
    first = next(number for number, (kind, _, _) in enumerate(found) if kind == b"moof")
    begins, ends = found[first][1], found[first + 1][2]
    return data[:begins] + data[begins:ends] * count


def _years_later(data: bytes) -> bytes:
    """The last fragment begins when the sun has burnt out."""
    at, changed = data.rindex(b"tfdt"), bytearray(data)
    assert changed[at + 4] == 1  # eight bytes of time
    struct.pack_into(">Q", changed, at + 8, 2**62)
    return bytes(changed)


def _crumbs(data: bytes, count: int) -> bytes:
    """So many fragments of one sample of eight bytes."""
    head = data[: next(start for kind, start, _ in boxes(data) if kind == b"moof")]
    return head + b"".join(_crumb(number) for number in range(count))


def _crumb(number: int) -> bytes:
    when = box(b"tfhd", struct.pack(">II", 0x020000, 1)) + box(
        b"tfdt", struct.pack(">IQ", 1 << 24, number * 1024)
    )
    header = box(b"mfhd", struct.pack(">II", 0, number + 1))

    def fragment(offset: int) -> bytes:
        run = box(b"trun", struct.pack(">IIiII", 0x000301, 1, offset, 1024, 8))
        return box(b"moof", header + box(b"traf", when + run))

    return fragment(len(fragment(0)) + 8) + box(b"mdat", bytes(8))


def _endless_index(good: bytes) -> bytes:
    """Behind the recording an index of 65,535 segments, all at one place, each of hours."""
    segments = struct.pack(">III", 0, 2**31 - 1, 0x90000000) * 65_535
    return good + box(b"sidx", struct.pack(">IIIIIHH", 0, 1, 48_000, 0, 0, 0, 65_535) + segments)


def _picture_first(clips: Clips) -> bytes:
    """A photo to those who look at its beginning, a recording to those who look for an index."""
    path = clips.directory / "first.jpg"
    command = ["-nostdin", "-v", "error", "-y", "-i", str(clips("good.mp4")), "-frames:v", "1"]
    subprocess.run([find_ffmpeg(), *command, str(path)], check=True)
    return path.read_bytes() + clips("good.mp4").read_bytes()


def with_page(clips: Clips, content: bytes) -> bytes:
    """A good recording in whose free space there is a page with a script."""
    page = b"<!doctype html><script>alert('%s')</script>" % content
    return clips("good.mp4").read_bytes() + box(b"free", page)


def with_fonts(clips: Clips, content: bytes) -> bytes:
    """A hundred fonts that are none, under names that lead out of wherever they are unpacked."""
    path, font = clips.directory / "fonts.mkv", clips.directory / "odd.ttf"
    font.write_bytes(b"\0\1\0\0" + content)
    command = ["-nostdin", "-v", "error", "-y", "-i", str(clips("good.mp4")), "-c", "copy"]
    for number in range(100):
        stream = f"-metadata:s:{number + 2}"
        name = f"filename=../../../{number}/\u202egnp.ttf"
        command += ["-attach", str(font), stream, "mimetype=application/x-truetype-font", stream, name]
    subprocess.run([find_ffmpeg(), *command, str(path)], check=True)
    return path.read_bytes()


def with_recording_within(clips: Clips, content: bytes) -> bytes:
    """Matroska to which another recording is attached."""
    return with_attachment(clips, clips("good.mp4").read_bytes() + content)


def _ebml(identity: bytes, content: bytes) -> bytes:
    return identity + (0x0100000000000000 | len(content)).to_bytes(8, "big") + content


def _deep_tags(depth: int) -> bytes:
    """Matroska, whose tags may hold tags."""
    head = _ebml(b"\x1a\x45\xdf\xa3", _ebml(b"\x42\x82", b"matroska"))
    content = b""
    for _ in range(depth):
        content = _ebml(b"\x67\xc8", content)
    return head + _ebml(b"\x18\x53\x80\x67", _ebml(b"\x12\x54\xc3\x67", _ebml(b"\x73\x73", content)))


def _text(template: str) -> "Maker":
    return lambda clips, other: template.format(other=other).encode()


def _good(change: Callable[[bytes], bytes], name: str = "good.mp4") -> "Maker":
    return lambda clips, other: change(clips(name).read_bytes())


Maker = Callable[[Clips, Path], bytes]
U32 = struct.pack(">I", 2**32 - 1)

# Texts that send a player elsewhere: to another file, another machine, a device.
ELSEWHERE: dict[str, Maker] = {
    "ffconcat": _text("ffconcat version 1.0\nfile '{other}'\n"),
    "ffconcat-unsafe": _text("ffconcat version 1.0\noption safe 0\nfile 'file:{other}'\nduration 9\n"),
    "m3u8-file": _text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{other}\n#EXT-X-ENDLIST\n"),
    "m3u8-http": _text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:PORT/x.ts\n#EXT-X-ENDLIST\n"
    ),
    "m3u8-concat": _text(
        "#EXTM3U\n#EXTINF:9,\nconcat:http://127.0.0.1:PORT/?|file://{other}\n#EXT-X-ENDLIST\n"
    ),
    "m3u8-crypto": _text(
        '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-KEY:METHOD=AES-128,URI="http://127.0.0.1:PORT/k"\n#EXTINF:9,\n{other}\n'
    ),
    "dash": _text(
        "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011' type='static'><Period><BaseURL>file://{other}"
        "</BaseURL><AdaptationSet mimeType='video/mp4'><Representation id='1'/></AdaptationSet></Period></MPD>"
    ),
    "sdp": _text("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio PORT RTP/AVP 0\n"),
    "smooth": _text(
        "<?xml version='1.0'?><SmoothStreamingMedia><StreamIndex Url='{other}'/></SmoothStreamingMedia>"
    ),
    "realmedia": _text("rtsp://127.0.0.1:PORT/{other}\n"),
    "asx": _text("<ASX version='3.0'><ENTRY><REF HREF='file://{other}'/></ENTRY></ASX>"),
    "imf": _text("<CompositionPlaylist><Id>urn:uuid:0</Id><Path>{other}</Path></CompositionPlaylist>"),
    "svg": _text("<svg xmlns:x='http://www.w3.org/1999/xlink'><image x:href='file://{other}'/></svg>"),
    "subtitles": _text("# VobSub index file, v7\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 0\n"),
    "mov-reference": lambda clips, other: _elsewhere(clips("good.mp4").read_bytes(), other),
}

# Nothing that can be played, whatever it is called.
NO_MEDIA: dict[str, Maker] = {
    "empty": lambda clips, other: b"",
    "zeros": lambda clips, other: bytes(200_000),
    "ones": lambda clips, other: b"\xff" * 200_000,
    "html": _text("<!doctype html><script>alert(1)</script>"),
    "pdf": lambda clips, other: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\n%%EOF",
    "zip": lambda clips, other: b"PK\x03\x04" + bytes(26) + b"PK\x05\x06" + bytes(18),
    "program": lambda clips, other: b"\x7fELF\x02\x01\x01" + bytes(4000),
    "head-only": _good(lambda data: data[:32]),
    "index-lost": _good(lambda data: data[: len(data) // 2]),
    "picture-first": lambda clips, other: _picture_first(clips),
    "recording-in-its-own-media": _good(lambda data: box(b"ftyp", b"isom\0\0\0\0isom") + box(b"mdat", data)),
    "recording-in-its-own-index": _good(lambda data: box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", data)),
    "wav-without-samples": lambda clips, other: clips("voice.wav").read_bytes()[:44],
}

# Headers that claim what would cost memory or time without end.
ABSURD: dict[str, Maker] = {
    "pixels": lambda clips, other: _wide(clips("button_camera.avi").read_bytes()),
    "sample-sizes": _good(lambda data: _claiming(data, b"stsz", 12, U32)),
    "time-table": _good(lambda data: _claiming(data, b"stts", 8, U32)),
    "chunk-table": _good(lambda data: _claiming(data, b"stco", 8, U32)),
    "sample-description": _good(lambda data: _claiming(data, b"stsd", 8, U32)),
    "long-samples": _good(lambda data: _claiming(data, b"stts", 16, struct.pack(">I", 2**31 - 1))),
    "forever": _good(lambda data: _claiming(data, b"mvhd", 20, U32)),
    "tracks": _good(lambda data: _many_tracks(data, 10_000)),
    "tracks-as-many-as-ffmpeg-takes": _good(lambda data: _many_tracks(data, 990)),
    "talkative": lambda clips, other: _talkative(clips("voice.wav").read_bytes(), 6 * 1024**2),
    "days-between-packets": lambda clips, other: _torn(clips, 20 * 3600),
    "squeezed": lambda clips, other: _squeezed_index(2**31 - 1),
    "nested": lambda clips, other: box(b"ftyp", b"isom\0\0\0\0isom") + _nested(20_000, b"moov"),
    "nested-tags": lambda clips, other: _deep_tags(5_000),
    "fragment-over-and-over": lambda clips, other: _over_and_over(in_fragments(clips), 500),
    "fragment-years-later": lambda clips, other: _years_later(in_fragments(clips)),
    "crumbs": lambda clips, other: _crumbs(in_fragments(clips), 5_000),
    "endless-index": _good(_endless_index),
    "avi-frames": lambda clips, other: _avi_claims(clips("button_camera.avi").read_bytes()),
}


def _avi_claims(avi: bytes) -> bytes:
    """2³² frames, 2³² streams, and chunks as large as that."""
    changed = bytearray(avi)
    main = avi.index(b"avih") + 8
    struct.pack_into("<I", changed, main + 16, 2**32 - 1)
    struct.pack_into("<I", changed, main + 24, 2**32 - 1)
    first = avi.index(b"00dc", avi.index(b"movi"))
    struct.pack_into("<I", changed, first + 4, 2**31 - 1)
    return bytes(changed)
