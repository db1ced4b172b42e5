"""Names of speakers and notes of sounds, as transcripts and captions have them."""

from __future__ import annotations

import re

# What stands before a colon in forms, letters, logs, minutes and word lists, and is nobody's name.
_NO_NAMES_WRITTEN = """
    re subject from to cc bcc date sent time place venue address phone tel telephone fax mobile
    email e-mail mail web website url name title author editor publisher isbn issn price total sum
    amount note notes nb warning caution important tip hint error info debug trace fatal critical
    notice example examples figure fig table chapter section part page appendix source sources
    reference references see summary abstract keywords contents index ingredients method serves step
    action decision item agenda present absent apologies minutes attachment attachments enclosure ps
    p.s http https ftp file version license copyright status type size color id no number ref order
    input output usage returns args parameters default description todo fixme result results term
    definition synonym etymology plural english icelandic german french spanish italian portuguese
    polish danish swedish norwegian dutch russian latin greek japanese chinese arabic finnish
    betreff datum von an name adresse telefon hinweis achtung beispiel abbildung tabelle anlage
    objet date lieu nom adresse remarque attention exemple efni dagsetning dags frá til nafn
    heimilisfang sími netfang athugið ath dæmi mynd tafla heimild asunto fecha nombre nota ejemplo
    oggetto data nome esempio temat uwaga
"""
_NO_NAMES = frozenset(_NO_NAMES_WRITTEN.split())
_SMALL_WRITTEN = """
    de da do dos del della di du la le van von der den des zu of the and og und et y e i for
"""
_SMALL = frozenset(_SMALL_WRITTEN.split())
_MOST_WORDS = 6
_MOST_CHARACTERS = 48
_NUMBERED = re.compile(
    r"(?:speaker|sprecher|spk|participant|unknown|mælandi|locuteur)[ _-]?\w{0,3}", re.I
)
_WORD = re.compile(r"[^\W_]+")

_SOUNDS = {
    "music": "music musik musique música musica tónlist muziek muzyka музыка hudba zene 音楽 音乐 "
    "singing song sings jingle ♪ ♫ ♬",
    "applause": "applause clapping applaus beifall applaudissements aplausos applausi lófatak "
    "lófaklapp oklaski аплодисменты taputuksia applåder 拍手 掌声 cheering",
    "laughter": "laughter laughs laughing gelächter lachen heiterkeit rires risas risate hlátur "
    "hlær śmiech смех gelach skratt latter 笑 笑い 笑声",
    "silence": "silence stille þögn silencio silenzio cisza тишина",
}
_SOUND_OF = {word: sound for sound, words in _SOUNDS.items() for word in words.split()}
_UNHEARD_WRITTEN = """
    inaudible unintelligible indiscernible unverständlich óskýrt ógreinilegt
"""
_UNHEARD = frozenset(_UNHEARD_WRITTEN.split())
_NOTE = re.compile(r"\s*(?:\[([^\[\]]{1,80})\]|\(([^()]{1,80})\)|（([^（）]{1,80})）)[.\s]*")
_OPENING = frozenset("[(（♪♫♬# ")
_NOTES_OF_SOUNDS = re.compile(r"[♪♫♬#\s]*[♪♫♬][♪♫♬#\s]*")


def is_name(label: str) -> bool:
    """Whether `label`, which a colon follows, can be what somebody is called."""
    if not 0 < len(label) <= _MOST_CHARACTERS or not (label[0].isalpha() or label[0] == "\ufffd"):
        return False
    if _NUMBERED.fullmatch(label):
        return True
    words = label.split()
    if len(words) > _MOST_WORDS or label.casefold().rstrip(".") in _NO_NAMES:
        return False
    if words[0].casefold() in _NO_NAMES and any(c.isdigit() for c in label):  # "Figure 3"
        return False
    return all(_part(word, first=not i) for i, word in enumerate(words)) and not label[0].islower()


def _part(word: str, *, first: bool) -> bool:
    """A word of a name: with a capital, of a script without them, a particle or a number."""
    if word[-1] in ",;!?" and first:
        return word[-1] == ","
    bare = word.strip("().,'\"’-/&")
    if not bare:
        return word in ("&", "-", "/")
    if word.endswith(".") and len(bare) > 5:
        return False
    return not bare[0].islower() or bare in _SMALL


def note(text: str) -> str | None:
    """What stands between the brackets, where they hold all of `text`."""
    found = _NOTE.fullmatch(text)
    return (found[1] or found[2] or found[3]).strip() if found else None


def sound(text: str) -> str | None:
    """The sound that a note such as ``(Applause)`` or a row of ♪ names, or None."""
    if text[:1] not in _OPENING:
        return None
    if _NOTES_OF_SOUNDS.fullmatch(text):
        return "music"
    inner = note(text)
    if inner is None:
        return None
    words = _WORD.findall(inner.casefold())
    if len(words) > 5:
        return None
    return next((_SOUND_OF[word] for word in words if word in _SOUND_OF), None)


def is_unheard(text: str) -> bool:
    """Whether it only says that there were words which nobody understood."""
    inner = note(text) if text[:1] in _OPENING else None
    return inner is not None and not _UNHEARD.isdisjoint(_WORD.findall(inner.casefold()))
