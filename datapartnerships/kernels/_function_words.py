"""Small words that tell a language in few tokens, and the scripts that languages are written in.

About thirty of the most frequent words a language, of which those that neighbors share tell nothing
by themselves: languages of one family are never held against each other (`FAMILY`).
"""

# ruff: noqa: E501
from __future__ import annotations

WORDS = {
    "en": "the of and to in that is was it for with you not this have are but be on at we they what "
    "there would which from his her she he your about will my so if or do",
    "de": "der die und das nicht ist ich ein eine zu den mit sich auf es auch dem sie wir dass war wie "
    "aber oder noch nach bei einen von für hat wird sind",
    "nl": "de het een van en niet dat is ik te zijn op met voor er maar die aan ook als bij dan wat naar "
    "deze wordt heeft nog uit",
    "sv": "och att det som en är av för jag inte på med den till ett om han vi men var har de så från "
    "när kan skulle också",
    "da": "og at det som en er af for jeg ikke på med den til et om han vi men var har de så fra når kan "
    "blev også efter",
    "nb": "og at det som en er av for jeg ikke på med den til et om han vi men var har de så fra når kan "
    "ble også etter",
    "is": "og að í á það sem er ekki við um en var til af með hann ég þetta þá því eru fyrir hún þeir "
    "hafa verið svo ef eða þess þessi frá",
    "fo": "og at í á tað sum er ikki við um men var til av hann eg hetta tá tí eru fyri hon teir hava "
    "verið so ella hesin frá",
    "fr": "le la les de des et est un une que qui pas je vous nous dans pour ce il elle sur avec au plus "
    "mais on du sont cette ne ou",
    "es": "el la los las de y que en un una es no se por con para su lo como pero más al del yo está "
    "esta muy cuando hay fue sus",
    "pt": "o a os as de e que em um uma é não se por com para seu do da como mas mais ao no na eu está "
    "muito quando foi são",
    "it": "il la i gli le di e che in un una è non si per con del della sono come ma più al nel io questo "
    "anche ha quando lo era",
    "ro": "și de la în nu că este un o cu pe pentru mai sunt din ce care dar să se au fost această când "
    "lui după",
    "pl": "i w nie na się z do że to jest jak po co ale od za tak ja był czy przez dla tym być już tylko "
    "jego są",
    "cs": "a v se na je že to s z do i o jako ale by jsem za tak když které jsou pro není byl bylo jeho "
    "už",
    "fi": "ja on ei se että hän oli joka mutta niin kun minä ovat olen myös kuin tämä mitä sitä nyt vain "
    "jos ole sen ne",
    "hu": "a az és hogy nem is egy van ez meg de volt csak mint már azt ki ha én még vagy el lesz kell "
    "nagyon ezt",
    "tr": "bir ve bu için ne de da ben çok var değil daha gibi ama o kadar olarak sonra her mi en ile "
    "olan şey",
}  # fmt: skip
FAMILY = {"nb": "scandinavian", "nn": "scandinavian", "no": "scandinavian", "da": "scandinavian",
          "sv": "scandinavian", "is": "insular", "fo": "insular", "es": "iberian", "pt": "iberian",
          "gl": "iberian", "ca": "iberian", "cs": "czech", "sk": "czech", "nl": "dutch",
          "af": "dutch"}  # fmt: skip

# The first code point of a block, its script, and how many letters of Latin script one of its
# letters stands for when it is spoken: about 2.5 letters a syllable of Latin script, and a syllable a
# letter in Hangul and kana, somewhat more in Han characters; vowels mostly unwritten in Arabic and
# Hebrew.
BLOCKS = (
    (0x0000, "", 0.0), (0x0030, "digit", 1.0), (0x003A, "", 0.0), (0x0041, "latin", 1.0),
    (0x005B, "", 0.0), (0x0061, "latin", 1.0), (0x007B, "", 0.0), (0x00AA, "latin", 1.0),
    (0x00AB, "", 0.0), (0x00C0, "latin", 1.0), (0x0300, "mark", 0.0), (0x0370, "greek", 1.0),
    (0x0400, "cyrillic", 1.0), (0x0530, "armenian", 1.0), (0x0590, "hebrew", 1.4),
    (0x0600, "arabic", 1.3), (0x0780, "indic", 1.0), (0x0E00, "thai", 0.9), (0x0E80, "lao", 0.9),
    (0x0F00, "indic", 1.0), (0x1000, "burmese", 0.9), (0x10A0, "georgian", 1.0),
    (0x1100, "hangul", 1.0), (0x1200, "ethiopic", 2.2), (0x1380, "", 0.0), (0x1780, "khmer", 0.9),
    (0x1800, "indic", 1.0), (0x1C80, "", 0.0), (0x1E00, "latin", 1.0), (0x1F00, "greek", 1.0),
    (0x2000, "", 0.0), (0x3041, "kana", 2.0), (0x30FB, "", 0.0), (0x30FC, "kana", 2.0),
    (0x3100, "", 0.0), (0x3400, "han", 2.8), (0xA000, "", 0.0), (0xAC00, "hangul", 2.5),
    (0xD7A4, "", 0.0), (0xF900, "han", 2.8), (0xFB00, "", 0.0), (0xFF10, "digit", 1.0),
    (0xFF1A, "", 0.0), (0xFF21, "latin", 1.0), (0xFF5B, "", 0.0), (0xFF66, "kana", 2.0),
    (0xFFA0, "", 0.0), (0x20000, "han", 2.8), (0x32000, "", 0.0),
)  # fmt: skip
SCRIPT_OF = {"ru": "cyrillic", "uk": "cyrillic", "be": "cyrillic", "bg": "cyrillic", "mk": "cyrillic",
             "kk": "cyrillic", "mn": "cyrillic", "tg": "cyrillic", "el": "greek", "he": "hebrew",
             "yi": "hebrew", "ar": "arabic", "fa": "arabic", "ur": "arabic", "ps": "arabic",
             "th": "thai", "lo": "lao", "ka": "georgian", "hy": "armenian", "ja": "japanese",
             "zh": "han", "yue": "han", "ko": "hangul", "am": "ethiopic", "my": "burmese",
             "km": "khmer", **dict.fromkeys(("hi", "bn", "ta", "te", "kn", "ml", "mr", "gu", "pa",
             "ne", "si", "sa", "as", "bo"), "indic"), **dict.fromkeys((*WORDS, "nn", "no", "ca", "gl",
             "af", "sk", "sl", "hr", "et", "lv", "lt", "eu", "cy", "ga", "id", "ms", "vi", "sw",
             "sq", "mt", "la", "br", "oc", "lb", "tl", "yo", "so", "haw", "mi"), "latin")}  # fmt: skip
