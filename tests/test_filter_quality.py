"""FilterQuality: annotates always, rejects when asked, and says for what."""

from __future__ import annotations

import pyarrow as pa
import pytest

import datapartnerships as dp
from datapartnerships.errors import InvalidParameter
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import FilterQuality

STORY = (
    "The ferry came in late because the fog would not lift from the sound. We stood on the pier "
    "with our collars up and listened for the bell. When it came at last it was closer than any of "
    "us had thought, and somebody laughed. An old man said that he had seen worse in the year of "
    "the great ice, but nobody asked him to go on. Then the ropes were thrown and the day began."
)
SAGA = (
    "Ferjan kom seint að landi þennan dag, því að þokan lá enn þá yfir sundinu. Við stóðum á "
    "bryggjunni með uppbretta kraga og hlustuðum eftir bjöllunni. Þegar hún heyrðist loksins var "
    "hún nær en nokkurt okkar hafði haldið, og einhver hló. Gamall maður sagði að hann hefði séð "
    "það verra árið sem hafísinn kom, en enginn bað hann um að halda áfram. Svo var böndunum "
    "kastað og dagurinn hófst."
)
RIVER = (
    "渡船今天到得很晚，因为海峡上的雾一直没有散。我们站在码头上，竖起衣领，听着远处的钟声。"
    "钟声终于响起的时候，它比我们想的都要近，有人笑了起来。一位老人说，在大冰那一年他见过更糟的事，"
    "可是没有人请他说下去。后来缆绳抛了上来，新的一天就这样开始了。孩子们跑在最前面，"
    "手里拿着给父亲的面包和一封从城里来的信。"
)  # fmt: skip
MENU = "\n".join(["Home", "About us", "Opening hours", "Contact", "Sitemap", "Log in"] * 12)


def batch(*texts: str, languages: tuple[str | None, ...] | None = None, **how) -> pa.Table:
    table = documents_to_table(
        Document(id=str(n), source="s", segments=[Segment(text=text, **how)])
        for n, text in enumerate(texts)
    )
    if languages is None:
        return table
    return table.append_column("language", pa.array(languages, pa.string()))


def test_prose_of_any_language_is_kept_and_a_menu_is_not():
    given = batch(STORY, SAGA, RIVER, MENU, languages=("en", "is", "zh", "en"))
    out = FilterQuality.prose(reject=True)(given)
    assert out["quality_failed"].to_pylist()[:3] == [[], [], []]
    assert out["drop_reason"].to_pylist()[:3] == [None] * 3
    assert "min_prose_share" in out["quality_failed"][3].as_py()
    assert out["drop_reason"][3].as_py().startswith("FilterQuality: max_duplicate_")


def test_it_annotates_and_rejects_only_when_asked():
    given = batch(STORY, "Too short.", languages=("en", "en"))
    kept = FilterQuality(min_words=50)(given)
    assert kept["drop_reason"].to_pylist() == [None, None]
    assert kept["quality_failed"].to_pylist() == [[], ["min_words"]]
    assert kept["quality"][1]["words"].as_py() == 2
    out = FilterQuality(min_words=50, reject=True)(given)
    assert out["drop_reason"].to_pylist() == [None, "FilterQuality: min_words (2; 50)"]
    assert FilterQuality()(given)["quality_failed"].to_pylist() == [[], []]


def test_a_reason_that_was_there_stays():
    given = batch("Short.")
    given = given.set_column(
        given.schema.get_field_index("drop_reason"), "drop_reason", pa.array(["Other: before"])
    )
    out = FilterQuality.gopher(reject=True)(given)
    assert out["drop_reason"].to_pylist() == ["Other: before"]


def test_an_unknown_language_abstains():
    given = batch(SAGA, SAGA, SAGA, languages=("is", None, "fr"))
    out = FilterQuality(min_stop_words=2)(given)
    assert out["quality_failed"].to_pylist() == [[], [], ["min_stop_words"]]
    assert out["quality"].combine_chunks().field("stop_words").is_null().to_pylist() == [
        False, True, False,
    ]  # fmt: skip
    assert FilterQuality(min_stop_words=2)(batch(SAGA))["quality_failed"][0].as_py() == []
    told = FilterQuality(min_stop_words=2, language="fr")(batch(SAGA))
    assert told["quality_failed"][0].as_py() == ["min_stop_words"]


def test_empty_documents_fail_what_is_asked_of_them():
    given = batch("", " \n ")
    out = FilterQuality.fineweb(reject=True)(given)
    assert out["drop_reason"].to_pylist() == ["FilterQuality: empty"] * 2


def test_paragraphs_are_segments_and_turns_are_dialogue():
    parts = [Segment(text="Are you coming?", kind="turn"), Segment(text="No.", kind="turn")]
    given = documents_to_table([Document(id="1", source="s", segments=parts)])
    measured = FilterQuality()(given)["quality"][0].as_py()
    assert measured["dialogue_share"] == 1
    assert measured["characters"] == len("Are you coming?\n\nNo.")


def test_the_order_of_rules_is_that_of_the_fields():
    out = FilterQuality.gopher()(batch("# # # #\n" * 40))
    failed = out["quality_failed"][0].as_py()
    assert failed[0] == "min_words" and failed[-1].startswith("max_duplicate_")


@pytest.mark.parametrize("preset", ["gopher", "fineweb", "c4", "prose", "conversation"])
def test_presets_are_values_and_go_to_yaml_and_back(preset):
    step = getattr(FilterQuality, preset)(reject=True, language="is")
    assert step.reject and step.language == "is"
    pipeline = dp.Pipeline(
        reader=dp.readers.TextReader("deposit"),
        transforms=[step],
        writer=dp.writers.JsonlWriter("out"),
    )
    assert dp.Pipeline.from_yaml(pipeline.to_yaml()) == pipeline


def test_presets_have_the_papers_thresholds():
    gopher = FilterQuality.gopher()
    assert (gopher.min_words, gopher.max_words) == (50, 100_000)
    assert gopher.max_top_grams == (0.2, 0.18, 0.16)
    assert gopher.max_duplicate_grams == (0.15, 0.14, 0.13, 0.12, 0.11, 0.1)
    assert gopher.stop_words is None
    assert "have" in FilterQuality.gopher(as_published=True).stop_words
    assert FilterQuality.prose().max_words is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("min_words", -1),
        ("min_words", "many"),
        ("min_words", True),
        ("max_top_grams", (0.1,)),
        ("max_top_grams", 0.1),
        ("max_duplicate_grams", (0.1,) * 5 + (float("nan"),)),
        ("short_line", 2.5),
        ("stop_words", "the"),
        ("stop_words", ()),
        ("min_prose_share", 40),
        ("max_duplicate_lines", 1.5),
        ("language", "icelandic"),
        ("language", ("is",)),
        ("reject", "yes"),
        ("reject", True),  # and no threshold
    ],
)
def test_bad_values_are_named(field, value):
    with pytest.raises(InvalidParameter, match=field):
        FilterQuality(**{field: value})


def test_what_was_not_measured_cannot_be_judged():
    for given in (batch(STORY), {"train": batch(STORY), "test": batch(STORY)}):
        with pytest.raises(InvalidParameter, match=r"'found'.*the column 'quality'"):
            FilterQuality.prose().judge(given)


def test_what_was_measured_is_judged_again_by_other_thresholds():
    datasets = pytest.importorskip("datasets")
    given = batch(STORY, MENU, "", languages=("en", "en", "en"))
    measured = FilterQuality.prose()(given)
    dataset = datasets.Dataset(measured.select(["id", "quality"]))
    for step in (FilterQuality.prose(), FilterQuality.prose(min_sentences=50), FilterQuality.c4()):
        anew = step(given)["quality_failed"].to_pylist()
        assert step.judge(measured)[0].to_pylist() == anew
        assert step.judge(dataset)[0].to_pylist() == anew


def test_a_talk_of_short_answers_is_kept_as_conversation_and_not_as_prose():
    said = [
        "Were you there when the boat came in?", "Yes.", "And who was with you?", "My sister.",
        "Did she see it too?", "Yes.", "What did she say to the men on the pier?",
        "That they should throw the rope to her and not to me.", "Yes?", "Yes.",
    ]  # fmt: skip
    turns = [Segment(text=text, kind="turn", speaker="AB"[n % 2]) for n, text in enumerate(said)]
    given = documents_to_table([Document(id="1", source="s", kind="conversation", segments=turns)])
    assert FilterQuality.conversation(language="en")(given)["quality_failed"][0].as_py() == []
    assert FilterQuality.prose(language="en")(given)["quality_failed"][0].as_py() != []
    alone = batch("A line. " * 3)
    assert "min_dialogue_share" in FilterQuality.conversation()(alone)["quality_failed"][0].as_py()
