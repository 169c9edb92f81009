"""How well the checks do on recordings of which a person, or their maker, said what is wrong with them.

A labelled folder holds recordings and one `labels.json`: an object of file name → list of checks, empty for a
recording without fault, such as `{"hall.mp4": [], "pocket.mp4": ["covered", "silent"]}`. `null` stands for a
recording of which nobody can say what is wrong: it must be readable, and is not scored. A check counts as found
when the report tells of it at any severity; where on the timeline is not compared. Only labelled files are looked at.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.pipeline import inspect
from media_pipeline.thresholds import CheckKind, Thresholds

LABELS_FILE = "labels.json"
Kinds = frozenset[CheckKind]


@dataclass(frozen=True, slots=True)
class Score:
    """Counted in files. A ratio is `None` where nothing was found, or nothing was there to be found."""

    found_rightly: int
    found_wrongly: int
    missed: int

    @property
    def precision(self) -> float | None:
        return _ratio(self.found_rightly, self.found_rightly + self.found_wrongly)

    @property
    def recall(self) -> float | None:
        return _ratio(self.found_rightly, self.found_rightly + self.missed)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`mistakes` names what was found wrongly (`+`) and missed (`-`), file by file."""

    files: int
    scores: Mapping[CheckKind, Score]
    mistakes: Mapping[str, tuple[str, ...]]

    def to_json(self, *, indent: int | None = None) -> str:
        checks = {
            kind: {
                "precision": score.precision,
                "recall": score.recall,
                "found_rightly": score.found_rightly,
                "found_wrongly": score.found_wrongly,
                "missed": score.missed,
            }
            for kind, score in self.scores.items()
        }
        content = {"files": self.files, "checks": checks, "mistakes": dict(self.mistakes)}
        return json.dumps(content, ensure_ascii=False, indent=indent)

    def to_text(self) -> str:
        lines = [f"{'check':12}{'precision':>10}{'recall':>8}{'right':>7}{'wrong':>7}{'missed':>8}"]
        for kind, score in self.scores.items():
            precision, recall = _shown(score.precision), _shown(score.recall)
            counts = f"{score.found_rightly:7}{score.found_wrongly:7}{score.missed:8}"
            lines.append(f"{kind:12}{precision:>10}{recall:>8}{counts}")
        lines += [f"{name}: {' '.join(wrong)}" for name, wrong in self.mistakes.items()]
        return "\n".join([f"{self.files} files", *lines])


def read_labels(folder: Path) -> dict[str, Kinds | None]:
    """Raises `ValueError` for labels that are absent, name no check, or speak of files that are not in the folder."""
    try:
        content: object = json.loads((folder / LABELS_FILE).read_bytes())
    except OSError as error:
        raise ValueError(f"{folder} has no {LABELS_FILE}") from error
    if not isinstance(content, dict):
        raise ValueError(  # noqa: TRY004 - wrong content, not a wrong caller
            f"{LABELS_FILE} is no object of file name → list of checks"
        )
    labels: dict[str, Kinds | None] = {}
    for name, kinds in content.items():
        if Path(name).name != name or not (folder / name).is_file():
            raise ValueError(f"{name!r} is labelled but not in the folder")
        if kinds is not None and not isinstance(kinds, list):
            raise ValueError(f"the label of {name!r} is no list of checks")
        labels[name] = None if kinds is None else frozenset(CheckKind(kind) for kind in kinds)
    return labels


async def evaluate(folder: Path, *, thresholds: Thresholds | None = None, at_once: int = 2) -> Evaluation:
    """Raises `ValueError` for bad labels, and as `inspect` for a file that cannot be read."""
    labels = read_labels(folder)
    free = asyncio.Semaphore(at_once)

    async def look(name: str) -> Kinds:
        async with free:
            report = await inspect(folder / name, thresholds=thresholds)
        return frozenset(check.kind for check in report.checks)

    found = await asyncio.gather(*(look(name) for name in labels))
    known = {name: kinds for name, kinds in labels.items() if kinds is not None}
    return compare_with_labels(known, dict(zip(labels, found, strict=True)))


def compare_with_labels(labels: Mapping[str, Kinds], found: Mapping[str, Kinds]) -> Evaluation:
    """Every check that was labelled or found anywhere is scored."""
    kinds = sorted({kind for name in labels for kind in labels[name] | found[name]})
    pairs = [(labels[name], found[name]) for name in labels]
    wrong = {
        name: tuple(
            [f"+{kind}" for kind in sorted(found[name] - labels[name])]
            + [f"-{kind}" for kind in sorted(labels[name] - found[name])]
        )
        for name in labels
    }
    return Evaluation(
        files=len(labels),
        scores={kind: _score(kind, pairs) for kind in kinds},
        mistakes={name: mistakes for name, mistakes in wrong.items() if mistakes},
    )


def _score(kind: CheckKind, pairs: Sequence[tuple[Kinds, Kinds]]) -> Score:
    return Score(
        found_rightly=sum(kind in labelled and kind in found for labelled, found in pairs),
        found_wrongly=sum(kind not in labelled and kind in found for labelled, found in pairs),
        missed=sum(kind in labelled and kind not in found for labelled, found in pairs),
    )


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _shown(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.3f}"
