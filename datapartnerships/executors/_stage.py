"""One pass over the shards, and what one shard of it does."""

from __future__ import annotations

import html
import itertools
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pyarrow as pa

from datapartnerships._memory import keep, release
from datapartnerships._spare import Places
from datapartnerships.apply import apply, name_of
from datapartnerships.errors import AccountingError, PipelineError
from datapartnerships.executors._beside import AuditWriter, ChangesWriter, RejectedWriter
from datapartnerships.executors._spool import Spool, batches, parted
from datapartnerships.kernels.segments import concat, join_text, set_column
from datapartnerships.protocols import Detector, Fit, Reader, Transform, Writer
from datapartnerships.schema import DOCUMENT, Receipt, Shard, all_files
from datapartnerships.tally import StepTally, Tally
from datapartnerships.transforms.detect_pii import spans_of
from datapartnerships.transforms.redact import union
from datapartnerships.writers._folder import Folder

# Small tables are put together up to this, larger ones are cut: Arrow bytes. What transforms make
# on the way is several times as much, and larger batches are no faster.
BATCH_BYTES = 8 << 20
# What a row takes at least while it is transformed, however short: in columns of numbers.
ROW_BYTES = 1 << 10
# Batches after which free memory goes back to the system.
RELEASE_EVERY = 3

WITHHELD = "(withheld: it may hold personal data)"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Stage:
    """A pass: read (or take up what the pass before left), transform, then sketch or write.

    Attributes:
        index: 0 for the pass that reads the deposit; the last of its `parts`.
        reader: for pass 0.
        transforms: fitted ones of the passes before included where they belong.
        parts: where in `transforms` another pass would begin, had the pass before sketched for one
            step alone. What each of them rejects stays apart, as if it had.
        fits: what this pass sketches for; none in the last pass.
        writer: for the last pass.
        rejected: where rejected rows go.
        detectors: mask the examples of the report.
        coming: columns that the next pass adds first, if they are known: rejected rows have them
            from the start, and need not be written again for them.
        work: folder of receipts and of what passes leave for the next, or an fsspec URL of one.
        fingerprint: of everything that decides what this pass makes.
        keep_changes: whether to keep what each step changes in texts.
    """

    index: int
    reader: Reader
    transforms: tuple[Transform, ...]
    parts: tuple[int, ...]
    fits: tuple[Fit, ...]
    writer: Writer
    rejected: RejectedWriter
    detectors: tuple[Detector, ...]
    coming: pa.Schema
    work: str
    fingerprint: str
    keep_changes: bool = False

    def places(self, workers: int) -> Places:
        """Where those who have no shard leave their place to others; nowhere in a store."""
        work = Folder(self.work)
        return Places(work.at("places") if work.local else "", workers)

    def receipts(self, shards: Sequence[Shard]) -> dict[str, Receipt]:
        """By key, those of this very pass whose files are still there."""
        work, output = Folder(self.work), self.rejected.output()
        there, written = work.sizes(f"pass-{self.index}"), output.sizes("")
        suffixes = ["json", *(["arrow"] if self.fits else []), *self._sketched()]
        names = {
            self._name(shard, "json"): shard.key
            for shard in shards
            if all(self._name(shard, suffix) in there for suffix in suffixes)
        }
        found = {}
        for key, text in zip(names.values(), work.read_all([*names]), strict=True):
            try:
                receipt = Receipt.from_json(text.decode())
            except (ValueError, TypeError, KeyError):
                continue
            mine = receipt.fingerprint == self.fingerprint
            if mine and output.intact(all_files(receipt), written):
                found[key] = receipt
        return found

    def sees(self, receipt: Receipt) -> bool:
        """Whether this process finds what another one wrote."""
        work, output = Folder(self.work), self.rejected.output()
        there = work.exists(f"pass-{self.index}/{receipt.shard}.json")
        return there and all(output.exists(entry.path) for entry in all_files(receipt))

    def sketches(self, shards: Sequence[Shard], number: int) -> Iterator[pa.Table]:
        """Those for one of `fits`, in the order of the shards."""
        suffix = self._sketched()[number]
        names = [self._name(shard, suffix) for shard in shards]
        for content in Folder(self.work).read_all(names):
            yield pa.ipc.open_file(pa.py_buffer(content)).read_all()

    def run(self, shard: Shard, progress: Progress) -> Receipt:
        """Do the shard; its receipt is written last, when everything it names is in place."""
        keep()
        work = Folder(self.work)
        # First of all: a receipt must not outlive the files that it speaks of.
        work.clear(self._name(shard, "json"))
        # Without a name: whatever becomes of this process, it leaves no rejected text behind.
        scratch = work.root if work.local else None
        with ExitStack() as stack:
            audit, changes, *rejected = (
                stack.enter_context(Spool(lambda: tempfile.TemporaryFile(dir=scratch), None))
                for _ in range(len(self.parts) + 3)
            )
            # A column `changes` of somebody else is theirs.
            beside = {"redactions": audit} | ({"changes": changes} if self.keep_changes else {})
            receipt = self._run(shard, rejected, beside, progress)
        release()
        work.write_text(self._name(shard, "json"), receipt.to_json(), private=True)
        progress(0, shard.size)
        return receipt

    def _run(
        self,
        shard: Shard,
        rejected: Sequence[Spool],
        beside: Mapping[str, Spool],
        progress: Progress,
    ) -> Receipt:
        tally = Tally(
            steps=[
                StepTally(name_of(step), private=getattr(step, "withholds_text", False))
                for step in self.transforms
            ]
        )
        books = _Books()
        key = f"{self.index}-{shard.key}"
        kept = self._documents(shard, tally, books, rejected, progress)
        started = time.perf_counter()
        if self.fits:
            receipt = Receipt(shard.key)
            with self._spool(shard, "arrow") as spool:
                found = self._sketches(_counted(spool.passing(kept), books))
            for suffix, sketch in zip(self._sketched(), found, strict=True):
                with self._spool(shard, suffix) as sketches:
                    sketches.add(sketch)
        else:
            passing = _counted(parted(kept, beside), books)
            receipt = self.writer.write(shard, passing)
            for _ in passing:  # counted, so that it is missed below
                pass
            if receipt.documents_out != books.out:
                raise AccountingError(
                    f"{name_of(self.writer)} was given {books.out} documents of shard "
                    f"{shard.key} and says it wrote {receipt.documents_out}."
                )
        inside = tally.read_seconds + sum(step.seconds for step in tally.steps)
        tally.write_seconds = max(0.0, time.perf_counter() - started - inside)
        first = self.index - len(self.parts)
        files = [
            entry
            for index, spool in enumerate(rejected, first)
            for entry in self.rejected.write_parts(
                f"{index}-{shard.key}", map(_with_text, spool.read_back())
            )
        ]
        if books.read != books.out + books.rejected:
            raise AccountingError(
                f"Shard {shard.key}: {books.read} documents in, {books.out} out and "
                f"{books.rejected} rejected. Files: {[span.path for span in shard.files][:5]}"
            )
        tally.mask(self._mask)
        kinds = {"redactions": AuditWriter, "changes": ChangesWriter}
        parts = {
            column: kinds[column](self.rejected.path).write_parts(key, spool.read_back())
            for column, spool in beside.items()
        }
        return replace(
            receipt,
            fingerprint=self.fingerprint,
            rejected_files=tuple(files),
            audit_files=parts["redactions"],
            changes_files=parts.get("changes", ()),
            documents_in=books.read,
            documents_out=books.out,
            rejected=dict(tally.rejected),
            tally=tally.to_dict(),
        )

    def _sketches(self, passing: Iterator[pa.Table]) -> list[pa.Table]:
        """Of what passes by, for each of `fits`; those after the first take batch by batch."""
        first, *others = self.fits
        found = [[fit.sketch([])] for fit in others]

        def looked_at() -> Iterator[pa.Table]:
            for batch in passing:
                for fit, tables in zip(others, found, strict=True):
                    tables.append(fit.sketch([batch]))
                yield batch
                del batch

        left = looked_at()
        sketch = first.sketch(left)
        for _ in left:  # what the fit did not want to see is still the corpus
            pass
        return [sketch, *map(pa.concat_tables, found)]

    def _sketched(self) -> list[str]:
        return [f"sketch-{number}" if number else "sketch" for number in range(len(self.fits))]

    def _documents(
        self,
        shard: Shard,
        tally: Tally,
        books: _Books,
        rejected: Sequence[Spool],
        progress: Progress,
    ) -> Iterator[pa.Table]:
        cuts = [0, *self.parts, len(self.transforms)]
        for number, batch in enumerate(_timed(rebatch(self._read(shard)), tally), 1):
            books.read += batch.num_rows
            if self.index == 0:
                tally.count_in(batch)
            kept = batch
            for part, spool in zip(itertools.pairwise(cuts), rejected, strict=True):
                steps, tallies = self.transforms[slice(*part)], tally.steps[slice(*part)]
                kept, gone = apply(steps, kept, tallies, keep_changes=self.keep_changes)
                if gone.num_rows:
                    books.rejected += gone.num_rows
                    tally.count_rejected(gone)
                    for item in self.coming:
                        if item.name not in gone.column_names:
                            gone = gone.append_column(item, pa.nulls(gone.num_rows, item.type))
                    spool.add(gone)
                del gone
            if not self.fits:
                tally.count_out(kept)
            progress(batch.num_rows, 0)
            del batch
            yield kept
            # Before the next one is read. Not each time: the system clears the memory that it gives
            # again, which was a twelfth of a run's processor time, for 10 MB less.
            del kept
            if number % RELEASE_EVERY == 0:
                release()
        release()

    def _read(self, shard: Shard) -> Iterator[pa.Table]:
        if self.index == 0:
            yield DOCUMENT.empty_table()  # what shows the columns where there is nothing to read
            for table in self.reader.read(shard):
                yield _conforming(table, self.reader)
            return
        work, before = Folder(self.work), self.index - len(self.parts) - 1
        name = self._name(shard, "arrow", before)
        # Not mapped: its pages would count as memory of this process until the last is read.
        opened = pa.OSFile(work.at(name)) if work.local else work.system.open(work.at(name))
        with opened as source:
            yield from batches(source)

    def _mask(self, texts: list[str]) -> list[str]:
        """Examples without what the detectors find, or without text where one of them fails."""
        if not self.detectors:
            return texts
        try:
            return self._masked(texts)
        except (Exception, SystemExit):
            return [WITHHELD] if len(texts) == 1 else [self._mask([text])[0] for text in texts]

    def _masked(self, texts: list[str]) -> list[str]:
        found = spans_of(self.detectors, texts)
        # An example may show text as it was before repair, in which a detector misses what it will
        # find later. Where the repaired text has more spans, nothing of the example is shown.
        repaired = [_repaired(text) for text in texts]
        other = [i for i, text in enumerate(texts) if repaired[i] != text]
        later = [len(spans) for spans in found]
        for i, spans in zip(
            other, spans_of(self.detectors, [repaired[i] for i in other]), strict=True
        ):
            later[i] = len(spans)
        out = []
        for text, spans, count in zip(texts, found, later, strict=True):
            if count > len(spans):
                out.append(WITHHELD)
                continue
            parts, at = [], 0
            for start, end, label in union([(s["start"], s["end"], s["label"]) for s in spans]):
                # As long as what it hides, so that the window around a change stays in place.
                parts += [text[at:start], f"[{label}]".ljust(end - start, "·")[: end - start]]
                at = end
            out.append("".join([*parts, text[at:]]))
        return out

    def _name(self, shard: Shard, suffix: str, index: int | None = None) -> str:
        return f"pass-{self.index if index is None else index}/{shard.key}.{suffix}"

    def _spool(self, shard: Shard, suffix: str) -> Spool:
        work, name = Folder(self.work), self._name(shard, suffix)
        # To compress for a disk takes five times as long as to write.
        compression = None if work.local else "lz4"
        return Spool(lambda: work.replacing(name, private=True), compression)


@dataclass(slots=True)
class _Books:
    read: int = 0
    out: int = 0
    rejected: int = 0


def _counted(batches: Iterable[pa.Table], books: _Books) -> Iterator[pa.Table]:
    """Count what is handed on."""
    for batch in batches:
        books.out += batch.num_rows
        yield batch
        del batch


def _timed(batches: Iterator[pa.Table], tally: Tally) -> Iterator[pa.Table]:
    while True:
        started = time.perf_counter()
        batch = next(batches, None)
        tally.read_seconds += time.perf_counter() - started
        if batch is None:
            return
        yield batch
        del batch


def rebatch(tables: Iterable[pa.Table], size: int = BATCH_BYTES) -> Iterator[pa.Table]:
    """Batches of about `size` Arrow bytes, whatever sizes `tables` have; order kept.

    Without a row, one batch that shows the columns.
    """
    waiting: list[pa.Table] = []
    held = 0
    empty: pa.Table | None = None
    full = False
    for table in tables:
        if not table.num_rows:
            empty = table
            continue
        full = True
        nbytes = max(table.nbytes, table.num_rows * ROW_BYTES)
        if waiting and held + nbytes > size:
            joined = _joined(waiting)
            waiting, held = [], 0
            yield joined
            del joined
        if nbytes > 2 * size and table.num_rows > 1:
            step = max(1, table.num_rows * size // nbytes)
            for at in range(0, table.num_rows, step):
                yield table.slice(at, step).combine_chunks()
        else:
            waiting.append(table)
            held += nbytes
    if waiting:
        joined = _joined(waiting)
        waiting.clear()
        yield joined
    elif empty is not None and not full:
        yield empty


def _repaired(text: str) -> str:
    """As later steps may make it: entities, widths and invisible characters undone."""
    text = html.unescape(text)
    hidden = {ord(c): None for c in set(text) if unicodedata.category(c) == "Cf"}
    return unicodedata.normalize("NFKC", text.translate(hidden) if hidden else text)


def _with_text(gone: pa.Table) -> pa.Table:
    return set_column(gone, "text", join_text(gone))


def _joined(tables: list[pa.Table]) -> pa.Table:
    """One table in one chunk: every transform flattens the segments, which is then free."""
    table = tables[0] if len(tables) == 1 else concat(tables)
    single = all(column.num_chunks <= 1 for column in table.columns)
    return table if single else table.combine_chunks()


def _conforming(table: pa.Table, reader: Reader) -> pa.Table:
    if table.schema.equals(DOCUMENT):
        return table
    missing = [name for name in DOCUMENT.names if name not in table.column_names]
    if missing:
        raise PipelineError(f"{name_of(reader)} gave a batch without the columns {missing}.")
    return table.select(DOCUMENT.names).cast(DOCUMENT)
