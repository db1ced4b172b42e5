"""Writes the table of readers in `docs/reference/readers.md`.

What a reader is comes from the code: its suffixes and what it keeps from the class, the extra and
the engine from the adapters in `_backends/` that its module leads to. What was measured comes from
`benchmarks/results/`, which the benchmarks write when they are given ``--save``.

    python docs/reader_table.py            # writes the table
    python docs/reader_table.py --check    # says whether it is up to date
"""

from __future__ import annotations

import ast
import functools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from datapartnerships import registry  # noqa: E402
from datapartnerships.ocr._recognize import _BACKENDS  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "readers.md"
RESULTS = ROOT / "benchmarks" / "results"
BEGIN, END = "<!-- table: docs/reader_table.py -->\n", "<!-- end of table -->\n"
_HEAD = ("reader", "files", "what is kept", "extra", "engine", "measured quality", "measured speed")
_ADAPTERS = "datapartnerships._backends."
# The adapters of OCR are chosen by name when they are needed.
_CHOOSES = "datapartnerships.ocr._recognize"
# Where code is followed to: the parts of readers that are no readers themselves.
_PARTS = ("datapartnerships.readers._", "datapartnerships.ocr", "datapartnerships.kernels")
_KNOWN_AS = {
    "PIL": "Pillow",
    "adroit_wpd2text": "libwpd",
    "av": "PyAV",
    "cv2": "OpenCV",
    "oxmsg": "python-oxmsg",
}
NOT_MEASURED = "not measured"


def table() -> str:
    """The table as Markdown, a row for each reader of this package."""
    measured = results()
    rows = [_HEAD, ("---",) * len(_HEAD)]
    for name, target in sorted(registry.BUILTIN["readers"].items()):
        reader = registry.import_string(target)
        extras, engines = needs(target.partition(":")[0])
        mine = [item for item in measured if item["reader"] == name]
        rows.append((
            f"`{name}`",
            _files(reader),
            reader.keeps,
            ", ".join(f"`{extra}`" for extra in extras) or "none",
            ", ".join(engines) or "built in",
            _figures(item for item in mine if item["measure"] != "speed"),
            _figures(item for item in mine if item["measure"] == "speed"),
        ))  # fmt: skip
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _files(reader: Any) -> str:
    suffixes = getattr(reader, "suffixes", None)
    if suffixes is None:
        return "none: a dataset"
    return " ".join(f"`{suffix}`" for suffix in suffixes) or "any"


def needs(module: str) -> tuple[list[str], list[str]]:
    """The extras that a module's adapters ask for, and the libraries that they import."""
    extras: set[str] = set()
    engines: set[str] = set()
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name.startswith(_ADAPTERS):
            for extra, library in _adapted(name):
                extras.add(extra)
                engines.add(_KNOWN_AS.get(library, library))
        if name == _CHOOSES:
            waiting += [_ADAPTERS + adapter for adapter in _BACKENDS.values()]
        waiting += [n for n in _imported(name) if n.startswith((_ADAPTERS, *_PARTS))]
    return sorted(extras), sorted(engines, key=str.lower)


@functools.cache
def _tree(module: str) -> ast.Module | None:
    """The code of a module; None where a name is none (`from module import function`)."""
    # Found without importing: the adapters import what is heavy.
    path = ROOT.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return ast.parse(file.read_text())
    return None


@functools.cache
def _imported(module: str) -> frozenset[str]:
    """What a module imports, wherever in it, but for type checkers alone."""
    return frozenset(_imports(module))


def _imports(module: str) -> Iterator[str]:
    tree = _tree(module)
    steps: list[ast.AST] = [tree] if tree else []
    while steps:
        node = steps.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            steps += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        steps += ast.iter_child_nodes(node)


def _adapted(module: str) -> Iterator[tuple[str, str]]:
    """Extra and library of each ``with extra("documents", ...): import library``."""
    tree = _tree(module)
    for node in ast.walk(tree) if tree else ():
        if not isinstance(node, ast.With):
            continue
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "extra":
                extra = ast.literal_eval(call.args[0])
                for inner in (part for line in node.body for part in ast.walk(line)):
                    if isinstance(inner, ast.Import):
                        yield from ((extra, a.name.partition(".")[0]) for a in inner.names)
                    elif isinstance(inner, ast.ImportFrom) and inner.module:
                        library = inner.module.partition(".")[0]
                        if library != "datapartnerships":
                            yield extra, library


def results() -> list[dict[str, Any]]:
    """Everything measured, the benchmarks in the order of their names."""
    found: list[dict[str, Any]] = []
    for file in sorted(RESULTS.glob("*.json")):
        found += json.loads(file.read_text())
    return found


def _figures(items: Iterator[dict[str, Any]]) -> str:
    return "<br>".join(_figure(item) for item in items) or NOT_MEASURED


def _figure(item: dict[str, Any]) -> str:
    name = "" if item["measure"] == "speed" else item["measure"]
    lead = " ".join(part for part in (item["format"], name) if part)
    unit = f" {item['unit']}" if item["unit"] else ""
    peer = item["peer"]
    beside = f" ({peer['name']}: {peer['value']:g})" if peer else ""
    return f"{lead}{': ' if lead else ''}{item['value']:g}{unit}{beside}"


def page() -> str:
    """The page with the table as it should be."""
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        if text == PAGE.read_text():
            return 0
        print(f"{PAGE} is out of date: python docs/reader_table.py", file=sys.stderr)
        return 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
