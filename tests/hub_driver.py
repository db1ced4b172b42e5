"""A process of its own that uses the real client: it reads HF_ENDPOINT when it is imported.

One request a line on standard input, one answer a line on standard output, both JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Driver:
    """Started once, asked often.

    With `forks` every request is a process of its own, `child`, forked from one that has imported
    everything: tests of crashes kill it.
    """

    def __init__(self, url: str, token: str | None, home: Path, *, forks: bool = False) -> None:
        root = Path(__file__).parent.parent
        unset = {"HF_HUB_OFFLINE", "HF_TOKEN", "HF_HUB_DISABLE_XET"}
        environment = {k: v for k, v in os.environ.items() if k not in unset}
        environment |= {
            "HF_ENDPOINT": url,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "PYTHONPATH": str(root),
            **({"HF_TOKEN": token} if token else {}),
        }
        self.child = 0
        self.forks = forks
        self.process = subprocess.Popen(
            [sys.executable, __file__, *(["--forks"] if forks else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )

    def ask(self, what: str, **given: Any) -> Any:
        """The answer; an `AssertionError` with the words of an exception there."""
        self.tell(what, **given)
        found = self.answer()
        assert "error" not in found, f"{found['error']}: {found['words']}"
        return found["value"]

    def error(self, what: str, **given: Any) -> tuple[str, str]:
        """Class and words of the exception that is to come."""
        self.tell(what, **given)
        found = self.answer()
        assert "error" in found, f"no error, but {found['value']}"
        return found["error"], found["words"]

    def tell(self, what: str, **given: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([what, given]) + "\n")
        self.process.stdin.flush()
        if self.forks:
            self.child = int(self.answer())

    def answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"error": "Killed", "words": "the process is gone"}

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


# What it can be asked.


def ready() -> str:
    import huggingface_hub

    return huggingface_hub.__version__


def send(
    folder: str, repo: str, quick: bool = True, per_commit: int = 100, **given: Any
) -> dict[str, Any]:
    """What `publish` does after the gates: a folder of a test need not pass them.

    `quick` without long waits; `per_commit` files, so that a few are already many.
    """
    import dataclasses

    from datapartnerships.release import _publication, hub
    from datapartnerships.release._hub_client import Repository, Retry
    from datapartnerships.release.folder import ReleaseFolder

    _publication.FILES_PER_COMMIT = per_commit
    often = Retry(attempts=6, first_seconds=0.01, most_seconds=0.05) if quick else Retry()
    repository = Repository(repo, token=None, endpoint=None, retry=often)
    return dataclasses.asdict(hub.send(ReleaseFolder.open(folder), repository, **given))


def publish(folder: str, repo: str, **given: Any) -> dict[str, Any]:
    import dataclasses

    import datapartnerships as dp

    return dataclasses.asdict(dp.publish(folder, repo, **given))


def run(recipe: str, deposit: str, out: str, times: int = 1) -> int:
    """Run a recipe; how many documents came out."""
    import datapartnerships as dp

    for _ in range(times):
        pipeline = dp.Pipeline.from_yaml(recipe, deposit=deposit, out=out)
        release = dp.run(pipeline, progress=False)
    return release.manifest.documents_out


def publish_run(run: str, repo: str, **given: Any) -> dict[str, Any]:
    """A run that is prepared on the way."""
    import dataclasses

    import datapartnerships as dp

    return dataclasses.asdict(dp.publish(dp.Release.open(run), repo, **given))


def command(arguments: list[str]) -> int:
    """The exit code of the command line."""
    from datapartnerships.__main__ import main

    return main(arguments)


def check_pin(repo: str, revision: str) -> dict[str, Any]:
    import dataclasses

    import datapartnerships as dp

    found = dp.check_pin(repo, revision)
    return {**dataclasses.asdict(found), "ok": found.ok, "words": str(found)}


def takedown(repo: str, **given: Any) -> dict[str, Any]:
    import datapartnerships as dp
    from datapartnerships.release._hub_client import Retry

    retry = Retry(attempts=6, first_seconds=0.01, most_seconds=0.05)
    done = dp.takedown(repo, retry=retry, **given)
    where = {"tag": done.published.tag, "commit": done.published.commit}
    return {"documents": len(done.documents), "remains": list(done.remains), **where}


def forget(repo: str, tag: str, at: str) -> str:
    from datapartnerships.release._hub_client import Repository, Retry
    from datapartnerships.release._hub_history import forget

    retry = Retry(attempts=6, first_seconds=0.01, most_seconds=0.05)
    return forget(Repository(repo, token=None, endpoint=None, retry=retry), tag, at)[0]


def load(repo: str, revision: str | None = None) -> dict[str, list[str]]:
    """The ids of each split, as anybody loads them."""
    import datasets

    found = datasets.load_dataset(repo, revision=revision)
    return {name: list(split["id"]) for name, split in found.items()}


def client(method: str, **given: Any) -> str:
    """Any method of the client, its answer as text."""
    from huggingface_hub import HfApi

    found = getattr(HfApi(), method)(**given)
    if hasattr(found, "__next__"):
        found = list(found)
    return str(found)


def main() -> None:
    out, forks = sys.stdout, "--forks" in sys.argv
    sys.stdout = sys.stderr
    if forks:
        import huggingface_hub.hf_api
        import huggingface_hub.hf_file_system  # noqa: F401

        import datapartnerships.release.hub  # noqa: F401

    def say(value: object) -> None:
        out.write(json.dumps(value) + "\n")
        out.flush()

    for line in sys.stdin:
        what, given = json.loads(line)
        if forks and (child := os.fork()):
            say(child)
            if os.waitpid(child, 0)[1]:
                say({"error": "Killed", "words": "the process is gone"})
            continue
        try:
            answer: dict[str, Any] = {"value": globals()[what](**given)}
        except Exception as error:
            answer = {"error": type(error).__name__, "words": str(error)}
        say(answer)
        if forks:
            os._exit(0)


if __name__ == "__main__":
    main()
