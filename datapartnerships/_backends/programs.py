"""Programs that turn files of before 2007 into something readable: run apart, never imported.

A program gets a copy of the file in a folder of its own, no shell, no terminal and a home folder
that ends with it; it is killed with all it started when its time is over.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from datapartnerships.errors import DocumentError, extra

# Settings of the profile that LibreOffice is given: no macro runs, nothing linked is fetched.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""
_POLL_SECONDS = 0.2
_SOFFICE = ("soffice", "libreoffice")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended, what it wrote and what it complained of."""

    code: int
    output: bytes
    complaint: str


def find(*names: str) -> str | None:
    """The first of these programs that is installed."""
    return next((path for name in names if (path := shutil.which(name))), None)


def run(
    command: Sequence[str], folder: Path, *, seconds: float, max_bytes: int, libraries: str = ""
) -> Ran:
    """Run `command` inside `folder`. `DocumentError` past its time or its amount of output."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LC_ALL": "C.UTF-8",
        # A closed port: what asks for the network gets none.
        **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9"),
    }
    if libraries:
        environment["LD_LIBRARY_PATH"] = environment["DYLD_LIBRARY_PATH"] = libraries
    # Should this process be killed itself, the program still ends at its limit.
    if guard := shutil.which("timeout"):
        command = [guard, "--signal=KILL", f"{seconds + 1:.1f}", *command]
    written, errors = folder / "written", folder / "complaint"
    with open(written, "wb") as output, open(errors, "wb") as complaint:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=complaint,
            start_new_session=True,
        )
        try:
            _wait(process, folder, seconds, max_bytes)
        finally:
            _end(process)
    tail = errors.read_bytes()[-2000:].decode("utf-8", "replace")
    lines = [line for line in tail.splitlines() if "javaldx" not in line]
    return Ran(process.returncode, written.read_bytes(), " ".join(" ".join(lines).split())[-200:])


def _wait(process: subprocess.Popen[bytes], folder: Path, seconds: float, max_bytes: int) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            process.wait(timeout=min(_POLL_SECONDS, max(0.01, end - time.monotonic())))
            return
        except subprocess.TimeoutExpired:
            pass
        if time.monotonic() >= end:
            name = Path(str(process.args[0])).name  # type: ignore[index]
            if name == "timeout":
                name = Path(str(process.args[3])).name  # type: ignore[index]
            raise DocumentError("converter took too long", f"{name}: {seconds:.0f} seconds")
        size = sum(file.stat().st_size for file in folder.glob("w*") if file.is_file())
        if size > max_bytes:
            raise DocumentError("expands too much", f"a converter wrote {size:,} bytes and more")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the program and of what it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def workplace(data: bytes, suffix: str) -> Iterator[tuple[Path, Path]]:
    """A folder that goes when done, and a copy of the file in it."""
    with tempfile.TemporaryDirectory(prefix="datapartnerships-convert-") as name:
        folder = Path(name)
        file = folder / f"document{suffix}"
        file.write_bytes(data)
        yield folder, file


def printed(
    command: Sequence[str], data: bytes, suffix: str, *, seconds: float, max_bytes: int
) -> str:
    """What a program such as catdoc prints for the file that it is given last."""
    with workplace(data, suffix) as (folder, file):
        ran = run([*command, str(file)], folder, seconds=seconds, max_bytes=max_bytes)
    text = ran.output.decode("utf-8", "replace")
    if ran.code or not text.strip():
        name = Path(command[0]).name
        raise DocumentError("converter found no text", f"{name}: {ran.complaint or 'nothing'}")
    return text


def wordperfect_text(data: bytes, *, seconds: float, max_bytes: int) -> str:
    """The text of a WordPerfect file, by the program (libwpd) inside ``adroit-wpd2text``."""
    with extra("documents", needed_by="LegacyOfficeReader"):
        import adroit_wpd2text
    home = Path(adroit_wpd2text.__file__).parent
    with workplace(data, ".wpd") as (folder, file):
        ran = run(
            [str(home / "bin" / "wpd2text"), str(file)],
            folder,
            seconds=seconds,
            max_bytes=max_bytes,
            libraries=str(home / "lib"),
        )
    if ran.code:
        raise DocumentError("damaged legacy office file", f"libwpd: {ran.complaint}")
    return ran.output.decode("utf-8", "replace")


def has_libreoffice() -> bool:
    return find(*_SOFFICE) is not None


def libreoffice(data: bytes, suffix: str, target: str, *, seconds: float, max_bytes: int) -> bytes:
    """The file as LibreOffice writes it in the format `target` (odt, xlsx, pptx)."""
    program = find(*_SOFFICE)
    assert program is not None
    with workplace(data, suffix) as (folder, file):
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE)
        command = [
            program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore",
            "--nologo", "--nodefault", "--nolockcheck", "--convert-to", target,
            "--outdir", str(folder / "out"), str(file),
        ]  # fmt: skip
        ran = run(command, folder, seconds=seconds, max_bytes=max_bytes)
        made = folder / "out" / f"document.{target}"
        if not made.exists():
            said = ran.complaint or ran.output.decode("utf-8", "replace")[-200:].strip()
            raise DocumentError("converter found no text", f"LibreOffice: {said or 'nothing'}")
        if made.stat().st_size > max_bytes:
            raise DocumentError("expands too much", f"LibreOffice: {made.stat().st_size:,} bytes")
        return made.read_bytes()


@functools.cache
def libreoffice_version() -> str:
    program = find(*_SOFFICE)
    if program is None:
        return ""
    with tempfile.TemporaryDirectory(prefix="datapartnerships-convert-") as name:
        folder = Path(name)
        command = [program, f"-env:UserInstallation={(folder / 'p').as_uri()}", "--version"]
        words = run(command, folder, seconds=20, max_bytes=1 << 16).output.decode().split()
    return words[1] if len(words) > 1 else ""
