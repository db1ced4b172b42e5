"""Function words by language, for the rule that prose has at least two of them.

Those of `_function_words`, and of more languages, written down from general knowledge. In Chinese
and Japanese they are single letters, as `kernels.words` cuts those. Thai, Lao, Khmer and Burmese
have no list: their function words are of several letters, which only a dictionary can find.
"""

# ruff: noqa: E501
from __future__ import annotations

from datapartnerships.kernels._function_words import WORDS

# At most 64 a language: who counts them keeps them as bits.
MORE = {
    "ar": "في من على إلى أن التي الذي هذا هذه كان ما لا عن مع أو كل بعد قبل بين ثم قد لم هو هي ذلك إن و لكن حتى عند",
    "be": "і у не на што з як да гэта ён але па за ад для яна было быў так ці калі яго тым або іх",
    "bg": "на и в да се не от за с че по са към като това как ще при или но след до беше може което който той тя",
    "bn": "এবং ও এই যে করে না থেকে হয় জন্য একটি তার করা এর কি সে আমি তিনি কিন্তু বা সঙ্গে",
    "bs": "i u je na se da za su od sa ne što kao iz koji koja bi ali ili kako po te to nije biti",
    "ca": "el la els les de i que en un una és no per amb del al com més però aquest aquesta són o ha es va seu quan",
    "cy": "y yr a yn i o ar mae ac am ei eu ni oedd wedi hyn fel gan at neu bod ond hefyd nid",
    "el": "και το να του η της με για που από την είναι στο τα δεν οι σε των στην μια ένα θα στη ή αν ως αυτό έχει τον στα τις",
    "et": "ja on ei et see oli ka mis kui aga ta ning nii või oma kes siis selle tema mida võib ole seda",
    "eu": "eta da ez ere du dute bat baina zen edo dira dela hau izan bere zuen egin hori baino",
    "fa": "و در به از که این را با است برای آن یک خود تا بر هم بود شد می نیز اما یا او ما های کرد هر",
    "ga": "an na agus ar i go a is le ag do sé bhí tá sin don mar nó ní ó atá féin siad leis seo",
    "gl": "o a os as de e que en un unha non se por con para do da como máis pero ao na no é foi son",
    "he": "של את על לא זה הוא עם כי גם או אם היא היה אני יש מה כל כך אל בין יותר אך הם אבל ידי",
    "hi": "के में है की और को से का पर हैं कि यह इस एक लिए ने भी नहीं या जो तो कर हो किया तथा था आप करें गया करने",
    "hr": "i u je na se da za su od s ne što kao iz koji koja bi ali ili kako po te to nije biti",
    "hy": "և է որ մեջ ու էր են այս համար իր մի ոչ բայց նա նաև հետ կամ թե ինչ այդ",
    "id": "yang dan di dengan untuk dari ini itu dalam tidak pada adalah akan oleh sebagai juga atau karena telah bisa ke ada mereka saya",
    "ja": "の に は を た が で と し て れ さ あ い る も な す か ら こ よ",
    "ka": "და არ რომ ეს იყო არის მისი რა თუ მაგრამ იმ უნდა ამ როგორც ის კი ან რომელიც",
    "ko": "이 그 및 수 있는 있습니다 것 등 또는 때 한 더 하는 대한 위해 경우 그리고 하지만 없는 있다 것이다 합니다 다른 모든 같은 다음 것을 것은 저 이런",
    "lb": "an de den d dat ass net vun et mat fir ech hien si op och wéi ze eng en um zu am awer sech",
    "lt": "ir yra kad su į iš tai kaip ne buvo bet o dėl jis ar už per jo apie taip prie nuo būti tik jau",
    "lv": "un ir ar no ka uz par kas tas bet arī nav kā pie bija lai ja vai to pēc viņš jau līdz tikai",
    "mk": "и на во да се не од за со дека по е тоа како ќе при или но што беше може кој таа тој ги го",
    "mt": "u li ta fil il ma minn dan din kien jew biex kif hija huwa wkoll lil fuq iktar bħala",
    "nn": "og at det som ein er av for eg ikkje på med den til eit om han vi men var har dei så frå når kan vart også etter",
    "ru": "и в не на что с как это по но из у за от к он она для так же или если все его был было быть при только вы можно мы до то",
    "sk": "a v sa na je že to s z do o aj ako ale by som za tak keď ktoré sú pre nie bol bolo jeho už",
    "sl": "in v je na se da za so od z ne kot ki pa s bi ali kako po to ni biti tudi še tem iz",
    "sq": "të e në dhe i për një me nga që është së si nuk ka u do janë por ose më ky kjo ai",
    "sr": "и у је на се да за су од са не што као из који која би али или како по те то није i u je na se da za su od sa ne što kao iz koji koja bi ali ili kako",
    "sw": "na ya wa kwa ni katika la za kuwa cha hii huo yake au kama hiyo lakini pia sana mtu wake hilo",
    "uk": "і в не на що з як це та по але за від до для він вона так або якщо його був було бути при ми ви із у має",
    "ur": "کے میں ہے کی اور کو سے کا پر ہیں کہ یہ اس ایک نے بھی نہیں یا جو تو کر ہو تھا لیے",
    "vi": "và của là có trong cho không được một các với người đã này để những khi từ như cũng đến ra thì sẽ về",
    "zh": "的 是 不 在 了 有 和 人 这 中 为 上 个 以 我 他 会 与 可 要 到 这 就 也 而 或 其 将 之 這 個 為 會 與 於 後",
}  # fmt: skip
OTHER_NAMES = {"no": "nb", "cmn": "zh", "yue": "zh"}


def stop_words() -> dict[str, tuple[str, ...]]:
    """By ISO 639-1 code."""
    found = {code: tuple(dict.fromkeys(words.split())) for code, words in {**WORDS, **MORE}.items()}
    found.update({name: found[code] for name, code in OTHER_NAMES.items()})
    return found
