"""The contract suites: run them on a component of your own.

    import pytest
    from datapartnerships.testing import checks

    @pytest.mark.parametrize("check", checks(MyTransform(rate=2)), ids=str)
    def test_contract(check):
        check()

`checks` knows by its methods what a component is: a transform, a fit, a detector, a reader (give
it a path with a few files) or a writer (give it an empty folder). `check` runs them all at once.
No test framework is needed; a broken promise is an `AssertionError` that says which.
"""

from __future__ import annotations

from datapartnerships.testing._checks import Check as Check
from datapartnerships.testing._checks import check as check
from datapartnerships.testing._checks import checks as checks
from datapartnerships.testing._sample import sample_batch as sample_batch
from datapartnerships.testing._sample import sample_documents as sample_documents

__all__ = ["Check", "check", "checks", "sample_batch", "sample_documents"]
