"""Precision and recall of every check on the truth set, for a seed the thresholds were not chosen on.

`python -m tests.bench.bench_checks [--seed 77]` prints the table and writes `var/bench/checks.json`.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from media_pipeline import CheckKind
from media_pipeline.evaluation import Evaluation, evaluate
from tests.bench.rows import Row
from tests.support.truth import make_truth

_KEPT = Path("var/bench/checks.json")
_PROMISED = (CheckKind.COVERED, CheckKind.FROZEN, CheckKind.SILENT, CheckKind.CLIPPED, CheckKind.NO_SPEECH)
_SEED = 77


def measured(seed: int) -> Evaluation:
    with tempfile.TemporaryDirectory() as directory:
        make_truth(Path(directory), seed=seed)
        evaluation = asyncio.run(evaluate(Path(directory)))
    _KEPT.parent.mkdir(parents=True, exist_ok=True)
    _KEPT.write_text(evaluation.to_json(indent=2) + "\n", encoding="utf-8")
    return evaluation


def precision_and_recall() -> Row:
    """The worst of the promised checks stands for them all; the rest is in the JSON."""
    evaluation = measured(_SEED)
    scores = [evaluation.scores[kind] for kind in _PROMISED]
    precision = min(score.precision or 0 for score in scores)
    recall = min(score.recall or 0 for score in scores)
    return Row(
        what=f"worst of {len(_PROMISED)} promised checks on {evaluation.files} generated clips",
        measured=f"precision {precision:.3f}, recall {recall:.3f}",
        goal="≥ 0.95 each",
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=_SEED)
    sys.stdout.write(measured(parser.parse_args(arguments).seed).to_text() + "\n")


if __name__ == "__main__":
    main()
