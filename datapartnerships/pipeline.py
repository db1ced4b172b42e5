"""A pipeline is a value: a reader, transforms, a writer; checked when it is built."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from datapartnerships.apply import apply, name_of
from datapartnerships.config import fingerprint, from_plain, load_yaml, to_plain
from datapartnerships.errors import ConfigurationError, InvalidParameter, PipelineError, UnknownName
from datapartnerships.preview import Preview, Row
from datapartnerships.protocols import Fit, Reader, Transform, Writer
from datapartnerships.registry import BUILTIN, import_string
from datapartnerships.schema import DOCUMENT

Step = Transform | Fit


# What tells `Split` which documents are alike.
_CLUSTER = "duplicate_cluster"


@dataclass(frozen=True)
class Pipeline:
    """What is to be done. `datapartnerships.run` does it.

    Attributes:
        reader: where the documents come from.
        transforms: what happens to them, in order; fits among them are seen to first.
        writer: where they go; None for a pipeline that is only previewed.
    """

    reader: Reader
    transforms: tuple[Step, ...] = ()
    writer: Writer | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.transforms, Iterable):
            raise PipelineError(f"The transforms are {self.transforms!r}: expected a list of them.")
        object.__setattr__(self, "transforms", tuple(self.transforms))
        _check_protocols(self)
        _check_columns(self.transforms)
        _check_privacy(self.transforms)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is allowed and may still not be meant."""
        finds = [name_of(s) for s in self.transforms if _detects(s)]
        acts = any("spans" in s.requires and "segments" in s.provides for s in self.transforms)
        if finds and not acts:
            return (f"What {finds[0]} finds is not redacted: the text goes out as it is.",)
        return ()

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits of what is done; where the files lie is not part of it."""
        return fingerprint(self.reader, *self.transforms, self.writer)

    def to_yaml(self, *, locations: bool = True) -> str:
        """The pipeline as text that `from_yaml` reads; without `locations`, as a recipe."""
        import yaml

        return yaml.safe_dump(
            {
                "reader": _plain(self.reader, locations),
                "transforms": [to_plain(step) for step in self.transforms],
                "writer": _plain(self.writer, locations) if self.writer else None,
            },
            sort_keys=False,
            allow_unicode=True,
        )

    @classmethod
    def from_yaml(
        cls, text: str, *, deposit: str | None = None, out: str | None = None
    ) -> Pipeline:
        """Build the pipeline that `text` describes.

        Args:
            text: YAML with the keys reader, transforms and writer.
            deposit: path for the reader, and for what opens its files once more, instead of
                 the one in the text.
            out: path for the writer, likewise.

        Raises:
            ConfigurationError: a name, parameter or order that does not fit, with suggestions.
        """
        data = load_yaml(text)
        if not isinstance(data, dict):
            raise ConfigurationError("A recipe is a mapping with reader, transforms and writer.")
        known = ("reader", "transforms", "writer")
        for key in data:
            if key not in known:
                raise UnknownName("key", str(key), known, where="the recipe")
        reader = from_plain(data.get("reader") or "FolderReader", kind="readers", where="reader")
        steps = [
            from_plain(item, kind="transforms", where=f"transforms[{i}]")
            for i, item in enumerate(data.get("transforms") or ())
        ]
        writer = data.get("writer") or ("ParquetWriter" if out else None)
        built = from_plain(writer, kind="writers", where="writer") if writer else None
        if deposit is not None:
            reader = dataclasses.replace(reader, path=deposit)
            for name in ("recordings", "deposit"):
                if hasattr(built, name):
                    built = dataclasses.replace(built, **{name: deposit})  # type: ignore[type-var]
            steps = [
                dataclasses.replace(step, deposit=deposit) if hasattr(step, "deposit") else step
                for step in steps
            ]
        if out is not None:
            built = dataclasses.replace(built, path=out)  # type: ignore[type-var]
        return cls(reader, tuple(steps), built)

    def preview(self, documents: int = 5) -> Preview:
        """Run the first documents through, in this process, and write nothing.

        Shows each document before and after, and why any was rejected. Fits see these documents
        alone.
        """
        if documents < 1:
            raise InvalidParameter("preview", "documents", "an int >= 1", documents)
        rows: list[Row] = []
        for shard in self.reader.shards():
            for table in self.reader.read(shard):
                rows += _preview_rows(self.transforms, table.slice(0, documents - len(rows)))
                if len(rows) >= documents:
                    return Preview(tuple(rows))
        return Preview(tuple(rows))


def _preview_rows(steps: tuple[Step, ...], table: Any) -> list[Row]:
    order = {id_: i for i, id_ in enumerate(table["id"].to_pylist())}
    before = {row["id"]: row for row in table.to_pylist()}
    kept = table
    gone: list[dict[str, Any]] = []
    for step in steps:
        transform = step.combine([step.sketch([kept])]) if isinstance(step, Fit) else step
        kept, rejected = apply((transform,), kept)
        gone += rejected.to_pylist()
    kept, rejected = apply((), kept)
    rows = [
        Row(before[row["id"]], row) for row in [*kept.to_pylist(), *gone, *rejected.to_pylist()]
    ]
    return sorted(rows, key=lambda row: order[row.before["id"]])


def _plain(component: Any, locations: bool) -> Any:
    if locations or not dataclasses.is_dataclass(component):
        return to_plain(component)
    where = {
        item.name: item.default
        for item in dataclasses.fields(component)
        if item.metadata.get("location")
    }
    return to_plain(dataclasses.replace(component, **where))  # type: ignore[type-var]


def _check_protocols(pipeline: Pipeline) -> None:
    _must_be(pipeline.reader, Reader, "reader", ("shards", "read"))
    for i, step in enumerate(pipeline.transforms):
        fit = isinstance(step, Fit)
        if isinstance(step, type) or not (fit or isinstance(step, Transform)):
            raise PipelineError(
                f"transforms[{i}] is {step!r}: expected a transform (a value with `requires`, "
                "`provides` and `__call__`), such as RepairUnicode(), or a function under "
                "@dp.text, @dp.document or @dp.batch."
            )
    if pipeline.writer is not None:
        _must_be(pipeline.writer, Writer, "writer", ("write", "commit"))


def _must_be(value: object, protocol: Any, role: str, methods: Iterable[str]) -> None:
    if isinstance(value, type) or not isinstance(value, protocol):
        lacking = [method for method in methods if not hasattr(value, method)]
        hint = f"it lacks {', '.join(lacking)}" if lacking else "it is a class: call it"
        raise PipelineError(f"The {role} is {value!r}, which is not a {role}: {hint}.")


def _check_columns(steps: tuple[Step, ...]) -> None:
    columns = set(DOCUMENT.names)
    for i, step in enumerate(steps):
        for column in sorted(step.requires - columns):
            later = [name_of(s) for s in steps[i + 1 :] if column in s.provides]
            if later:
                raise PipelineError(
                    f"{name_of(step)} reads the column {column!r}, which only {later[0]} provides: "
                    f"put {later[0]} before it."
                )
            if makers := _makers(column):
                raise PipelineError(
                    f"{name_of(step)} reads the column {column!r}, which no step before it "
                    f"provides: put {' or '.join(makers)} before it."
                )
            where = f"{_field(step, column)} of {name_of(step)}"
            raise UnknownName("column", column, columns, where=where)
        # `Split` keeps near-duplicates together only where it is told before what they are.
        later = [name_of(s) for s in steps[i + 1 :] if _CLUSTER in s.provides]
        if later and _CLUSTER not in columns and hasattr(step, "together"):
            raise PipelineError(
                f"{name_of(step)} comes before {later[0]} says which documents are alike, and may "
                f"part them: put {later[0]} before it."
            )
        columns |= step.provides


def _field(step: Step, column: str) -> str:
    """The field that names the column; or what the step says that it requires."""
    for name, value in getattr(step, "__dict__", {}).items():
        if column in (value if isinstance(value, tuple) else (value,) * isinstance(value, str)):
            return str(name)
    return "requires"


def _makers(column: str) -> list[str]:
    """Our transforms that add this column; they are imported for it, after a mistake only."""
    steps = {name: import_string(target) for name, target in BUILTIN["transforms"].items()}
    # Of some it depends on their fields: these are left out.
    given = {name: getattr(step, "provides", ()) for name, step in steps.items()}
    return [n for n, some in given.items() if not isinstance(some, property) and column in some]


def _detects(step: Step) -> bool:
    return "spans" in step.provides and "segments" not in step.provides


def _check_privacy(steps: tuple[Step, ...]) -> None:
    """Text must not change between finding spans and replacing them: offsets would be wrong."""
    detected: Step | None = None
    labels: set[str] = set()
    for step in steps:
        on_spans = getattr(step, "acts_on_spans", False)
        if not on_spans:
            labels |= getattr(step, "labels", set())
        for label in sorted(getattr(step, "named_labels", ())):
            if label not in labels:
                field = "by_label" if hasattr(step, "by_label") else "labels"
                raise UnknownName("label", label, labels, where=f"{name_of(step)}.{field}")
        reads_spans, writes_spans = "spans" in step.requires, "spans" in step.provides
        rewrites = reads_spans and "segments" in step.provides
        if rewrites or on_spans:
            if detected is None:
                raise PipelineError(
                    f"{name_of(step)} has no spans to act on: put a detection, such as "
                    "DetectPii([Contacts()]), before it."
                )
            detected = None if rewrites else detected
        elif writes_spans:
            detected = step
        elif detected is not None and step.provides & {"segments", "metadata"}:
            raise PipelineError(
                f"{name_of(step)} rewrites text after {name_of(detected)} found spans in it and "
                f"before they are redacted: move it before {name_of(detected)}, or after Redact."
            )
