"""Nothing hides in a file that was scrubbed, and what it shows is the same."""

from __future__ import annotations

import pytest
from hiding_documents import DOCUMENTS
from hiding_places import MEDIA, WORD, Words, holds

from datapartnerships.containers import scrub

MADE = {**MEDIA, **DOCUMENTS}


@pytest.mark.parametrize("name", MADE)
def test_no_word_is_left_in_any_byte(name: str) -> None:
    words = Words()
    data = MADE[name](words)
    assert words.planted
    unseen = [word for word in words.planted if not holds(data, word)]
    assert not unseen, "the test does not see what it planted"
    done = scrub(data)
    assert done.media_type == name.split()[0]
    assert done.removed
    assert not holds(done.data, WORD)
    assert not any(WORD in kind for kind in done.removed)
    assert scrub(data) == done
    assert scrub(done.data).removed == ()
