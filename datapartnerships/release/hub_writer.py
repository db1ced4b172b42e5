"""A writer at the end of a pipeline, whose dataset is then prepared and published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from datapartnerships.config import location
from datapartnerships.errors import ConfigurationError, UnknownName
from datapartnerships.release._manifest import TRACKS
from datapartnerships.writers.parquet import ParquetWriter

if TYPE_CHECKING:
    from datapartnerships.executors._result import Release
    from datapartnerships.release._publication import Published


@dataclass(frozen=True)
class HubWriter(ParquetWriter):
    """The files of `ParquetWriter`; when the run is complete, `prepare` and `publish` follow.

    All gates apply, as they do there: where one is shut the run is complete, nothing has left, and
    the error names the gate. Running again does not repeat the run, only what came after it. What
    is said here says where the data goes, not what it is: it is in no fingerprint, and in no recipe
    that travels with a release. The token is none of it: HF_TOKEN, or a login.

    Attributes:
        repo: ``org/name`` on the Hub.
        into: the release folder to make, on this machine.
        release: version of the dataset, ``1.0.0``.
        date: ISO 8601 day of the release.
        track: ``open`` or ``private``.
        gated: ``auto`` or ``manual`` where readers must ask; see `publish`.
        deposit: deposit.yaml.
        audit: the file that the reader of an audit sheet saved.
        previous: the release folder of the version before.
    """

    repo: str = location("")
    into: str = location("")
    release: str = location("")
    date: str = location("")
    track: str = location("open")
    gated: str | None = location(None)
    deposit: str = location("")
    audit: str = location("")
    previous: str = location("")

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.track not in TRACKS:
            raise UnknownName("track", self.track, TRACKS, where="HubWriter")

    def finish(self, run: Release) -> Published:
        """Called when the run is complete, at once or by an earlier call.

        Raises
        ------
        ConfigurationError
            It was not said where to.
        GatesShut, PublishError
            As `publish` does.
        """
        from datapartnerships.release.hub import publish

        needed = ("repo", "into", "release", "date")
        if missing := [name for name in needed if not getattr(self, name)]:
            raise ConfigurationError(
                f"The run is complete, and HubWriter was not given {', '.join(missing)}: nothing "
                "was published. Give them, or write with ParquetWriter."
            )
        given: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("deposit", "audit", "previous")
            if getattr(self, name)
        }
        track: Any = self.track
        return publish(
            run,
            self.repo,
            track=track,
            gated=self.gated,  # type: ignore[arg-type]
            into=self.into,
            version=self.release,
            date=self.date,
            **given,
        )
