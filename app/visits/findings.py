"""What only the server can find in a visit's recordings: it knows the visit, the books, and what came before. Pure.

Suspicious patterns are told to the desk and refuse nothing (D7.6).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.visits.finding import File, Finding, Kind, Repeat, Scene, Severity, Stretch, about
from app.visits.interruptions import Why
from app.visits.timeline import Gap, Timeline

CLOCK_TOLERANCE = timedelta(
    minutes=2
)  # check-ins are tapped by hand, and files begin when a button is pressed
FILE_CLOCK_TOLERANCE = timedelta(minutes=5)  # some devices note when writing began, some when it ended
LENGTH_TOLERANCE = timedelta(seconds=5)
LENGTH_SHARE = 0.02  # containers and devices round differently


def findings(scene: Scene, drawn: Timeline | None) -> list[Finding]:
    """`drawn` is null where nothing is recorded (D10.5), or nobody has gone out yet."""
    found: list[Finding] = []
    if drawn is not None:
        found += [_of_gap(scene, gap) for gap in drawn.gaps]
        found += _of_coverage(scene, drawn)
    for file in scene.files:
        found += [*_of_interruptions(scene, file), *_of_length(scene, file)]
        found += [*_of_clocks(scene, file), *_of_custody(scene, file)]
        begun = file.declared.starts_at
        found += [_of_repeat(scene, file.declared.id, begun, repeat) for repeat in file.repeats]
    for recording_id, repeats in scene.undeclared.items():
        found += [_of_repeat(scene, recording_id, None, repeat) for repeat in repeats]
    return found


def _of_gap(scene: Scene, gap: Gap) -> Finding:
    length = round(gap.length.total_seconds())
    if gap.is_backed:
        zh, en = (
            f"主设备中断 {length} 秒，备用设备有记录。",
            f"The main device paused for {length} s; a second one ran.",
        )
    else:
        zh, en = f"有 {length} 秒没有任何设备记录。", f"For {length} s nothing recorded."
    severity = Severity.INFO if gap.is_backed else Severity.WARNING
    return Finding(Kind.GAP, severity, zh, en, intervals=scene.at(gap.starts_at, gap.ends_at))


def _of_coverage(scene: Scene, drawn: Timeline) -> Iterator[Finding]:
    if not scene.all_looked_into or drawn.coverage_verified >= scene.coverage_asked:
        return
    told, asked = f"{drawn.coverage_verified:.0%}", f"{scene.coverage_asked:.0%}"
    yield Finding(
        Kind.COVERAGE,
        Severity.FAILED,
        f"已核验的录音录像只覆盖从进店到离店的 {told}，要求至少 {asked}。",
        f"What arrived and was looked into covers {told} of entry to exit; at least {asked} is asked for.",
        intervals=scene.at(scene.stays[0][0], scene.stays[-1][1]),
    )


_CUT_IN = {
    Why.HIDDEN: ("切到后台或熄屏", "the app was not in front"),
    Why.MUTED: ("麦克风或摄像头被系统收回", "the system took the microphone or camera away"),
    Why.STALLED: ("录制停顿", "nothing came from the recorder"),
    Why.KILLED: ("应用被关闭", "the app was closed"),
}


def _of_interruptions(scene: Scene, file: File) -> Iterator[Finding]:
    """What the recorder noticed of itself. What it certainly lost is a gap of the timeline besides."""
    if not file.interruptions:
        return
    reasons = [_CUT_IN[why] for why in Why if why in {one.why for one in file.interruptions}]
    times, begun = len(file.interruptions), file.declared.starts_at
    intervals: tuple[Stretch, ...] = ()
    if begun is not None:
        spans = [
            (timedelta(milliseconds=one.from_ms), timedelta(milliseconds=one.to_ms))
            for one in file.interruptions
        ]
        intervals = tuple(span for start, end in spans for span in scene.at(begun + start, begun + end))
    yield Finding(
        Kind.INTERRUPTED,
        Severity.WARNING if file.declared.lost else Severity.INFO,
        f"录制被打断 {times} 次：{'、'.join(zh for zh, _ in reasons)}。",
        f"Recording was interrupted {times} times: {', '.join(en for _, en in reasons)}.",
        file.declared.id,
        intervals,
    )


def _of_length(scene: Scene, file: File) -> Iterator[Finding]:
    told, real = file.told_duration, file.declared.duration
    if not file.declared.is_verified or abs(told - real) <= max(LENGTH_TOLERANCE, told * LENGTH_SHARE):
        return
    yield about(
        scene,
        file,
        (Kind.LENGTH, Severity.WARNING),
        f"申报时长 {_clock(told)}，文件实际为 {_clock(real)}。",
        f"{_clock(told)} were declared, the file has {_clock(real)}.",
    )


def _of_clocks(scene: Scene, file: File) -> Iterator[Finding]:
    starts, ends = file.declared.starts_at, file.declared.ends_at
    if starts is None or ends is None:
        return
    if scene.stays and not any(
        starts < out + CLOCK_TOLERANCE and ends > into - CLOCK_TOLERANCE for into, out in scene.stays
    ):
        yield _clash(
            scene,
            file,
            "录制时间完全在进店与离店之外。",
            "It was made wholly outside the time between entry and exit.",
        )
    if ends > file.declared_at + CLOCK_TOLERANCE:
        yield _clash(
            scene,
            file,
            "录制结束时间晚于服务器收到申报的时间。",
            "It ends later than the server was told of it: that cannot be.",
        )
    yield from _of_measured_clock(scene, file)
    yield from _of_file_clock(scene, file, starts, ends)


def _of_measured_clock(scene: Scene, file: File) -> Iterator[Finding]:
    measured = file.books.offset if file.books is not None else None
    if measured is None or abs(measured - file.told_offset) <= CLOCK_TOLERANCE:
        return
    apart = _clock(abs(measured - file.told_offset))
    yield _clash(
        scene,
        file,
        f"申报的时钟偏差与设备实测偏差相差 {apart}；时间轴采用实测值。",
        f"The declared clock offset differs by {apart} from what was measured; the timeline uses the measured one.",
    )


def _of_file_clock(scene: Scene, file: File, starts: datetime, ends: datetime) -> Iterator[Finding]:
    """The container's time is by the device's clock; many note UTC, some their local time as if it were UTC."""
    if file.created_at is None:
        return
    offset = (
        file.books.offset if file.books is not None and file.books.offset is not None else file.told_offset
    )

    def fits(moment: datetime) -> bool:
        return starts - FILE_CLOCK_TOLERANCE <= moment <= ends + FILE_CLOCK_TOLERANCE

    moments = [file.created_at, file.created_at + offset]
    if any(map(fits, moments)):
        return
    if any(fits(moment - scene.utc_offset) for moment in moments):
        yield about(
            scene,
            file,
            (Kind.CLOCK, Severity.INFO),
            "文件把当地时间写成了 UTC；换算后与申报一致。",
            "The file has its local time where UTC belongs; read so, it agrees with what was declared.",
        )
        return
    apart = min(_apart(moment, starts, ends) for moment in moments)
    yield _clash(
        scene,
        file,
        f"文件内的创建时间与申报时间相差 {_clock(apart)}。",
        f"The file says it was made at another time: {_clock(apart)} away from what was declared.",
    )


def _of_custody(scene: Scene, file: File) -> Iterator[Finding]:
    if file.device_kind not in scene.lawful_kinds:
        yield about(
            scene,
            file,
            (Kind.CUSTODY, Severity.FAILED),
            f"“{file.device_kind}”不是允许使用的设备类型。",
            f"{file.device_kind!r} is no lawful kind of device (D7.5).",
        )
    books = file.books
    if books is None:
        if file.device_kind != "phone":  # an own phone is in nobody's books
            yield _custody(
                scene,
                file,
                Severity.INFO,
                f"设备台账中没有“{file.device_label}”。",
                f"The organisation's devices do not include {file.device_label!r}.",
            )
        return
    if books.kind != file.device_kind:
        yield _custody(
            scene,
            file,
            Severity.WARNING,
            f"申报为 {file.device_kind}，台账登记为 {books.kind}。",
            f"Declared as {file.device_kind}, and in the books as {books.kind}.",
        )
    if not books.with_declarer or not books.is_in_service:
        yield _custody(
            scene,
            file,
            Severity.WARNING,
            "按台账，录制时该设备不在申报人手中，或已停用。",
            "By the books the device was not with who declares it then, or it is out of service.",
        )


def _of_repeat(scene: Scene, recording_id: str, begun: datetime | None, repeat: Repeat) -> Finding:
    share = f"{repeat.similarity:.0%}"
    on = repeat.earlier_on.isoformat()
    if repeat.is_same_file:
        zh, en = f"与 {on} 检查的文件完全相同。", f"The very same file was brought for the visit of {on}."
    else:
        zh = f"内容与 {on} 检查的录制重复（相似度 {share}）。"
        en = f"It repeats a recording of the visit of {on} (alike to {share})."
    intervals: tuple[Stretch, ...] = ()
    if begun is not None:
        start, end = timedelta(milliseconds=repeat.start_ms), timedelta(milliseconds=repeat.end_ms)
        intervals = scene.at(begun + start, begun + end)
    return Finding(
        Kind.DUPLICATE, Severity.FAILED, zh, en, recording_id, intervals, earlier_on=repeat.earlier_on
    )


def _clash(scene: Scene, file: File, zh: str, en: str) -> Finding:
    return about(scene, file, (Kind.CLOCK, Severity.WARNING), zh, en)


def _custody(scene: Scene, file: File, severity: Severity, zh: str, en: str) -> Finding:
    return about(scene, file, (Kind.CUSTODY, severity), zh, en)


def _apart(moment: datetime, starts: datetime, ends: datetime) -> timedelta:
    return starts - moment if moment < starts else moment - ends


def _clock(span: timedelta) -> str:
    """`2:03:07`, with days in front where it matters."""
    days, seconds = divmod(round(span.total_seconds()), 86_400)
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{days} d " if days else "") + f"{hours}:{minutes:02}:{rest:02}"
