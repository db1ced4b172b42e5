"""What is public: listed, documented, importable, and nothing loaded before it is needed."""

from __future__ import annotations

import dataclasses
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import datapartnerships as dp
from datapartnerships import registry

ROOT = Path(__file__).parent.parent


def _fresh(code: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return answer.stdout.strip()


def test_importing_the_package_loads_no_other() -> None:
    code = (
        "import sys; before = set(sys.modules); import datapartnerships\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names) - {'datapartnerships'}))"
    )
    assert _fresh(code) == "[]"


def test_the_base_install_and_built_components_know_no_framework() -> None:
    """Not even where it is installed: it would take seconds, and gigabytes where it is not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    heavy = {"torch", "torchaudio", "whisperx", "transformers", "faster_whisper", "ctranslate2"}
    heavy |= {"pyannote", "onnxruntime", "av"}
    needed = {re.split(r"[^\w-]", name)[0] for name in project["dependencies"]}
    light = {re.split(r"[^\w-]", n)[0] for n in project["optional-dependencies"]["audio-light"]}
    assert not {name.replace("-", "_") for name in needed} & heavy
    assert light == {"av", "faster-whisper"}
    code = (
        "import sys, datapartnerships as dp\n"
        "from datapartnerships import registry\n"
        "built = 0\n"
        "for kind in registry.KINDS:\n"
        "    for name in registry.BUILTIN[kind]:\n"
        "        made = getattr(getattr(dp, kind), name)\n"
        "        if kind == 'readers':\n"
        "            made('here', **({'text': '//p'} if name == 'XmlReader' else {}))\n"
        "            built += 1\n"
        f"print(built > 20, sorted({heavy!r} & set(sys.modules)))"
    )
    assert _fresh(code) == "True []"


def test_public_names_are_listed_documented_and_come_from_here() -> None:
    for name in dp.__all__:
        value = getattr(dp, name)
        if name != "__version__":
            assert value.__doc__, f"{name} has no docstring"
            assert value.__module__.startswith("datapartnerships."), name
    assert set(dp.__all__) <= set(dir(dp))
    with pytest.raises(AttributeError, match="no_such_name"):
        dp.no_such_name


@pytest.mark.parametrize("kind", registry.KINDS)
def test_components_are_documented(kind: str) -> None:
    package = getattr(dp, kind)
    page = (ROOT / "docs" / "reference" / f"{kind}.md").read_text()
    for name in registry.BUILTIN[kind]:
        cls = getattr(package, name)
        doc = cls.__doc__ or ""
        assert len(doc.split()) > 5 and not doc.startswith(f"{name}("), f"{name} needs a docstring"
        fields = {field.name for field in dataclasses.fields(cls)}
        own = fields & set(inspect.get_annotations(cls))
        own = {field for field in own if not field.startswith("_")}
        for field in own - {"format"}:
            assert f"{field}" in doc, f"{name}.{field} is not in its docstring"
        assert name in page, f"{name} is not in docs/reference/{kind}.md"


def test_a_misspelled_component_is_answered_with_the_right_one() -> None:
    with pytest.raises(AttributeError, match="Did you mean 'RepairUnicode'"):
        dp.transforms.RepairUnicod
    with pytest.raises(ImportError):
        exec("from datapartnerships.readers import NoSuchReader")
