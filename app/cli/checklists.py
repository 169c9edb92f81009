"""`plainclothes checklist`: check, compare and guard checklist files."""

from pathlib import Path
from typing import Annotated

import typer

from app.checklists import lock as locking
from app.checklists.difference import diff
from app.checklists.document import Document, json_schema
from app.checklists.problems import ChecklistRefused
from app.checklists.reading import read
from app.checklists.rules import Finding, variant_findings
from app.checklists.sentences import Says
from app.cli.files import read_checklist
from app.cli.terminal import BAD_INPUT, Failed, Output, complain, print_json

app = typer.Typer(
    help="Check, compare and guard checklist files.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A checklist in YAML.", show_default=False)]


@app.command()
def validate(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Checklists in YAML.", show_default=False)
    ],
) -> None:
    """Say whether each file is an acceptable checklist, and if not every reason with its line.

    A variant (`shares_items_with`) is compared with its base when both are given.
    """
    read_in: dict[Path, Document] = {}
    wrong: dict[Path, tuple[Finding, ...]] = {}
    for file in files:
        try:
            read_in[file] = read(file)
        except OSError as problem:
            wrong[file] = (
                Finding((), Says.UNREADABLE.of(text=(problem.strerror or "cannot be read").lower())),
            )
        except ChecklistRefused as refused:
            wrong[file] = refused.findings
    wrong |= _variants(read_in)
    print_json([_report(file, read_in.get(file), wrong.get(file, ())) for file in files])
    for file, findings in wrong.items():
        for finding in findings:
            complain(f"{file}: {finding}")
    if wrong:
        raise typer.Exit(BAD_INPUT)


@app.command()
def schema(
    check: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Print nothing; fail when this file is not the schema.", show_default=False
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of a checklist."""
    if check is None:
        print(json_schema(), end="")
        return
    try:
        committed = check.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise Failed(f"{check}: cannot be read") from problem
    if committed != json_schema():
        raise Failed(f"{check}: out of date; run: plainclothes checklist schema > {check}")


@app.command(name="diff")
def difference(before: File, after: File) -> None:
    """Show what changed from one checklist to another: items, weights, texts, rules."""
    print_json(diff(read_checklist(before), read_checklist(after)).to_json())


@app.command()
def lock(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where published.lock is.", show_default=False)
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when a version is missing.")
    ] = False,
) -> None:
    """Enter the versions in a folder into its published.lock; refuse one that was published otherwise."""
    files = sorted(folder.glob("*/*.yaml"))
    if not files:
        raise Failed(f"{folder}: no checklists (*/*.yaml) here")
    documents = {file: read_checklist(file) for file in files}
    try:
        entries = locking.read_lock(folder / locking.LOCK_NAME)
    except locking.LockUnreadable as problem:
        raise Failed(str(problem)) from problem
    changed = [file for file, each in documents.items() if locking.changed_after_publication(each, entries)]
    if changed:
        raise Failed("\n".join(f"{file}: changed after publication; raise its version" for file in changed))
    wanted = entries | {locking.name_of(each): each.fingerprint() for each in documents.values()}
    if check and wanted != entries:
        raise Failed(f"{folder}: not entered yet: {', '.join(sorted(wanted.keys() - entries.keys()))}")
    if not check:
        locking.write_lock(folder / locking.LOCK_NAME, wanted)
    print_json(dict(sorted(wanted.items())))


def _variants(read_in: dict[Path, Document]) -> dict[Path, tuple[Finding, ...]]:
    bases = {document.id: document for document in read_in.values()}
    wrong = {}
    for file, document in read_in.items():
        base = bases.get(document.shares_items_with or "")
        findings = variant_findings(document, base) if base else ()
        if findings:
            wrong[file] = findings
    return wrong


def _report(file: Path, document: Document | None, findings: tuple[Finding, ...]) -> dict[str, Output]:
    return {
        "file": str(file),
        "valid": not findings,
        "id": document.id if document else None,
        "version": document.version if document else None,
        "items": len(list(document.items())) if document else None,
        "fingerprint": document.fingerprint() if document else None,
        "findings": [
            {"where": finding.where, "line": finding.line, "message": finding.message} for finding in findings
        ],
    }
