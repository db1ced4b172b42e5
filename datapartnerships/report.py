"""The report of a run: counts, reasons, timings; as text, as a page, in a notebook.

Three people read it: an archivist asks what became of the deposit, an engineer where the time
went, a lawyer what was taken out, and why. It holds examples of the text, masked by the
pipeline's own detectors: it may still hold personal data, and belongs with the partner.
"""

from __future__ import annotations

from dataclasses import dataclass

from datapartnerships._report.facts import Facts


@dataclass(frozen=True, repr=False)
class Report(Facts):
    """What a run came to.

    ``print(report)`` gives the essentials, a notebook shows the whole, and `to_html` is a page
    that needs nothing else: no network, no script. The same run gives the same page.

    Attributes:
        tally: what happened, in numbers and examples.
        manifest: what the run proves: documents in, out, rejected; files; fingerprint.
        recipe: the pipeline as YAML.
        title: name of the deposit.
        seconds: wall clock of the run.
        workers: processes that worked.
        shards: units of work in the plan.
        resumed: shards taken over from an earlier, interrupted run.
        audit: what somebody found who read a sample of it (`read_audit`); None before. A report
            with it: ``dataclasses.replace(report, audit=audit)``.
    """

    def __repr__(self) -> str:
        m = self.manifest
        return (
            f"Report({self.title!r}: {m.documents_in:,} documents in, {m.documents_out:,} out, "
            f"{self.rejected:,} rejected)"
        )

    def __str__(self) -> str:
        from datapartnerships._report.terminal import render

        return render(self)

    def to_html(self) -> str:
        """The report as one self-contained page."""
        from datapartnerships._report.html import page

        return page(self)

    def _repr_html_(self) -> str:
        from datapartnerships._report.html import box

        return box(self)
