"""Of a message stays what its author wrote for it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.kernels import replies
from datapartnerships.kernels.segments import flat
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import RemoveQuotedReplies

_OWN = "Dear Anna,\n\nthe lamp is mended.\n\nErla"
_WROTE = {
    "en": "On Mon, 3 May 2021 at 10:02, Anna Berg <anna@example.org> wrote:",
    "de": "Am 03.05.2021 um 10:02 schrieb Anna Berg:",
    "is": "Þann mán., 3. maí 2021 kl. 10:02 skrifaði Anna Berg <anna@example.org>:",
    "fr": "Le lun. 3 mai 2021 à 10:02, Anna Berg <anna@example.org> a écrit :",
    "es": "El lun, 3 may 2021 a las 10:02, Anna Berg (<anna@example.org>) escribió:",
    "pt": "Em seg., 3 de mai. de 2021 às 10:02, Anna Berg <anna@example.org> escreveu:",
    "it": "Il giorno lun 3 mag 2021 alle ore 10:02 Anna Berg <anna@example.org> ha scritto:",
    "nl": "Op ma 3 mei 2021 om 10:02 schreef Anna Berg <anna@example.org>:",
    "da": "Den man. 3. maj 2021 kl. 10.02 skrev Anna Berg <anna@example.org>:",
    "fi": "ma 3. toukok. 2021 klo 10.02 Anna Berg (anna@example.org) kirjoitti:",
    "pl": "pon., 3 maj 2021 o 10:02 Anna Berg <anna@example.org> napisał(a):",
    "cs": "po 3. 5. 2021 v 10:02 odesílatel Anna Berg <anna@example.org> napsal:",
    "hu": "Anna Berg <anna@example.org> ezt írta (időpont: 2021. máj. 3., H, 10:02):",
    "ru": "пн, 3 мая 2021 г. в 10:02, Anna Berg <anna@example.org> написала:",
    "zh": "Anna Berg <anna@example.org> 于2021年5月3日周一 10:02写道：",
}
_LEGAL = {
    "en": "This e-mail is confidential and meant for its recipient alone. Whoever has it by "
    "mistake is asked to tell the sender and to delete it.",
    "de": "Diese Nachricht ist vertraulich und nur für den Empfänger bestimmt. Wer sie irrtümlich "
    "bekommen hat, möge es dem Absender sagen.",
    "is": "Þessi tölvupóstur er trúnaðarmál og aðeins ætlaður viðtakanda. Hafi hann borist öðrum "
    "er sá beðinn að láta vita og eyða honum.",
}


def _after(text: str, kind: str = "conversation") -> tuple[str, list[str] | None]:
    segments = [Segment(text, kind="turn")]
    table = documents_to_table([Document("d", "s", kind=kind, segments=segments)])
    out = flat(RemoveQuotedReplies()(table))[1].to_pylist()[0]
    return out["text"], out["flags"]


@pytest.mark.parametrize("language", _WROTE)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_replies(language: str, mark: str) -> None:
    quoted = "\n".join(f"{mark}{line}" for line in ("Is it mended?", "Anna"))
    assert _after(f"{_OWN}\n\n{_WROTE[language]}\n\n{quoted}") == (_OWN, ["quoted reply"])


def test_who_wrote_on_two_lines() -> None:
    text = "On Mon, 3 May 2021 at 10:02, Anna Berg\n<anna@example.org> wrote:"
    assert _after(f"{_OWN}\n\n{text}\n> Is it?") == (_OWN, ["quoted reply"])
    assert _after(f"{_OWN}\n\n{text}\n\nIs it?") == (_OWN, ["quoted reply"])


def test_answers_between_quotations() -> None:
    text = "> Is it mended?\nIt is.\n\n> And the bell?\n> Since when?\nThe bell is not."
    assert _after(text) == ("It is.\n\nThe bell is not.", ["quoted reply"])


@pytest.mark.parametrize(
    "head",
    [
        "-----Original Message-----",
        "________________________________\nFrom: Anna\nSent: Monday\nTo: Erla\nSubject: Lamp",
        "Von: Anna\nGesendet: Montag\nAn: Erla\nBetreff: Lampe",
        "Frá: Anna\nSent: mánudagur\nTil: Erla\nEfni: Lampi",
        "From: Anna <anna@example.org>\nTo: Erla\nDate: 3 May",
        "From: Anna\nSent: 3 May 2021 10:02\nTo: Erla",
        "On 3 May 2021 Anna Berg wrote:",
        "On 3/5/21 Anna Berg wrote:",
    ],
)
def test_quotations_without_marks(head: str) -> None:
    assert _after(f"{_OWN}\n\n{head}\n\nIs it mended?") == (_OWN, ["quoted reply"])
    assert _after(f"{head}\n\nIs it mended?") == (f"{head}\n\nIs it mended?", None)


@pytest.mark.parametrize("below", ["-- \nErla Jónsdóttir\nThe Lighthouse\nTel. 555 0100",
                                   "--\nErla Jónsdóttir\nThe Lighthouse",
                                   "-- \n" + "\n".join(f"line {n}" for n in range(11)),
                                   "Sent from my telephone", "Von meinem Telefon gesendet",
                                   "Envoyé de mon téléphone"])  # fmt: skip
def test_signatures(below: str) -> None:
    assert _after(f"{_OWN}\n\n{below}") == (_OWN, ["signature"])
    both = f"{_OWN}\n\n{below}\n\n{_WROTE['en']}\n> Is it?"
    assert _after(both) == (_OWN, ["quoted reply", "signature"])


def test_a_speech_in_one_paragraph_is_no_disclaimer() -> None:
    line = "The harbour was closed for three days, and no boat went out."
    speech = "\n".join([line, _LEGAL["en"], *[line] * 80])
    assert _after(f"{_OWN}\n\n{speech}") == (f"{_OWN}\n\n{speech}", None)


@pytest.mark.parametrize("said", ["The harbour was closed again for two days,\nso nobody came.",
                                  "And the bell is as silent as it ever was."])  # fmt: skip
def test_sentences_below_dashes_are_no_signature(said: str) -> None:
    text = f"{_OWN}\n--\n{said}"
    assert _after(text) == (text, None)
    assert _after(f"{_OWN}\n-- \n{said}") == (_OWN, ["signature"])


@pytest.mark.parametrize("language", _LEGAL)
def test_disclaimers(language: str) -> None:
    assert _after(f"{_OWN}\n\n{_LEGAL[language]}") == (_OWN, ["disclaimer"])
    first = f"{_LEGAL[language]}\n\n{_OWN}"
    assert _after(first) == (first, None)


@pytest.mark.parametrize(
    "text",
    [
        "In her last letter Anna wrote:\n\nIs it mended?",
        "He told us what he wrote:\nnothing at all.",
        "> all of it\n> is quoted",
        "---------- Forwarded message ---------\nFrom: Anna\n\nIs it mended?",
        "Two rows:\n--\n" + "\n".join(f"row {n}" for n in range(20)),
        "To: the keeper\nFrom: the parish\nThe lamp is out.",
        "Dear all,\n\nIn 1998 Rawls wrote:\n\nJustice is the first virtue.",
        "Dear all,\n\nIn 1998 and in 1999 Rawls wrote:\n\nJustice is the first virtue.",
        "We go by train.\n\nFrom: Berlin\nTo: Paris\nDate: 3 May\n\nBring a coat.",
        "We go by train.\n\nFrom: Berlin 8:15\nTo: Paris 16:20\nDate: 3 May\n\nBring a coat.",
        "What I think:\n--\n" + "\n".join(f"Reason {n} is good." for n in range(11)),
        "Bring these:\n--\n- a coat\n- a lamp",
        "I was sent from my office to the harbour, and from there to the mill.\nErla",
    ],
)
def test_what_stays(text: str) -> None:
    assert _after(text) == (text, None)


def test_of_conversations_only() -> None:
    text = f"{_OWN}\n\n{_WROTE['en']}\n> Is it?"
    assert _after(text, "document") == (text, None)


_PARTS = ["> a", "--", "b", "", "On 1.2. c <d@e> wrote:", "From: a", "To: b", "Sent: c",
          "Sent from my d", _LEGAL["en"]]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(_PARTS), max_size=12))
def test_lines_stay_in_order_and_something_stays(lines: list[str]) -> None:
    left, _ = _after("\n".join(lines))
    rest = iter(lines)
    assert all(line in rest for line in left.split("\n") if line)
    assert bool(left.strip()) == any(lines)


def test_many_lines_that_say_who_wrote_take_no_more_time_each() -> None:
    class Lines(list[str]):
        def __getitem__(self, key):  # type: ignore[override]
            assert not isinstance(key, slice)  # a copy of the rest, for each such line
            return super().__getitem__(key)

    lines = Lines(["Anna wrote:", "", " ", "> the lamp", "Erla wrote:", "nothing", "Kari wrote:"])
    assert [replies._marked_below(lines, number) for number in (0, 4, 6)] == [True, False, True]
