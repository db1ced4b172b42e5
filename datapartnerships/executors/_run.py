"""`run`: plan, passes, commit, report."""

from __future__ import annotations

import dataclasses
import os
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datapartnerships import _secrets
from datapartnerships._memory import release
from datapartnerships._report.facts import failures
from datapartnerships.apply import name_of
from datapartnerships.errors import (
    AccountingError,
    ConfigurationError,
    FailureWarning,
    InvalidParameter,
    PipelineError,
)
from datapartnerships.executors._beside import AuditWriter, ChangesWriter, RejectedWriter
from datapartnerships.executors._output import (
    RECIPE,
    REPORT,
    check_apart,
    check_ours,
    check_same,
    finished,
    work_folder,
)
from datapartnerships.executors._progress import Bar
from datapartnerships.executors._receipts import added, joined
from datapartnerships.executors._result import Release
from datapartnerships.executors._stage import Stage
from datapartnerships.executors._versions import versions
from datapartnerships.executors.processes import Workers
from datapartnerships.executors.ray import Ray, RayWorkers
from datapartnerships.pipeline import Pipeline
from datapartnerships.protocols import Fit, Transform, Writer
from datapartnerships.report import Report
from datapartnerships.schema import FileEntry, Manifest, Receipt, Shard, digest, plan_digest
from datapartnerships.tally import Tally
from datapartnerships.transforms.check_redaction import CheckRedaction
from datapartnerships.transforms.detect_pii import DetectPii
from datapartnerships.writers._base import FolderWriter
from datapartnerships.writers._folder import MANIFEST, Folder


def run(
    pipeline: Pipeline,
    *,
    workers: int | None = None,
    executor: Ray | None = None,
    out: str | None = None,
    key: str | bytes | None = None,
    work: str | None = None,
    progress: bool | None = None,
    replace: bool = False,
    keep_changes: bool = False,
) -> Release:
    """Run a pipeline, or go on with one that was interrupted.

    The output folder gets ``data/``, ``rejected/``, ``manifest.json``, ``pipeline.yaml``,
    ``report.html`` and, where `Redact` found something to replace, ``audit/``; with `keep_changes`,
    ``changes/``. A dataset that an earlier run of the same recipe left there, over a deposit of the
    same name, is brought up to date; one of another recipe, deposit or key is replaced only if
    `replace` says so. The same deposit and recipe give the same bytes of data, rejected rows,
    audit, changes and manifest with any number of workers and after any crash. A folder without a
    manifest is not a dataset yet; run again to finish it. A finished run is not done twice.

    Args:
        pipeline: what to do.
        workers: processes to do it in; 1, as by default, for this one. On a cluster, the tasks
            that run at a time; by default as many as it has room for.
        executor: a cluster to do it on, such as `executors.Ray`; None for this machine.
        out: output folder; needed where the writer has no `path`.
        key: key of pseudonyms, where a transform makes some; by default from the environment
            variable DATAPARTNERSHIPS_KEY or a file made on first use.
        work: folder for receipts and what passes leave for the next, or an fsspec URL of one; by
            default inside `out` and removed at the end. A folder named here is kept and makes
            later runs over a grown deposit quick. It may hold text as it was before redaction:
            treat it like the deposit.
        progress: show a progress bar; by default where standard error is a terminal.
        replace: whether a dataset of another recipe, deposit or key in the output folder, and its
            rejected rows, are lost to this one.
        keep_changes: write to ``changes/`` what each step changed in the texts of documents that
            were kept, with the text, so that it can be looked at and undone (`Release.changes`,
            `undo_changes`). What steps change that deal with personal data is left out. Treat it
            like the deposit.

    Warns:
        FailureWarning: a transform raised an error on documents, which were rejected for it.

    Raises:
        ConfigurationError: nothing was run.
        PipelineError: a transform broke its contract, or names what no document has.
        AccountingError: documents in are not documents out plus rejected.
        OutputError: the output folder is in use, or holds something that is not ours, or a
            dataset of another recipe.
        WorkerError: worker processes died over the same shard.
        MissingExtra: the library of `executor` is not installed.
    """
    if not isinstance(pipeline, Pipeline):
        raise InvalidParameter("run", "pipeline", "a Pipeline (see Pipeline.from_yaml)", pipeline)
    if workers is not None and (not isinstance(workers, int) or workers < 1):
        raise InvalidParameter("run", "workers", "an int >= 1", workers)
    if executor is not None and not isinstance(executor, Ray):
        raise InvalidParameter("run", "executor", "None or executors.Ray()", executor)
    writer = pipeline.writer
    if writer is None:
        raise ConfigurationError("The pipeline has no writer: there is nowhere to write to.")
    if out is not None and hasattr(writer, "path"):
        writer = dataclasses.replace(writer, path=os.fspath(out))  # type: ignore[type-var]
        pipeline = dataclasses.replace(pipeline, writer=writer)
    out = os.fspath(out or getattr(writer, "path", None) or "")
    work = None if work is None else os.fspath(work)
    several = executor is not None or (workers or 1) > 1
    if several and (out.startswith("memory:") or (work or "").startswith("memory:")):
        raise ConfigurationError("memory:// is seen by one process only: run with workers=1.")
    if not out:
        raise ConfigurationError("run(..., out=...) is needed: the writer has no path.")
    output = Folder(out)
    if executor is not None and work is None and not output.local:
        raise ConfigurationError(
            f"run(..., work=...) is needed: with an output in {out}, the machines of a cluster "
            "share a folder of receipts, and of text as it was before redaction. Name an fsspec "
            "URL, or a folder that all of them see; it is kept, and nothing that is public."
        )
    if keep_changes and (makers := [s for s in pipeline.transforms if "changes" in s.provides]):
        raise ConfigurationError(
            f"{name_of(makers[0])} makes a column 'changes', which is where run(..., "
            "keep_changes=True) keeps what steps change: give the column another name."
        )
    # The workers first: they load what they need while this process goes on.
    pool = executor.workers(workers) if executor else Workers(workers or 1, pipeline)
    with pool, _secrets.using(key):
        check_ours(output)
        check_apart(pipeline, output)
        fingerprint = _fingerprint(pipeline, pipeline.transforms)
        if keep_changes:
            fingerprint = digest([fingerprint, "changes"])
        if not replace:
            check_same(output, fingerprint)
        with work_folder(output, work) as folder:
            release = _Run(
                pipeline, fingerprint, writer, output, folder, pool, progress, keep_changes
            ).release()
    # With no lock and no work folder any more: the run is complete, whatever comes of it.
    if finish := getattr(writer, "finish", None):
        finish(release)
    if failed := failures(release.manifest):
        said = f"{'; '.join(failed)}. They are in `rejected`, each with its reason."
        warnings.warn(said, FailureWarning, stacklevel=2)
    return release


@dataclass
class _Run:
    pipeline: Pipeline
    fingerprint: str
    writer: Writer
    output: Folder
    work: str
    pool: Workers | RayWorkers
    progress: bool | None
    keep_changes: bool
    started: float = field(default_factory=time.perf_counter)
    resumed: int = 0

    def release(self) -> Release:
        shards = list(self.pipeline.reader.shards())
        plan = plan_digest(shards)
        done = finished(self.output)
        if done and (done.plan, done.fingerprint) == (plan, self.fingerprint):
            return Release(self.output.path, done)
        receipts, tally = self._passes(shards)
        manifest = self._commit(receipts, plan)
        report = Report(
            tally=tally,
            manifest=manifest,
            recipe=self.pipeline.to_yaml(locations=False) if _named(self.pipeline) else "",
            title=_title(self.pipeline),
            seconds=time.perf_counter() - self.started,
            workers=self.pool.count,
            shards=len(shards),
            resumed=self.resumed,
        )
        self.output.write_text(REPORT, report.to_html())
        # The last of all: with it, the folder is a dataset.
        self.output.write_text(MANIFEST, manifest.to_json())
        return Release(self.output.path, manifest, report)

    def _passes(self, shards: Sequence[Shard]) -> tuple[list[Receipt], Tally]:
        """All passes over all shards; the receipts of the last, and everything added up."""
        total = Tally()
        earlier: list[list[Receipt]] = []
        done: tuple[Transform, ...] = ()
        waiting: list[Transform] = []
        fits = [step for step in self.pipeline.transforms if isinstance(step, Fit)]
        bar = Bar(
            sum(s.size for s in shards) * (len(fits) + 1), self.progress, _title(self.pipeline)
        )
        index, parts = 0, list[int]()
        with bar:
            for group in _together(self.pipeline.transforms):
                step = group[0] if group else None
                if step is not None and not isinstance(step, Fit):
                    waiting.append(step)
                    continue
                stage = self._stage(index, done, tuple(waiting), tuple(parts), group)
                earlier.append(self._execute(stage, shards, bar))
                index += len(group)
                done += tuple(waiting)
                waiting, parts = [], [*range(1, len(group))]
                for number, fit in enumerate(group):
                    sketches = stage.sketches(shards, number)
                    fitted = fit.combine(_left_by(waiting, table) for table in sketches)
                    if problem := getattr(fitted, "problem", ""):
                        raise PipelineError(problem)
                    waiting.append(fitted)
                    release()
                bar(0, sum(shard.size for shard in shards) * (len(group) - 1) if group else 0)
        for receipts in earlier:
            total = joined(total, receipts)
        return added([list(group) for group in zip(*earlier, strict=True)]), total

    def _stage(
        self,
        index: int,
        done: tuple[Transform, ...],
        transforms: tuple[Transform, ...],
        parts: tuple[int, ...],
        fits: tuple[Fit, ...],
    ) -> Stage:
        looks = (DetectPii, CheckRedaction)
        detectors = [s for s in self.pipeline.transforms if isinstance(s, looks)]
        return Stage(
            index=index,
            reader=self.pipeline.reader,
            transforms=transforms,
            parts=parts,
            fits=fits,
            writer=self.writer,
            rejected=RejectedWriter(self.output.path),
            detectors=tuple(detector for step in detectors for detector in step.detectors),
            coming=self._coming(fits[0] if fits else None),
            work=self.work,
            fingerprint=digest(
                [self.fingerprint, index, _fingerprint(self.pipeline, (*done, *transforms))]
            ),
            keep_changes=self.keep_changes,
        )

    def _coming(self, fit: Fit | None) -> pa.Schema:
        """What `fit` and the steps right after it add, as far as they say it."""
        found: list[pa.Field] = []
        after = dropwhile(lambda step: step is not fit, self.pipeline.transforms)
        for step in after if fit is not None else ():
            if not (adds := getattr(step, "adds", ())):
                break
            found += [item for item in adds if item not in found]
        return pa.schema(found)

    def _execute(self, stage: Stage, shards: Sequence[Shard], bar: Bar) -> list[Receipt]:
        found = stage.receipts(shards)
        todo = [shard for shard in shards if shard.key not in found]
        if not stage.fits:
            self.resumed = len(found)
        bar(0, sum(shard.size for shard in shards) - sum(shard.size for shard in todo))
        found |= {receipt.shard: receipt for receipt in self.pool.execute(stage, todo, bar)}
        return [found[shard.key] for shard in shards]

    def _commit(self, receipts: Sequence[Receipt], plan: str) -> Manifest:
        """Put everything in its place but the report and the manifest, and count it again."""
        # What is there of an earlier run must not be taken for a part of this one.
        for name in (MANIFEST, REPORT, RECIPE):
            self.output.clear(name)
        rejected = RejectedWriter(self.output.path).place(
            [entry for receipt in receipts for entry in receipt.rejected_files]
        )
        audit = AuditWriter(self.output.path).place(
            [entry for receipt in receipts for entry in receipt.audit_files]
        )
        changes = ChangesWriter(self.output.path).place(
            [entry for receipt in receipts for entry in receipt.changes_files]
        )
        if _named(self.pipeline):
            self.output.write_text(RECIPE, self.pipeline.to_yaml(locations=False))
        if isinstance(self.writer, FolderWriter):
            manifest = self.writer.manifest(receipts)
        else:
            manifest = self.writer.commit(receipts)
        manifest = dataclasses.replace(
            manifest,
            plan=plan,
            fingerprint=self.fingerprint,
            rejected_files=rejected,
            audit_files=audit,
            changes_files=changes,
            versions=versions(),
        )
        self._check(manifest)
        return manifest

    def _check(self, manifest: Manifest) -> None:
        """in = out + rejected, counted in the files themselves and not in what was said."""
        rejected = sum(manifest.rejected.values())
        if manifest.documents_in != manifest.documents_out + rejected:
            raise AccountingError(
                f"{manifest.documents_in} documents in, {manifest.documents_out} out and "
                f"{rejected} rejected: {self.output.path} is not to be trusted."
            )
        # A row is a document, unless the writer counted its rows.
        out = manifest.counts.get("rows", manifest.documents_out)
        for entries, expected, what in (
            (manifest.files if manifest.format == "parquet" else (), out, "rows out"),
            (manifest.rejected_files, rejected, "documents rejected"),
        ):
            # Many at a time: a store takes its time for each.
            with ThreadPoolExecutor(16) as threads:
                rows = sum(threads.map(self._rows, entries))
            if entries and rows != expected:
                raise AccountingError(
                    f"The files of {self.output.path} hold {rows} {what}, {expected} were counted."
                )

    def _rows(self, entry: FileEntry) -> int:
        with self.output.system.open(self.output.at(entry.path), "rb") as stream:
            return int(pq.read_metadata(stream).num_rows)


def _together(transforms: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Each step; those that need no pass of their own with the one before; nothing at the end."""
    group: tuple[Any, ...] = ()
    for step in transforms:
        if group and not (_by_document(group[0]) and _beside(group[0], step)):
            yield group
            group = ()
        group += (step,)
    yield from (group, ()) if group else ((),)


def _beside(first: Any, other: Any) -> bool:
    """Whether `other` can be sketched for in the pass of `first`, which comes right before it."""
    same = _by_document(other) and first.adds == other.adds
    return same and not other.requires & {*first.adds.names}


def _by_document(step: Any) -> bool:
    return isinstance(step, Fit) and getattr(step, "by_document", False)


def _left_by(fitted: Sequence[Transform], sketch: pa.Table) -> pa.Table:
    """The rows of a sketch by document whose documents none of these rejects."""
    for step in fitted:
        reasons = pa.nulls(sketch.num_rows, pa.string())
        seen = step(pa.table({"id": sketch["id"], "drop_reason": reasons}))
        sketch = sketch.filter(pc.is_null(seen["drop_reason"]))
    return sketch


def _fingerprint(pipeline: Pipeline, steps: Sequence[Any]) -> str:
    """That of the pipeline, with these steps in place of its own, and the keys they use."""
    # The name of the deposit is in every row and id, wherever the deposit lies.
    keys = [_title(pipeline), *(getattr(step, "secret_id", None) for step in steps)]
    # And what is in files that a step reads besides the documents.
    keys += [found for step in steps if (found := getattr(step, "content_id", None))]
    if tuple(steps) == pipeline.transforms:
        return digest([pipeline.fingerprint, keys])
    from datapartnerships.config import fingerprint

    return digest([fingerprint(pipeline.reader, *steps, pipeline.writer), keys])


def _title(pipeline: Pipeline) -> str:
    reader = pipeline.reader
    name = getattr(reader, "source", "") or str(getattr(reader, "path", "")).rstrip("/")
    return name.rsplit("/", 1)[-1] or type(reader).__name__


def _named(pipeline: Pipeline) -> bool:
    """Whether the pipeline can be written as YAML: functions of a notebook cannot."""
    try:
        pipeline.to_yaml(locations=False)
    except ConfigurationError:
        return False
    return True
