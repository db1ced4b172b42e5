"""Rich Text Format, read token by token.

Read here and not by unstructured, which asks pandoc: that knows the code page of western Europe
alone (all else is garbled, with a warning nobody sees) and puts the rows of a table into one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from datapartnerships.errors import DocumentError
from datapartnerships.readers._blocks import Block, table_text

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])"
    rb"|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_BINARY = re.compile(rb"(?<!\\)\\bin(\d{1,10}) ?")
# Windows character sets of fonts (`\\fcharset`), from the RTF specification 1.9.1.
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk",
    136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256",
    186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 255: "cp437",
}  # fmt: skip
_WORDS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"tab": "\t", b"emdash": "\u2014",
    b"endash": "\u2013", b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c",
    b"rdblquote": "\u201d", b"bullet": "\u2022", b"emspace": "\u2003", b"enspace": "\u2002",
}  # fmt: skip
_HEADING = re.compile(r"(?:heading ([1-9])|title);?", re.IGNORECASE)
_INFO = {b"title": "title", b"author": "author", b"subject": "subject", b"keywords": "keywords"}
# Groups that are no text of the document; a group that begins with `\*` is one too.
_SKIPPED = {
    b"colortbl", b"pict", b"object", b"themedata", b"datastore", b"listtable",
    b"listoverridetable", b"rsidtbl", b"generator", b"fldinst", b"xe", b"tc", b"operator",
    b"filetbl", b"revtbl", b"nonshppict", b"bkmkstart", b"bkmkend", b"objdata", b"sp", b"shprslt",
}  # fmt: skip
# Groups that are kept for what they say, and no text.
_SILENT = frozenset(("skip", "skip-info", "fonts"))
# Groups that begin with `\*` and hold text all the same.
_OPTIONAL_TEXT = {b"annotation", b"shpinst", b"footnote"}
_TABLES = {
    b"fonttbl": "fonts", b"stylesheet": "styles", b"listtext": "list mark", b"pntext": "list mark",
}  # fmt: skip
_NOTES = {b"footnote": "footnotes", b"annotation": "comments"}
_PAGE_PARTS = {
    **dict.fromkeys((b"header", b"headerl", b"headerr", b"headerf"), "page header"),
    **dict.fromkeys((b"footer", b"footerl", b"footerr", b"footerf"), "page footer"),
}


@dataclass(slots=True)
class _State:
    """What a group inherits from the one around it."""

    target: str = "text"
    encoding: str = "cp1252"
    hidden: bool = False
    in_table: bool = False
    level: int = 0
    style: int = 0
    # Bytes that stand for a `\\u` character in readers that do not know it.
    fallback: int = 1


@dataclass(slots=True)
class _Parser:
    metadata: dict[str, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    aside: list[Block] = field(default_factory=list)
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    default: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    font: int = 0
    styles: dict[int, int] = field(default_factory=dict)
    text: dict[str, list[str]] = field(default_factory=dict)
    pending: bytearray = field(default_factory=bytearray)
    skip: int = 0
    optional: bool = False
    cells: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    notes: int = 0

    def parse(self, data: bytes) -> None:
        for token in _TOKEN.finditer(data):
            word, number, code, symbol, brace, plain = token.groups()
            if word is not None:
                self.word(word, int(number) if number else None)
            elif code is not None:
                self.bytes_(bytes([int(code, 16)]))
            elif symbol is not None:
                self.symbol(symbol)
            elif brace == b"{":
                self.flush()
                self.stack.append(replace(self.state))
            elif brace == b"}":
                self.close()
            elif plain is not None:
                self.bytes_(plain)
        self.flush()
        if len(self.stack) > 0:
            self.metadata["damage"] = f"it ends inside {len(self.stack):,} open groups"
        while self.stack:
            self.close()
        self.paragraph()
        self.table()

    def close(self) -> None:
        """The end of a group: what it held goes where it belongs."""
        self.flush()
        ended, before = self.state, self.stack.pop() if self.stack else _State()
        self.state = before
        if ended.target == "styles":
            name = _HEADING.fullmatch("".join(self.text.pop("styles", [])).strip())
            self.styles[ended.style] = int(name[1] or 1) if name else ended.level
            return
        if ended.target != before.target and ended.target not in ("text", "skip", "fonts"):
            self.set_aside(ended.target, "".join(self.text.pop(ended.target, [])).strip())

    def set_aside(self, target: str, text: str) -> None:
        if not text:
            return
        if target in ("footnotes", "comments"):
            self.notes += 1
            self.emit(f"[{self.notes}]")
            self.aside.append(Block(f"[{self.notes}] {text}", place=target))
        elif target == "list mark":
            # A bullet is a character of a symbol font, or an "o" of another.
            self.emit(f"{text if text != 'o' and any(map(str.isalnum, text)) else '-'} ")
        elif target in ("page header", "page footer"):
            self.aside.append(Block(text, place=target))
        else:
            self.metadata[target] = text

    def word(self, word: bytes, number: int | None) -> None:
        if word == b"u" and number is not None:
            self.flush()
            self.emit(chr(number & 0xFFFF))
            self.skip = self.state.fallback
            return
        self.flush()
        if self.optional and word not in _OPTIONAL_TEXT:
            self.state.target = "skip"
        self.optional = False
        if word in _WORDS:
            self.break_or_character(word)
        elif word in (b"cell", b"nestcell", b"row", b"nestrow"):
            self.cell(word)
        elif word in _SKIPPED:
            self.state.target = "skip"
        elif self.state.target != "skip":
            self.control(word, number)

    def control(self, word: bytes, number: int | None) -> None:
        if word in _TABLES:
            self.state.target = _TABLES[word]
        elif word == b"f" and number is not None:
            self.font = number
            self.state.encoding = self.fonts.get(number, self.default)
        elif word == b"fcharset" and number is not None:
            charset = self.default if number in (0, 1, 2) else _CHARSETS.get(number, self.default)
            self.fonts[self.font] = charset
        elif word in (b"ansicpg", b"mac", b"pc", b"pca"):
            self.code_page(word, number)
        elif word == b"uc":
            self.state.fallback = number if number is not None else 1
        elif word in (b"v", b"deleted"):
            self.state.hidden = number != 0
        elif word == b"plain":
            self.state.hidden = False
        elif word == b"pard":
            self.state.in_table, self.state.level = False, 0
        elif word == b"intbl":
            self.state.in_table = True
        elif word == b"s" and number is not None:
            self.state.style, self.state.level = number, self.styles.get(number, 0)
        elif word == b"outlinelevel" and number is not None:
            self.state.level = number + 1 if number < 9 else 0
        elif word in _NOTES or word in _PAGE_PARTS:
            self.state.target = _NOTES.get(word) or _PAGE_PARTS[word]
        elif word == b"info":
            self.state.target = "skip-info"
        elif self.state.target == "skip-info" and word in _INFO:
            self.state.target = _INFO[word]

    def code_page(self, word: bytes, number: int | None) -> None:
        name = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}.get(word, f"cp{number}")
        try:
            b"".decode(name)
        except LookupError:
            name = {10000: "mac_roman", 65001: "utf-8"}.get(number or 0, "cp1252")
        self.default = self.state.encoding = name

    def symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.optional = True
        elif symbol in b"\r\n":
            self.word(b"par", None)
        elif symbol == b"~":
            self.flush()
            self.emit("\u00a0")
        elif symbol == b"_":
            self.bytes_(b"-")
        elif symbol in b"\\{}":
            self.bytes_(symbol)

    def bytes_(self, data: bytes) -> None:
        if self.skip:
            skipped = min(self.skip, len(data))
            self.skip -= skipped
            data = data[skipped:]
        if data and self.state.target not in _SILENT:
            self.pending += data

    def flush(self) -> None:
        """Bytes are decoded in runs: a character of East Asia is two of them."""
        self.skip = 0
        if self.pending:
            text = self.pending.decode(self.state.encoding, "replace")
            self.pending.clear()
            self.emit(text)

    def emit(self, text: str) -> None:
        target = self.state.target
        if target not in _SILENT and not self.state.hidden:
            self.text.setdefault(target, []).append(text)

    def break_or_character(self, word: bytes) -> None:
        ends = word in (b"par", b"sect", b"page")
        if ends and self.state.target == "text" and not self.state.in_table:
            self.paragraph()
        else:
            self.emit(_WORDS[word])

    def paragraph(self) -> None:
        text = "".join(self.text.pop("text", [])).strip()
        if text:
            self.table()
            self.blocks.append(Block(text, level=self.state.level))

    def cell(self, word: bytes) -> None:
        if self.state.target != "text":
            return
        if word in (b"cell", b"nestcell"):
            self.cells.append("".join(self.text.pop("text", [])))
        elif self.cells:
            self.rows.append(self.cells)
            self.cells = []

    def table(self) -> None:
        if self.cells:
            self.rows.append(self.cells)
        if self.rows:
            self.blocks.append(Block(table_text(self.rows)))
        self.cells, self.rows = [], []


def rtf_blocks(data: bytes) -> tuple[list[Block], dict[str, str]]:
    """The blocks of an RTF file and what it says about itself."""
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rtf"):
        raise DocumentError("damaged RTF", "it does not begin with {\\rtf")
    parser = _Parser()
    parser.parse(_without_binary(data))
    return [_clean(block) for block in (*parser.blocks, *parser.aside)], {
        key: _paired(value) for key, value in parser.metadata.items()
    }


def _without_binary(data: bytes) -> bytes:
    """Without the bytes of pictures and objects, in which braces are none."""
    parts, at = [], 0
    while match := _BINARY.search(data, at):
        end = match.end() + int(match[1])
        if end > len(data):
            break
        parts.append(data[at : match.start()])
        at = end
    return b"".join([*parts, data[at:]])


def _clean(block: Block) -> Block:
    block.text = _paired(block.text)
    return block


def _paired(text: str) -> str:
    """`\\u` gives UTF-16 units: pairs of surrogates become one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
