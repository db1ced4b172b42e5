"""Words around names, by language, and words that are written like names and are none.

Written down from general knowledge. Case does not matter; a phrase is words with one space between.
"""

# ruff: noqa: E501
from __future__ import annotations

# Stand before a name: "Mr Brown", "Frau Dr. Weber". Between them only a space or a period.
TITLES = {
    "en": "late mr mrs ms miss mx messrs dr prof professor sir madam dame lord lady judge justice sri shri smt kumari km shriman shrimati sardar rev reverend fr father sister brother capt captain col colonel lt maj sgt sergeant cpl pvt officer constable inspector detective agent senator sen congressman congresswoman rep president chancellor gov governor mayor ambassador consul hon barrister solicitor attorney advocate adv er ca uncle aunt auntie cousin mst maulana pandit swami dr.med nurse coach chairman chairwoman chairperson minister secretary director mme mlle monsieur madame prince princess king queen bishop pope saint ast asi psi si hc insp deponent",
    "de": "herr herrn frau fräulein dr prof professor professorin richter richterin rechtsanwalt rechtsanwältin ra rain staatsanwalt staatsanwältin notar notarin minister ministerin präsident präsidentin bürgermeister bürgermeisterin zeuge zeugin kläger klägerin beklagter beklagte beklagten angeklagter angeklagte angeklagten angeklagten pfarrer pater oberst hauptmann dipl ing mag graf gräfin freiherr freifrau familie eheleute hr fr sachverständiger geschäftsführer geschäftsführerin direktor direktorin patient patientin freund freundin kollege kollegin nachbar nachbarin onkel tante cousin cousine neffe nichte opa oma schwager schwägerin",
    "fr": "m mm mr mme mmes mlle mlles monsieur madame mademoiselle me maître dr docteur pr prof professeur juge président présidente ministre avocat avocate député députée sénateur sénatrice maire abbé père soeur sœur frère général colonel capitaine commandant lieutenant témoin veuve époux épouse feu comte comtesse baron baronne duc duchesse patient patiente consorts sieur dame",
    "es": "sr sra srta sres señor señora señorita señores don doña dn dña dr dra doctor doctora prof profesor profesora lic licenciado licenciada ing ingeniero ingeniera abogado abogada procurador procuradora juez jueza magistrado magistrada fiscal ministro ministra presidente presidenta alcalde alcaldesa padre fray sor hermano hermana general coronel capitán teniente testigo paciente letrado letrada notario notaria perito perita enfermero enfermera excmo ilmo excma ilma",
    "it": "sig sigra sig.ra sigg signor signora signorina signore dott dottor dottore dottoressa dott.ssa dr prof professore professoressa avv avvocato avvocata ing ingegnere arch architetto geom rag giudice presidente ministro ministra sindaco sindaca onorevole on don padre suor fra fratello sorella generale colonnello capitano tenente teste testimone imputato imputata paziente notaio conte contessa dottssa sigra",
    "pt": "sr sra srs senhor senhora dr dra doutor doutora prof profa professor professora eng engenheiro engenheira adv advogado advogada juiz juíza desembargador desembargadora ministro ministra relator relatora presidente deputado deputada senador senadora vereador prefeito dom dona d padre frei irmã irmão general coronel capitão tenente testemunha paciente réu ré exmo exma",
    "nl": "dhr mevr mw mej heer meneer mevrouw juffrouw mr mrs dr drs ir ing prof professor rechter advocaat notaris minister burgemeester wethouder president voorzitter dominee ds pater zuster broeder kolonel kapitein getuige patiënt familie verdachte eiser eiseres verweerder appellant raadsman raadsvrouw",
    "da": "hr fr fru frk frøken herr dr prof professor dommer advokat minister borgmester præsident pastor kaptajn oberst vidnet tiltalte sagsøger sagsøgte patient direktør formand adv cand lektor",
    "sv": "herr fru fröken hr fr frk dr prof professor domare advokat minister borgmästare president pastor kapten överste vittnet åklagare kammaråklagare rådman patienten direktör docent jur nämndeman",
    "nb": "herr fru frøken hr fr frk dr prof professor dommer advokat adv minister ordfører president pastor kaptein oberst vitnet tiltalte saksøker saksøkte pasient direktør lagdommer tingrettsdommer høyesterettsdommer",
    "fi": "herra rouva neiti hra rva nti tri tohtori prof professori tuomari asianajaja ministeri pormestari presidentti pastori kapteeni eversti todistaja syyttäjä kantaja vastaaja potilas johtaja dosentti maisteri varatuomari käräjätuomari",
    "pl": "pan pani pana panu panem panią państwo państwa dr hab prof profesor inż mgr mec mecenas adwokat radca sędzia sędziego prokurator minister prezydent prezes burmistrz ks ksiądz siostra brat generał pułkownik kapitan świadek świadka oskarżony oskarżona oskarżonego powód powódka pozwany pozwana pacjent pacjentka notariusz dyrektor",
    "cs": "pan paní pána panu panem slečna dr judr mudr phdr rndr ing mgr bc prof doc soudce soudkyně advokát advokátka státní zástupce ministr ministryně prezident starosta kapitán plukovník svědek svědkyně obžalovaný obžalovaná žalobce žalobkyně žalovaný žalovaná pacient pacientka notář ředitel ředitelka",
    "is": "herra hr frú fr fröken dr prof prófessor dómari héraðsdómari landsréttardómari hæstaréttardómari lögmaður hæstaréttarlögmaður héraðsdómslögmaður lögmanns ráðherra forseti forsætisráðherra borgarstjóri bæjarstjóri séra sr biskup læknir prestur vitnið vitnisins ákærði ákærða ákærðu stefnandi stefnanda stefndi stefnda stefndu sóknaraðili varnaraðili kærandi kæranda kærði kærða brotaþoli sakborningur saksóknari sækjandi verjandi skólastjóri forstjóri framkvæmdastjóri skipstjóri sýslumaður alþingismaður þingmaður oddviti formaður leikkonan leikarinn söngkonan söngvarinn rithöfundurinn",
}

# Stand before a name, with a space, a comma or a colon between.
ROLES = {
    "en": "a certain|one|call me|calls me|calls him|calls her|called me|named him|named her|says|said|replied|asked|according to|applicant|applicants|claimant|defendant|plaintiff|petitioner|appellant|witness|accused|deceased|victim|complainant|represented by|counsel|counsel for the applicant|advocate for|lawyer|named|called|my name is|name is|name's|this is|i am|i'm|signed by|written by|directed by|by mr|born|née|nee|dear|hello|hi|sincerely|yours sincerely|best regards|kind regards|regards|yours truly|cheers|respectfully|faithfully|yours faithfully|thanks|versus|vs|s/o|son of|daughter of|wife of|husband of|widow of|mother of|father of|wife|husband|son|daughter|brother|sister|mother|father|alias|a.k.a|aka|attn|attention|c/o|applicant's name|cc|husband's name|married to|interviewed by|prepared by|guardian|heir|informant|investigating officer|coram|for the applicant|petitioners|respondent|prosecutrix|in re|estate of|born to|kid|child|baby|friend|best friend|girlfriend|boyfriend|fiancé|fiancée|fiance|fiancee|neighbour|neighbor|colleague|coworker|classmate|roommate|flatmate|boss|cousin|nephew|niece|grandfather|grandmother|grandpa|grandma|grandson|granddaughter|stepfather|stepmother|stepson|stepdaughter|stepbrother|stepsister|twin|ex-wife|ex-husband|brother-in-law|sister-in-law|father-in-law|mother-in-law|son-in-law|daughter-in-law|toddler|nanny|landlord|landlady|love|lots of love|best wishes|take care|warm regards|with love|nicknamed|known as|better known as|introduced me to|met with|spoke with|spoke to|talked to",
    "de": "zeuge|zeugin|namens|genannt|geboren|geb|geborene|vertreten durch|mein name ist|ich heiße|ich bin|liebe|lieber|hallo|sehr geehrter herr|sehr geehrte frau|mit freundlichen grüßen|mfg|viele grüße|liebe grüße|gruß|gez|ehefrau|ehemann|sohn|tochter|bruder|schwester|mutter|vater|witwe|unterzeichnet|gegen|anwalt|rechtsanwalt|erblasser|beschwerdeführer|beschwerdeführerin|antragsteller|antragstellerin|freund|freundin|kind|kollege|kollegin|nachbar|nachbarin|cousin|cousine|neffe|nichte|onkel|tante|großvater|großmutter|opa|oma|enkel|enkelin|verlobter|verlobte|schwager|schwägerin|schwiegervater|schwiegermutter|liebe grüße von",
    "fr": "requérant|requérante|représenté par|représentée par|nommé|nommée|dénommé|dénommée|né|née|je m'appelle|cher|chère|bonjour|cordialement|bien à vous|sincères salutations|signé|avocat|conseil|fils de|fille de|épouse|époux|dit|ministère de me|contre|mon nom est|ami|amie|enfant|collègue|voisin|voisine|cousin|cousine|neveu|nièce|oncle|tante|grand-père|grand-mère|petit-fils|petite-fille|fiancé|fiancée|frère|sœur|mère|père|mari|femme|beau-frère|belle-sœur|compagnon|compagne|bises|je suis|surnommé|surnommée",
    "es": "demandante|demandado|recurrente|acusado|acusada|representado por|representada por|llamado|llamada|nacido|nacida|me llamo|mi nombre es|querido|querida|estimado|estimada|hola|atentamente|saludos|un saludo|cordialmente|firmado|fdo|hijo de|hija de|esposa|esposo|marido|hermano|hermana|madre|padre|alias|contra|responsable|remitido por|remite|médico|enviado por|firmado por|realizado por|informado por|facultativo|cirujano|autor|autora|amigo|amiga|niño|niña|compañero|compañera|colega|vecino|vecina|primo|prima|sobrino|sobrina|tío|tía|abuelo|abuela|nieto|nieta|novio|novia|cuñado|cuñada|suegro|suegra|hijo|hija|un abrazo|besos",
    "it": "ricorrente|imputato|rappresentato da|rappresentata da|difeso da|difesa da|di nome|nato|nata|mi chiamo|il mio nome è|caro|cara|gentile|egregio|ciao|cordiali saluti|distinti saluti|firmato|f.to|figlio di|figlia di|moglie|marito|contro|detto|detta|amico|amica|bambino|bambina|collega|vicino|vicina|cugino|cugina|nipote|zio|zia|nonno|nonna|fidanzato|fidanzata|fratello|sorella|madre|padre|figlio|figlia|cognato|cognata|un abbraccio",
    "pt": "requerente|requerido|recorrente|recorrido|réu|autor|autora|apelante|apelado|impetrante|paciente|representado por|representada por|chamado|chamada|nascido|nascida|chamo-me|meu nome é|o meu nome é|caro|cara|prezado|prezada|olá|atenciosamente|cumprimentos|assinado|filho de|filha de|esposa|marido|contra|relator|amigo|amiga|criança|colega|vizinho|vizinha|primo|prima|sobrinho|sobrinha|tio|tia|avô|avó|neto|neta|namorado|namorada|noivo|noiva|irmão|irmã|mãe|pai|filho|filha|cunhado|cunhada|um abraço|beijos",
    "nl": "verzoeker|verzoekster|eiser|eiseres|gedaagde|verdachte|vertegenwoordigd door|genaamd|geboren|mijn naam is|ik heet|beste|geachte heer|geachte mevrouw|lieve|hallo|met vriendelijke groet|groeten|groetjes|getekend|zoon van|dochter van|echtgenote|echtgenoot|weduwe|tegen|advocaat mr|gemachtigde|vriend|vriendin|kind|collega|buurman|buurvrouw|neef|nicht|oom|tante|opa|oma|kleinzoon|kleindochter|verloofde|broer|zus|moeder|vader|zoon|dochter|man|vrouw|zwager|schoonzus|liefs",
    "da": "klageren|sagsøger|sagsøgte|tiltalte|repræsenteret ved|ved navn|født|jeg hedder|mit navn er|kære|hej|venlig hilsen|med venlig hilsen|mvh|hilsen|underskrevet|søn af|datter af|hustru|ægtefælle|mod|ved advokat|ven|veninde|kæreste|barn|kollega|nabo|fætter|kusine|nevø|niece|onkel|tante|morfar|mormor|farfar|farmor|bror|søster|mor|far|søn|datter|mand|kone|kh|knus",
    "sv": "klaganden|sökanden|käranden|svaranden|tilltalade|företrädd av|vid namn|född|jag heter|mitt namn är|kära|käre|hej|med vänliga hälsningar|vänliga hälsningar|mvh|hälsningar|undertecknad|son till|dotter till|hustru|make|maka|mot|ombud|vän|väninna|barn|kollega|granne|kusin|brorson|systerson|farbror|morbror|moster|faster|morfar|mormor|farfar|farmor|bror|syster|mor|far|mamma|pappa|son|dotter|man|hustrun|sambo|kram",
    "nb": "klageren|saksøker|saksøkte|tiltalte|representert ved|ved navn|født|jeg heter|mitt navn er|kjære|hei|med vennlig hilsen|vennlig hilsen|mvh|hilsen|undertegnet|sønn av|datter av|hustru|ektefelle|mot|ved advokat|venn|venninne|kjæreste|barn|kollega|nabo|fetter|kusine|nevø|niese|onkel|tante|morfar|mormor|farfar|farmor|bror|søster|mor|far|sønn|datter|mann|kone|samboer|klem",
    "fi": "valittaja|kantaja|vastaaja|syytetty|asiamies|asiamiehenä|nimeltään|syntynyt|o s|nimeni on|olen|hei|hyvä|rakas|terveisin|ystävällisin terveisin|kunnioittavasti|allekirjoittanut|poika|tytär|vaimo|vastaan|avustajanaan|ystävä|ystäväni|lapsi|kollega|naapuri|serkku|setä|eno|täti|isoisä|isoäiti|veli|sisko|äiti|isä|mies|puoliso|tyttöystävä|poikaystävä|veljeni|siskoni|äitini|isäni|vaimoni|mieheni|poikani|tyttäreni|avopuoliso|t",
    "pl": "skarżący|skarżąca|skarżącego|wnioskodawca|powód|pozwany|oskarżony|reprezentowany przez|reprezentowana przez|imieniem|urodzony|urodzona|ur|nazywam się|mam na imię|jestem|drogi|droga|szanowny panie|szanowna pani|cześć|z poważaniem|pozdrawiam|pozdrowienia|podpisano|syn|córka|żona|mąż|przeciwko|z domu|pełnomocnik|przyjaciel|przyjaciółka|kolega|koleżanka|sąsiad|sąsiadka|kuzyn|kuzynka|siostrzeniec|siostrzenica|wujek|ciocia|dziadek|babcia|wnuk|wnuczka|narzeczony|narzeczona|brat|siostra|matka|ojciec|mama|tata|szwagier|teściowa|pozdrawia",
    "cs": "stěžovatel|stěžovatelka|žalobce|žalovaný|obžalovaný|zastoupený|zastoupená|jménem|narozen|narozena|nar|jmenuji se|jmenuju se|jsem|milý|milá|vážený pane|vážená paní|ahoj|s pozdravem|zdraví|podepsán|syn|dcera|manželka|manžel|proti|rozená|přítel|přítelkyně|kamarád|kamarádka|kolega|kolegyně|soused|sousedka|bratranec|sestřenice|synovec|neteř|strýc|teta|dědeček|babička|vnuk|vnučka|snoubenec|snoubenka|bratr|sestra|matka|otec|švagr",
    "is": "kærandi|stefnandi|stefndi|ákærði|ákærða|vitnið|fulltrúi|fyrir hönd|að nafni|nefndur|nefnd|fæddur|fædd|ég heiti|heiti|nafn mitt er|kæri|kæra|sæll|sæl|hæ|kveðja|með kveðju|bestu kveðjur|virðingarfyllst|með vinsemd|undirrituð|undirritaður|sonur|dóttir|eiginkona|eiginmaður|sambýlismaður|sambýliskona|gegn|lögmaður|faðir|móðir|bróðir|systir|hjónin|kona hans|maður hennar|vinur|vinkona|barn|barnið|kærasti|kærasta|samstarfsmaður|nágranni|frændi|frænka|afi|amma|langafi|langamma|mamma|pabbi|unnusti|unnusta|eiginkona hans|eiginmaður hennar|barnabarn|mágur|mágkona|tengdafaðir|tengdamóðir|kær kveðja|bkv|kv",
}

# Fields of a form: a colon must stand between them and the name.
FIELDS = {
    "en": "name|full name|first name|last name|surname|given name|forename|middle name|patient|patient name|client|customer|applicant|from|to|cc|bcc|author|by|contact|contact person|signed|signature|attendees|participants|present|interviewer|interviewee|speaker|father|mother|spouse|sender|recipient|employee|manager|doctor|physician|attending|referred by|reviewed by|approved by|owner|tenant|landlord|buyer|seller|driver|witness|petitioner|respondent|appellant|coram|bench|advocate|judge|present for petitioner|emergency contact|next of kin|guarantor|guardian|account holder|cardholder|account name|user|username|student|teacher|reporter|editor|photographer|translator|director",
    "de": "name|vorname|nachname|familienname|patient|patientin|kunde|kundin|von|an|verfasser|autor|autorin|ansprechpartner|kontakt|unterschrift|absender|empfänger|arzt|ärztin|mitarbeiter|mieter|vermieter|käufer|verkäufer|zeuge|kläger|beklagte|kontoinhaber|inhaber|geburtsname|antragsteller|bearbeiter|sachbearbeiter",
    "fr": "nom|prénom|prénoms|noms|nom de famille|nom et prénom|patient|patiente|client|cliente|de|à|auteur|contact|signature|expéditeur|destinataire|médecin|locataire|bailleur|acheteur|vendeur|témoin|demandeur|défendeur|titulaire|nom de naissance|rédacteur|interlocuteur",
    "es": "nombre|nombres|apellido|apellidos|nombre y apellidos|nombre completo|primer apellido|segundo apellido|paciente|cliente|de|para|autor|autora|contacto|firma|remitente|destinatario|médico|doctor|doctora|médico responsable|facultativo|titular|arrendador|arrendatario|comprador|vendedor|testigo|solicitante|demandante|demandado|remitido por|responsable|persona de contacto|tutor|padre|madre|profesional|remite",
    "it": "nome|cognome|nome e cognome|nominativo|paziente|cliente|da|a|autore|contatto|firma|mittente|destinatario|medico|conduttore|locatore|acquirente|venditore|teste|ricorrente|resistente|intestatario|referente|richiedente",
    "pt": "nome|apelido|sobrenome|nome completo|paciente|utente|cliente|de|para|autor|autora|contato|contacto|assinatura|remetente|destinatário|médico|médica|locador|locatário|comprador|vendedor|testemunha|requerente|requerido|titular|relator|advogado|nome da mãe|nome do pai|solicitante",
    "nl": "naam|voornaam|voornamen|achternaam|patiënt|klant|van|aan|auteur|contact|contactpersoon|handtekening|afzender|ontvanger|arts|huurder|verhuurder|koper|verkoper|getuige|eiser|gedaagde|rekeninghouder|aanvrager|meisjesnaam",
    "da": "navn|fornavn|efternavn|patient|kunde|fra|til|forfatter|kontakt|kontaktperson|underskrift|afsender|modtager|læge|lejer|udlejer|køber|sælger|vidne|sagsøger|sagsøgte|kontohaver|ansøger",
    "sv": "namn|förnamn|efternamn|patient|kund|från|till|författare|kontakt|kontaktperson|underskrift|avsändare|mottagare|läkare|hyresgäst|hyresvärd|köpare|säljare|vittne|kärande|svarande|kontohavare|sökande",
    "nb": "navn|fornavn|etternavn|pasient|kunde|fra|til|forfatter|kontakt|kontaktperson|underskrift|avsender|mottaker|lege|leietaker|utleier|kjøper|selger|vitne|saksøker|saksøkte|kontohaver|søker",
    "fi": "nimi|etunimi|etunimet|sukunimi|potilas|asiakas|lähettäjä|vastaanottaja|keneltä|kenelle|kirjoittaja|yhteyshenkilö|allekirjoitus|lääkäri|vuokralainen|vuokranantaja|ostaja|myyjä|todistaja|kantaja|vastaaja|tilinhaltija|hakija",
    "pl": "imię|nazwisko|imię i nazwisko|imiona|pacjent|pacjentka|klient|klientka|od|do|autor|kontakt|podpis|nadawca|odbiorca|lekarz|najemca|wynajmujący|kupujący|sprzedający|świadek|powód|pozwany|wnioskodawca|nazwisko rodowe|imię ojca|imię matki",
    "cs": "jméno|příjmení|jméno a příjmení|pacient|pacientka|klient|zákazník|od|komu|pro|autor|kontakt|kontaktní osoba|podpis|odesílatel|příjemce|lékař|lékařka|nájemce|pronajímatel|kupující|prodávající|svědek|žalobce|žalovaný|žadatel|rodné příjmení",
    "is": "nafn|fullt nafn|fornafn|eiginnafn|kenninafn|eftirnafn|sjúklingur|viðskiptavinur|frá|til|höfundur|tengiliður|undirskrift|sendandi|viðtakandi|móttakandi|læknir|leigutaki|leigusali|kaupandi|seljandi|vitni|stefnandi|stefndi|umsækjandi|ábyrgðarmaður|faðir|móðir|maki|nafn móður|nafn föður|starfsmaður|viðmælandi",
}

# Stand after a name, with a space, a comma or an opening parenthesis between.
AFTER = {
    "en": "advocate|advocates|adv|advs|j|jj|cj|cji|acj|esq|esquire|jr|sr|md|phd|qc|kc|asc|agp|app|pp|spp|aag|dag|jdg|s/o|d/o|w/o|r/o|h/o|aged|born|alias|aka|hereinafter|hereafter|who was born|deposed|testified|stated that|says|said|told|wrote|a lawyer|lawyer|counsel|senior counsel|sr counsel|senior advocate|petitioner|petitioners|appellant|appellants|respondent|respondents|complainant|accused|ors|anr|and ors|and anr|and others|and another|deceased|retired|jurisconsult|judge|member|chairman|rapporteur|pw|dw|lives at|lives in|lives on|resides at|resident of|was born|passed away|died|et al|explained|replied|asked|recalled|recalls|remembers|remembered|answered|answers|asks|shouted|whispered|laughed|smiled|nodded|sighed|wept|cried|retorted|admitted|confessed|promised|complained|thinks|grew up|graduated|studied|is from|comes from|came from|hails from|was raised|lived in|lived at|works as|works at|works for|worked as|worked at|worked for|is married|was married|got married|has been married|married|divorced|is survived by|moved to|called me|texted me|phoned me|emailed me|told me|gave me|gave him|gave her|gave evidence|pleaded|was arrested|was convicted|was hired|was sentenced",
    "de": "geboren|geb|geborene|genannt|rechtsanwalt|rechtsanwältin|wohnhaft|als zeuge|der kläger|die klägerin|der beklagte|die beklagte|richter|richterin|vorsitzender|präsident|verstorben|sagte|erklärte|sagt|fragte|antwortete|erzählte|meinte|lachte|lächelte|nickte|heiratete|stammt aus|kommt aus|kam aus|wohnt in|lebt in|lebte in|arbeitet als|arbeitete als|arbeitet bei|studierte|starb|wuchs|gab an|sagte aus",
    "fr": "né|née|né le|avocat|avocate|demeurant|domicilié|domiciliée|dit|épouse|veuve|requérant|le requérant|la requérante|président|greffier|juge|a déclaré|ci-après|âgé|âgée|a dit|a répondu|répondit|demanda|déclare|déclara|raconte|sourit|rit|épousa|vient de|habite|vit à|travaille|étudia|mourut|est né|est née|est mort|est morte|est décédé|est décédée",
    "es": "nacido|nacida|abogado|abogada|con domicilio|con dni|con nif|mayor de edad|alias|en adelante|de años|declaró|el demandante|la demandante|demandante|demandado|juez|secretario|colegiado|jefe|dijo|dice|preguntó|respondió|contestó|explicó|contó|sonrió|rió|se casó|viene de|es de|vive en|vivía en|trabaja|estudió|murió|falleció|nació|manifestó",
    "it": "nato|nata|nato a|nata a|avvocato|residente|detto|detta|ha dichiarato|ricorrente|il ricorrente|la ricorrente|giudice|presidente|cancelliere|di anni|in proprio|disse|dice|ha detto|chiese|rispose|spiegò|raccontò|sorrise|rise|sposò|viene da|abita|vive a|lavora|studiò|morì|nacque|è nato|è nata|è morto|è morta",
    "pt": "nascido|nascida|advogado|advogada|residente|portador|portadora|brasileiro|brasileira|casado|casada|solteiro|solteira|conhecido|requerente|apelante|relator|juiz|juíza|disse|diz|perguntou|respondeu|explicou|contou|sorriu|riu|casou|vem de|é de|mora em|vive em|trabalha|estudou|morreu|faleceu|nasceu|declarou|afirmou",
    "nl": "geboren|advocaat|wonende|wonend|genaamd|hierna|verzoeker|eiser|eiseres|rechter|voorzitter|griffier|verklaarde|zei|zegt|vroeg|antwoordde|vertelde|lachte|glimlachte|knikte|trouwde|komt uit|kwam uit|woont in|woonde in|werkt als|werkt bij|studeerde|stierf|overleed",
    "da": "født|advokat|bosat|kaldet|herefter|dommer|forklarede|cpr|cand|f|sagde|siger|spurgte|svarede|fortalte|smilede|lo|nikkede|giftede|kommer fra|kom fra|bor i|boede i|arbejder|studerede|døde",
    "sv": "född|advokat|bosatt|kallad|nedan|domare|uppgav|rådman|ordförande|sa|sade|säger|frågade|svarade|berättade|log|skrattade|nickade|gifte|kommer från|kom från|bor i|bodde i|arbetar|studerade|dog|avled",
    "nb": "født|advokat|bosatt|kalt|heretter|dommer|forklarte|leder|f|sa|sier|spurte|svarte|fortalte|smilte|lo|nikket|giftet|kommer fra|kom fra|bor i|bodde i|jobber|arbeider|studerte|døde",
    "fi": "syntynyt|s|asianajaja|kotipaikka|jäljempänä|tuomari|kertoi|puheenjohtaja|sanoi|sanoo|kysyi|vastasi|hymyili|nauroi|nyökkäsi|asuu|asui|työskentelee|opiskeli|kuoli|syntyi",
    "pl": "urodzony|urodzona|ur|adwokat|zamieszkały|zamieszkała|zam|zwany|zwana|sędzia|zeznał|zeznała|prezes|powiedział|powiedziała|mówi|zapytał|zapytała|odpowiedział|odpowiedziała|uśmiechnął|uśmiechnęła|mieszka|mieszkał|mieszkała|pracuje|pochodzi|studiował|studiowała|zmarł|zmarła|urodził|urodziła",
    "cs": "narozený|narozená|narozen|narozena|nar|advokát|bytem|zvaný|dále jen|soudce|soudkyně|vypověděl|vypověděla|předseda|řekl|řekla|říká|zeptal|zeptala|odpověděl|odpověděla|usmál|usmála|bydlí|bydlel|bydlela|pracuje|pochází|studoval|studovala|zemřel|zemřela|uvedl|uvedla",
    "is": "fæddur|fædd|f|kt|kennitala|lögmaður|hrl|hdl|lrl|til heimilis|héraðsdómari|dómari|hér eftir|formaður|bar fyrir|sagði|segir|kvaðst|sagðist|spurði|svaraði|brosti|hló|kinkaði|giftist|er frá|kemur frá|býr á|býr í|bjó á|bjó í|starfar|vinnur|lærði|lést|dó|ólst|andaðist|skýrði",
}

# What a person does: behind a surname that begins a sentence. (Auxiliaries and verbs of all days.)
VERBS = {
    "en": "is was has had does did will would can could may might should must goes went comes came takes took gives gave gets got makes made sees saw leaves left lost wins won began begins started stopped tried tries ran runs walked sat stood drove wrote writes reads called calls met lives lived works worked loves loved hates hated likes liked needs needed wants wanted knows knew thought thinks believes believed felt feels looked looks turned refused agreed denied appealed lodged filed argued claimed submitted alleged attended arrived returned signed",
    "de": "ist war hat hatte wird wurde kann konnte will wollte soll sollte geht ging kommt kam nimmt nahm gibt gab sieht sah steht stand lebt lebte arbeitet schrieb fand",
    "fr": "est était a avait sera fut va peut pouvait veut voulait vient vint prend prit donne donna vit écrivit arriva partit",
    "es": "es era fue está estaba ha había tiene tenía va iba puede podía quiere quería viene vino toma dio vio escribió llegó salió",
    "it": "è era fu ha aveva va può poteva vuole voleva viene venne prende prese diede vide scrisse arrivò partì",
    "pt": "é era foi está estava tem tinha vai ia pode podia quer queria vem veio deu viu escreveu chegou saiu",
    "nl": "is was heeft had wordt werd kan kon wil wilde gaat ging komt kwam neemt nam geeft gaf ziet zag schreef",
    "da": "er var har havde bliver blev kan kunne vil ville går gik kommer kom tager tog giver gav ser så skrev",
    "sv": "är var har hade blir blev kan kunde vill ville går gick kommer kom tar tog ger gav ser såg skrev",
    "nb": "er var har hadde blir ble kan kunne vil ville går gikk kommer kom tar tok gir ga ser så skrev",
    "fi": "on oli voi saa tulee tuli menee meni ottaa otti antaa antoi näki kirjoitti",
    "pl": "jest był była ma miał miała będzie może mógł mogła chce chciał chciała idzie poszedł poszła przyszedł przyszła napisał napisała",
    "cs": "je byl byla má měl měla bude může mohl mohla chce chtěl chtěla jde šel šla přišel přišla napsal napsala",
    "is": "er var hefur hafði verður varð getur gat vill vildi fer fór kemur kom tekur tók gefur gaf sér sá skrifaði",
}

# End a letter: a comma or a line end, or both, and the name of who writes.
CLOSINGS = {
    "en": "best|all the best|thanks|many thanks|thank you|cheers|love|yours|warmly|cordially|bye|talk soon|see you soon|thanks again",
    "de": "danke|vielen dank|vg|lg|bg|bis bald|herzlich|herzlichst|grüße|dein|deine|euer|eure|besten gruß|schöne grüße",
    "fr": "amicalement|bien cordialement|à bientôt|merci|amitiés|bien amicalement|salutations|votre dévoué",
    "es": "gracias|muchas gracias|besos|abrazos|un beso|saludos cordiales|hasta pronto|cordialmente",
    "it": "grazie|grazie mille|a presto|baci|saluti|un saluto|un caro saluto|cordialmente",
    "pt": "obrigado|obrigada|abraços|beijos|att|saudações|até breve|com os melhores cumprimentos",
    "nl": "bedankt|dank|mvg|groet|vriendelijke groet|hartelijke groet|tot snel|alvast bedankt",
    "da": "tak|mange tak|hilsner|vh|kærlig hilsen|bedste hilsner|de bedste hilsner",
    "sv": "tack|hälsning|hälsningar|vänligen|bästa hälsningar|ha det bra",
    "nb": "takk|mange takk|hilsener|beste hilsen|hilsen fra|ha det bra",
    "fi": "kiitos|t|terv|terveisin|yt|parhain terveisin|kiittäen|lämpimin terveisin",
    "pl": "dziękuję|dzięki|pozdr|całuję|uściski|serdecznie pozdrawiam|z wyrazami szacunku",
    "cs": "děkuji|díky|hezký den|měj se|srdečně|s úctou|zdravím",
    "is": "takk|takk fyrir|kveðjur|ástarkveðjur|bestu þakkir|þakka þér|með bestu kveðju|kærar kveðjur",
}

# Stand before the name of who speaks, also where nothing has capital letters.
INTRODUCED = {
    "en": "my name is|name is|name's|i'm called|i am called|calls me|call me|named",
    "de": "mein name ist|ich heiße|namens",
    "fr": "je m'appelle|mon nom est",
    "es": "me llamo|mi nombre es",
    "it": "mi chiamo|il mio nome è",
    "pt": "chamo-me|meu nome é|me chamo",
    "nl": "mijn naam is|ik heet",
    "da": "jeg hedder|mit navn er",
    "sv": "jag heter|mitt namn är",
    "nb": "jeg heter|mitt navn er|navnet mitt er",
    "fi": "nimeni on|minun nimeni on",
    "pl": "nazywam się|mam na imię",
    "cs": "jmenuji se|jmenuju se",
    "is": "ég heiti|nafn mitt er",
}

# Between names that are told one after another.
AND = {
    "en": "and or",
    "de": "und oder sowie",
    "fr": "et ou",
    "es": "y e o u",
    "it": "e ed o",
    "pt": "e ou",
    "nl": "en of",
    "da": "og eller",
    "sv": "och eller",
    "nb": "og eller",
    "fi": "ja tai sekä",
    "pl": "i lub oraz",
    "cs": "a nebo i",
    "is": "og eða",
}

# Between the parts of a surname.
PARTICLES = "van von der den de del della dello delle di da das do dos du des la le los las zu zum zur ten ter te af av al el bin bint ibn ben abu y e het op vom degli dei"

# Part of the name of something that is no person, wherever it stands beside capitalized words.
ORGANIZATIONS = """
ltd limited inc incorporated corp corporation llc llp plc gmbh ag kg ohg ug se sa sas sarl srl spa sl slu bv nv oy oyj ab as asa aps a/s ehf hf sf ses ohf sp zoo sro spol pvt pty co company companies group holding holdings enterprises industries associates partners brothers bros sons university universität université universidad università universidade universiteit universitet yliopisto uniwersytet univerzita háskóli háskólinn háskóla college school schools academy institute institut instituto istituto instytut stofnun court courts gericht landgericht amtsgericht oberlandesgericht bundesgerichtshof tribunal juzgado audiencia tribunale domstol rettur héraðsdómur héraðsdóms hæstiréttur hæstaréttar landsréttur landsréttar sąd soud käräjäoikeus bank bankinn banka banki banque banco banca ministry ministerium ministère ministerio ministero ministério ministerie ministeriet ráðuneyti ráðuneytið ráðuneytisins department departments agency authority commission committee council board bureau office association society foundation union federation league party church cathedral hospital clinic hospitales klinik clínica krankenhaus hôpital ospedale ziekenhuis sjúkrahús landspítali landspítalinn centro center centre centrum museum library theatre theater hotel restaurant airport station stadium club team university's press publishing publishers times news herald tribune gazette journal magazine radio television tv services service systems solutions technologies technology software consulting international insurance assurance motors airlines airways railway railways steel chemicals pharma laboratories foods products trading traders mills cement textiles construction constructions builders developers finance financial capital investments securities trust fund municipality municipal corporation's panchayat nagar parliament senate congress assembly police army navy force constituency orchestra band records studios entertainment pictures films gallery facultad escuela colegio instituto servicio fundación fundació sociedad asociación ayuntamiento consejería vereniging stichting gemeente kommune kommun verein stiftung fakultät abteilung lehrstuhl team faculty
"""

# Roads and such: what is capitalized beside them is an address or a place.
PLACES = """
street road avenue boulevard lane drive square court alley highway bridge park river lake mount mountain mountains island islands bay valley hill hills beach county district state province city town village county's region airport port north south east west northern southern eastern western central upper lower new old saint calle avenida av avda plaza paseo camino carretera c/ ronda travesía urbanización barrio polígono rue boulevard place chemin quai allée impasse via viale piazza corso vicolo largo rua travessa praça estrada alameda straße strasse str platz allee gasse weg damm ufer straat laan plein gracht kade gade vej vejen gata gatan vägen torget väg veien plass katu tie kuja tori ulica ul aleja al plac ulice náměstí nám třída gata stræti vegur torg götu vegi rd st ave blvd ln dr apt suite floor unit block plot sector phase colony nagar taluk taluka tehsil mandal district's provincia localidad municipio
"""

# Months, days, places, plain words: they begin no name, but after a given name or a title are one.
SOFT_STOPS = """
january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
christmas easter thanksgiving ramadan diwali god jesus christ allah bible koran quran internet web google facebook twitter youtube amazon microsoft apple wikipedia windows linux
england britain uk usa us u.s america american americans british english scottish scotland wales welsh ireland irish france french germany german germans spain spanish italy italian portugal portuguese netherlands dutch belgium belgian denmark danish sweden swedish norway norwegian finland finnish iceland icelandic poland polish czech slovakia slovak austria austrian switzerland swiss hungary hungarian romania romanian bulgaria bulgarian greece greek turkey turkish russia russian ukraine ukrainian croatia croatian serbia serbian slovenia slovenian bosnia albania albanian china chinese japan japanese korea korean india indian pakistan pakistani bangladesh nepal sri lanka iran iraq israel israeli palestine egypt egyptian africa african asia asian europe european australia australian canada canadian mexico mexican brazil brazilian argentina chile colombia peru cuba cuban jew jewish muslim christian catholic hindu buddhist latin arab arabic soviet latvia latvian lithuania lithuanian estonia estonian georgia georgian armenia armenian moldova azerbaijan kosovo macedonia cyprus malta luxembourg zealand
españa francia italia alemania portugal inglaterra méxico colombia argentina rusia marruecos rumania ecuador perú bolivia venezuela madrid barcelona sevilla valencia zaragoza málaga bilbao murcia español española deutschland österreich schweiz frankreich italien spanien polen berlin münchen hamburg köln frankfurt wien zürich france allemagne espagne italie belgique suisse paris lyon marseille londres london rome roma milano napoli torino lisboa porto brasil amsterdam rotterdam brussels bruxelles københavn stockholm oslo bergen helsinki warszawa kraków praha brno budapest moscow moskva kyiv istanbul ankara dublin edinburgh glasgow manchester birmingham liverpool york boston chicago washington houston dallas texas california florida virginia carolina jersey hampshire ohio michigan illinois pennsylvania arizona nevada utah oregon colorado kansas missouri minnesota wisconsin iowa alabama tennessee kentucky louisiana oklahoma nebraska dakota montana wyoming idaho alaska hawaii maine vermont connecticut delaware maryland massachusetts delhi mumbai bombay calcutta kolkata madras chennai bangalore bengaluru hyderabad ahmedabad pune gujarat maharashtra punjab haryana rajasthan kerala karnataka tamil nadu andhra pradesh telangana bihar orissa odisha assam jharkhand uttar madhya bengal goa kashmir jammu himachal uttarakhand chandigarh lucknow allahabad ernakulam cuttack guwahati jodhpur jaipur patna ranchi raipur nagpur aurangabad indore gwalior shimla srinagar madurai tokyo beijing shanghai singapore sydney melbourne toronto
ísland íslandi íslands reykjavík reykjavíkur reykjavik akureyri kópavogur hafnarfjörður danmörk noregur svíþjóð þýskaland frakkland bretland bandaríkin evrópa alþingi alþingis suomi suomen norge sverige danmark polska polski česká republika
general public private social human rights health education security development research science arts business management policy political economic foreign affairs international world global war peace history society culture language music art film book books story life time times day days week month year years people person persons man men woman women child children family home house water fire earth sun moon star black white red blue green brown gray grey gold silver big small long short great little young senior junior mobile online digital data information computer system systems network server user users file files database error warning note notes example examples chapter introduction conclusion summary abstract contents index references bibliography acknowledgements preface foreword discussion results methods method materials background objective objectives
"""

# Written with a capital letter, and no name of a person: in texts of any language (""), and of one.
STOPS = {
    "en": """
a i o
see let say ask tell give take make go come get put set read look find show note call try use keep help turn run write list add select click open close choose enter press type left right top bottom start stop end view edit save print copy move change check test true false null yes no ok
""",
    "": """
hon'ble honble honourable honorable learned ld bench division standing prosecutor defendants addl resident residents commissioner commissioners govt pleader customer customers team colleagues ii iii jr sr
republic kingdom government governments federal national nations united commonwealth empire union convention constitution article articles section sections act acts code rule rules order orders judgment judgement judgments decision decisions appeal appeals case cases application applications petition petitions writ civil criminal special leave law laws supreme high district sessions magistrate magistrates chief first second third fourth fifth facts procedure the parties party versus vs respondent respondents appellant appellants petitioner petitioners plaintiff defendant applicant applicants accused complainant complaint prosecution defence defense counsel advocates through coram date dated decided decision number no nos sub subject reference ref page pages chapter chapters part parts paragraph para paragraphs annex appendix figure table volume vol edition report reports schedule clause bill exhibit exhibits ex ext fir ipc crpc cpc scc air scr slp wp crl crla cr mac app appln pin post tel fax email mail website url phone mobile address city country zip name surname age sex gender birth id cp dni nif
mr mrs ms dr sir madam lord lady his her their our your my its he she it they we you i this that these those there here when where what which who whom whose why how if then than so such as at by for from in into of off on onto or out over per to up upon with within without about above after again against all also although always am an and any are at be because been before being below between both but can cannot could did do does doing done down each either else enough even ever every few further had has have having however indeed instead less like many may me might more moreover most much must near neither never next nor not nothing now often once one only other others otherwise own perhaps quite rather same several shall should since some still therefore thereafter thereby thus though through till together too two three four five six seven eight nine ten under unless until very was were while will would yes yet accordingly according additionally consequently furthermore hence hereby likewise meanwhile nevertheless nonetheless similarly subsequently following given regarding concerning considering having held heard considering upon dear hello hi thanks thank please sincerely regards best kind yours cheers love congratulations good morning evening afternoon night today tomorrow yesterday
prince president minister secretary director manager officer officers judge judges justice lawyer attorney doctor professor teacher student nurse patient patients witness witnesses victim police chairman member members board
i ii iii iv vi vii viii ix xi xii xiii xiv xv a b c d e f g h j k l m n o p q r s t u v w x y z
""",
    "de": """
bitte alle jede jeder diese dieser dieses tage
januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
per von und der die das ein eine ist sind war nicht mit auf für bei nach aus dem den des wir sie ihr ich er es man auch wenn als wie aber oder dass da so im am zum zur vom ja nein nun hier dort dann denn doch noch nur schon sehr über unter vor zwischen durch gegen ohne um absatz satz nummer gesetz verordnung artikel paragraph urteil beschluss bund länder land kreis gemeinde stadt bundesrepublik bundestag bundesrat bundesregierung bundesminister bundesministerium
""",
    "fr": """
ces cette cet chaque maj tri
janvier février mars avril juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi samedi dimanche
le les du et est un une que qui pas je vous nous dans pour ce il elle sur avec au plus mais on sont cette ne ou si son sa ses leur leurs mon ma mes tout tous toute toutes aux par loi code cour arrêt décret république état
""",
    "es": """
esta este estos estas esa ese eso esto aquel aquella cada otra otro otros otras elija abra edite formato falso
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunes martes miércoles jueves viernes sábado domingo
fecha edad sexo nombre apellidos domicilio localidad provincia país médico informe clínico datos paciente ingreso nacimiento episodio historia servicio urgencias hospital remitido correo electrónico teléfono antecedentes exploración diagnóstico tratamiento evolución juicio alta consulta resonancia tac rm ecografía se el la los las un una en por para con sin tras ante desde durante según
""",
    "it": """
nella nello nelle nei negli alla allo alle ai agli dalla dallo dalle dai sulla sullo sulle sui questo questa questi queste quello quella ogni chi salva scegliete scegli falso
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre lunedì martedì mercoledì giovedì venerdì sabato domenica
""",
    "pt": """
esta este estes estas essa esse essas esses isto isso nesta neste nessa nesse cada outra outro outros outras ir formato falso
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro segunda terça quarta quinta sexta
""",
    "nl": """
om ja elke elk alle anders dit deze kies
januari februari maart april mei juni augustus maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
het een en van niet dat is zijn op te voor er maar die aan ook als bij dan wat naar deze wordt wet artikel lid
""",
    "is": """
stilla velja þessi
janúar febrúar mars apríl maí júní júlí ágúst nóvember desember mánudagur þriðjudagur miðvikudagur fimmtudagur föstudagur laugardagur sunnudagur
og að sem er ekki við um en var til af með hann ég þetta þá því eru fyrir hún þeir hafa verið svo ef eða þess þessi frá það þar hér nú já nei grein gr laga lög mgr dómur dóms mál máls héraðsdómur þú þið þér sú hver hvað hvar hvenær hvernig
""",
    "sv": """
alla andra varje ja ange välj detta denna
och att det som en är av för jag inte på med den till ett om han vi men var har de så från när kan skulle också lag lagen
""",
    "da": """
ja alle andre hver antal vælg dette denne
at det som en er af ikke på med den til et om han vi men var har de så fra når kan blev også lov loven
""",
    "fi": """
ota jokainen tämä valitse
ja on ei se hän että oli kun mutta niin myös joka jos kuin tai mitä nyt hyvin laki lain
""",
    "pl": """
dane każdy każda wybierz
i w z na do nie się że to jest o jak ale za po od przez dla czy jego jej ich przy już tylko tak może być ustawa sąd art ust pkt
""",
    "cs": """
každý každá tento tato
a v na se že je s z do to si o i jako za jeho po by k ale podle pro zákon soud
""",
    "nb": """
ja alle andre hver antall velg dette denne
at det som en er af ikke på med den til et om han vi men var har de så fra når kan blev også lov loven
""",
}

# Given names and surnames that are words, places or months too: they need more to go by.
WEAK = """
don jan german chad may june april august autumn summer hope faith grace joy rose lily iris violet daisy ivy holly hazel olive ruby pearl amber jade crystal dawn eve star sunny sky rain stormy bill will mark jack frank art gene rob bob pat nick drew chase grant lance miles guy ray dean earl duke prince king queen bishop pope abbot abbott major general baron judge justice page chance rich rusty sandy randy dusty rocky cash christian jordan israel paris london sydney chelsea brooklyn austin dallas houston savannah virginia carolina georgia florence victoria charlotte madison lincoln jackson washington jefferson hamilton franklin cleveland wellington phoenix dakota montana cheyenne sierra aurora alexandria regina adelaide salem troy lima geneva verona siena roma lorraine canal bay lake river rivers brook brooks ford field fields forest wood woods hill hills stone rock glen dale cliff heath moor marsh green brown white black gray grey blue golden silver young old long short small little large strong hardy sharp wise savage moody love loving good best better gay happy merry early day days week winter spring fall north south east west church temple parish cross bell bells banks bank street lane house hall court castle park parks garden gardens field farm mill mills baker butler carter carpenter clark cook cooper farmer fisher fletcher gardner hunter hunt marshall mason miller parker porter potter sawyer sheriff shepherd singer smith steward taylor tailor turner tyler walker ward weaver wright chancellor governor senator president doctor nurse messenger pilot sailor foster guardian angel saint santa madonna trinity destiny essence heaven nevaeh harmony melody harley mercedes lexus ford porsche royal noble knight squire lord lady dame major sergeant
can said bin sun son do so an long le la de my do in on no to he me be am is it at as or if by up us we go sa se si ha ho hu ma mi na pa ra ta te ti tu wa ya yo lo li lu ka ko ki ku mo mu ne ni nu pe pi po pu re ri ro ru sha she shi su ji jo ju kim lee man men see sea set sum sung song sing young yang yong ding ping ming bing king wing ring long wong wang hang bang gang tang
del los las san mar sol luz cruz paz rey reyes santos campos flores rosa blanca blanco rubio moreno leal bueno bravo guerra guerrero iglesias vega torres rios ríos prado valle fuentes calle castillo casas puente puerta rosario pilar dolores mercedes consuelo socorro esperanza remedios nieves concepción asunción encarnación trinidad jesús cristo
richter bauer koch kaiser könig graf herzog bischof jäger fischer müller schmidt schneider weber wagner becker schäfer zimmermann vogel fuchs wolf hahn stein berg busch wald bach winter sommer herbst kurz lang klein groß gross neu alt jung weiß schwarz braun roth frank ernst mut felder haus kirche thal
petit grand leblanc blanc noir rouge roux long fort bon beau belle martin pierre jean rose fleur marin berger boulanger boucher fournier meunier mercier charpentier chevalier marchand moulin fontaine dupont
björn steinn örn sól sunna dagur máni sigur vetur sumar ljós brún drífa fönn mjöll snær hildur lind rós lilja fjóla hlíf vigdís birta gull steinn hrafn úlfur ari logi tindur hlynur reynir sær vík eyja alda unnur bára dögg harpa saga edda týr óðinn þór frigg freyja ása bjarki bergur
"""

# Names that are so common in legal, medical and office texts of the world that no list may lack them.
MORE_GIVEN = """
mohd md haji amit anil anita anjali arjun arun asha ashok ashish bharat bhagwan chandra deepak devi dinesh ganesh gaurav geeta gopal govind hari harish indira jagdish jagdip jai jaswant jyoti kamal kamala kamlesh kapil karan kavita kiran kishan kishore krishan krishna kumar lakshmi lalit lata mahesh mahendra manish manoj meena mohan mohit mukesh mukund nagesh narayan narendra naresh neha nikhil nitin om pankaj parvati pooja prabhu pradeep prakash pramod prasad prashant pratap praveen prem priya puja rahul raj raja rajesh rajendra rajiv rajeev rakesh ram rama raman ramesh ranjit ravi rekha ritu rohit sachin sandeep sandhya sanjay sanjeev santosh sarita satish satya savita seema shankar shanti sharad shashi shiv shyam sita sohan sonia subhash sudha sudhir sujata suman sunil sunita suresh surinder sushil sushila swati tara uma umesh usha vandana vijay vikas vikram vinay vinod vishal vivek yogesh abdul abdullah ahmad ahmed ali amina arif asif ayesha aziz bashir farid farida fatima habib hamid hasan hassan hussain husain ibrahim imran iqbal irfan ismail jamal karim khalid latif mahmood majid mansoor mohammad mohammed muhammad mustafa nasir nasreen nazir noor omar parveen rahim rashid razia rehman riaz rizwan sajid salim samir shabana shafi shahid sharif tahir tariq usman yasin yusuf zahid zahida balbir baldev gurdev gurmeet gurpreet harbans harjit harpal jasbir jaspal jaswinder kuldeep kulwant lakhwinder manjit paramjit satnam sukhdev sukhwinder
aleksandr alexei aleksei anatoly andrei anton artem boris dmitri dmitry evgeny fyodor gennady georgy grigory igor ilya ivan kirill konstantin leonid maksim maxim mikhail nikita nikolai oleg pavel pyotr roman ruslan sergei sergey stanislav vadim valentin valery vasily viktor vitaly vladimir vladislav yaroslav yegor yevgeny yuri anastasia ekaterina galina irina ksenia larisa lidia lyubov lyudmila marina nadezhda natalia natalya oksana olga polina raisa svetlana tamara tatiana tatyana valentina vera yekaterina yelena yulia zinaida zoya oleksandr volodymyr mykola petro taras bohdan ihor serhiy andriy vasyl
hans jürgen günter günther wolfgang uwe jens sven björn jörg dieter horst karl heinz klaus manfred helmut gerhard werner hiroshi takashi kenji yuki akira haruto yoko keiko wei ming xiaoming jing hui hyun jung min seung mehmet mustafa ahmet hüseyin hasan ibrahim murat fatma ayşe emine zeynep elif özgür çiğdem nguyen thi minh chukwu ngozi kwame kofi amadou mamadou fatou aminata ousmane ibrahima
"""
MORE_SURNAMES = """
acharya agarwal aggarwal agrawal ahuja arora bajaj banerjee bansal basu bhagat bhardwaj bhat bhatia bhatt bhattacharya bhushan biswas bose chakraborty chandra chatterjee chaturvedi chaudhary chaudhari chauhan chawla chopra choudhary choudhury dalal das dasgupta datta dave deb desai deshmukh deshpande dey dhillon dixit dubey dutta dwivedi gandhi ganguly garg ghosh gill goel goswami goyal grewal guha gupta hegde iyengar iyer jadhav jain jaiswal jha jindal johar joshi kamble kapoor kapur kaul kaur khan khandelwal khanna khurana kohli krishnan kulkarni kumar lal mahajan maheshwari malhotra malik mathur mehra mehrotra mehta menon mishra misra mittal modi mohanty mukherjee mukhopadhyay murthy nadar naidu nair nambiar nanda narayan narayanan natarajan nayak negi ojha pai pal panda pande pandey pandit pandya parekh parikh parmar patel pathak patil patnaik pawar pillai prabhu prasad rai rajan rajput raju raman ramachandran rana rao rastogi rathod rathore rawat ray reddy roy saha sahni sahoo saini saluja sandhu saran sarkar sawant saxena sen sengupta seth sethi shah shaikh sharma shekhawat shenoy shetty shinde shukla siddiqui sidhu singh singhal sinha solanki soni srinivasan srivastava subramaniam subramanian subramanyam sundaram swamy tandon tewari thakkar thakur thapar tiwari tripathi trivedi tyagi upadhyay vaidya varghese varma venkatesh verma vohra vyas wadhwa yadav ansari qureshi sheikh syed mirza begum bibi bano hussain hossain rahman ullah uddin
ivanov petrov sidorov smirnov kuznetsov popov sokolov lebedev kozlov novikov morozov volkov pavlov romanov kowalski nowak wiśniewski novák svoboda dvořák nagy kovács tóth szabó horváth popescu ionescu yılmaz kaya demir çelik şahin öztürk aydın özdemir arslan doğan kılıç nguyen tran pham zhang chen liu huang zhao zhou suzuki tanaka sato yamamoto watanabe ito nakamura kobayashi kim park choi okafor okonkwo mensah diallo traoré
"""

# Given names that are written short, with a period.
SHORT = "md mohd wm chas jas geo thos jos kr alex chr joh fr ph th jr mª ma fco"

# What ends a word tells that it is a patronymic: of Icelandic, in its cases, and of Slavic ones.
PATRONYMICS = "dóttir dóttur dottir dottur sson ssyni ssonar ovich evich ovna evna ovič ovych ivna"
# In Icelandic texts also these: elsewhere words end so.
PATRONYMICS_OF = {"is": "ason asyni asonar rson rsyni rsonar uson usyni usonar nson nsyni nsonar"}
# And that it is (part of) a name: Slavic, Turkish, Georgian, Greek, Romanian, Indian.
SURNAME_ENDINGS = "escu eanu bhai ammal amma appa aiah swamy swami murthy kumar chand prasad nath lal preet jeet ullah uddin owski owska owskiego owskiej ewski ewska iński ińska yński yńska wicz wicza enko chuk shvili adze idze oğlu oglu opoulos akis ović ević ovic evic ovski ovská ovský ová ková čuk ński ńska"
# In texts of languages in which few other words end so.
SURNAME_ENDINGS_OF = dict.fromkeys(("en", "fr", "is"), "ov ev ova eva ić ssen")
# Words that end like them.
NOT_PATRONYMICS = "halal geneva casanova villanova jehova genova padova kosovo person persons reason season unreason treason mason garrison comparison unison arson parson lesson benison grandson stepson godson venison caisson poisson maison raison liaison saison samson dobson mansion sanson hanson tonson johnson henson branson vinson"
