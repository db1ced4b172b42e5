"""The `Contacts` detector: what it must find, what it must leave alone, and how fast."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.detectors.contacts import LABELS, REGIONS, SPANS, Contacts

REAL_DATA = Path(
    os.environ.get("DATAPARTNERSHIPS_REAL_DATA")
    or Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
)


def found(text: str, label: str, **fields: Any) -> list[str]:
    """The substrings of `text` that are found under `label`."""
    spans = Contacts(find=(label,), **fields)(pa.array([text])).to_pylist()
    return [text[span["start"] : span["end"]] for span in spans]


EMAILS = [
    ("write to jon@example.com.", ["jon@example.com"]),
    ("josé@example.com", ["josé@example.com"]),
    ("jose\u0301@example.com", ["jose\u0301@example.com"]),
    ('"anna.þórsdóttir@dómur.is"', ["anna.þórsdóttir@dómur.is"]),
    ("j.müller@xn--bcher-kva.de", ["j.müller@xn--bcher-kva.de"]),
    ("key=j.müller@bücher.de ok", ["j.müller@bücher.de"]),
    ("(first.last+list@mail.example.co.uk)", ["first.last+list@mail.example.co.uk"]),
    ("o'brien@example.ie and 'quoted@example.ie'", ["o'brien@example.ie", "quoted@example.ie"]),
    ("[x@y.com](mailto:x@y.com)", ["x@y.com", "x@y.com"]),
    ("<a@b.is>,c@d.is;e_f@g.is/h", ["a@b.is", "c@d.is", "e_f@g.is"]),
    ("me@example.com.Thanks for that", ["me@example.com"]),
    ("me@example.com-Tel. 1", ["me@example.com"]),
    ("連絡先はfoo@example.comまで。", ["foo@example.com"]),
    ("나는foo@example.com으로", ["foo@example.com"]),
    ("例え@例え.jp へ", ["例え@例え.jp"]),
    ("ask foo＠example.jp now", ["foo＠example.jp"]),
    ("ЮЛИЯ@пример.рф.", ["ЮЛИЯ@пример.рф"]),
    ("anna (at) example (dot) com", ["anna (at) example (dot) com"]),
    ("anna [at] example [dot] org, or", ["anna [at] example [dot] org"]),
    ("anna.b(at)mail.example.org.", ["anna.b(at)mail.example.org"]),
    ("anna {AT} example dot co dot uk", ["anna {AT} example dot co dot uk"]),
    ("jón (hjá) dæmi (punktur) is", ["jón (hjá) dæmi (punktur) is"]),
    ("max (ät) beispiel.de", ["max (ät) beispiel.de"]),
    ("git@github.com:org/repo.git", ["git@github.com"]),
    # As they are read aloud.
    ("to anna dot b at example dot com please", ["anna dot b at example dot com"]),
    ("Anna AT example dot com", ["Anna AT example dot com"]),
    ("jon underscore b at mail dot co dot uk", ["jon underscore b at mail dot co dot uk"]),
    ("anna arroba ejemplo punto es", ["anna arroba ejemplo punto es"]),
    ("jón hjá dæmi punktur is", ["jón hjá dæmi punktur is"]),
    ("find us at example dot com, at this dot com, I work at amazon dot com", []),
    ("at some point in the day, the dot matrix at a dot, a man at noon dot matrix", []),
    # Not addresses.
    ("@Override public void a@b", []),
    ("a@b and a@b.c and a@1.2.3", []),
    ("icon@2x.png, npm i left-pad@1.3.0, @types/node", []),
    ("meet (at) noon. Then [at] dinner", []),
    ("see https://medium.com/@anna.b/post", []),
    ("foo@-bar.com foo@.com @@@ foo@@bar.com", []),
    ("postgres://root:secret@db.example.com/x", []),
]

PHONES = [
    ("call +354 467 3395", ["+354 467 3395"]),
    ("use +33 1 43 88 58 29 until", ["+33 1 43 88 58 29"]),
    ("(+354) 467 3395", ["(+354) 467 3395"]),
    ("+44 (0)20 7946 0958.", ["+44 (0)20 7946 0958"]),
    ("Tel.: + 49 (0) 4721/567-392", ["+ 49 (0) 4721/567-392"]),
    ("Tfno.+34 945007000", ["+34 945007000"]),
    ("0049 30 1453697", ["0049 30 1453697"]),
    ("+1-212-433-8219x4587", ["+1-212-433-8219x4587"]),
    ("(212) 433-8219 ext. 12, or", ["(212) 433-8219 ext. 12"]),
    ("212.713.7560; 617-705-3012", ["212.713.7560", "617-705-3012"]),
    ("1-212-433-8219", ["1-212-433-8219"]),
    ("key=(303) 421-6533 ok", ["(303) 421-6533"]),
    ("rang 01 43 88 58 29 hier", ["01 43 88 58 29"]),
    ("01.43.88.58.29 / 01.43.88.58.30", ["01.43.88.58.29", "01.43.88.58.30"]),
    ("020 7126 2152", ["020 7126 2152"]),
    ("0171/1234567", ["0171/1234567"]),
    ("Sími 467 3395, fax 467-3396", ["467 3395", "467-3396"]),
    ("sími 4673395", ["4673395"]),
    ("call me on 4673395", ["4673395"]),
    ("móvil 633 349 565 o 91 123 45 67", ["633 349 565", "91 123 45 67"]),
    (
        "+354\u00a0467\u00a03395 and 01\u202f43\u202f88\u202f58\u202f29",
        ["+354\u00a0467\u00a03395", "01\u202f43\u202f88\u202f58\u202f29"],
    ),
    ("212\u2011433\u20118219", ["212\u2011433\u20118219"]),
    ("0171 1234567 0172 1234568", ["0171 1234567", "0172 1234568"]),
    ("on 2024-01-15 212-433-8219", ["212-433-8219"]),
    ("15.01.2024 0171 1234567", ["0171 1234567"]),
    # Not phone numbers.
    ("2024-01-15, 15.01.2024 10:30, 06.02.02021, 1954-1960, 2019-07-14T12:30:45", []),
    ("ISBN 978-3-16-148410-0, ISBN 0-306-40615-2, ISSN 0317-8471", []),
    ("version 10.2.3.4, 2.0.0.1234567", []),
    ("Case 2:19-cv-01234-ABC, No. 12-34567, Case 030 1234567", []),
    ("410 U.S. 113, 347 U.S. 483 (1954), 410 F.3d 701, 705-06", []),
    ("49 N.E. 894, 898 (1898). 16 Pet. 367, 410 (1842); 163 U. S. 537, 552 (1896)", []),
    ("458 U. S. 941, 953\u2013954 (1982)", []),
    ("call 555 (0123), or (555) 0123", ["555 (0123", "(555) 0123"]),
    ("$1 234 567, 612.345.678, 939 500 000 Euro, 612 345 678 kr, 0171 123456 %", []),
    ("0.395847917447356 and 1.5332458505929 and 49.262414", []),
    ("pp. 467-3395, 467.3395, 800-1000 ml", []),
    ("/shared/03/140003001.xhp BJNE0301453697 x0171_1234567", []),
    ("GB76 PDDP 7774 1215 4728 03, DE68 8666 6176 0313 7215 90", []),
    ("035-02-6538 and 050164-9349", []),
    ("1 63 03 20 568 954 08", []),
    ("10 20 30 40 50 60 70 80 90", []),
    ("system call was shmget(key=5440001, size=40)", []),
    ("192.168.100.200", []),
]

IPS = [
    ("from 192.73.204.129.", ["192.73.204.129"]),
    ("http://10.0.0.1:8080/x and 172.16.0.0/12", ["10.0.0.1", "172.16.0.0"]),
    ("ping 8.8.8.8", ["8.8.8.8"]),
    ("(127.0.0.1 and 192.168.0.7, 212.94.201.10", ["192.168.0.7", "212.94.201.10"]),
    ("0.0.0.0:* 539/ntpd udp 0 0 127.0.0.1:123 0.0.0.0:*", []),
    ("2001:db8::7 2001:db8::8", ["2001:db8::7", "2001:db8::8"]),
    ("range 192.168.0.200-250", ["192.168.0.200"]),
    ("2a00:1450:4001:81b::200e", ["2a00:1450:4001:81b::200e"]),
    ("[2001:db8::1]:443, fe80::1%eth0", ["2001:db8::1", "fe80::1"]),
    ("d7ad:18a7:8ff5:ba77:e244:d060:a85:7746:", ["d7ad:18a7:8ff5:ba77:e244:d060:a85:7746"]),
    ("::ffff:192.0.2.128", ["::ffff:192.0.2.128"]),
    ("64:ff9b::192.0.2.33 x", ["64:ff9b::192.0.2.33"]),
    ("2001:db8:13bb:2::/64", ["2001:db8:13bb:2::"]),
    # Not addresses, or nobody's.
    ("256.1.1.1, 1.2.3, 1.2.3.4.5, 192.168.01.300", []),
    ("version 210.143.24.247, v10.2.3.4-beta, release: 210.1.2.3", []),
    ("Section 4.3.2.1 and see 24.2.2.3 below\n\n12.2.2.4. Launching", []),
    ("libfoo-110.2.3.4.tar.gz", []),
    ("0.0.0.0 127.0.0.1 255.255.255.0", []),
    ("at 12:30:45, 00:1a:2b:3c:4d:5e, :: and ::1, std::vector, a::b, dead::beef", []),
    ("02:1a:2b:3c:4d:5e:6f:70 aa:bb:cc:dd:ee:ff:00:11:22:33", []),
]

CREDENTIALS = [
    ("mongodb://anna:LAIFiub3Po@db.example.com:5432/x", ["anna:LAIFiub3Po"]),
    ("redis://:p4ss@host", [":p4ss"]),
    ("https://anna:p@ss@example.com/", ["anna:p@ss"]),
    ("git+ssh://ünï:pæss@host.is", ["ünï:pæss"]),
    # No password.
    ("https://anna@example.com http://example.com:80/@x mailto:a:b@c.is", []),
    ("see http://a.is/ or b:c@d", []),
]

CARDS = [
    ("4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    ("4539-0088-3873-7166,", ["4539-0088-3873-7166"]),
    ("pay 4539722470455859 now", ["4539722470455859"]),
    ("3742 864920 83129", ["3742 864920 83129"]),
    ("3742\u00a0864920\u00a083129", ["3742\u00a0864920\u00a083129"]),
    ("4111 1111 1111 1111 12/25 737", ["4111 1111 1111 1111"]),
    ("30288610434735, 6011868433532656", ["30288610434735", "6011868433532656"]),
    # A wrong check digit, an unknown issuer, parts of longer numbers.
    ("4111 1111 1111 1112", []),
    ("9111 1111 1111 1113", []),
    ("1234 4111 1111 1111 1111", []),
    ("x4111111111111111 41111111111111110000 4111111111111111.5", []),
    ("DE31 4111 1111 1111 1111 11", []),
]

TABLE = [
    pytest.param(label, text, expected, id=f"{label}-{text[:40]}")
    for label, rows in (
        ("EMAIL", EMAILS),
        ("PHONE", PHONES),
        ("IP", IPS),
        ("URL_CREDENTIALS", CREDENTIALS),
        ("PAYMENT_CARD", CARDS),
    )
    for text, expected in rows
]


@pytest.mark.parametrize(("label", "text", "expected"), TABLE)
def test_finds(label: str, text: str, expected: list[str]) -> None:
    assert found(text, label) == expected


@pytest.mark.parametrize(("label", "text", "expected"), TABLE)
def test_finds_behind_wide_characters(label: str, text: str, expected: list[str]) -> None:
    assert found("🎉 ðæ 👩‍👩‍👧 " + text, label) == expected


def test_regions_decide_national_formats() -> None:
    assert found("467 3395", "PHONE", regions=("IS",)) == ["467 3395"]
    assert found("467 3395", "PHONE", regions=("US",)) == []
    assert found("(11) 91234-5678", "PHONE", regions=("BR",)) == ["(11) 91234-5678"]
    assert found("+55 11 91234-5678", "PHONE", regions=()) == ["+55 11 91234-5678"]


def test_a_card_is_no_phone_number() -> None:
    table = Contacts()(pa.array(["call 4111 1111 1111 1111"]))
    assert table["label"].to_pylist() == ["PAYMENT_CARD"]


def test_bare_cards_score_less() -> None:
    table = Contacts(find=("PAYMENT_CARD",))(pa.array(["4111 1111 1111 1111 4111111111111111"]))
    grouped, bare = table["score"].to_pylist()
    assert bare < grouped


def test_schema_and_order() -> None:
    texts = ["a@b.is 10.1.2.99 c@d.is", None, "", "http://u:p@h.is +354 467 3395"]
    table = Contacts()(pa.array(texts))
    assert table.schema.equals(SPANS)
    places = list(zip(table["text"].to_pylist(), table["start"].to_pylist(), strict=True))
    assert places == sorted(places)
    assert table["label"].to_pylist() == ["EMAIL", "IP", "EMAIL", "URL_CREDENTIALS", "PHONE"]
    assert set(table["detector"].to_pylist()) == {"Contacts"}


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_nothing_in_nothing_out(kind: pa.DataType) -> None:
    for texts in (pa.array([], kind), pa.array([None], kind), pa.array(["", None, "ok"], kind)):
        table = Contacts()(texts)
        assert table.num_rows == 0
        assert table.schema.equals(SPANS)


def test_any_string_array() -> None:
    texts = ["x", "a@b.is", None, "æ c@d.is"]
    expected = Contacts()(pa.array(texts))
    assert Contacts()(pa.array(texts, pa.large_string())).equals(expected)
    sliced = pa.array(["pad@ding.is", *texts, "pad@ding.is"]).slice(1, 4)
    assert Contacts()(sliced).equals(expected)
    for wrong in (pa.array([1, 2]), pa.chunked_array([["a"]]), ["a"]):
        with pytest.raises(TypeError, match="one Arrow array of strings"):
            Contacts()(wrong)


def test_the_bytes_under_a_null_are_not_read() -> None:
    values = pa.array(["a@b.is", "c@d.is"])
    hidden = pa.StringArray.from_buffers(
        2, values.buffers()[1], values.buffers()[2], pa.py_buffer(b"\x02")
    )
    assert Contacts()(hidden)["text"].to_pylist() == [1]


def test_is_a_value() -> None:
    detector = Contacts(find=("EMAIL", "IP"), regions=("IS",))
    assert detector == pickle.loads(pickle.dumps(detector))
    assert len({detector, Contacts(find=("EMAIL", "IP"), regions=("IS",))}) == 1
    assert detector.labels == {"EMAIL", "IP"}
    assert Contacts().labels == set(LABELS)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"find": ("EMIAL",)}, r"label 'EMIAL' in Contacts.find. Did you mean 'EMAIL'"),
        ({"regions": ("UK", "is")}, r"region 'UK' in Contacts.regions. Known: AC"),
        ({"regions": ("is",)}, r"Did you mean 'IS'"),
        ({"find": "EMAIL"}, r"must be a tuple of labels\. Got 'EMAIL'"),
        ({"find": ()}, r"at least one label"),
    ],
)
def test_unknown_values_are_errors(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Contacts(**fields)


def test_regions_are_those_of_libphonenumber() -> None:
    assert set(phonenumbers.SUPPORTED_REGIONS) == REGIONS


def test_loads_the_numbering_plans_only_when_needed() -> None:
    code = (
        "import sys, pyarrow as pa;"
        "from datapartnerships.detectors.contacts import Contacts;"
        "Contacts(regions=('JP',));"
        "Contacts(find=('EMAIL', 'PAYMENT_CARD'))(pa.array(['a@b.is 030 1234567']));"
        "assert 'phonenumbers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


PIECES = st.sampled_from(
    [text for text, _ in EMAILS + PHONES + IPS + CREDENTIALS + CARDS]
    + ["😀", "é", "\n", " ", "@", "1", "+", "://", "::", "(at)", "0171", "1.2", ".3.4", "\u00a0"]
)
TEXTS = st.lists(
    st.one_of(st.none(), st.lists(PIECES, max_size=5).map("".join), st.text(max_size=40)),
    max_size=6,
)


@given(TEXTS)
def test_spans_lie_in_their_texts(texts: list[str | None]) -> None:
    spans = Contacts()(pa.array(texts, pa.string())).to_pylist()
    for span in spans:
        text = texts[span["text"]]
        assert text is not None
        assert 0 <= span["start"] < span["end"] <= len(text)
        assert text[span["start"] : span["end"]].strip() != ""
        assert 0 < span["score"] <= 1
    for label in LABELS:
        mine = [span for span in spans if span["label"] == label]
        for before, after in pairwise(mine):
            assert before["text"] < after["text"] or before["end"] <= after["start"]


@given(TEXTS, st.integers(0, 6))
def test_batch_cuts_change_nothing(texts: list[str | None], cut: int) -> None:
    whole = Contacts()(pa.array(texts, pa.string())).to_pylist()
    parts = [
        span | {"text": span["text"] + offset}
        for offset, part in ((0, texts[:cut]), (min(cut, len(texts)), texts[cut:]))
        for span in Contacts()(pa.array(part, pa.string())).to_pylist()
    ]
    assert whole == parts


@given(TEXTS, st.sampled_from(LABELS))
def test_a_label_alone_is_found_as_among_others(texts: list[str | None], label: str) -> None:
    alone = Contacts(find=(label,))(pa.array(texts, pa.string())).to_pylist()
    among = Contacts()(pa.array(texts, pa.string())).to_pylist()
    mine = [span for span in among if span["label"] == label]
    if label == "PHONE":  # among others, cards are taken out of the numbers
        assert all(span in alone or span["label"] == "PHONE" for span in mine)
    else:
        assert mine == alone


def test_texts_across_blocks_of_the_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{'é' * n} a{n}@b.is 10.1.99.{n} +354 467 {3000 + n}" for n in range(200)]
    expected = Contacts()(pa.array(texts))
    monkeypatch.setattr("datapartnerships.detectors._scan.BLOCK_BYTES", 500)
    assert Contacts()(pa.array(texts)).equals(expected)
    assert expected.num_rows == 600


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10**6 + "@",
        "a." * 500_000 + "@" + "b." * 500_000,
        "1" * 10**6,
        "1." * 500_000,
        "1 " * 500_000,
        "01 " * 50_000,  # all of it is phone numbers
        "@" * 10**6,
        ":" * 10**6,
        "(at)" * 250_000,
        "://a:" * 200_000,
        "+1-" * 333_333,
    ],
    ids=lambda text: text[:6],
)
def test_no_text_takes_long(text: str) -> None:
    Contacts()(pa.array(["warm +354 467 3395"]))
    taken = []
    for _ in range(3):  # a neighbor on the machine slows one run, not the best of three
        begun = time.process_time()
        Contacts()(pa.array([text]))
        taken.append(time.process_time() - begun)
        if taken[-1] < 2:
            return
    pytest.fail(f"took {min(taken):.1f} s at best")


MEANT = {
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "IP_ADDRESS": "IP",
    "CARD": "PAYMENT_CARD",
    "CREDIT_CARD": "PAYMENT_CARD",
    "URL_CRED": "URL_CREDENTIALS",
    "CORREO_ELECTRONICO": "EMAIL",
    "NUMERO_TELEFONO": "PHONE",
}


def real_rows(name: str) -> list[dict[str, Any]]:
    path = REAL_DATA / "pii" / name
    if not path.is_file():
        pytest.skip(f"no {path}: set DATAPARTNERSHIPS_REAL_DATA to the folder of real data")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def score(rows: list[dict[str, Any]]) -> tuple[dict[str, float], dict[str, int], int]:
    """Recall by label, false positives by label, and hits in rows marked negative."""
    spans: dict[int, list[dict[str, Any]]] = {}
    for span in Contacts()(pa.array([row["text"] for row in rows])).to_pylist():
        spans.setdefault(span["text"], []).append(span)
    hit, total, false = Counter[str](), Counter[str](), Counter[str]()
    negative = 0
    for index, row in enumerate(rows):
        mine = spans.get(index, [])
        negative += len(mine) if row.get("negative") else 0
        gold = [(a, b, MEANT.get(label, label)) for a, b, label in row["spans"]]
        for a, b, label in gold:
            total[label] += 1
            hit[label] += any(_meets(span, a, b, label) for span in mine)
        for span in mine:
            false[span["label"]] += not any(_meets(span, *g) for g in gold)
    recall = {label: hit[label] / total[label] for label in LABELS if total[label]}
    return recall, dict(false), negative


def _meets(span: dict[str, Any], start: int, end: int, label: str) -> bool:
    return span["label"] == label and span["start"] < end and start < span["end"]


@pytest.mark.parametrize(
    ("name", "floors", "most_false"),
    [
        # Measured: all 1; PHONE false positives are 16 bare Icelandic ID numbers.
        ("pii_formats.jsonl", dict.fromkeys(LABELS, 0.98), 20),
        # Measured: .72, .94, 1, 1; the rest are invalid numbers and other countries' formats.
        (
            "presidio_synth_v2.jsonl",
            {"PHONE": 0.69, "PAYMENT_CARD": 0.92, "EMAIL": 0.98, "IP": 0.98},
            4,
        ),
        ("meddocan_dev.jsonl", {"EMAIL": 0.97, "PHONE": 0.9}, 12),
    ],
)
def test_real_files(name: str, floors: dict[str, float], most_false: int) -> None:
    recall, false, negative = score(real_rows(name))
    assert {label: recall[label] for label in floors if recall[label] < floors[label]} == {}
    assert sum(false.values()) <= most_false, false
    assert negative == 0


def test_real_court_texts_hold_no_contacts() -> None:
    rows = real_rows("inlegal_a.jsonl") + real_rows("echr12_a.jsonl")
    _, false, _ = score(rows)
    assert sum(false.values()) <= 1, false


def test_numbers_of_a_typed_letter_go_over_line_ends() -> None:
    line = "You can reach the office in the afternoon by telephone at +44\n20 7946 0958 or"
    found = Contacts(find=("PHONE",))(pa.array([line])).to_pylist()
    assert [line[span["start"] : span["end"]] for span in found] == ["+44\n20 7946 0958"]
    table = "555 0142\n555 0168\n555 0199"
    spans = Contacts(find=("PHONE",))(pa.array([table])).to_pylist()
    assert [table[s["start"] : s["end"]] for s in spans] == table.split("\n")
