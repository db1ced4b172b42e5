"""The prose of the sample deposit: what `make_deposit.py` pours into twenty file formats.

Everything here is invented by us. Harbor House, the town of Skelvík, and every person, address,
number, case and event are fictional. E-mail domains are the reserved ones (RFC 2606), IP addresses
come from the documentation ranges (RFC 5737, RFC 3849), telephone numbers from the ranges that
regulators set aside for fiction where one exists, the payment card is the well-known test number,
the IBAN is the textbook example, the Icelandic identity number is one of the register's own
artificial persons, and the access key is the one in the vendor's manual. License: CC0-1.0.

Paragraphs are separated by an empty line; single line breaks are only for the reader of this file
(`flow` joins them).
"""

from __future__ import annotations


def flow(text: str) -> str:
    """Return `text` with one line per paragraph and one empty line between paragraphs."""
    paragraphs = (" ".join(part.split()) for part in text.strip().split("\n\n"))
    return "\n\n".join(paragraphs)


# --- letters ----------------------------------------------------------------------------------

RENT_DEPOSIT_EN = flow("""
Skelvík, 4 October 2021

Dear Tomasz,

Thank you for coming in on Thursday, and for bringing the whole shoebox. Half of our visitors throw
their papers away because they are ashamed of them; you kept every receipt since the day you moved
in, and it is the receipts that will carry this case.

Here is where we stand. Your landlord kept the deposit because, he says, the kitchen floor was
ruined. The inventory you both signed on the first day describes that floor as worn, with two burns
near the stove. A tenant does not have to return a flat in better condition than he found it. Wear
that comes from ordinary living is the owner's cost, and the owner has been paid for it every month
in the rent.

We therefore suggest three steps. First, we write him a short and friendly letter that quotes the
inventory and asks for the money, 1,450 crowns, within fourteen days. Second, if he does not answer,
we take the matter to the tenancy board under docket 2021/0417, which costs nothing and which does
not require a lawyer. Third, and only if the board finds for you and he still does not pay, we ask
the district court to enforce the decision.

Please do not telephone him in the meantime. People promise things on the telephone that they later
remember differently. If he calls you, be polite, write down the hour and what was said, and tell
him that all letters go to halla.brimdal@example.org and nowhere else. In an emergency you can
reach our duty line on +354 555 0142 at any hour, or my colleague in London on +44 20 7946 0958
until six. We have your own number as +1 202-555-0143 and will change it when your contract on the
trawler ends.

One more thing. You apologized twice for your English. There is no need. You explained in ten
minutes what most lawyers could not put into ten pages, and I wrote much of it down word for word.

With kind regards from the advice desk,

Halla Brimdal
""")

# What the draft said instead, in the order of the letter: a near duplicate, not an exact one.
RENT_DEPOSIT_DRAFT_CHANGES = (
    ("bringing the whole shoebox", "bringing the entire shoebox"),
    ("Half of our visitors", "Most of our visitors"),
    ("We therefore suggest three steps.", "We would suggest the following three steps."),
    ("a short and friendly letter", "a short but firm letter"),
    ("There is no need.", "You need not."),
)

LEASE_LETTER_IS = flow("""
Skelvík, 2. desember 2004

Kæra Guðný,

Þakka þér fyrir bréfið sem kom með síðustu ferjunni. Ég las það tvisvar í eldhúsinu áður en ég
kveikti ljósið, því að orðin þín eru þannig að maður vill sitja einn með þeim um stund.

Þú spyrð hvort leigusalinn megi hækka leiguna á miðju ári án þess að segja frá því fyrir fram.
Stutta svarið er nei. Samningurinn sem þið undirrituðuð í fyrrahaust er tímabundinn og í honum
stendur skýrum stöfum að fjárhæðin skuli vera óbreytt til loka leigutímans. Ef hann vill breyta
henni þarf hann að semja við þig, og þú þarft ekki að samþykkja neitt sem þú skilur ekki eða hefur
ekki efni á.

Mér þótti verra að lesa um gluggann í barnaherberginu. Leigusala ber að halda húsnæðinu í
íbúðarhæfu ástandi, og gluggi sem ekki er hægt að loka í desember er ekki smámál. Skrifaðu honum
bréf, lýstu því sem er að, settu dagsetningu á það og haltu eftir afriti. Sagan kennir okkur að sá
sem á afrit á líka síðasta orðið.

Amma mín sagði alltaf: „Skrifaðu það niður áður en vindurinn tekur það.“ Hún hafði unnið í
frystihúsinu frá fimmtán ára aldri og treysti hvorki verkstjórum né veðurspám, en hún treysti
blýantinum sínum. Ég hugsa oft til hennar þegar fólk kemur til okkar með tómar hendur og segist
muna þetta allt.

Ef hann svarar ekki innan tveggja vikna skaltu hafa samband við mig. Bréf má senda á netfangið
halla.brimdal@example.org en síminn á skrifstofunni er 555 0142 og þar er svarað alla virka daga
milli klukkan níu og fjögur. Kennitalan mín, sem þú þarft að setja á umboðið, er 010130-2989. Við
getum líka farið saman til kærunefndarinnar; það kostar ekkert og þar er talað við fólk eins og
fólk.

Berðu mömmu þinni kveðju og segðu henni að rabarbarasultan sé búin.

Þín vinkona,

Halla
""")

# No character outside ISO-8859-1: no oe ligature, no euro sign, straight apostrophes.
NIGHT_CREW_FR = flow("""
Skelvík, le 9 mars 2019

Chère Madame,

Je vous écris au nom de l'équipage de nuit de la halle aux poissons. Nous sommes onze, venus de
sept pays, et depuis le mois de janvier nos heures supplémentaires ne figurent plus sur aucune
fiche de paie. Le contremaître répond que la machine à pointer est en panne ; pourtant elle
n'oublie jamais de noter nos retards.

Chacun de nous a commencé à tenir un cahier. Nous y inscrivons l'heure d'arrivée, l'heure de
départ, la température de la salle et le nom de celui qui travaillait à côté. Au début, on s'en
moquait un peu. Aujourd'hui, ces cahiers sont devenus la seule mémoire exacte de l'hiver, et même
les anciens du port viennent nous demander de vérifier une date.

Nous ne cherchons pas la guerre. La plupart d'entre nous aiment ce métier, le silence avant l'aube,
le bruit de la glace qu'on verse dans les caisses. Mais un travail qui n'est pas payé n'est pas un
métier, c'est une habitude imposée aux pauvres. Nous demandons donc que votre association écrive à
la direction et qu'elle réclame les heures dues, avec les pièces que nous joignons.

Vous pouvez me répondre en français ou en anglais à l'adresse amelie.rochebrune@example.net ou me
joindre l'après-midi au 01 99 00 27 41. Le matin je dors ; c'est le privilège de ceux qui voient se
lever le soleil en sortant du travail.

Veuillez agréer, Madame, l'expression de mes sentiments respectueux.

Amélie Rochebrune
""")

HEATING_DE = flow("""
Skelvík, den 20. November 2016

Sehr geehrte Damen und Herren,

seit dem zwölften November ist in unserem Haus die Heizung ausgefallen. Wir haben dreimal
angerufen, zweimal geschrieben und einmal vor verschlossener Tür gestanden. Inzwischen zeigt das
Thermometer im Kinderzimmer morgens elf Grad, und meine Nachbarin im dritten Stock, die in diesem
Jahr achtzig geworden ist, schläft im Wintermantel.

Ich möchte sachlich bleiben. Eine Wohnung, die sich nicht heizen lässt, hat einen Mangel, und
solange dieser Mangel besteht, ist die Miete von Gesetzes wegen gemindert. Darum muss niemand
bitten wie um eine Gnade; es ist schlicht der Preis einer Leistung, die nicht erbracht wird. Wir
setzen Ihnen hiermit eine Frist von sieben Tagen, die Anlage instand zu setzen. Danach beauftragen
wir selbst einen Betrieb und ziehen die Kosten von der Miete ab.

Ich schreibe diesen Brief für alle acht Parteien im Haus. Wir haben uns am Sonntag in der Küche
der Nachbarin getroffen, Tee gekocht und Satz für Satz beraten, was hier stehen soll. Die Kinder
haben Protokoll geführt. Es war, das muss ich zugeben, der schönste Nachmittag seit Wochen, und
wenn Sie uns die Heizung nicht so gründlich verweigert hätten, würden wir einander vermutlich bis
heute nur vom Gruß im Treppenhaus kennen.

Rückfragen richten Sie bitte an mich, am liebsten schriftlich an j.wattmann@example.com oder in
dringenden Fällen telefonisch unter 030 23125 417 nach achtzehn Uhr. Zu viel gezahlte Miete
überweisen Sie bitte auf das gemeinsame Konto DE89 3704 0044 0532 0130 00 der Hausgemeinschaft.

Mit freundlichen Grüßen

Jürgen Wattmann
""")

DOOR_NOTE_EN = "Back at four."

# Paragraphs 1, 2 and 4 are encoded twice on the way into the file; paragraph 3 is left whole.
FORWARDED_EN = flow("""
“We were told,” she said, “that the contract was only a formality.” It wasn’t. The café above the
harbor had been promised to two families at once, and neither of them knew — not until the day both
arrived with their furniture, their mothers and a piano.

“Naïve” is the word the owner’s lawyer used, and he used it twice. We prefer “trusting”. A person
who signs what a neighbor puts in front of her isn’t naïve; she is living in the kind of town
everyone claims to want. The résumé of the case that we sent to the board said so in plain words.

Then the two families did something that no one had expected. They measured the rooms, drew a line
in chalk across the floor, and opened the café together, with one kitchen and two menus. The chalk
line is still there, and guests are asked to step over it at least once before they pay.

“I’ve won cases,” my colleague says, “that made everybody poorer.” This one was never decided. The
file was closed — at the families’ own request — with a note that reads: “Settled over soup.”
Questions about it still reach lucia.montelar@example.org most evenings, and she has never minded.
""")

JUNK_EN = flow("""
This conversation was exported from an old telephone by a program that no longer exists, and it
brought a good deal of dust with it. We have kept the words as they were found.

My landlord says that the mold in the bathroom is my own fault, because I cook. I asked him whether
the previous tenant cooked as well. He thought about it honestly for a while, and then he said that
the previous tenant had complained about the mold too, but that he had put it down to her
character.

Write that down, the helper answered, exactly as he said it, with the day and the hour. If he wants
to continue the discussion, he should send it to halla.brimdal@example.org rather than through the
wall. And please go on cooking. There is no clause against soup in any lease that I have read.
""")

# --- minutes ----------------------------------------------------------------------------------

BOARD_MINUTES_MD = """\
# Minutes of the board, 17 March 2022

The board met in the reading room at seven in the evening. Outside it was raining sideways, and the
chair thanked everyone for having walked.

## Report of the advice desk

### Wages

The desk heard forty-one complaints about wages since the new year, which is fewer than last winter
but more than the desk can carry. Most of them come from the freezing plant, where overtime is again
being written down as training. Two volunteers will sit at the plant gate on paydays with a table, a
thermos and a stack of blank notebooks.

### Rents

Rents in the old town have risen by a fifth. The desk has begun to read every lease aloud with the
tenant before it is signed, slowly, in whatever language the tenant dreams in. It takes an hour. In
nine cases out of ten, something is crossed out before the end of it.

## Money

The treasurer reported that a visitor had written a payment card number, 4111 1111 1111 1111, on the
back of a donation envelope, apparently in the belief that this was how one gave. The envelope has
been shredded and the visitor has been thanked. The accounts show a surplus of 12,300 crowns, which
the board will spend on the roof.

## Computers

The server was probed from 203.0.113.9 on nine nights in February, without success. The old intake
address https://archive-bot:SaltyRope-88@files.harborhouse.example/intake must be withdrawn at once,
because the password stands in the address itself for anyone to read.

## Decisions

- The board accepts the gift of the schoolmaster's letters and promises his family that nothing will
  be published before they have read it.
- The reading hour on Sundays continues, with soup.
- Anyone who can repair a tape recorder is asked to write to tomasz.wierny@example.com before
  Easter.
"""

ANNUAL_TITLE = "Report to the annual meeting, 2021"
ANNUAL_INTRO = flow("""
It was the year in which we learned to give advice through a window. For five months nobody could
come in, and so we opened the pane beside the door, put a stool on either side of it, and went on.
People told us things through that window that they had never said across the desk. Perhaps it was
the weather; it is difficult to be formal with rain running down one's sleeve.

The archive grew by eleven boxes. Most of them came from kitchens. We have begun to ask every donor
the same three questions: who speaks in these papers, who is spoken about, and which of them could
still be hurt by a stranger reading this. The answers are kept with the boxes and are binding on us.
""")
ANNUAL_HELP = (
    "Read a letter aloud for someone who has lost their glasses, or their patience.",
    "Copy tapes in the evening, one side at a time, and write down what cannot be understood.",
    "Carry boxes on the first Saturday of the month, preferably with a friend who has a van.",
)
ANNUAL_TABLE = (
    ("Task", "Hours", "What we learned"),
    ("Advice at the window", "612", "An umbrella is worth more than a second telephone."),
    ("Interpreting", "287", "Half of every dispute is a word that both sides use differently."),
    ("Copying tapes", "143", "The dog in the background is often the best witness."),
)
ANNUAL_CLOSING = flow("""
Volunteers sign up with halla.brimdal@example.org before the end of May, or at the window. Those
who would rather talk first may ring the office in Washington on (202) 555-0117, where our former
chair now lives and answers at unreasonable hours.
""")

BOARD_TITLE_IS = "Fundargerð stjórnar, 9. nóvember 2020"
BOARD_SECTIONS_IS = (
    (
        "Húsnæði",
        flow("""
        Fundurinn var haldinn í lesstofunni og hófst klukkan átta um kvöldið. Vegna veðurs komu
        aðeins fimm stjórnarmenn, en tveir tóku þátt í gegnum síma. Formaður sagði frá því að
        sveitarfélagið hefði boðið félaginu gamla barnaskólann til afnota. Húsið er kalt og þakið
        lekur, en þar er pláss fyrir allt safnið og auk þess gott borð sem hægt er að sitja við.
        Samþykkt var að þiggja boðið með því skilyrði að gert yrði við þakið fyrir vorið.
        """),
    ),
    (
        "Segulbönd",
        flow("""
        Rætt var um segulböndin sem fundust á háaloftinu í sumar. Á þeim eru viðtöl við sjómenn og
        fiskverkakonur frá árunum í kringum 1970, og raddirnar eru enn ótrúlega skýrar. Stjórnin
        telur brýnt að afrita þau áður en þau skemmast frekar. Leitað verður til fólksins sjálfs,
        eða barna þess, áður en nokkuð verður birt.
        """),
    ),
)
BOARD_DECISIONS_IS = (
    "Formaður skrifar sveitarstjóra og þakkar fyrir húsið.",
    "Gjaldkeri kannar hvað það kostar að leigja gott segulbandstæki.",
    "Þeir sem vilja hjálpa til við flutninginn skrifi á netfangið halla.brimdal@example.org fyrir "
    "helgi.",
)

AGREEMENT_TITLE_ES = "Acuerdo de convivencia"
AGREEMENT_ES = flow("""
Las abajo firmantes, que compartimos desde el otoño la casa azul de la calle de las Redes, hemos
decidido poner por escrito lo que hasta ahora solo nos decíamos en la cocina.

Primero. La calefacción se enciende cuando la más friolera de las cuatro lo pide, y nadie tiene que
explicar por qué tiene frío.

Segundo. Quien vuelve del turno de noche tiene derecho al silencio hasta el mediodía. Las demás
cerrarán las puertas con la mano, no con el viento.

Tercero. El alquiler se paga entre todas el primer día del mes. Si una de nosotras pierde el
trabajo, las otras tres cubrirán su parte durante dos meses, sin intereses y sin reproches; al
tercer mes nos sentaremos a hablar.

Cuarto. Las cartas del casero se abren en presencia de todas. Ninguna firma nada que no hayan leído
las demás, aunque el señor tenga prisa.

Guardamos este papel en el cajón de los cuchillos, porque es el único que abrimos todos los días.
Una copia queda en manos de Lucía, que recibe los avisos en lucia.montelar@example.org y guarda las
llaves de repuesto.
""")

# --- stories ----------------------------------------------------------------------------------

FERRY_BELL_EN = flow("""
The Ferry Bell

When the ferry still ran to the outer islands, it carried a bell that nobody had ordered. The
shipyard had sent it by mistake, so the story went, and the captain, who disliked writing letters,
had hung it in the wheelhouse rather than explain to an office on the mainland why he was sending it
back.

It was too fine a bell for a ferry. Struck lightly, it gave a note that stayed in the air for as
long as it takes to tie a shoe. The children on the pier learned to count by it: one stroke for
mail, two for passengers, three for a doctor on board. Four strokes had never been rung, and because
no one knew what four meant, every child in Skelvík had a theory.

My grandmother's theory was that four strokes meant somebody was coming home who had been given up.
She had her reasons. Her brother had gone out with the herring boats the autumn she turned nine, and
only the boat's dog had come back, walking stiffly along the shore as if it had been asked to
deliver a message and had forgotten the words.

She waited for the fourth stroke through two schools, one marriage and eleven winters. She told
nobody, but she arranged her days around the timetable; she hung the washing where she could see the
strait, and she never once took a job that would have kept her indoors at half past five.

On the last day of the service, when the bridge was finished and the band had gone home, the captain
asked whether anyone would like to ring the bell before it was taken to the museum. The mayor rang
it, and the schoolteacher, and a man who sold insurance. Then my grandmother, who was by then a
heavy woman with a stick, walked up the gangway in front of the whole town and rang it four times.

People say that it was very quiet afterwards. The captain took off his cap. Nobody came, of course;
the strait was empty all the way to the lighthouse. But she stood there as straight as a girl, and
when the last note had gone she said, to no one in particular: "There. Now he has been called."

I have the bell's rope. The museum has the rest.
""")

BORROWED_BOAT_EN = flow("""
In my father's village a boat could be borrowed but never lent. If you needed one, you took it, and
you left something on the stones where it had been: a loaf, a knife, a pair of dry socks. The owner,
coming down to the shore and finding his boat gone, looked at what you had left and knew how long
you meant to be away. A loaf was an afternoon. Socks were a night. Once, in the year of the great
storm, a man came down and found a wedding ring lying on the stones, and he did not go home. He sat
there for two days with the ring in his fist, until the boat came back.
""")

# All paragraphs but the last are encoded twice on the way into the file.
READING_SEAL_IS = flow("""
Það var einu sinni selur sem vildi læra að lesa. Hann hafði séð sjómennina sitja í lúkarnum með blöð
fyrir framan sig og taldi víst að þar væri skrifað hvar fiskurinn héldi sig á veturna.

Á hverju kvöldi synti hann upp að bryggjunni þar sem vitavörðurinn sat og las upphátt fyrir sjálfan
sig. Selurinn lagði við hlustir. Hann lærði fyrst stafina sem hljóma eins og brim, svo þá sem hljóma
eins og vindur, en orðin sem mennirnir nota um sorg lærði hann síðast, því að þau eru næstum
hljóðlaus.

„Hvað stendur þarna?“ spurði hann loks eitt kvöldið, og vitaverðinum brá svo að hann missti bókina í
sjóinn.

Síðan hefur enginn séð þá bók. En sjómenn segja að stundum, þegar logn er og tunglið fullt, heyrist
einhver lesa undir yfirborðinu, hægt og vandlega, eins og sá les sem á ekki nema eina bók.
""")

NET_MENDER_TITLE_DE = "Die Netzflickerin"
NET_MENDER_DE = (
    (
        "Der Faden",
        flow("""
        Im letzten Haus vor dem Deich wohnte eine Frau, die Netze flickte. Sie tat es so lange, dass
        niemand mehr wusste, ob sie je etwas anderes getan hatte. Die Fischer brachten ihr am Abend,
        was der Tag zerrissen hatte, und holten es am Morgen wieder ab. Über den Preis wurde nicht
        gesprochen. Wer viel gefangen hatte, legte viel auf die Fensterbank, und wer nichts gefangen
        hatte, legte einen Gruß hin.

        Eines Herbstes kam ein junger Mann aus der Stadt, der die Rechnungen der Genossenschaft
        ordnen sollte. Er fragte sie, was ein Knoten koste. Sie dachte nach und sagte, das hänge
        davon ab, was hindurchgehe, wenn er fehle.

        Der junge Mann schrieb das auf. Er hatte eine Spalte für Beträge und eine Spalte für
        Bemerkungen, und weil der Satz in keine von beiden passte, schrieb er ihn quer über die
        ganze Seite.
        """),
    ),
    (
        "Die Rechnung",
        flow("""
        Im Winter wurde die Genossenschaft verkauft. Der neue Besitzer ließ alle Netze abholen und
        durch solche ersetzen, die man nicht flickt, sondern wegwirft. Die Fensterbank blieb leer.
        Die Frau saß trotzdem jeden Abend am Licht, denn ihre Hände hatten keine Kündigung erhalten.

        Im März riss der Sturm den Deich an drei Stellen auf. Es gab nicht genug Sand und nicht
        genug Säcke, und gegen Mitternacht gab es auch nicht mehr genug Leute. Da kam sie die Straße
        herunter und zog hinter sich her, was sie den Winter über geknüpft hatte: ein Netz, so breit
        wie der Deich und so eng wie ein Hemd.

        Sie spannten es vor die größte Lücke und füllten Steine hinein. Es hielt. Am Morgen stand
        der junge Mann mit seinem Heft daneben, strich die Spalte für Beträge durch und fragte sie,
        ob er lernen dürfe, wie man einen Knoten macht.

        »Setz dich«, sagte sie. »Aber bring dein eigenes Licht mit.«
        """),
    ),
)

STORIES = (
    {
        "id": "hh-story-001",
        "language": "is",
        "title": "Að telja öldur",
        "text": flow("""
        Amma kenndi mér að telja öldur. Sjöunda hver alda er stærst, sagði hún, og sú sem kemur á
        eftir henni er lygnust allra; þá á maður að hlaupa. Ég stóð oft í fjörunni með stígvélin
        full af sjó og reyndi að finna upphafið, því að það er ekkert gagn að kunna að telja ef
        maður veit ekki hvar á að byrja. Löngu síðar, þegar ég sat á biðstofu með eyðublað í
        höndunum og skildi ekki orð, mundi ég eftir þessu. Ég beið, taldi andardrætti fólksins í
        kring og stóð upp á eftir þeim sjöunda.
        """),
    },
    {
        "id": "hh-story-002",
        "language": "de",
        "title": "Früh genug",
        "text": flow("""
        Mein Großvater reparierte Uhren, aber er trug selbst keine. Wenn ihn jemand fragte, wie spät
        es sei, sah er aus dem Fenster und sagte: »Früh genug.« Als er ins Krankenhaus kam, stellte
        die Schwester ihm einen Wecker ans Bett, und er nahm ihn noch in der ersten Nacht
        auseinander. Am Morgen lagen alle Teile der Größe nach geordnet auf dem weißen Tuch. »Jetzt
        weiß ich wenigstens, woran es liegt«, sagte er und schlief ein. Den Wecker habe ich wieder
        zusammengesetzt. Ein Rädchen blieb übrig, und er geht seitdem genau.
        """),
    },
    {
        "id": "hh-story-003",
        "language": "en",
        "title": "The Borrowed Boat",
        "text": BORROWED_BOAT_EN,
    },
    {
        "id": "hh-story-004",
        "language": "fr",
        "title": "Le parapluie",
        "text": flow("""
        Ma mère n'a jamais eu qu'un seul parapluie, et elle le prêtait à tout le monde. Quand il
        pleuvait, elle restait donc à la maison et disait que c'était un jour pour recoudre. Nous
        avons compris bien plus tard qu'elle détestait coudre. Le parapluie a fait le tour du
        quartier pendant vingt ans ; on y avait attaché une étiquette, puis une deuxième, puis un
        petit carnet où chacun écrivait ce qu'il avait vu sous la pluie. Le carnet est aujourd'hui
        dans cette archive. Le parapluie, lui, est toujours dehors.
        """),
    },
    {
        "id": "hh-story-005",
        "language": "es",
        "title": "La maleta",
        "text": flow("""
        Cuando llegamos a la isla, mi padre no quiso deshacer la maleta. La dejó cerrada junto a la
        puerta durante once años, como si el barco pudiera volver a buscarnos en cualquier momento.
        Mi hermana aprendió a andar apoyándose en ella y yo hice encima todos los deberes de la
        escuela. El día en que por fin la abrió, porque había encontrado una casa con jardín, dentro
        no había ropa ni fotografías: solo semillas, envueltas en papel de periódico, con el nombre
        de cada vecino que se las había dado.
        """),
    },
    {
        "id": "hh-story-006",
        "language": "en",
        "title": "Wrong Number",
        "text": flow("""
        For a whole winter a stranger rang me every Friday at nine and asked for Agnes. The first
        time I said that there was no Agnes here. The second time I said it more kindly. By
        Christmas we were talking about the weather, and by February I knew the names of his
        sheep. He had been dialing +354 555 0168 instead of the shop, he told me in the end, and
        had known it since the second week. Agnes was the shop's cat. If he reads this, he should
        write to me at tomasz.wierny@example.com because I have moved and I miss the sheep.
        """),
    },
)
# A line cut off in the middle of a value, as an interrupted export leaves it.
STORIES_MALFORMED_LINE = (
    '{"id": "hh-story-00X", "language": "en", "title": "Unfinished", "text": "She'
)

MORE_STORIES = (
    {
        "id": "hh-story-101",
        "language": "en",
        "title": "The Translator's Chair",
        "text": flow("""
        In the courtroom in Skelvík there is a chair that belongs to nobody. It stands between the
        accused and the judge, slightly nearer to the accused, and it is where the interpreter sits.
        I have sat in it for nineteen years. I have been, in the first person, a thief, a widow, a
        boy of fifteen, a man who remembered nothing and a woman who remembered everything. I have
        wept in four languages without being sad. When I come home my husband asks who I was today,
        and on most days I can tell him, but there are evenings when I ask him to guess.
        """),
    },
    {
        "id": "hh-story-102",
        "language": "de",
        "title": "Das Fundbüro",
        "text": flow("""
        Im Fundbüro am Hafen lag drei Jahre lang ein einzelner roter Handschuh. Niemand holte ihn
        ab, aber jeden November kam eine alte Dame, ließ ihn sich zeigen und ging zufrieden wieder
        fort. Der Beamte fragte sie schließlich, ob er ihr gehöre. »Nein«, sagte sie, »mir gehört
        der andere. Ich wollte nur wissen, ob er es warm hat.« Seitdem steht in der Dienstanweisung,
        handschriftlich ergänzt, dass Fundsachen im Winter auf dem Brett über der Heizung
        aufzubewahren sind.
        """),
    },
    {
        "id": "hh-story-103",
        "language": "es",
        "title": "El apellido",
        "text": flow("""
        El funcionario escribió mal nuestro apellido y mi abuela no se atrevió a corregirlo. Desde
        entonces hay dos familias: la de los papeles, que paga los impuestos y renueva el permiso
        cada dos años, y la de la cocina, que es la que canta. Durante mucho tiempo pensé que la
        primera era la verdadera. Ahora creo que mi abuela lo hizo a propósito. Decía que a un
        nombre hay que dejarle siempre una puerta trasera, por si algún día tiene que salir
        corriendo.
        """),
    },
)

COAT_EN = flow("""
The Coat

The coat hung behind the door of the union hall for as long as anyone could remember. It was a good
coat, heavy and dark blue, and it fitted nobody perfectly and everybody well enough. You took it
when you had to see the bank, or a magistrate, or the father of someone you hoped to marry.

There was one rule. Whatever you found in the pockets you left there, and you added something of
your own. When the hall was closed and the coat came to us, we emptied the pockets on the long table
and made a list: eleven buttons, a tram ticket, a tooth, two speeches, a pressed clover, and a slip
of paper on which someone had written, in pencil, that the manager is more afraid than you are.
""")

# --- reports ----------------------------------------------------------------------------------

REPORT_RUNNING_HEAD = "Harbor House Reports, No. 14"
REPORT_TITLE = "The Winter of the Unpaid Wages"
REPORT_SUBTITLE = "How eleven notebooks became a settlement"
REPORT_EN = flow("""
It began with a machine. In the first week of January the clock at the gate of the fish hall, which
had stamped the cards of three generations, was replaced by a gray box that read a plastic tag. The
box was accurate to the second. It recorded when a worker came in, and it recorded when a worker was
late. For reasons that the company was never able to explain, it did not record when a worker went
home.

At the end of the month the wages were short. The foreman said that it was a fault in the box and
that everything would be made good in February. In February he said that it had been made good
already. By the beginning of March the night crew, eleven people from seven countries, had stopped
asking him. They had bought eleven school notebooks instead, all of them green, because green was
what the shop had left.

Nobody told them how to keep the notebooks, and so every one of them is different. One gives the
hours and nothing else, in columns so straight that they might have been ruled by a bank. Another
records the temperature of the hall and the songs on the radio. A third, which belonged to a man who
had been a schoolteacher, is written as a continuous letter to his daughter, and the hours have to
be looked for among the descriptions of the sea. When the books came to us in April we laid them
side by side on the long table, and for the first time the winter could be read.

They agreed. That is the heart of this report, and it is worth stating plainly. Eleven people who
shared no common language, who worked at different ends of a hall as long as a street, and who had
never compared their entries, had written down the same winter. Where one of them recorded that the
lights had failed at twenty past two, ten others recorded darkness. Where the former schoolteacher
told his daughter that the ice machine had broken and that everyone had danced to keep warm, a
neighbor's column showed an hour without a single crate.

The company's accountant was a careful person, and we have never believed that she meant any harm.
When we asked her to sit down with the notebooks she did so for two days, in her overcoat, with a
ruler. On the second evening she telephoned the manager in our presence and told him that, in her
professional opinion, the notebooks were better evidence than the machine. She asked that this be
put in the minutes. She then asked whether she might borrow the letter to the daughter for the
night, because she wanted to know how it ended.

The settlement was signed on a Wednesday in June. It gave the night crew their overtime for five
months, with interest, and it obliged the company to print on every wage slip the hour at which the
work had stopped as well as the hour at which it had begun. The settlement does not say that anyone
had been dishonest. It says that the parties have different recollections of the winter, and that
the parties have decided to trust the one that was written down.

We draw three lessons from the case, and we offer them to other advice desks without any claim that
they are new. The first is that evidence does not have to look like evidence. Had we asked the crew
for time sheets, we would have been given nothing; we asked whether anyone had written anything
down, and we were given literature. The second is that an interpreter should be paid to listen
before she is paid to speak. Ours spent an entire weekend only reading, and it was she who noticed
that the darkness occurred in every book. The third is that a document made by ordinary people for
their own use will often be more exact than one that was made by an institution for its protection.

The notebooks are kept in our archive with the consent of all eleven authors, ten of whom have asked
that their names be left out. The eleventh has asked that his be printed, so that his daughter may
find it, and we have promised to do so when she is of age. Until then readers who recognize the hall
or the winter are asked to respect the wish of the others. Copies of this report cost nothing and
may be ordered by telephone on +44 20 7946 0321 during the morning, or at any time in writing from
tomasz.wierny@example.com, who prints them.

One question remains, and we are asked it at every meeting. What became of the gray box? It was
never repaired. The company removed it in the autumn and hung the old clock back in its place, and
for a while the crew stamped their cards again. But every one of them went on writing in the green
notebooks, long after anybody needed them to. When we asked why, the man who had kept the straight
columns looked at us as though the question were a strange one. A machine, he said, can only tell
you when you were there. It cannot tell you that it was you.
""")
# Where a typesetter may break a word of the report. Only these are ever broken.
REPORT_HYPHENATION = (
    "ac-count-ant ac-cu-rate ac-tual-ly al-ready an-other any-body ar-chive au-tumn be-gin-ning "
    "be-lieved col-umns com-mon com-pany com-pared con-sent con-tin-u-ous coun-tries dark-ness "
    "daugh-ter de-cid-ed de-scrip-tions dif-fer-ent dis-hon-est doc-u-ment en-tries eve-ning "
    "ev-ery-one ev-ery-thing ev-i-dence ex-plain fore-man gen-er-a-tions in-sti-tu-tion "
    "in-ter-est in-ter-pret-er in-stead let-ter lit-er-a-ture ma-chine man-ag-er meet-ing min-utes "
    "morn-ing neigh-bor note-books noth-ing no-ticed oc-curred or-di-nary oth-ers "
    "over-coat over-time par-ties peo-ple pres-ence print-ed pro-fes-sion-al pro-tec-tion "
    "ques-tion re-cord-ed rec-og-nize rec-ol-lec-tions re-mains re-paired re-placed re-port "
    "re-spect school-teach-er sec-ond set-tle-ment tele-phone tele-phoned tem-per-a-ture "
    "any-thing de-scribed hap-pened lan-guage long-er plain-ly prom-ised week-end weath-er "
    "Wednes-day wheth-er win-ter with-out work-er writ-ten writ-ing"
)

OPEN_DAY_SLIDES = (
    (
        "Open day at Harbor House",
        (
            "Come in, wipe your feet, and look at anything that is lying on a table.",
            "If it is lying in a drawer, please ask first, because somebody trusted us with it.",
        ),
        "Begin slowly. Half of the room will be hearing this through an interpreter.",
    ),
    (
        "What we keep",
        (
            "We keep letters, wage slips, leases, recipes and recordings of people talking.",
            "We keep the language in which a thing was said, even when a translation exists.",
            "We do not keep anything that its owner has asked us to give back.",
        ),
        "Show the green notebook here and let people hold it. It has survived worse than us.",
    ),
    (
        "How to give us something",
        (
            "Bring it in a box, a bag or a pocket, and tell us who is speaking in it.",
            "You decide who may read it, and you may change your mind for as long as you live.",
            "Families who cannot travel may write to halla.brimdal@example.org before the summer.",
        ),
        "Say the part about changing your mind twice. It is the sentence people come back for.",
    ),
)

WELCOME_TITLE_FR = "Votre première semaine à Skelvík"
WELCOME_FR = (
    (
        "Avant de signer",
        flow("""
        On vous proposera sans doute une chambre dès la descente du bateau. Prenez le temps de la
        visiter deux fois, une fois de jour et une fois de nuit, car une maison change beaucoup
        quand le vent se lève. Ouvrez les robinets, comptez les prises, demandez au voisin du
        dessous s'il dort bien. Un propriétaire honnête ne s'offusque jamais de ces questions ; il
        se les posait lui-même quand il est arrivé.

        Ne payez rien avant d'avoir lu le contrat en entier. Si une phrase vous échappe, apportez-la
        nous : nous lisons les contrats à voix haute, gratuitement, tous les mardis, et dans la
        langue que vous préférez.
        """),
    ),
    (
        "Au travail",
        flow("""
        Demandez une fiche de paie dès le premier mois et gardez-la dans une boîte à biscuits, pas
        dans votre téléphone. Notez vos heures vous-même, chaque soir, même si quelqu'un d'autre les
        note pour vous. Ce n'est pas de la méfiance, c'est une bonne habitude, comme de regarder le
        ciel avant de sortir.

        Si l'on vous demande de rester après la fin du service, la réponse peut être oui, mais elle
        doit être payée. En cas de doute, appelez notre permanence au +33 1 99 00 27 41 entre midi
        et minuit, ou écrivez à amelie.rochebrune@example.net sans vous soucier des fautes.
        """),
    ),
    (
        "Et le dimanche",
        flow("""
        Le dimanche, nous faisons de la soupe. Il n'y a pas d'inscription, pas de discours et pas de
        collecte. On vient avec un bol et, si l'on veut, avec une histoire. C'est ainsi que la
        moitié de nos archives est arrivée jusqu'à nous, entre deux cuillerées.
        """),
    ),
)

# --- chats ------------------------------------------------------------------------------------

CHATS: tuple[dict[str, object], ...] = (
    {
        "id": "hh-chat-2023-011",
        "language": "en",
        "messages": [
            {
                "role": "user",
                "content": "Hello, I hope this is the right place. I clean the school in the "
                "evenings and my boss says that I must pay for the keys that my colleague lost. "
                "Can she take that out of my wages?",
            },
            {
                "role": "assistant",
                "content": "Good evening, this is the right place. In short: no. She may not "
                "deduct anything from your pay unless you agreed to it in writing, and nobody can "
                "be made to pay for something that another person lost. Did you sign anything when "
                "you received your own keys?",
            },
            {
                "role": "user",
                "content": "I signed a paper but it was not in my language. I have a photograph of "
                "it. You can call me on +1 202-555-0143 after ten, or shall I send it to you?",
            },
            {
                "role": "assistant",
                "content": "Please send the photograph to halla.brimdal@example.org and she will "
                "read it with you tomorrow, in your language, before anything else happens. Until "
                "then, do not sign anything new, and keep the wage slip. You have done nothing "
                "wrong by asking.",
            },
            {
                "role": "user",
                "content": "Thank you. I was sitting on the stairs of the school with my coat on, "
                "and now I think that I will go back in and finish the windows.",
            },
        ],
    },
    {
        "id": "hh-chat-2023-027",
        "language": "de",
        "messages": [
            {
                "role": "user",
                "content": "Guten Tag, mein Vermieter möchte die Wohnung besichtigen und hat "
                "geschrieben, dass er morgen früh um sieben mit drei fremden Leuten kommt. Muss "
                "ich die Tür aufmachen?",
            },
            {
                "role": "assistant",
                "content": "Guten Tag. Nein, so nicht. Er darf die Wohnung besichtigen lassen, "
                "wenn er einen Grund hat, aber er muss den Termin rechtzeitig mit Ihnen "
                "absprechen, und sieben Uhr morgens von heute auf morgen ist nicht rechtzeitig.",
            },
            {
                "role": "user",
                "content": "Und wenn er einfach seinen Schlüssel benutzt? Er hat nämlich noch "
                "einen, obwohl er das immer bestreitet.",
            },
            {
                "role": "assistant",
                "content": "Dann wäre das Hausfriedensbruch, auch wenn ihm das Haus gehört. "
                "Schreiben Sie ihm heute noch zwei freundliche Sätze, schlagen Sie zwei andere "
                "Termine vor und schicken Sie eine Kopie an j.wattmann@example.com oder rufen Sie "
                "uns unter +49 30 23125 642 an. Und legen Sie nachts die Kette vor.",
            },
        ],
    },
    {
        "id": "hh-chat-2023-031",
        "language": "fr",
        "messages": [
            {
                "role": "user",
                "content": "Bonjour, depuis ce matin je n'arrive plus à ouvrir le catalogue des "
                "enregistrements. La page reste blanche et le café est froid.",
            },
            {
                "role": "assistant",
                "content": "Bonjour. Pour le café je ne peux rien faire, mais pour la page je vois "
                "le problème : votre poste, 192.0.2.44, a été bloqué par erreur cette nuit, en "
                "même temps qu'un robot qui venait de 2001:db8::1f et lisait tout sans un bonjour.",
            },
            {
                "role": "user",
                "content": "Et la clé du serveur de sauvegarde ? Quelqu'un a écrit "
                "AKIAIOSFODNN7EXAMPLE au tableau blanc, devant les visiteurs de la journée portes "
                "ouvertes.",
            },
            {
                "role": "assistant",
                "content": "Effacez-la tout de suite, s'il vous plaît, je la remplace pendant que "
                "nous parlons. Voilà, c'est fait, et votre page devrait revenir. Si elle reste "
                "blanche, écrivez à amelie.rochebrune@example.net sans attendre, et faites "
                "réchauffer le café.",
            },
        ],
    },
)

# --- tables -----------------------------------------------------------------------------------

CASES_CSV = (
    ("case", "opened", "matter", "language", "weeks", "outcome"),
    ("2021/0388", "2021-01-11", "wages", "pl", 9, "settled"),
    ("2021/0391", "2021-01-19", "rent", "en", 4, "settled"),
    ("2021/0402", "2021-02-02", "permit", "es", 31, "refused"),
    ("2021/0409", "2021-02-15", "wages", "fr", 12, "settled"),
    ("2021/0417", "2021-03-01", "rent", "en", 6, "won"),
    ("2021/0423", "2021-03-08", "rent", "is", 3, "withdrawn"),
    ("2021/0430", "2021-03-22", "dismissal", "de", 17, "won"),
    ("2021/0436", "2021-04-06", "wages", "en", 8, "open"),
)

TESTIMONIES = (
    (
        "t-01",
        "en",
        flow("""
        They gave me a form with forty-three questions, and not one of them was mine. I answered as
        well as I could. Under "reason for leaving" I wrote that the well had gone dry, and the
        officer said that this was not a reason, it was a circumstance. I have thought about that
        difference on many nights. When I told it to the people at the window they laughed first,
        and then they wrote it down, and then they asked me what the well had been called. Every
        well has a name. Copies of my answers are with halla.brimdal@example.org since the spring.
        """),
    ),
    (
        "t-02",
        "de",
        flow("""
        Ich war die einzige Frau auf dem Kutter, und am Anfang hat keiner mit mir gesprochen. Das
        war mir recht, ich wollte ja fischen und nicht plaudern. Nach drei Wochen hat der Koch mir
        wortlos eine zweite Portion hingestellt. Da wusste ich, dass ich bleiben durfte. Später, vor
        Gericht, hat er ausgesagt, ich sei immer pünktlich gewesen, und er hat dabei so feierlich
        geklungen, als würde er einen Psalm vorlesen.
        """),
    ),
    (
        "t-03",
        "es",
        flow("""
        Lo que más me costó no fue el frío, sino que nadie supiera pronunciar mi nombre. Al
        principio lo corregía; después dejé que cada uno dijera lo que pudiera. Un día, en la cola
        de la fábrica, una mujer mayor lo pronunció bien, despacio, como quien deja una taza sobre
        la mesa. Le pregunté cómo lo sabía. Me dijo que lo había practicado en casa durante toda la
        semana.
        """),
    ),
    (
        "t-04",
        "fr",
        flow("""
        On m'a demandé si je voulais témoigner sous mon vrai nom. J'ai répondu que j'en avais trois
        et qu'il faudrait choisir. L'interprète a souri, le juge pas du tout. Alors j'ai donné celui
        que portait ma grand-mère, parce qu'il n'avait encore jamais servi dans un tribunal et qu'il
        me semblait juste de l'étrenner pour dire la vérité. Depuis, quand le facteur le prononce,
        je me tiens un peu plus droite.
        """),
    ),
)

ORAL_HISTORY = (
    {
        "id": "oh-1971-03",
        "recorded": "1971-08-14",
        "language": "is",
        "minutes": 42,
        "text": flow("""
        Við byrjuðum klukkan fimm á morgnana og þá var alltaf myrkur, líka á sumrin fannst mér, því
        að maður horfði aldrei upp. Verkstjórinn gekk á milli borðanna með úrið í hendinni. En við
        sungum. Hann gat bannað okkur að tala saman en hann gat ekki bannað okkur að syngja, og þess
        vegna sungum við fréttirnar. Ef einhver hafði eignast barn þá var það sungið, og ef einhver
        hafði dáið þá var það sungið líka, bara hægar.
        """),
    },
    {
        "id": "oh-1972-01",
        "recorded": "1972-02-02",
        "language": "en",
        "minutes": 35,
        "text": flow("""
        I came for one season and I was going to buy a motorcycle. That was the whole plan. I had a
        picture of it in my bunk, and the other men used to ask me how the motorcycle was today, as
        if it were a relative in poor health. Then there was the strike, and I gave the money to the
        kitchen, because somebody had to buy the potatoes. So you could say that I ate it. Forty of
        us ate it, in about eleven days, and I have never enjoyed a motorcycle more.
        """),
    },
    {
        "id": "oh-1974-09",
        "recorded": "1974-11-30",
        "language": "fr",
        "minutes": 58,
        "text": flow("""
        Mon mari était en mer dix mois sur douze, alors c'est moi qui ai appris à parler aux
        banques. La première fois, j'ai mis mes gants et je n'ai pas dit un mot. La deuxième fois,
        j'ai demandé un crayon. La troisième fois, le directeur s'est levé quand je suis entrée.
        Entre les deux, il ne s'était rien passé de spécial, sauf que j'avais compris une chose :
        ils comptent beaucoup mieux que nous, mais ils comptent seulement ce qu'on leur montre.
        """),
    },
    {
        "id": "oh-1978-04",
        "recorded": "1978-05-06",
        "language": "de",
        "minutes": 51,
        "text": flow("""
        Wir hatten im ganzen Ort nur ein Telefon, und das stand bei meiner Mutter im Flur. Wer
        telefonieren wollte, musste durch unsere Küche. So haben wir alles erfahren, ohne je zu
        lauschen. Meine Mutter hat den Leuten immer zuerst einen Stuhl hingestellt und dann das
        Radio lauter gedreht, damit keiner sich schämen musste. Wenn jemand danach lange sitzen
        blieb, hat sie das Radio wieder ausgemacht und Kaffee gekocht.
        """),
    },
)

GLOSSARY = (
    ("term", "language", "what people mean by it"),
    (
        "formality",
        "en",
        "A paper that one side has already read. When somebody tells you that a signature is only "
        "a formality, ask them to wait outside while you read it, and then read it twice.",
    ),
    (
        "skilríki",
        "is",
        "The papers that prove who you are. Older people use the word for a reputation, and they "
        "say that a family has good papers when nobody in it has ever needed to show any.",
    ),
    (
        "Feierabend",
        "de",
        "The evening that begins when the work stops. It cannot be moved, saved up or paid out, "
        "and in three of our cases it was the only thing about which both parties agreed.",
    ),
    (
        "permanence",
        "fr",
        "The hours during which someone is there. We like it better than office hours, because it "
        "promises a person and not merely a room with the lights on.",
    ),
)
GLOSSARY_NOTES = (
    "The words on the first sheet were collected at the window between two winters. We asked every "
    "visitor for one word that an official had used and that turned out to mean something else.",
    "Corrections are welcome, and the next edition is being prepared by lucia.montelar@example.org "
    "for the autumn.",
)

# --- mail -------------------------------------------------------------------------------------

EML_BODY_EN = flow("""
Dear Halla,

The heating went off again on the second of January, and this time I did what you told me to do: I
wrote everything down while my hands were still cold. You will find the list attached. I have left
out what I said to the caretaker on the fourth day, because it does not help the case and because my
daughter typed the list.

The caretaker claims that he was never informed. I enclose the two messages that I sent him, and the
answer in which he wishes me a warm new year. You may reach me on +44 20 7946 0958 in the evening,
when I am standing next to the oven.

Thank you for taking this seriously. It is strange how much warmer a room becomes when somebody has
written down that it is cold.

Tomasz
""")
EML_ATTACHMENT_EN = flow("""
What happened, day by day

On the second of January the radiators were cold when we woke up, and the thermometer on the
bookshelf showed twelve degrees. I rang the caretaker at eight and again at nine. On the third we
moved all the beds into the kitchen, which the children enjoyed more than I did. On the fourth the
caretaker came, put his hand on the radiator, agreed that it was cold, and left. On the fifth it
snowed through the gap in the window frame. On the sixth a neighbor lent us an electric heater, and
on the seventh she asked for it back, because hers had gone off too.
""")

MBOX_MESSAGES = (
    {
        "from": "Jürgen Wattmann <j.wattmann@example.com>",
        "to": "Halla Brimdal <halla.brimdal@example.org>",
        "date": "Mon, 06 Feb 2023 08:12:00 +0000",
        "id": "<20230206.0812.a1@harborhouse.example>",
        "in_reply_to": "",
        "subject": "Übersetzung für Mittwoch",
        "language": "de",
        "body": flow("""
        Liebe Halla,

        am Mittwoch ist die Anhörung, und wir haben noch niemanden, der übersetzt. Die Mandantin
        spricht leise und schnell, und sie lacht, wenn sie Angst hat; das muss jemand wissen, der
        neben ihr sitzt, sonst versteht der Richter alles falsch. Könntest du das selbst übernehmen?
        Ich weiß, dass du am Dienstag bis spät in der Halle bist. Ich bringe dafür Kuchen mit und
        verspreche, dass ich diesmal nicht mit dem Anwalt der Gegenseite streite.

        Herzliche Grüße
        Jürgen
        """),
    },
    {
        "from": "Halla Brimdal <halla.brimdal@example.org>",
        "to": "Jürgen Wattmann <j.wattmann@example.com>",
        "date": "Mon, 06 Feb 2023 19:40:00 +0000",
        "id": "<20230206.1940.b2@harborhouse.example>",
        "in_reply_to": "<20230206.0812.a1@harborhouse.example>",
        "subject": "Re: Übersetzung für Mittwoch",
        "language": "is",
        "body": flow("""
        Kæri vinur,

        ég svara þér á íslensku því að þú sagðist vilja æfa þig. Já, ég skal koma á miðvikudaginn.
        Segðu henni að ég sitji vinstra megin við hana og að hún megi taka í höndina á mér ef henni
        finnst spurningin ósanngjörn; þá bið ég dómarann að endurtaka hana, og á meðan getur hún
        andað. Það er ekki svindl, það er bara góð túlkun. Komdu með kökuna, en láttu lögmanninn
        líka fá sneið. Fólk er sjaldan ósanngjarnt með fullan munn.

        Þín Halla
        """),
    },
    {
        "from": "Grace Odhiambo-Hale <g.odhiambo@harborhouse.example>",
        "to": "Halla Brimdal <halla.brimdal@example.org>, Jürgen Wattmann <j.wattmann@example.com>",
        "date": "Thu, 09 Feb 2023 07:05:00 +0000",
        "id": "<20230209.0705.c3@harborhouse.example>",
        "in_reply_to": "<20230206.1940.b2@harborhouse.example>",
        "subject": "How it went",
        "language": "en",
        "body": flow("""
        Good morning both,

        From what I could see at the back of the room, it went as well as it could have gone. She
        did laugh once, and the judge looked up, and before he could draw any conclusion the
        interpreter had asked him to repeat the question. I have never seen anyone be grateful to a
        comma before, but that is how it looked. The decision comes in three weeks. I have promised
        to ring her from 020 7946 0321 as soon as it does, whatever the hour, and there is one
        slice of cake left in the reading room with a note on it that says evidence.

        Grace
        """),
    },
)

# --- scans (letters of the Latin alphabet only: the built-in drawing font has no others) --------

SCANNED_LEASE_EN = (
    "LEASE OF A ROOM",
    "Skelvik, 1 September 1987",
    "1. The owner lets to the tenant the upper room on the\n"
    "north side of the house, with the use of the kitchen\n"
    "and of the pump in the yard, from today until the\n"
    "last day of May.",
    "2. The rent is 340 crowns a month and includes coal.\n"
    "It does not include the piano, which may be played\n"
    "on Sundays if the windows are closed.",
    "3. Either party may end this lease by telling the\n"
    "other in person, at the table, one month before.",
    "4. Questions are answered by the clerk at the harbor\n"
    "office, telephone +354 555 0168, until noon.",
    "The owner has read this lease aloud and the tenant\nhas said that she understood it.",
)
DOOR_SIGN_EN = (
    "READING HOUR",
    "Every Sunday at three",
    "Bring a letter you do not understand",
    "and a bowl for the soup.",
)

# --- a newsletter in two columns --------------------------------------------------------------

# Only characters of which `deposit_pdf.py` knows the width.
NEWSLETTER_NAME = "THE WINDOW"
NEWSLETTER_TITLE = "What the Timetable Knew"
NEWSLETTER_EN = flow("""
For forty years the ferry office kept two timetables. One hung on the wall and was printed in
summer. The other was written in pencil in a ledger behind the counter, and it said when the boat
had truly left.

Nobody thought of the ledger as evidence. It was kept because the clerk who began it, in the spring
of 1961, did not like to be called a liar by people who had missed a boat, and because every clerk
after her found it easier to go on than to explain why one would stop.

Last autumn a deckhand came to our window with a question about his pay. He was paid by the
crossing, and the company counted the crossings by the printed timetable: six a day, two hundred and
ten days a year. He said that there had been more. The company asked him to prove it.

We spent eleven evenings with the ledger. The pencil had been sharpened with a knife, and the hands
that held it changed four times, but the columns never did. Date, hour, wind, and a mark for each
car. In the year before the complaint the boat had crossed one thousand four hundred and two times.

The company did not argue for long. Its own lawyer had grown up on the other side of the strait and
had, as it turned out, waited for that boat on most mornings of his life. He asked only whether he
could see the page for a certain day in March, when he was nine, and the wind had been as bad as he
remembered.

It had been worse. The clerk had written a single word beside the hour, and underlined it twice.
""")
NEWSLETTER_NOTE_EN = flow("""
1 The ledger is in the archive of this house and can be read on Tuesdays. Please bring a pencil, not
a pen.
""")

# --- archives ---------------------------------------------------------------------------------

BOX_LIST_EN = flow("""
Contents of box seven

The box came to us from a kitchen on the north side of the harbor, where it had stood for thirty
years beneath a bread bin. It holds one notebook without a cover, a bundle of letters tied with
fishing line, and an envelope of photographs on which nobody is smiling and everybody looks happy.
The family kept the bread bin. They ask that the letters be read in the order in which they are
tied, and that the knot be made again afterwards.
""")
ACCESSION_NOTE_MD = """\
# Accession note, box seven

## Condition

The notebook is dry and legible apart from four pages that were used, at some point, to light a
stove. The letters are in good order. Someone has pressed a flower between the third and the fourth,
and we have left it there, because it seems to be part of the argument.

## Conditions of access

Readers may quote from the notebook. The letters may be read in the reading room only, and anyone
who wishes to copy them should first ask lucia.montelar@example.org for the family's answer, which
has so far always been yes.
"""
TRANSLATION_DE = flow("""
Übersetzung des vierten Briefes

Du fragst, ob ich hier glücklich bin. Ich bin hier müde, und das ist auch etwas. Abends sitzen wir
zu sechst um einen Herd, der für vier gedacht war, und wer die Geschichte erzählt, darf am nächsten
sitzen. Ich habe angefangen, mir tagsüber welche auszudenken. Gestern habe ich von unserem
Apfelbaum erzählt und ihn ein wenig größer gemacht, und alle haben genickt, als hätten sie ihn
gekannt. Schneide ihn bitte nicht, bis ich zurück bin; er muss jetzt für sieben Leute reichen.
""")

SEALED_EN = flow("""
This file was closed with a password by its owner, who has since forgotten it and is rather
relieved. It can only be read by somebody who knows the word.
""")

LOST_REPORT_EN = flow("""
This report was being copied when the power failed, and only the first part of the file was saved.
What is left on the disk is a beginning without pages.
""")
