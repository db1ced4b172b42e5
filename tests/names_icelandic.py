"""Sentences written for these tests: names in all cases, in brackets. None is of a real person."""

SENTENCES = """
[Anna Jónsdóttir] kom heim í gær.
Ég sá [Önnu Jónsdóttur] við höfnina.
Bókin var gjöf frá [Önnu Jónsdóttur] til safnsins.
Hús [Önnu Jónsdóttur] stendur við ána.
[Guðmundur Helgason] er smiður í þorpinu.
Við hittum [Guðmund Helgason] á fundinum.
Hún talaði lengi við [Guðmund Helgason] um málið.
Þetta var gert að ósk [Guðmundar Helgasonar] og fleiri.
Bréfið barst frá [Guðmundi Helgasyni] í fyrra.
[Sigríður Ólafsdóttir] kennir stærðfræði.
Nemendur þekktu [Sigríði Ólafsdóttur] vel.
Dóttir [Sigríðar Ólafsdóttur] býr erlendis.
[Björn Sigurðsson] réri einn þann dag.
Þau báðu [Björn Sigurðsson] um hjálp.
Báturinn var seldur [Birni Sigurðssyni] um haustið.
Bátur [Bjarnar Sigurðssonar] sökk skömmu síðar.
[Einar Pétursson] skrifaði undir samninginn.
Samningurinn við [Einar Pétursson] rann út.
Féð var greitt [Einari Péturssyni] í reiðufé.
Skuld [Einars Péturssonar] var felld niður.
[Kristín Árnadóttir] og [Páll Magnússon] voru gift.
Börn [Kristínar Árnadóttur] og [Páls Magnússonar] eru þrjú.
Presturinn gaf [Kristínu Árnadóttur] og [Páli Magnússyni] ráð.
Lögreglan ræddi við [Stefán Gunnarsson] í morgun.
Vitnið sá bíl [Stefáns Gunnarssonar] við búðina.
[Halldóra Björk Einarsdóttir] vann verðlaunin.
Verðlaunin fékk [Halldóra Björk Einarsdóttir] úr Garðabæ.
Nefndin valdi [Halldóru Björk Einarsdóttur] sem formann.
Erindi [Þorsteins Jakobssonar] var vel tekið.
[Þorsteinn Jakobsson] bóndi lést í vor.
Land [Þorsteins] liggur að fjallinu.
Þá sagði [Ragnheiður Karlsdóttir] að nóg væri komið.
Ekki náðist í [Ragnheiði Karlsdóttur] við vinnslu fréttarinnar.
Krafa [Ragnheiðar Karlsdóttur] var tekin til greina.
Kt. og nafn: [Hörður Valdimarsson], smiður.
Lögmaður stefnanda er [Harpa Sveinsdóttir] hrl.
Lögmaður stefnda er [Örn Ingvarsson] lögmaður.
Mál [Hörpu Sveinsdóttur] gegn sveitarfélaginu var fellt niður.
Dómurinn féllst á kröfu [Arnar Ingvarssonar] að hluta.
Ákærði, [Rúnar Þór Haraldsson], neitaði sök.
Brotaþoli bar að hún hefði hitt [Rúnar Þór] á dansleik.
Kæra [Guðrún], takk fyrir bréfið.
Með kveðju, [Ingibjörg Thorlacius]
Virðingarfyllst, [Baldvin Möller]
Séra [Auður Eir Vilhjálmsdóttir] messaði.
Herra [Zoëga] mætti ekki.
Frú [Vigdís Hafstein] opnaði sýninguna.
Viðtal við [Sólveigu Briem] birtist í blaðinu.
Í bréfi [Hannesar Blöndal] segir frá ferðinni.
Myndina málaði [Jóhannes S. Kjarnholt] á sínum tíma.
[J.S. Kjarnholt] sendi inn athugasemd.
Móðir hennar, [Elín Margrét], var frá Ísafirði.
Faðir [Elínar] var sjómaður.
Ég heiti [Snorri Freyr Hilmarsson] og er kennari.
Hann er sonur [Hilmars Snorrasonar] og [Bergþóru].
Þau [Tómas] og [Lilja Dögg Guðnadóttir] reka búið.
Fulltrúar voru [Ásta Möller], [Ólöf Nordal] og [Jón Baldvin].
Samtal [Steinunnar Hjaltadóttur] og [Kára Ketilssonar] var tekið upp.
Að sögn [Ólafs Ragnarssonar] var veður vont.
Nafn: [Þórdís Lóa]
Undirritaður, [Ketill Larsen], staðfestir þetta.
Kærandi, [A.B.], krafðist bóta.
Ritstjóri var [Eiríkur Bergmann Eiríksson] frá upphafi.
Í haust kom [Unnur Birna Karlsdóttir] til starfa og tók við af [Unni Ösp Hjálmarsdóttur].
guðmundur helgason fór út með önnu jónsdóttur og þau sáu sigríði við höfnina
""".strip().splitlines()

# None of these is a name.
OTHERS = """
Á mánudaginn fór skipið frá Akureyri til Reykjavíkur.
Hæstiréttur staðfesti dóm Héraðsdóms Reykjaness.
Ráðherra kynnti frumvarpið á Alþingi í mars.
Háskóli Íslands og Landspítali unnu saman að rannsókninni.
Eimskip hf. og Síldarvinnslan ehf. gerðu samning.
Vorið var kalt og Esjan hvít fram í maí.
Sonur hennar og dóttir búa í Danmörku.
""".strip().splitlines()
