"""Formats in which libraries and editors keep text: ALTO, hOCR, PAGE XML, TEI, mapped XML."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datapartnerships import readers
from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.readers import sniff
from datapartnerships.readers._dialects import ALTO, HOCR, METS, PAGE, TEI
from datapartnerships.readers._source import from_bytes
from datapartnerships.schema import Document, Segment


def parse(reader: Any, text: str | bytes) -> Document:
    (found,) = parse_all(reader, text)
    return found


def parse_all(reader: Any, text: str | bytes) -> list[Document]:
    data = text.encode() if isinstance(text, str) else text
    return list(reader.parse(from_bytes("deposit", "file.xml", data)))


def texts(document: Document) -> list[str]:
    return [segment.text for segment in document.segments]


def kind_of(text: str | bytes, name: str = "file.xml") -> str:
    data = text.encode() if isinstance(text, str) else text
    return sniff.media_type(from_bytes("deposit", name, data))


# --- ALTO

NAMESPACES = (
    "",
    "http://schema.ccs-gmbh.com/ALTO",
    "http://www.loc.gov/standards/alto/ns-v2#",
    "http://www.loc.gov/standards/alto/ns-v3#",
    "http://www.loc.gov/standards/alto/ns-v4#",
)


def alto(body: str, *, namespace: str = "", unit: str = "pixel", before: str = "") -> str:
    declared = f' xmlns="{namespace}"' if namespace else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<alto{declared}><Description>'
        f"<MeasurementUnit>{unit}</MeasurementUnit>{before}</Description>"
        f"<Layout>{body}</Layout></alto>"
    )


def page(*blocks: str, size: tuple[int, int] = (2000, 3000), more: str = "") -> str:
    inside = "".join(blocks)
    return (
        f'<Page ID="P7" WIDTH="{size[0]}" HEIGHT="{size[1]}"{more}>'
        f"<PrintSpace>{inside}</PrintSpace></Page>"
    )


def block(*lines: str, at: tuple[int, int, int, int] | None = None, more: str = "") -> str:
    box = "" if at is None else ' HPOS="{}" VPOS="{}" WIDTH="{}" HEIGHT="{}"'.format(*at)
    inside = "".join(f"<TextLine>{line}</TextLine>" for line in lines)
    return f"<TextBlock{box}{more}>{inside}</TextBlock>"


def string(text: str, more: str = "") -> str:
    return f'<String CONTENT="{text}" {more}/>'


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize(("unit", "scale"), [("pixel", 1), ("mm10", 10), ("inch1200", 120)])
def test_alto_in_every_dialect(namespace: str, unit: str, scale: int) -> None:
    at = (100 * scale, 300 * scale, 1000 * scale, 600 * scale)
    blocks = block(string("Nets", 'WC="0.5"') + string("dry", 'WC="1.0"'), at=at)
    text = alto(page(blocks, size=(2000 * scale, 3000 * scale)), namespace=namespace, unit=unit)
    (segment,) = parse(readers.AltoReader(), text).segments
    assert segment.text == "Nets dry"
    assert segment.bbox == pytest.approx([0.05, 0.1, 0.55, 0.3])
    assert segment.confidence == pytest.approx((0.5 * 4 + 1.0 * 3) / 7, abs=1e-4)
    assert (segment.page, segment.ref, segment.origin) == (1, "P7", "ocr")
    assert kind_of(text) == ALTO


def test_alto_prefix_is_no_matter() -> None:
    text = alto(page(block(string("Salt")))).replace("<", "<a:").replace("<a:/", "</a:")
    text = text.replace("<a:?", "<?").replace("<a:alto", '<a:alto xmlns:a="urn:x"')
    assert texts(parse(readers.AltoReader(), text)) == ["Salt"]
    assert kind_of(text) == ALTO


def test_alto_page_numbers_and_labels() -> None:
    more = ' PHYSICAL_IMG_NR="12" PRINTED_IMG_NR="viii"'
    (segment,) = parse(readers.AltoReader(), alto(page(block(string("a")), more=more))).segments
    assert (segment.page, segment.ref) == (12, "viii")
    two = alto(page(block(string("a"))) + page(block(string("b"))))
    assert [s.page for s in parse(readers.AltoReader(), two).segments] == [1, 2]


def test_alto_halves_of_a_word_are_joined_once() -> None:
    first = string("har", 'SUBS_TYPE="HypPart1" SUBS_CONTENT="harbour"') + '<HYP CONTENT="-"/>'
    second = string("bour", 'SUBS_TYPE="HypPart2" SUBS_CONTENT="harbour"') + string("wall")
    assert texts(parse(readers.AltoReader(), alto(page(block(first, second))))) == ["harbour\nwall"]
    # In two blocks (a column ends) just the same.
    both = alto(page(block(first), block(second)))
    assert texts(parse(readers.AltoReader(), both)) == ["harbour", "wall"]


def test_alto_a_narrow_column_cuts_a_word_twice() -> None:
    parts = [
        string(text, f'SUBS_TYPE="HypPart{part}" SUBS_CONTENT="example"') + hyphen
        for text, part, hyphen in (
            ("ex-", 1, '<HYP CONTENT="-"/>'),
            ("am-", 2, '<HYP CONTENT="-"/>'),
            ("ple", 2, string("ends")),
        )
    ]
    assert texts(parse(readers.AltoReader(), alto(page(block(*parts))))) == ["example\nends"]
    marked = block(*(string(text) for text in ("ex\u00ac", "am\u00ac", "ple")))
    assert texts(parse(readers.AltoReader(), alto(page(marked)))) == ["example"]


def test_alto_half_a_word_at_the_edge_of_a_page_stays_as_printed() -> None:
    first = string("har", 'SUBS_TYPE="HypPart1" SUBS_CONTENT="harbour"') + '<HYP CONTENT="-"/>'
    second = string("bour", 'SUBS_TYPE="HypPart2" SUBS_CONTENT="harbour"')
    text = alto(page(block(first)) + page(block(second)))
    assert texts(parse(readers.AltoReader(), text)) == ["har-", "bour"]


def test_alto_hyphen_without_a_word_is_a_hyphen_unless_its_mark_is_none() -> None:
    for mark, expected in (("-", "well-\nknown"), ("\u00ad", "wellknown"), ("\u00ac", "wellknown")):
        text = alto(page(block(string("well") + f'<HYP CONTENT="{mark}"/>', string("known"))))
        assert texts(parse(readers.AltoReader(), text)) == [expected]


def test_alto_reading_order_and_idnext_and_margins() -> None:
    blocks = [block(string(name), more=f' ID="{name}"') for name in "abc"]
    order = '<ReadingOrder><OrderedGroup ID="g">{}</OrderedGroup></ReadingOrder>'
    refs = "".join(f'<ElementRef ID="e{name}" REF="{name}"/>' for name in "cab")
    ordered = alto(page(*blocks)).replace("<Layout>", order.format(refs) + "<Layout>")
    assert texts(parse(readers.AltoReader(), ordered)) == ["c", "a", "b"]
    blocks[0] = blocks[0].replace('ID="a"', 'ID="a" IDNEXT="c"')
    assert texts(parse(readers.AltoReader(), alto(page(*blocks)))) == ["a", "c", "b"]
    margins = f"<BottomMargin>{blocks[1]}</BottomMargin><PrintSpace>{blocks[2]}</PrintSpace>"
    document = parse(readers.AltoReader(), alto(f"<Page>{margins}</Page>"))
    assert [(s.text, s.ref) for s in document.segments] == [("c", None), ("b", "bottom margin")]


def test_alto_idnext_in_a_circle_loses_nothing() -> None:
    blocks = [block(string(a), more=f' ID="{a}" IDNEXT="{b}"') for a, b in ("ab", "bc", "ca")]
    assert texts(parse(readers.AltoReader(), alto(page(*blocks)))) == ["a", "b", "c"]


def test_alto_tags_name_the_type_of_block() -> None:
    tags = (
        '<Tags><StructureTag ID="t1" LABEL="Heading"/><OtherTag ID="t2" LABEL="MainZone"/></Tags>'
    )
    blocks = block(string("A"), more=' TAGREFS="t2 t1"') + block(string("b"), more=' TAGREFS="t2"')
    text = alto(page(blocks)).replace("<Layout>", tags + "<Layout>")
    assert [s.ref for s in parse(readers.AltoReader(), text).segments] == ["P7 > heading", "P7"]


@pytest.mark.parametrize(
    ("creator", "name", "version", "origin"),
    [
        ("ABBYY (BIT Software), Russia", "FineReader", "9", "ocr ABBYY FineReader 9"),
        ("ABBYY", "FineReader", "11.1", "ocr ABBYY FineReader 11.1"),
        ("ABBYY", "ABBYY FineReader 9", "9", "ocr ABBYY FineReader 9"),
        ("Some Company Ltd, Town", "Scanworks", "", "ocr Scanworks"),
        ("", "", "5", "ocr"),
    ],
)
def test_alto_origin(creator: str, name: str, version: str, origin: str) -> None:
    software = (
        f"<softwareCreator>{creator}</softwareCreator><softwareName>{name}</softwareName>"
        f"<softwareVersion>{version}</softwareVersion>"
    )
    step = (
        '<OCRProcessing ID="o"><ocrProcessingStep><processingSoftware>'
        f"{software}</processingSoftware></ocrProcessingStep></OCRProcessing>"
    )
    document = parse(readers.AltoReader(), alto(page(block(string("a"))), before=step))
    assert document.segments[0].origin == origin


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ((1, 2, 3, 4), (0, 0)),
        ((-900, 0, 10, 10), (100, 100)),
        ((50, 50, 900, 900), (100, 100)),  # boxes in another unit than the page
    ],
)
def test_boxes_that_cannot_be_right_are_left_out(attributes: Any, size: Any) -> None:
    text = alto(page(block(string("a"), at=attributes), size=size))
    assert parse(readers.AltoReader(), text).segments[0].bbox is None


def test_alto_missing_and_odd_attributes() -> None:
    body = (
        '<Page WIDTH="x" HEIGHT="NaN" PHYSICAL_IMG_NR="first"><PrintSpace><TextBlock><TextLine>'
        '<String/><String CONTENT="  "/><HYP/><String CONTENT="ok" WC="95" HPOS="1e999"/>'
        "</TextLine></TextBlock></PrintSpace></Page>"
    )
    (segment,) = parse(readers.AltoReader(), alto(body)).segments
    assert (segment.text, segment.page, segment.bbox) == ("ok", 1, None)
    assert segment.confidence is None  # 95 is no share: nobody says of what


def test_alto_box_of_a_block_without_one_is_that_of_its_lines() -> None:
    line = (
        '<TextLine HPOS="{0}" VPOS="{0}" WIDTH="100" HEIGHT="300"><String CONTENT="a"/></TextLine>'
    )
    lines = line.format(200) + line.format(600)
    text = alto(page(f"<TextBlock>{lines}</TextBlock>"))
    (segment,) = parse(readers.AltoReader(), text).segments
    assert segment.bbox == pytest.approx([0.1, 0.06667, 0.35, 0.3])


def test_alto_without_words_says_so() -> None:
    with pytest.raises(DocumentError, match="no text found"):
        parse(readers.AltoReader(), alto(page()))


# --- METS

METS_ISSUE = """<?xml version="1.0"?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink">
<mets:dmdSec ID="ART1"><mets:mdWrap MDTYPE="MODS"><mets:xmlData>
 <mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>Storm</title></titleInfo></mods>
</mets:xmlData></mets:mdWrap></mets:dmdSec>
<mets:dmdSec ID="ISSUE"><mets:mdWrap MDTYPE="MODS"><mets:xmlData>
 <mods xmlns="http://www.loc.gov/mods/v3">
  <titleInfo><nonSort>The</nonSort><title>Harbour Post</title><subTitle>daily</subTitle></titleInfo>
  <titleInfo type="alternative"><title>HP</title></titleInfo>
  <relatedItem type="host"><titleInfo><title>Elsewhere</title></titleInfo></relatedItem>
  <name><namePart>Berg</namePart><role><roleTerm>edt</roleTerm></role></name>
  <name><namePart type="family">Holm</namePart><namePart type="given">Ida</namePart></name>
  <originInfo><dateIssued>1901-02-03</dateIssued></originInfo>
  <language><languageTerm>nor</languageTerm></language><identifier>hp-1901</identifier>
  <accessCondition xlink:href="https://example.org/pdm">Public domain</accessCondition>
 </mods></mets:xmlData></mets:mdWrap></mets:dmdSec>
<mets:structMap TYPE="PHYSICAL"><mets:div TYPE="physSequence" ID="P0"><mets:fptr FILEID="PDF"/>
 <mets:div TYPE="page" ID="P1"><mets:fptr FILEID="A1"/></mets:div>
 <mets:div TYPE="page" ID="P2"><mets:fptr><mets:area FILEID="A2"/></mets:fptr></mets:div>
</mets:div></mets:structMap>
<mets:structMap TYPE="LOGICAL"><mets:div LABEL="Harbour Post" DMDID="ISSUE" ID="L0"><mets:div>
 <mets:div TYPE="ARTICLE" LABEL="Storm"><mets:fptr><mets:area FILEID="A2" BEGIN="B7"/></mets:fptr>
 </mets:div><mets:div TYPE="ARTICLE" LABEL="Prices" ID="L2"/></mets:div></mets:div></mets:structMap>
<mets:structLink><mets:smLink xlink:from="L2" xlink:to="P1"/></mets:structLink>
</mets:mets>"""


def test_mets() -> None:
    document = parse(readers.MetsReader(), METS_ISSUE)
    assert document.metadata == {
        "title": "The Harbour Post: daily",
        "author": "Holm, Ida",
        "date": "1901-02-03",
        "language": "nor",
        "identifier": "hp-1901",
        "part_of": "Elsewhere",
        "rights": "Public domain; https://example.org/pdm",
        "pages": "2",
    }
    assert [(s.text, s.page, s.ref) for s in document.segments] == [
        ("Harbour Post", 1, "Harbour Post"),
        ("Storm", 2, "Harbour Post > Storm"),
        ("Prices", 1, "Harbour Post > Prices"),
    ]


def test_mets_with_dublin_core_and_rights() -> None:
    text = (
        '<mets xmlns="http://www.loc.gov/METS/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dmdSec><mdWrap><xmlData><dc:title>Psalms</dc:title><dc:creator>N. N.</dc:creator>"
        "</xmlData></mdWrap></dmdSec><amdSec><rightsMD><mdWrap><xmlData><r>No copyright</r>"
        "</xmlData></mdWrap></rightsMD></amdSec></mets>"
    )
    document = parse(readers.MetsReader(), text)
    expected = {"title": "Psalms", "author": "N. N.", "rights": "No copyright", "pages": "0"}
    assert document.metadata == expected
    assert texts(document) == ["Psalms"]
    with pytest.raises(DocumentError, match="no text found"):
        parse(readers.MetsReader(), "<mets/>")


# --- hOCR

HOCR_PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://127.0.0.1:9/x.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Log book</title>
<meta name="ocr-system" content="tesseract 5.3.0"/></head><body>
<div class="ocr_page" id="page_1"
 title='image "a; b.png"; bbox 100 0 1100 2000; ppageno 3; lpageno "iv"'>
 <div class="ocr_carea" title="bbox 200 200 600 400">
  <p class="ocr_par" title="bbox 200 200 600 400">
   <span class="ocr_line" title="bbox 200 200 600 250">
     <span class="ocrx_word" title="x_wconf 90">Wind</span>
     <span class="ocrx_word" title="x_wconf 50">ea\u00ad</span></span>
   <span class="ocrx_line"><span class="ocrx_word" title="x_wconf 70"><em>sterly</em></span></span>
  </p></div>
 <span class="ocr_line" title="bbox 100 1900 300 2000">a line of its own</span>
 <p class="ocr_par"><span class="ocr_caption"><span class="ocrx_word">Chart</span></span></p>
</div>
<div class="ocr_page"><span class="ocrx_word">Loose</span>
 <span class="ocrx_word">words</span></div>
<div class="ocr_page">Only <b>text</b> here</div>
</body></html>"""


def test_hocr() -> None:
    document = parse(readers.HocrReader(), HOCR_PAGE)
    found = [(s.text, s.page, s.ref) for s in document.segments]
    assert found == [
        ("Wind easterly", 4, "iv"),
        ("a line of its own", 4, "iv"),
        ("Chart", 4, "iv > caption"),
        ("Loose words", 2, None),
        ("Only text here", 3, None),
    ]
    first = document.segments[0]
    assert first.bbox == pytest.approx([0.1, 0.1, 0.5, 0.2])
    assert first.origin == "ocr tesseract 5.3.0"
    assert first.confidence is not None
    assert 0.5 < first.confidence < 0.9
    assert document.metadata["title"] == "Log book"
    assert kind_of(HOCR_PAGE, "a.html") == kind_of(HOCR_PAGE, "a.hocr") == HOCR


def test_a_page_that_only_speaks_of_ocr_is_a_web_page() -> None:
    text = "<html><body><p>The class ocr_page is that of a page.</p></body></html>"
    assert kind_of(text, "a.html") == sniff.HTML
    with pytest.raises(DocumentError, match="not hOCR"):
        parse(readers.HocrReader(), text)


# --- PAGE XML


def page_xml(body: str, date: str = "2019-07-15", meta: str = "") -> str:
    space = f"http://schema.primaresearch.org/PAGE/gts/pagecontent/{date}"
    return (
        f'<PcGts xmlns="{space}"><Metadata>{meta}</Metadata>'
        f'<Page imageFilename="a.jpg" imageWidth="1000" imageHeight="2000">{body}</Page></PcGts>'
    )


def equiv(text: str, more: str = "") -> str:
    return f"<TextEquiv {more}><Unicode>{text}</Unicode></TextEquiv>"


@pytest.mark.parametrize("date", ["2010-03-19", "2013-07-15", "2019-07-15"])
def test_page_xml_coordinates_of_both_dialects(date: str) -> None:
    points = (
        '<Coords><Point x="100" y="200"/><Point x="300" y="400"/></Coords>'
        if date < "2013"
        else '<Coords points="100,200 300,200 300,400"/>'
    )
    text = page_xml(
        f'<TextRegion id="r" type="marginalia">{points}{equiv("By hand")}</TextRegion>', date
    )
    (segment,) = parse(readers.PageXmlReader(), text).segments
    assert segment.bbox == pytest.approx([0.1, 0.1, 0.3, 0.2])
    assert (segment.text, segment.ref, segment.confidence) == ("By hand", "marginalia", None)
    assert kind_of(text) == PAGE


def test_page_xml_reading_order_levels_and_alternatives() -> None:
    order = (
        '<ReadingOrder><OrderedGroup id="g"><UnorderedGroupIndexed id="u" index="2">'
        '<RegionRef regionRef="r1"/></UnorderedGroupIndexed><RegionRefIndexed index="1" '
        'regionRef="r2"/></OrderedGroup></ReadingOrder>'
    )
    line = equiv("guess", "index='1'") + equiv("the boat", "index='0'")
    confident = "conf='0.5'"
    words = f"<Word>{equiv('came', confident)}</Word><Word>{equiv('in.')}</Word>"
    lines = f"<TextLine>{line}</TextLine><TextLine>{words}</TextLine>"
    one = f'<TextRegion id="r1">{lines}{equiv("not twice")}</TextRegion>'
    two = f'<TextRegion id="r2" custom="structure {{type:heading;}}">{equiv("LOG")}</TextRegion>'
    table = f'<TableRegion id="t"><TextRegion id="c">{equiv("cell")}</TextRegion></TableRegion>'
    document = parse(readers.PageXmlReader(), page_xml(order + table + one + two))
    found = [(s.text, s.ref, s.confidence) for s in document.segments]
    assert found == [
        ("LOG", "heading", None),
        ("the boat\ncame in.", None, 0.5),
        ("cell", None, None),
    ]


def test_page_xml_outer_region_does_not_repeat_its_inner_ones() -> None:
    inner = f'<TextRegion id="b"><TextLine>{equiv("once")}</TextLine></TextRegion>'
    text = page_xml(f'<TextRegion id="a">{inner}{equiv("once")}</TextRegion>')
    assert texts(parse(readers.PageXmlReader(), text)) == ["once"]


def test_page_xml_origin_and_number() -> None:
    meta = '<MetadataItem type="processingStep" name="recognition/text" value="a-recognizer"/>'
    meta += '<TranskribusMetadata pageNr="9"/>'
    text = page_xml(f"<TextRegion>{equiv('a')}</TextRegion>", meta=meta)
    (segment,) = parse(readers.PageXmlReader(), text).segments
    assert (segment.origin, segment.page) == ("ocr a-recognizer", 9)


# --- TEI


def tei(body: str, header: str = "", root: str = "TEI") -> str:
    space = ' xmlns="http://www.tei-c.org/ns/1.0"' if root == "TEI" else ""
    return (
        f"<{root}{space}><teiHeader>{header}</teiHeader><text><body>{body}</body></text></{root}>"
    )


def test_tei_headings_pages_notes_and_lists() -> None:
    body = """<pb n="4"/><div><head>The <hi>First</hi> Voyage</head>
      <p>We left<note place="foot">In the <hi>rain</hi>.</note> at <pb n="5"/>noon.</p>
      <div><head>Stores</head><list type="ordered"><item>bread</item><item>oil
        <list><item>of whale</item></list></item></list>
      <table><row><cell>rope</cell><cell>9</cell></row></table></div></div><p>The end.</p>"""
    document = parse(readers.TeiReader(), tei(body))
    assert [(s.text, s.page, s.ref) for s in document.segments] == [
        ("The First Voyage", 4, "The First Voyage"),
        ("We left at noon.", 4, "The First Voyage"),
        ("In the rain.", 4, "notes"),
        ("Stores", 5, "The First Voyage > Stores"),
        ("1. bread", 5, "The First Voyage > Stores"),
        ("2. oil", 5, "The First Voyage > Stores"),
        ("  - of whale", 5, "The First Voyage > Stores"),
        ("rope | 9", 5, "The First Voyage > Stores"),
        ("The end.", 5, None),
    ]


@pytest.mark.parametrize("root", ["TEI", "TEI.2"])
def test_tei_forms(root: str) -> None:
    body = (
        "<p>We <choice><sic>seen</sic><corr>saw</corr></choice> "
        "<choice><orig>y<hi>e</hi></orig><reg>the</reg></choice> "
        "<choice><abbr>capt.</abbr><expan>captain</expan></choice><del> badly</del>.</p>"
    )
    text = tei(body, root=root)
    assert kind_of(text) == TEI
    assert texts(parse(readers.TeiReader(), text)) == ["We seen ye capt.."]
    chosen = readers.TeiReader(forms="regularized")
    assert texts(parse(chosen, text)) == ["We saw the captain."]
    with pytest.raises(InvalidParameter):
        readers.TeiReader(forms="modern")


def test_tei_p4_forms_in_attributes() -> None:
    body = '<p><sic corr="sailed">saild</sic> <reg orig="vpon">upon</reg> <corr>it</corr></p>'
    text = tei(body, root="TEI.2")
    assert texts(parse(readers.TeiReader(), text)) == ["saild vpon it"]
    assert texts(parse(readers.TeiReader(forms="regularized"), text)) == ["sailed upon it"]


def test_tei_verse_turns_and_utterances() -> None:
    header = (
        '<profileDesc><particDesc><person xml:id="p1"><persName>Inga Berg</persName></person>'
        "</particDesc></profileDesc>"
    )
    body = """<lg><l>The tide is out,</l>
      <l>the boats are in.</l></lg>
      <sp who="#x"><speaker>MATE.</speaker><stage>(aside)</stage><p>No wind.</p></sp>
      <u who="#p1"><seg>I rise to ask.</seg><seg>Who paid?</seg></u><u who="#p2">We did.</u>"""
    document = parse(readers.TeiReader(), tei(body, header))
    assert [(s.kind, s.speaker, s.text) for s in document.segments] == [
        ("paragraph", None, "The tide is out,\nthe boats are in."),
        ("turn", "MATE", "(aside)\nNo wind."),
        ("utterance", "Inga Berg", "I rise to ask.\nWho paid?"),
        ("utterance", "p2", "We did."),
    ]


def test_tei_breaks() -> None:
    body = '<p>one<lb/>two har-<lb break="no"/>bour<pb/>next<fw>catch</fw></p>'
    assert texts(parse(readers.TeiReader(), tei(body))) == ["one\ntwo harbour next"]


def test_tei_tokens_that_stand_together() -> None:
    body = (
        '<p><w>Fish</w>\n<w join="right">first</w>\n<pc>,</pc> <w>then</w> '
        '<pc join="left">!</pc></p>'
    )
    assert texts(parse(readers.TeiReader(), tei(body))) == ["Fish first, then!"]


def test_tei_tokens_with_spaces_as_elements() -> None:
    body = "<p>\n<w>Fish</w>\n<pc>,</pc>\n<c> </c>\n<w>then</w>\n<pc>.</pc>\n</p>"
    assert texts(parse(readers.TeiReader(), tei(body))) == ["Fish, then."]


def test_tei_colon_after_the_speaker_is_not_said() -> None:
    body = "<sp><speaker>Mr. Holm</speaker>: <p>No.</p></sp>"
    (segment,) = parse(readers.TeiReader(), tei(body)).segments
    assert (segment.speaker, segment.text) == ("Mr. Holm", "No.")


def test_tei_pages_without_plain_numbers_are_counted() -> None:
    body = '<pb n="ii"/><p>a</p><pb n="3"/><p>b</p>'
    assert [s.page for s in parse(readers.TeiReader(), tei(body)).segments] == [1, 2]


def test_tei_metadata() -> None:
    header = """<fileDesc><titleStmt><title>Letters</title><author>A. Writer</author></titleStmt>
      <publicationStmt><publisher>A House</publisher><date when="1912-05">May</date>
      <idno>L-1</idno><availability><licence target="https://example.org/l">Free</licence>
      </availability></publicationStmt><sourceDesc><bibl><date>1888</date></bibl></sourceDesc>
      </fileDesc><profileDesc><langUsage><language ident="is"/></langUsage></profileDesc>"""
    assert parse(readers.TeiReader(), tei("<p>a</p>", header)).metadata == {
        "title": "Letters",
        "author": "A. Writer",
        "publisher": "A House",
        "published": "1912-05",
        "identifier": "L-1",
        "source_date": "1888",
        "rights": "https://example.org/l; Free",
        "language": "is",
    }


def test_tei_corpus_is_a_document_for_each_text() -> None:
    text = f"<teiCorpus><teiHeader/>{tei('<p>a</p>')}{tei('')}{tei('<p>c</p>')}</teiCorpus>"
    found = parse_all(readers.TeiReader(), text)
    assert [(texts(d), d.provenance["member"]) for d in found] == [(["a"], "#1"), (["c"], "#3")]
    assert len({d.id for d in found}) == 2
    assert all(d.provenance["sha256"] for d in found)


def test_tei_entities_that_nobody_defined_are_letters() -> None:
    text = '<!DOCTYPE TEI.2 SYSTEM "http://127.0.0.1:9/tei.dtd">' + tei(
        "<p>caf&eacute; &mdash; open</p>", root="TEI.2"
    )
    assert texts(parse(readers.TeiReader(), text)) == ["café — open"]
    assert kind_of(text) == TEI


def test_tei_deep_and_wide_trees() -> None:
    deep = "<hi>" * 1500 + "deep" + "</hi>" * 1500
    assert texts(parse(readers.TeiReader(), tei(f"<p>{deep}</p>"))) == ["deep"]
    notes = "<note>n" * 500 + "</note>" * 500
    assert texts(parse(readers.TeiReader(), tei(f"<p>a{notes}</p>")))[0] == "a"
    wide = "".join(f"<p>paragraph {i}</p>" for i in range(5000))
    assert len(parse(readers.TeiReader(), tei(wide)).segments) == 5000


# Trees of anything: every letter that is not left out by rule is kept, once.
_INLINE = st.sampled_from(["hi", "emph", "name", "seg", "q", "ref", "unknown"])
_BLOCK = st.sampled_from(["div", "p", "ab", "lg", "l", "list", "item", "quote", "sp", "closer"])


@st.composite
def trees(draw: st.DrawFn, words: Iterator[int], depth: int = 0) -> str:
    name = draw(_INLINE if depth > 2 else st.one_of(_BLOCK, _INLINE))
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        parts.append(f" w{next(words)} ")
        if depth < 5 and draw(st.booleans()):
            parts.append(draw(trees(words, depth + 1)))
    return f"<{name}>{''.join(parts)}</{name}>"


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_tei_any_tree_keeps_every_word_in_order(data: st.DataObject) -> None:
    words = iter(range(10_000))
    body = "".join(data.draw(trees(words)) for _ in range(3))
    count = next(words)
    try:
        found = texts(parse(readers.TeiReader(), tei(body)))
    except DocumentError:
        assert count == 0
        return
    kept = [word for text in found for word in text.split() if word.startswith("w")]
    assert kept == [f"w{i}" for i in range(count)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(
            st.lists(st.text("abcdeþö", min_size=1, max_size=8), min_size=1, max_size=5),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_alto_keeps_every_word_in_order(blocks: list[list[list[str]]]) -> None:
    made = [block(*("".join(map(string, line)) for line in lines)) for lines in blocks]
    expected = ["\n".join(" ".join(line) for line in lines) for lines in blocks]
    assert texts(parse(readers.AltoReader(), alto(page(*made)))) == expected


# --- XML with a mapping

CATALOG = """<catalog xmlns="urn:any"><entry id="e1" xml:lang="is"><title>One</title><body>
<p>First <b>part</b>.</p><p kind="x">Second.</p></body></entry><entry id="e2"><body/></entry>
<note><p>Not in an entry.</p></note></catalog>"""


def test_xml_with_a_mapping() -> None:
    reader = readers.XmlReader(
        document="entry",
        text=("body//p", "title"),
        metadata={"id": "@id", "language": "@xml:lang", "kinds": "body/p/@kind", "name": "title"},
    )
    first, second = parse_all(reader, CATALOG)
    assert texts(first) == ["One", "First part.", "Second."]
    assert first.metadata == {"id": "e1", "language": "is", "kinds": "x", "name": "One"}
    assert second.drop_reason == "XmlReader: no text found (nothing is at body//p, title)"
    assert (first.provenance["member"], second.provenance["member"]) == ("#1", "#2")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("//p", ["First part.", "Second.", "Not in an entry."]),
        ("entry/body/p[1]", ["First part."]),
        ("//p[@kind='x']", ["Second."]),
        ("//body[p]", ["First part.Second."]),
        ("//entry[title='One']/title", ["One"]),
        ("*/p", ["Not in an entry."]),
        (".", ["OneFirst part.Second. Not in an entry."]),
        ("//*", ["OneFirst part.Second.", "Not in an entry."]),
    ],
)
def test_xml_paths(path: str, expected: list[str]) -> None:
    document = parse(readers.XmlReader(text=path), CATALOG)
    assert [
        " ".join(t.split()).replace(". ", ".", 1) if path == "x" else t for t in texts(document)
    ]
    assert ["".join(t.split()) for t in texts(document)] == ["".join(t.split()) for t in expected]


@pytest.mark.parametrize(
    "path", ["", "p[", "count(p)", "p | q", "/p", "p/@id", "document('x')", "p[position()<2]"]
)
def test_xml_paths_that_are_none(path: str) -> None:
    with pytest.raises(InvalidParameter):
        readers.XmlReader(text=(path,))


def test_xml_without_such_documents() -> None:
    with pytest.raises(DocumentError, match="no document in the XML"):
        parse_all(readers.XmlReader(text="p", document="//book"), CATALOG)


# --- the folder

KINDS = {
    "alto": (alto(page(block(string("An old newspaper")))), "AltoReader"),
    "hocr": (HOCR_PAGE, "HocrReader"),
    "mets": (METS_ISSUE, "MetsReader"),
    "page": (page_xml(f"<TextRegion>{equiv('An old deed')}</TextRegion>"), "PageXmlReader"),
    "tei": (tei("<p>An old letter.</p>"), "TeiReader"),
}


def rows(reader: Any) -> list[dict[str, Any]]:
    return [
        row
        for shard in reader.shards()
        for table in reader.read(shard)
        for row in table.to_pylist()
    ]


def test_folder_sends_each_kind_to_its_reader(tmp_path: Path) -> None:
    for name, (text, _) in KINDS.items():
        (tmp_path / f"{name}.xml").write_text(text)
        (tmp_path / f"{name}-wide.xml").write_bytes(
            text.replace("UTF-8", "UTF-16").encode("utf-16")
        )
    (tmp_path / "other.xml").write_text(CATALOG)
    found = {row["provenance"]["uri"]: row for row in rows(readers.FolderReader(str(tmp_path)))}
    for name, (_, reader) in KINDS.items():
        for file in (f"{name}.xml", f"{name}-wide.xml"):
            assert found[file]["drop_reason"] is None, found[file]
            assert found[file]["provenance"]["reader"] == reader
    assert "XML without a mapping" in found["other.xml"]["drop_reason"]
    mapped = readers.FolderReader(str(tmp_path), readers=(readers.XmlReader(text="//p"),))
    found = {row["provenance"]["uri"]: row for row in rows(mapped)}
    assert len(found["other.xml"]["segments"]) == 3
    assert found["tei.xml"]["provenance"]["reader"] == "TeiReader"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("<mets:mets xmlns:mets='http://www.loc.gov/METS/'/>", "a.xml", METS),
        ("<!-- <alto> --><catalog/>", "a.xml", sniff.XML),
        ("<altogether/>", "a.xml", sniff.XML),
        ("<alto> is a voice", "a.txt", sniff.TEXT),
        ("<html><body><p>alto</p></body></html>", "a.html", sniff.HTML),
        ("<!DOCTYPE TEI.2 [ <!-- x --> ]>\n<TEI.2><text/></TEI.2>", "a.xml", TEI),
    ],
)
def test_sniffing(text: str, name: str, expected: str) -> None:
    assert kind_of(text, name) == expected


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">'
    '<!ENTITY c SYSTEM "file:///etc/passwd">]>'
)
ALL = (readers.AltoReader(), readers.MetsReader(), readers.PageXmlReader(), readers.TeiReader(),
       readers.XmlReader(text="//p"))  # fmt: skip


@pytest.mark.parametrize("reader", ALL, ids=lambda r: type(r).__name__)
def test_entities_are_refused(reader: Any) -> None:
    for root in ("alto", "mets", "TEI.2", "PcGts"):
        with pytest.raises(DocumentError, match="unsafe XML"):
            parse(reader, BOMB.format(root=root) + f"<{root}>&b;&c;</{root}>")
        late = f"<!--{' ' * 70_000}-->{BOMB.format(root=root)}".replace('<?xml version="1.0"?>', "")
        with pytest.raises(DocumentError, match="unsafe XML"):
            parse(reader, f"{late}<{root}>&b;&c;</{root}>")


@pytest.mark.parametrize(("name", "reader"), [
    ("alto", readers.AltoReader()), ("hocr", readers.HocrReader()),
    ("mets", readers.MetsReader()), ("page", readers.PageXmlReader()), ("tei", readers.TeiReader()),
])  # fmt: skip
def test_damaged_files_are_read_or_rejected(name: str, reader: Any) -> None:
    data = KINDS[name][0].encode()
    chance = random.Random(5)
    for _ in range(60):
        broken = bytearray(data[: chance.randrange(len(data))] if chance.random() < 0.5 else data)
        for _ in range(chance.randrange(4)):
            if broken:
                broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        try:
            document = parse(reader, bytes(broken))
        except DocumentError:
            continue
        assert all(isinstance(s, Segment) and s.text for s in document.segments)


@pytest.mark.parametrize("reader", ALL[:4], ids=lambda r: type(r).__name__)
def test_another_format_is_told(reader: Any) -> None:
    with pytest.raises(DocumentError, match="its root is recipe"):
        parse_all(reader, "<recipe><step>Boil.</step></recipe>")


# Trees that no schema allows: elements of a format in any place, with values that fit nothing.
_FORMATS: dict[str, tuple[Any, str, str]] = {
    "alto": (
        readers.AltoReader(),
        "Layout Page PrintSpace TopMargin ComposedBlock TextBlock TextLine String SP HYP Tags "
        "StructureTag ReadingOrder ElementRef Description OCRProcessing processingSoftware",
        "ID REF IDNEXT TAGREFS CONTENT SUBS_TYPE SUBS_CONTENT WC HPOS VPOS WIDTH HEIGHT LABEL",
    ),
    "PcGts": (
        readers.PageXmlReader(),
        "Page TextRegion TextLine Word TextEquiv Unicode Coords Point ReadingOrder OrderedGroup "
        "RegionRefIndexed TableRegion Metadata MetadataItem TranskribusMetadata",
        "id regionRef index conf points x y type custom pageNr imageWidth imageHeight name value",
    ),
    "TEI": (
        readers.TeiReader(),
        "text body div head p lg l list item label table row cell note pb lb choice sic corr app "
        "rdg sp speaker u seg w pc del teiHeader fileDesc titleStmt title person persName",
        "n who break join type rend corr sic id when target",
    ),
    "mets": (
        readers.MetsReader(),
        "dmdSec mods titleInfo title name namePart structMap div fptr area smLink rightsMD",
        "ID TYPE LABEL FILEID DMDID type",
    ),
    "html": (
        readers.HocrReader(),
        "body div p span em b table td meta title",
        "class title id name content",
    ),
}
_WORDS = (
    "a b c 0 1 -1 1e400 nan HypPart1 HypPart2 no right both PHYSICAL page ocr_page ocr_par "
    "ocr_line ocrx_word ordered 1,2 3,"
)
_PHRASES = ("", "a b", "1,1 2,2", "bbox 0 0 9 9; x_wconf 50", "bbox 1 2", "structure {type:x;}")
_VALUES = st.sampled_from([*_WORDS.split(), *_PHRASES])


@st.composite
def odd_trees(draw: st.DrawFn, names: list[str], attributes: list[str], depth: int = 0) -> str:
    name = draw(st.sampled_from(names))
    given = draw(st.dictionaries(st.sampled_from(attributes), _VALUES, max_size=4))
    inside = [draw(st.sampled_from(["", "x", " word- ", "\u00ac"]))]
    if depth < 5:
        deeper = st.lists(odd_trees(names, attributes, depth + 1), max_size=3)
        inside += draw(deeper)
    said = "".join(f' {key}="{value}"' for key, value in given.items())
    return f"<{name}{said}>{''.join(inside)}</{name}>"


@pytest.mark.parametrize("root", list(_FORMATS))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_trees_that_no_schema_allows(root: str, data: st.DataObject) -> None:
    reader, names, attributes = _FORMATS[root]
    trees = [data.draw(odd_trees(names.split(), attributes.split())) for _ in range(2)]
    try:
        found = parse_all(reader, f"<{root}>{''.join(trees)}</{root}>")
    except DocumentError:
        return
    for document in found:
        assert document.segments
        for segment in document.segments:
            assert segment.text.strip()
            assert segment.bbox is None or all(0 <= value <= 1 for value in segment.bbox)
            assert segment.confidence is None or 0 <= segment.confidence <= 1
            assert segment.page is None or 0 <= segment.page < 2**31


def test_alto_says_what_it_is_of() -> None:
    said = (
        "<sourceImageInformation><fileName>7.tif</fileName><fileIdentifier>f7</fileIdentifier>"
        "<documentIdentifier>doc-1</documentIdentifier></sourceImageInformation>"
        "<OCRProcessing><ocrProcessingStep><processingStepSettings>An Engine 3"
        "</processingStepSettings></ocrProcessingStep></OCRProcessing>"
    )
    document = parse(readers.AltoReader(), alto(page(block(string("a"))), before=said))
    assert document.segments[0].origin == "ocr An Engine 3"
    assert document.metadata == {
        "pages": "1",
        "image": "7.tif",
        "page_identifier": "f7",
        "identifier": "doc-1",
    }


def test_alto_of_a_hundred_thousand_words() -> None:
    line = "".join(string(f"word{i}", 'WC="0.9" HPOS="1" VPOS="2"') for i in range(20))
    text = alto(page(*(block(*[line] * 50) for _ in range(100))))
    document = parse(readers.AltoReader(), text)
    assert sum(len(t.split()) for t in texts(document)) == 100_000


def test_xml_with_escaped_html() -> None:
    inside = (
        "&lt;h1&gt;Held&lt;/h1&gt;&lt;p&gt;Smith &amp;amp; Co. &lt;i&gt;won&lt;/i&gt;.&lt;/p&gt;"
    )
    reader = readers.XmlReader(text="body", html=True)
    document = parse(reader, f"<case><body>{inside}</body><body/></case>")
    assert [(s.text, s.ref) for s in document.segments] == [
        ("Held", "Held"),
        ("Smith & Co. won.", "Held"),
    ]


def test_real_files(real_data: Path) -> None:
    folder = real_data / "documents"
    opinion = (folder / "court_html" / "1ne3d259.xml").read_bytes()
    reader = readers.XmlReader(
        text=("HeaderHtml", "CaseHtml"), html=True, metadata={"date": "DecisionDate"}
    )
    assert kind_of(opinion) == sniff.XML
    document = parse(reader, opinion)
    assert document.metadata == {"date": "2013-12-24"}
    whole = " ".join(texts(document))
    assert "This case is before us on a reservation and report from a single justice." in whole
    assert "<" not in whole
    for name in ("billionlaughs.xml", "xxe.xml"):
        with pytest.raises(DocumentError, match="unsafe XML"):
            parse(readers.XmlReader(text="//a"), (folder / "archives" / name).read_bytes())
