"""Documents with everything in them that real ones surprise with."""

from __future__ import annotations

import pyarrow as pa

from datapartnerships.schema import Document, Segment, document_id, documents_to_table

_TEXTS = (
    "A plain paragraph that nothing has to change.",
    "",
    "   spaces around,\t a tab,  and two spaces   \n\n\n\n\nand many lines  \n",
    "FranÃ§ois and the cafÃ© â€” broken by a wrong decoding.",
    "Curly “quotes”, a ligature ﬁ, a zero-width\u200bspace and a soft\u00adhyphen.",
    "A NUL \x00, a bell \x07, a form feed \x0c and a C1 \x85 in the middle.",
    "Write to anna.jonsdottir@example.is or call +354 555 1234 before 2024-01-15.",
    "The server 192.0.2.17 answered https://user:secret@example.org/path?x=1 twice.",
    "Card 4111 1111 1111 1111 and number 4111 1111 1111 1112.",
    "Þórður kom heim í gær. 日本語のテキスト。 Ελληνικά. עברית. العربية.",
    "Astral 🎓𝒜𝒷 characters, then bob@example.com, then 👩‍👩‍👧 again.",
    "e\u0301 decomposed, ﾊﾝｶｸ half width, ＦＵＬＬ full width.",
    "\u202ehostile direction\u202c and a \ufeff mark",
    "x" * 5000,
    "7 8 9\n12 11 10\n| a | b |\n",
)


def sample_documents() -> list[Document]:
    """About thirty documents of every kind: pages, paragraphs, turns, utterances; some empty."""
    documents = []
    for i, text in enumerate(_TEXTS):
        documents.append(_document(f"texts/{i}.txt", "text", [Segment(text, ref="line 1")]))
    pages = [
        Segment(text, kind="page", page=i + 1, bbox=[0.0, 0.0, 1.0, 1.0], confidence=0.5)
        for i, text in enumerate(_TEXTS)
    ]
    documents.append(_document("book.pdf", "document", pages, {"title": "A book", "author": "N."}))
    turns = [
        Segment(text, kind="turn", speaker="user" if i % 2 else "anna@example.is", ref=f"m{i}",
                created=f"2024-05-0{i % 9 + 1}T10:00:00+00:00")
        for i, text in enumerate(_TEXTS)
    ]  # fmt: skip
    documents.append(_document("chat.jsonl", "conversation", turns, {"from": "a@example.com"}))
    utterances = [
        Segment(text, kind="utterance", start_s=i * 2.5, end_s=i * 2.5 + 2.0, speaker=f"S{i % 3}")
        for i, text in enumerate(_TEXTS)
    ]
    documents.append(_document("hearing.wav", "audio", utterances))
    documents.append(_document("nothing.txt", "text", []))
    documents.append(_document("copy-1.txt", "text", [Segment("The very same words.")]))
    documents.append(_document("copy-2.txt", "text", [Segment("The very same words.")]))
    rejected = _document("broken.pdf", "document", [])
    rejected.drop_reason = "PdfReader: damaged PDF (no pages)"
    documents.append(rejected)
    return documents


def sample_batch() -> pa.Table:
    """`sample_documents` as a batch."""
    return documents_to_table(sample_documents())


def _document(
    path: str, kind: str, segments: list[Segment], metadata: dict[str, str] | None = None
) -> Document:
    return Document(
        id=document_id("sample", path, None),
        source="sample",
        kind=kind,
        segments=segments,
        provenance={
            "uri": path,
            "media_type": "text/plain",
            # A recording is opened again, and looked at whether it is the same.
            "size": None if kind == "audio" else 10,
            "reader": "sample",
        },
        # No two documents have the same: whoever mixes them up is found.
        rights={
            "license": "CC-BY-4.0",
            "basis": "declared",
            "holder": f"the writer of {path}",
            "evidence": "a form",
            "track": "open",
            "signals": [{"name": "aipref", "value": "train-ai=y", "read_on": "2026-01-31"}],
        },
        metadata=metadata or {},
    )
