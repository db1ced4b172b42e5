"""What speech recognizers put where nobody speaks: the furniture of captions.

Learnt from subtitles, where such lines stand over music and silence. `CREDITS` are hardly ever said
aloud, `PARTINGS` are said at the end of broadcasts, `ANSWERS` are everyday speech as well. None is a
proof: see `transcription.find`. Lower case, without punctuation, letters and digits only; a text
fits a credit that it holds, and a parting or an answer that it is.
"""

# ruff: noqa: E501
from __future__ import annotations

CREDITS = (
    # An address, or the name of a maker of subtitles, in whatever language.
    "amara org", "amaraorg", "opensubtitles", "castingwords", "subscene", "addic7ed", "dimatorzok",
    "zdf für funk", "swr 2020", "swr 2021", "copyright wdr", "untertitelung des zdf",
    # What precedes a name there.
    "subtitles by", "subtitled by", "subtitles created by", "captions by", "captioned by",
    "closed captioning by", "captioning provided by", "transcription by", "transcript by",
    "transcribed by", "translated by", "sync by", "corrected by", "like and subscribe",
    "subscribe to my channel", "subscribe to the channel", "subscribe to our channel",
    "untertitel von", "untertitel der", "untertitelung", "untertitel im auftrag",
    "sous titres par", "sous titres réalisés", "sous titrage", "soustitreur",
    "abonnez vous à la chaîne", "abonnez vous à ma chaîne",
    "subtítulos por", "subtítulos realizados", "subtitulado por", "suscríbete al canal",
    "suscríbete a mi canal", "legendas pela", "legendas por", "legendado por",
    "inscreva se no canal", "sottotitoli creati", "sottotitoli di", "sottotitoli a cura",
    "iscriviti al canale", "ondertiteling", "ondertiteld door", "ondertitels ingediend",
    "undertekster av", "undertekster fra", "undertekster af", "undertexter av", "undertextning av",
    "svensktextning", "teksting av", "tekstet av", "danske tekster", "tekstet af",
    "texti á íslensku", "íslenskur texti", "textun", "þýðandi", "skjátextar",
    "tekstitys", "suomenkielinen tekstitys", "suomennos",
    "napisy stworzone przez", "napisy przez", "napisy wykonał", "zdjęcia i montaż",
    "titulky vytvořil", "titulky od", "překlad a titulky", "titulky preložil",
    "felirat készült", "feliratok", "a feliratot készítette", "subtitrarea", "traducerea și adaptarea",
    "субтитры сделал", "субтитры создавал", "субтитры подогнал", "редактор субтитров",
    "корректор а егорова", "продолжение следует", "субтитри від", "підписуйтесь на канал",
    "подписывайтесь на канал", "υπότιτλοι", "altyazı", "abone olmayı unutmayın",
    "תרגום וסנכרון", "ترجمة نانسي", "اشتركوا في القناة", "字幕by", "字幕志愿者", "字幕提供",
    "请不吝点赞", "請不吝點贊", "訂閱", "中文字幕", "字幕視聴", "チャンネル登録",
    "자막 제공", "구독과 좋아요", "한글자막",
)  # fmt: skip

PARTINGS = (
    "thanks for watching", "thank you for watching", "thank you so much for watching",
    "thank you very much for watching", "thanks for listening", "thank you for listening",
    "please subscribe", "see you next time", "see you in the next video", "see you next video",
    "ill see you in the next video", "ill see you next time", "well be right back",
    "vielen dank fürs zuschauen", "danke fürs zuschauen", "danke fürs zuhören",
    "bis zum nächsten mal", "vielen dank für ihre aufmerksamkeit",
    "merci davoir regardé cette vidéo", "merci davoir regardé", "merci pour votre attention",
    "gracias por ver el video", "gracias por ver", "gracias por su atención", "nos vemos",
    "obrigado por assistir", "obrigada por assistir", "até a próxima", "até ao próximo vídeo",
    "grazie per aver guardato il video", "grazie per la visione", "grazie per lattenzione",
    "alla prossima", "bedankt voor het kijken", "tot de volgende keer", "tack för att ni tittade",
    "tack för att du har tittat", "tack för att ni har tittat", "takk for att du så på",
    "takk for at du så på", "takk for at dere så på", "takk for meg", "tak fordi du så med",
    "tak for at du så med", "takk fyrir að horfa", "takk fyrir áhorfið", "takk fyrir að hlusta",
    "kiitos katsomisesta", "kiitos kun katsoitte", "kiitos kun katsoit", "dziękuję za uwagę",
    "dzięki za oglądanie", "dziękuję za oglądanie", "dziękuję za obejrzenie", "do zobaczenia",
    "děkuji za pozornost", "děkuji za sledování", "ďakujem za pozornosť", "köszönöm a figyelmet",
    "köszönöm hogy megnézted", "vă mulțumim pentru vizionare", "mulțumesc pentru vizionare",
    "nu uitați să dați like", "спасибо за просмотр", "спасибо за внимание", "до новых встреч",
    "дякую за перегляд", "дякую за увагу", "ευχαριστώ που παρακολουθήσατε", "izlediğiniz için teşekkür ederim",
    "izlediğiniz için teşekkürler", "תודה שצפיתם", "شكرا على المشاهدة", "شكرا للمشاهدة",
    "ご視聴ありがとうございました", "ご清聴ありがとうございました", "最後までご視聴ありがとうございました",
    "おやすみなさい", "谢谢观看", "謝謝觀看", "谢谢大家", "感谢观看", "下次再见",
    "시청해주셔서 감사합니다", "시청해 주셔서 감사합니다", "감사합니다", "다음 영상에서 만나요",
)  # fmt: skip

ANSWERS = (
    "you", "thank you", "thank you very much", "thank you so much", "thanks", "bye", "bye bye",
    "okay", "ok", "oh", "so", "yeah", "yes", "no", "hmm", "mm", "uh", "um", "the", "i", "and", "hi",
    "the end", "im sorry", "music", "applause", "silence", "musik", "musique", "música", "musica",
    "muziek", "tónlist", "musiikkia", "muzyka", "музыка", "danke", "vielen dank", "tschüss", "merci",
    "gracias", "obrigado", "obrigada", "grazie", "ciao", "dank u", "dank je", "bedankt", "tack",
    "takk", "takk fyrir", "takk fyrir mig", "já", "jæja", "tak", "kiitos", "hei hei", "dziękuję",
    "dzięki", "děkuji", "köszönöm", "mulțumesc", "спасибо", "дякую", "ευχαριστώ", "teşekkürler",
    "תודה", "شكرا", "はい", "ありがとうございました", "谢谢", "嗯", "네",
)  # fmt: skip
