"""The words: code in pages runs, the notebook runs, links lead somewhere, the site builds.

In README.md every ``python`` block is run. In docs/ a block is run where an HTML comment above it
says so:

    <!-- run -->              the python or sh block below
    <!-- output -->           the text block below is what the block before printed; "..." stands
                              for any text, and runs of white space are alike
    <!-- file: a/b.py -->     the block below is written to this file; entry points of a
                              pyproject.toml are then found as if the package were installed

The files of a page are written first; then its blocks are run in order, in one interpreter, in a
folder of their own that has a copy of examples/deposit, most of them without its scans.
"""

from __future__ import annotations

import ast
import doctest
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

import pytest

from datapartnerships import registry

ROOT = Path(__file__).parent.parent
SCANS = ("door-sign.png", "lease-1987.pdf")
COUNTED = ("first-dataset.md", "datasets-map.md")
PAGES = sorted((ROOT / "docs").rglob("*.md"))
TEXTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + PAGES

_BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>run|output|file: (?P<file>\S+)) -->\n+)?"
    r"```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?)(?: *\{#([\w-]+)\})?$", re.MULTILINE)

# Runs the blocks of a page; what they print comes back as JSON.
_DRIVER = """
import contextlib, io, json, subprocess, sys

names, printed = {"__name__": "__main__"}, []
for block in json.load(open("blocks.json")):
    body, out = block["body"], io.StringIO()
    if block["language"] == "sh":
        shell = ["bash", "-euo", "pipefail", "-c", body]
        done = subprocess.run(shell, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{block['where']}: {done.stdout}{done.stderr}")
        out.write(done.stdout)
    else:
        # Lines before it, so that an error names the line of the page.
        code = "\\n" * block["line"] + body
        with contextlib.redirect_stdout(out):
            exec(compile(code, block["where"], "exec"), names)
    printed.append(out.getvalue())
json.dump(printed, open("printed.json", "w"))
"""


@dataclass(frozen=True)
class Block:
    where: str
    line: int
    language: str
    body: str
    mark: str | None
    file: str | None


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text()
    name = str(page.relative_to(ROOT))
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("body"))
        yield Block(
            f"{name}:{line + 1}",
            line,
            found["language"],
            found["body"],
            found["mark"],
            found["file"],
        )


def runs(block: Block) -> bool:
    if block.where.startswith("README.md"):
        return block.language == "python" or block.mark == "run"
    return block.mark == "run"


def _write(path: Path, text: str) -> None:
    """A file of a page; a project's entry points are found as if it were installed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if path.name != "pyproject.toml":
        return
    project = tomllib.loads(text)["project"]
    name, version = project["name"], project["version"]
    installed = path.parent / f"{name.replace('-', '_')}-{version}.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    groups = project.get("entry-points", {}).items()
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in groups
    ]
    (installed / "entry_points.txt").write_text("".join(lines))


def _folder(tmp_path: Path, *without: str) -> Path:
    """`tmp_path` with the sample deposit in it, but for these files."""
    ignored = shutil.ignore_patterns("__pycache__", *without)
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=ignored)
    return tmp_path


def _environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), *sys.path])
    return {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **more}


def _command(path: Path, arguments: str) -> None:
    """What a reader of the page would have on the path, in the interpreter of the test."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
    path.chmod(0o755)


@pytest.mark.parametrize(
    "page",
    [page for page in TEXTS if any(runs(block) for block in blocks(page))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_blocks_run(page: Path, tmp_path: Path) -> None:
    # To recognize the scans is most of a run; these pages count them.
    folder = _folder(tmp_path, *(() if page.name in COUNTED else SCANS))
    found = list(blocks(page))
    for block in found:
        if block.file:
            _write(folder / block.file, block.body)
    running = [block for block in found if runs(block)]
    (folder / "blocks.json").write_text(json.dumps([asdict(block) for block in running]))
    # Plugins of the page lie below `src`, as in its pyproject.toml.
    path = os.pathsep.join([str(folder), str(folder / "src"), str(ROOT), *sys.path])
    _command(folder / "bin" / "python", "")
    _command(folder / "bin" / "datapartnerships", "-m datapartnerships ")
    done = subprocess.run(
        [sys.executable, "-c", _DRIVER],
        cwd=folder,
        env=_environment(
            PYTHONPATH=path, PATH=f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        ),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{page.name} does not run:\n{done.stdout}{done.stderr}"
    printed = dict(
        zip(
            [block.where for block in running],
            json.loads((folder / "printed.json").read_text()),
            strict=True,
        )
    )
    last = ""
    for block in found:
        if runs(block):
            last = printed[block.where]
        elif block.mark == "output":
            assert alike(block.body, last), f"{block.where} is not what is printed:\n{last}"


def alike(expected: str, printed: str) -> bool:
    """As doctest compares: "..." is any text, runs of white space are one space."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(expected.strip(), printed.strip(), flags)


def test_marks_are_known() -> None:
    for page in TEXTS:
        text = page.read_text()
        marks = re.findall(r"^<!-- (?:run|output|file)\b.*$", text, re.MULTILINE)
        heard = sum(1 for block in blocks(page) if block.mark)
        assert len(marks) == heard, f"{page}: a mark stands above no block"


@pytest.mark.parametrize("name", ["tour", "scan", "speech", "quality", "audit"])
def test_notebook_runs(tmp_path: Path, name: str, request: pytest.FixtureRequest) -> None:
    # The pictures kept in the notebook of a scan are those of the sample deposit.
    needed = {"DATAPARTNERSHIPS_REAL_DATA": str(tmp_path / "none")}
    if name == "speech":
        pytest.importorskip("faster_whisper", reason="the extra audio-light is not installed")
        needed["DATAPARTNERSHIPS_ASR_MODEL"] = str(request.getfixturevalue("whisper_tiny"))
        needed["DATAPARTNERSHIPS_REAL_DATA"] = str(request.getfixturevalue("real_data"))
    for module in ("nbclient", "nbformat", "ipykernel"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed: pip install 'datapartnerships[dev]'")
    folder = _folder(tmp_path)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    # The kernel of this interpreter, whatever kernels the machine has; in a process apart, so that
    # the event loop and the sockets of Jupyter are none of ours.
    kernel = folder / "jupyter" / "kernels" / "here"
    kernel.mkdir(parents=True)
    launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": launch, "display_name": "here", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    code = (
        "import nbclient, nbformat\n"
        f"notebook = nbformat.read('{name}.ipynb', as_version=4)\n"
        "nbclient.NotebookClient(notebook, kernel_name='here', timeout=300).execute()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder / "notebooks",
        env=_environment(
            JUPYTER_PATH=str(folder / "jupyter"),
            JUPYTER_RUNTIME_DIR=str(folder / "runtime"),
            IPYTHONDIR=str(folder / "ipython"),
            **needed,
        ),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["tour", "speech", "quality", "audit"])
def test_notebook_is_kept_without_outputs(name: str) -> None:
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None, cell["source"]


def test_the_outputs_kept_of_the_scan_are_small_and_of_the_sample_deposit() -> None:
    """Its pictures are what there is to see; of real files none may be kept."""
    notebook = json.loads((ROOT / "notebooks" / "scan.ipynb").read_text())
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    pictures = [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    assert len(pictures) == 2 and all(len(picture) < 150_000 for picture in pictures)
    assert "".join(outputs[0]["text"]).strip() == "lease-1987.pdf"
    assert not [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"]


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for found in _LINK.finditer(text):
        target, _, anchor = found["target"].partition("#")
        if re.match(r"\w+:", target):
            continue
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), f"{page.name} links to {target}, which is not there"
        if anchor:
            assert anchor in _anchors(there), f"{page.name} links to {target}#{anchor}"


def _anchors(page: Path) -> set[str]:
    found = set()
    for title, given in _HEADING.findall(page.read_text()):
        plain = re.sub(r"[^\w\s-]", "", title).strip().lower()
        found.add(given or re.sub(r"[\s-]+", "-", plain))
    return found


_REFUSALS = ("DocumentError", "OverBudgetError", "_NoReaderError")


def test_every_reason_is_explained() -> None:
    """What readers can say of a file is in the page that says what to do about it."""
    page = (ROOT / "docs" / "how-to" / "bad-input.md").read_text()
    for file in sorted((ROOT / "datapartnerships").rglob("*.py")):
        for reason in _reasons(ast.parse(file.read_text())):
            assert f"`{reason}`" in page, f"{file.name}: {reason!r} is not in bad-input.md"


def _reasons(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if name in _REFUSALS and isinstance(first, ast.Constant):
                yield first.value


def test_every_page_is_in_the_site() -> None:
    listed = (ROOT / "mkdocs.yml").read_text()
    for page in PAGES:
        assert str(page.relative_to(ROOT / "docs")) in listed, f"{page} is not in the nav"


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("mkdocs", "material", "mkdocstrings")),
    reason="mkdocs, mkdocs-material and mkdocstrings are needed: "
    "pip install 'datapartnerships[docs]'",
)
def test_site_builds_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env=_environment(NO_MKDOCS_2_WARNING="1"),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = re.compile(
        r"<(?:script|img|iframe)\b[^>]*\bsrc=[\"']?(?:https?:)?//"
        r"|<link\b(?![^>]*rel=[\"']?canonical)[^>]*\bhref=[\"']?(?:https?:)?//"
    )
    for page in tmp_path.rglob("*.html"):
        assert not (found := loaded.search(page.read_text())), f"{page} loads {found and found[0]}"


def _reader_table() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reader_table", ROOT / "docs" / "reader_table.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_readers_is_what_code_and_benchmarks_say() -> None:
    made = _reader_table()
    assert made.page() == made.PAGE.read_text(), "run: python docs/reader_table.py"
    rows = [row for row in made.table().splitlines() if row.startswith("| `")]
    assert len(rows) == len(registry.BUILTIN["readers"])
    assert not [row for row in rows if "| |" in row or "|  |" in row], "a cell is empty"


def test_the_table_of_readers_finds_extras_and_engines() -> None:
    made = _reader_table()
    readers = "datapartnerships.readers."
    assert made.needs(readers + "alto") == (["documents"], ["lxml"])
    assert made.needs(readers + "jsonl") == ([], [])
    extras, engines = made.needs(readers + "pdf")
    assert extras == ["documents"]
    assert {"pypdfium2", "rapidocr", "tesserocr"} <= set(engines)


def test_a_figure_of_a_benchmark_is_in_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _reader_table()
    item = {"reader": "TextReader", "format": ".txt", "measure": "speed", "value": 12.5}
    item |= {"unit": "files per CPU-second", "peer": {"name": "other", "value": 3.0}}
    (tmp_path / "some.json").write_text(json.dumps([item]))
    monkeypatch.setattr(made, "RESULTS", tmp_path)
    (row,) = [row for row in made.table().splitlines() if row.startswith("| `TextReader`")]
    assert row.endswith("| not measured | .txt: 12.5 files per CPU-second (other: 3) |")
