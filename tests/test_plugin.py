"""Components of a third party, in a package that pip installed, keep the public contract."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENTRY_POINTS = """\
[datapartnerships.readers]
SagaReader = aurora_plugin.components:SagaReader
[datapartnerships.transforms]
Lowercase = aurora_plugin.components:Lowercase
[datapartnerships.detectors]
Dockets = aurora_plugin.components:Dockets
"""
SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import datapartnerships as dp
from datapartnerships import detectors, readers, transforms
from datapartnerships.testing import check
saga = readers.SagaReader(sys.argv[2])
for component in (saga, transforms.Lowercase(), detectors.Dockets()):
    check(component)
    print("kept", type(component).__name__)
text = '''
reader: {FolderReader: {readers: [SagaReader]}}
transforms:
  - Lowercase
  - DetectPii: {detectors: [Dockets]}
  - Redact
writer: ParquetWriter
'''
pipeline = dp.Pipeline.from_yaml(text, deposit=sys.argv[2], out=sys.argv[2] + "-out")
release = dp.run(pipeline, workers=2)
print(release.dataset["text"][:], release.dataset[0]["segments"][0]["ref"])
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip installed the plugin."""
    folder = tmp_path_factory.mktemp("plugin")
    wheel = folder / "aurora_plugin-1.0-py3-none-any.whl"
    info = "aurora_plugin-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in sorted((ROOT / "tests" / "plugin").rglob("*.py")):
            archive.write(file, str(file.relative_to(ROOT / "tests" / "plugin")))
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: aurora-plugin\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/entry_points.txt", ENTRY_POINTS)
        archive.writestr(f"{info}/RECORD", "")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps",
         "--disable-pip-version-check", "--target", str(folder / "site"), str(wheel)],
        check=True,
    )  # fmt: skip
    return folder / "site"


def test_third_party_components_keep_the_contract_and_run(site: Path, tmp_path: Path) -> None:
    deposit = tmp_path / "deposit"
    deposit.mkdir()
    (deposit / "one.saga").write_text("%% Opening\nDocket 2021/0417 was READ.\n%% End\nSo it was.")
    (deposit / "two.saga").write_text("%% Only\nA second saga.")
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(site), str(deposit)],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines() == [
        "kept SagaReader", "kept Lowercase", "kept Dockets",
        "['docket 2021/0417 was read.\\n\\nso it was.', 'a second saga.'] Opening".replace(
            "2021/0417", "[DOCKET]"
        ),
    ]  # fmt: skip
