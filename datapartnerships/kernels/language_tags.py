"""The languages that can be told, as BCP 47 tags."""

from __future__ import annotations

from collections.abc import Iterable

from datapartnerships.errors import InvalidParameter, UnknownName

UNKNOWN = "und"
# The model's class of what is no language: numbers, codes, random letters.
NO_LANGUAGE = "zxx"

_BY_N_GRAMS = """
    ace af am an ar ary arz as az ba bcl be bg bn br bs ca crh cs cy da de dz el en eo es et eu
    ext fa fi fo fr fuv fy ga gcf gcr gd gl gom grc gu gug guw ha hbo he hi hr ht hu hy id ig is
    it ja jv ka kab ki kk km kn ko ku ky la lb lg lij ln lo lt ltg lv mg mk ml mn mr ms mt my nb
    ne nl nn nso oc om or pa pcm pl ps pt qu ro ru rw sa sdh se si sk sl sn so sq sr st sv sw ta
    te tg th tk tl tr tt ug uk ur uz uzs vec vi vo wa wuu xh yo yue zh zu
"""
_BY_SECOND_OPINION = """
    aa ab ak ay bho bi bo ceb chr co crs dv ee fj gaa gn gv haw hmn ia ie ik iu kha kl kri ks
    lif loz lua luo mfe mi na new nr ny os pam raj rm rn sco sd sg sm ss su syr ti tn to ts tum
    tw ve war wo yi za
"""
# Told by both modes: by n-grams, and the others where these are in doubt.
TAGS = frozenset((_BY_N_GRAMS + _BY_SECOND_OPINION).split())

# Rarely written ones beside a near relative that is written much: less likely, where nothing else
# is known.
_RARE = """
    ace an ary arz bcl crh dz ext fuv gcf gcr gom grc gug guw hbo kab ki lij ltg nso pcm sdh uzs
    vec vo wa wuu
"""
RARE = frozenset(_RARE.split())


def check_tags(owner: object, parameter: str, tags: Iterable[str], more: frozenset[str]) -> None:
    """An error for a tag that is never answered; `more` are allowed besides the languages."""
    if isinstance(tags, str):
        raise InvalidParameter(owner, parameter, 'a tuple of tags, such as ("is", "en")', tags)
    for tag in tags:
        if tag == "no":
            raise InvalidParameter(
                owner, parameter, "nb (Bokmål) or nn (Nynorsk) for Norwegian", tag
            )
        if tag not in TAGS and tag not in more:
            where = f"{parameter} of {type(owner).__name__}"
            raise UnknownName("language", str(tag), TAGS | more, where=where)
