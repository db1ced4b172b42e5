"""Words around dates and ages, by language: general vocabulary, written for this file."""

from __future__ import annotations

# Full and short names of the twelve months, case forms included, in the order of the year.
MONTHS: dict[str, tuple[str, ...]] = {
    "ca": ("gener gen", "febrer febr", "març", "abril abr", "maig", "juny", "juliol jul",
           "agost ag", "setembre set", "octubre oct", "novembre nov", "desembre des"),
    "cs": ("ledna leden", "února únor", "března březen", "dubna duben", "května květen",
           "června červen", "července červenec", "srpna srpen", "září", "října říjen",
           "listopadu listopad", "prosince prosinec"),
    "da": ("januar jan", "februar feb", "marts", "april apr", "maj", "juni jun", "juli jul",
           "august aug", "september sept sep", "oktober okt", "november nov", "december dec"),
    "de": ("januar jänner jan", "februar feb", "märz mrz", "april apr", "mai", "juni jun",
           "juli jul", "august aug", "september sept sep", "oktober okt", "november nov",
           "dezember dez"),
    "el": ("ιανουαρίου ιανουάριος", "φεβρουαρίου φεβρουάριος", "μαρτίου μάρτιος",
           "απριλίου απρίλιος", "μαΐου μάιος", "ιουνίου ιούνιος", "ιουλίου ιούλιος",
           "αυγούστου αύγουστος", "σεπτεμβρίου σεπτέμβριος", "οκτωβρίου οκτώβριος",
           "νοεμβρίου νοέμβριος", "δεκεμβρίου δεκέμβριος"),
    "en": ("january jan", "february feb", "march mar", "april apr", "may", "june jun",
           "july jul", "august aug", "september sept sep", "october oct", "november nov",
           "december dec"),
    "es": ("enero ene", "febrero feb", "marzo mar", "abril abr", "mayo", "junio jun", "julio jul",
           "agosto ago", "septiembre setiembre sept sep", "octubre oct", "noviembre nov",
           "diciembre dic"),
    "et": ("jaanuar jaanuaril", "veebruar veebruaril", "märts märtsil", "aprill aprillil",
           "mai mail", "juuni juunil", "juuli juulil", "august augustil", "september septembril",
           "oktoober oktoobril", "november novembril", "detsember detsembril"),
    "fi": ("tammikuuta tammikuun tammikuussa", "helmikuuta helmikuun helmikuussa",
           "maaliskuuta maaliskuun maaliskuussa", "huhtikuuta huhtikuun huhtikuussa",
           "toukokuuta toukokuun toukokuussa", "kesäkuuta kesäkuun kesäkuussa",
           "heinäkuuta heinäkuun heinäkuussa", "elokuuta elokuun elokuussa",
           "syyskuuta syyskuun syyskuussa", "lokakuuta lokakuun lokakuussa",
           "marraskuuta marraskuun marraskuussa", "joulukuuta joulukuun joulukuussa"),
    "fr": ("janvier janv", "février fevrier févr fév", "mars", "avril avr", "mai", "juin",
           "juillet juil", "août aout", "septembre sept", "octobre oct", "novembre nov",
           "décembre decembre déc"),
    "hr": ("siječnja", "veljače", "ožujka", "travnja", "svibnja", "lipnja", "srpnja", "kolovoza",
           "rujna", "listopada", "studenoga studenog", "prosinca"),
    "hu": ("január jan", "február febr", "március márc", "április ápr", "május máj",
           "június jún", "július júl", "augusztus aug", "szeptember szept", "október okt",
           "november nov", "december dec"),
    "is": ("janúar jan", "febrúar feb", "mars", "apríl apr", "maí", "júní jún", "júlí júl",
           "ágúst ágú", "september sept sep", "október okt", "nóvember nóv", "desember des"),
    "it": ("gennaio genn gen", "febbraio febbr feb", "marzo mar", "aprile apr", "maggio magg",
           "giugno giu", "luglio lug", "agosto ago", "settembre sett set", "ottobre ott",
           "novembre nov", "dicembre dic"),
    "lt": ("sausio", "vasario", "kovo", "balandžio", "gegužės", "birželio", "liepos",
           "rugpjūčio", "rugsėjo", "spalio", "lapkričio", "gruodžio"),
    "lv": ("janvāris janvārī", "februāris februārī", "marts martā", "aprīlis aprīlī",
           "maijs maijā", "jūnijs jūnijā", "jūlijs jūlijā", "augusts augustā",
           "septembris septembrī", "oktobris oktobrī", "novembris novembrī",
           "decembris decembrī"),
    "nb": ("januar jan", "februar feb", "mars", "april apr", "mai", "juni", "juli",
           "august aug", "september sept", "oktober okt", "november nov", "desember des"),
    "nl": ("januari jan", "februari febr feb", "maart mrt", "april apr", "mei", "juni jun",
           "juli jul", "augustus aug", "september sept sep", "oktober okt", "november nov",
           "december dec"),
    "pl": ("stycznia styczeń", "lutego luty", "marca marzec", "kwietnia kwiecień", "maja",
           "czerwca czerwiec", "lipca lipiec", "sierpnia sierpień", "września wrzesień",
           "października październik", "listopada listopad", "grudnia grudzień"),
    "pt": ("janeiro jan", "fevereiro fev", "março mar", "abril abr", "maio", "junho jun",
           "julho jul", "agosto ago", "setembro set", "outubro out", "novembro nov",
           "dezembro dez"),
    "ro": ("ianuarie ian", "februarie", "martie", "aprilie", "mai", "iunie", "iulie", "august",
           "septembrie", "octombrie", "noiembrie", "decembrie"),
    "ru": ("января январь", "февраля февраль", "марта март", "апреля апрель", "мая май",
           "июня июнь", "июля июль", "августа август", "сентября сентябрь", "октября октябрь",
           "ноября ноябрь", "декабря декабрь"),
    "sk": ("januára", "februára", "marca", "apríla", "mája", "júna", "júla", "augusta",
           "septembra", "októbra", "novembra", "decembra"),
    "sl": ("januarja", "februarja", "marca", "aprila", "maja", "junija", "julija", "avgusta",
           "septembra", "oktobra", "novembra", "decembra"),
    "sv": ("januari jan", "februari feb", "mars", "april apr", "maj", "juni jun", "juli jul",
           "augusti aug", "september sept sep", "oktober okt", "november nov", "december dec"),
    "tr": ("ocak", "şubat", "mart", "nisan", "mayıs", "haziran", "temmuz", "ağustos", "eylül",
           "ekim", "kasım", "aralık"),
    "uk": ("січня", "лютого", "березня", "квітня", "травня", "червня", "липня", "серпня",
           "вересня", "жовтня", "листопада", "грудня"),
}  # fmt: skip

# What a number of years (months, weeks, days) is called, behind it.
YEARS: dict[str, str] = {
    "ca": "anys any mesos", "cs": "let roky rok", "da": "år måneder", "de": "jahre jahren jährig "
    "jähriger jährige jährigen monate", "el": "ετών χρονών", "en": "years year yrs yr y/o yo "
    "year-old years-old months-old month-old months", "es": "años año meses mes", "et": "aastat "
    "aastane", "fi": "vuotta vuotias vuotiaan", "fr": "ans an mois", "hr": "godina godine",
    "hu": "éves év", "is": "ára árs mánaða", "it": "anni anno mesi", "lt": "metų", "lv": "gadi "
    "gadus gadu", "nb": "år måneder", "nl": "jaar jarige maanden", "pl": "lat lata rok "
    "letni letnia miesięcy", "pt": "anos ano meses", "ro": "ani", "ru": "лет года год",
    "sk": "rokov", "sl": "let", "sv": "år årig åriga månader", "tr": "yaşında", "uk": "років",
}  # fmt: skip

# What says that a number (of years) is an age: before it, or behind.
AGED_BEFORE = (
    r"age[ds]?|aged? of|at the age of|turn(?:s|ed)?|edad(?: de)?|aldur|aldri|à l'âge de|âgée? de|"
    r"im alter von|alter|ålder|alder|leeftijd|età|idade|wiek|wieku|в возрасте|возраст|d'edat"
)
# A person, or a comma, before the words that a number of years follows in Romance languages.
_PERSON_BEFORE = (
    r"(?:(?:paciente|varón|mujer|hombre|niñ[oa]|señora?|joven|bebé|lactante|anciano|anciana|"
    r"doente|homem|mulher|menin[oa]|home|dona|nen[a]?|femme|homme|garçon|fille|enfant|patiente?|"
    r"uomo|donna|ragazz[oa]|bambin[oa])\s{1,3}|(?<=,)\s?)(?:\w{1,12}\s{1,3}){0,2}(?:de|di|d')"
)
AGED_BEFORE_YEARS = (
    rf"{_PERSON_BEFORE}|con|tiene|tenía|com|tem|à|(?:a los|aos|a les)(?= \d{{1,3}} a[nñ])"
)
AGED_AFTER = (
    r"old|of age|de edad|d'edat|alt|alter|gamal[tl]?|gömul|gammal|gammel|oud|vanha|d'âge|di età|"
    r"de idade|edad"
)
# What says that a number of years is no age: since when, for how long.
LASTED = (
    r"de evolución|antes|atrás|después|de tratamiento|de seguimiento|ago|later|earlier|before|of|"
    r"avant|après|prima|fa|vorher|später|síðan|senare|sedan|senere|geleden|later"
)

# What stands before a date of birth.
BORN = (
    r"born|born on|birth|birth date|date of birth|d\.?o\.?b\.?|nacid[oa]|nacid[oa] el|nacimiento|"
    r"fecha de nacimiento|fædd|fæddur|fæddist|fæðingardagur|fæðingard\.|née?|née? le|"
    r"date de naissance|naissance|geb\.?|geboren|geboren am|geburtsdatum|geboortedatum|"
    r"geboren op|nat[oa]|nat[oa] il|data di nascita|nascid[oa]|nascid[oa] em|data de nascimento|"
    r"nascut|nascuda|data de naixement|född|födelsedatum|født|fødselsdato|fødselsdag|syntynyt|"
    r"syntymäaika|urodzon[ya]|data urodzenia|ur\.|narozen[aá]?|datum narození|sündinud|"
    r"родился|родилась|дата рождения|născut[ă]?|data nașterii"
)

# What stands before a year of birth beside these, and what may stand between them and the year.
BIRTH_YEAR = (
    r"year of birth|birth year|fæðingarár|geburtsjahr|jahrgang|año de nacimiento|"
    r"année de naissance|anno di nascita|ano de nascimento|any de naixement|rok urodzenia|"
    r"rok narození|födelseår|fødselsår|syntymävuosi|geboortejaar|год рождения"
)
# Words of all these, and of `AGED_BEFORE`, that are looked for.
BORN_WORDS = (
    "born birth b. f. nacido nacida nacimiento fædd fæddur fæddist fæðingarár né née naissance geb "
    "geb. geboren geburtsjahr jahrgang geboortejaar nato nata nascita nascido nascida nascimento "
    "nascut nascuda naixement född födelseår født fødselsår syntynyt syntymävuosi urodzony "
    "urodzona urodzenia ur. narozen narozena narození sündinud родился родилась рождения născut "
    "născută"
)
AGED = (
    "age aged turn turns turned edad aldur aldri âgé âgée âge alter ålder alder leeftijd età idade "
    "wiek wieku возрасте возраст edat"
)
BORN_IN = (
    r"in|im jahre?|en|em|nel|l'anno|el año|en l'any|año|no ano de|år|i|árið|roku|w|w roku|v roce|"
    r"vuonna|v|в|about|around|circa|ca\.|c\."
)
