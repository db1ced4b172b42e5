"""What stands before identifiers in forms, letters and case files, in twelve languages.

General words of these languages, written down for this library. Numbers of records are announced
by a noun with a word for "number", so these are made from two lists.
"""

from __future__ import annotations

from collections.abc import Iterator

# Words for "number", and what may stand between it and the noun.
_NUMBER = {
    "en": "no,no.,nos.,number,nr,nr.,num.,id,#,№,ref,reference",
    "is": "nr.,nr,númer,no.",
    "de": "nr.,nr,nummer,no.",
    "fr": "n°,nº,no,no.,numéro,num.,n",
    "es": "nº,n.º,n°,núm.,núm,num.,número,numero,no.,nro.,nro,n.",
    "it": "n.,nr.,n°,nº,numero,num.,no.",
    "pt": "nº,n.º,n°,número,num.,nr.,no.",
    "nl": "nr.,nr,nummer,no.",
    "da": "nr.,nr,nummer",
    "sv": "nr.,nr,nummer,dnr",
    "nb": "nr.,nr,nummer",
    "pl": "nr,nr.,numer,sygn.",
}
# Languages that put the word for "number" first, and those that glue it to the noun.
_FIRST = frozenset({"fr", "es", "it", "pt", "pl"})
_GLUED = frozenset({"de", "nl", "da", "sv", "nb", "is"})
_OF = {"fr": ("", "de ", "du ", "d'"), "es": ("", "de ", "del ", "de la "),
       "pt": ("", "de ", "do "),
       "it": ("", "di ", "del "), "pl": ("",)}  # fmt: skip

_RECORDS = {
    "en": "record,medical record,case,docket,file,application,petition,appeal,patient,hospital,"
    "chart,"
    "account,member,membership,policy,claim,customer,client,employee,staff,student,registration,"
    "license,licence,certificate,permit,reference,matter,admission,episode,encounter,specimen,"
    "sample,accession,insurance,health insurance,invoice,order,ticket,user,participant,"
    "subject,enrollment,inmate,booking,incident,complaint,cause,index,suit,writ petition,"
    "beneficiary,subscriber,medicare,medicaid,visa,voter,prescription,provider,npi,dea,badge",
    "is": "mál,máls,skjal,skrá,sjúkraskrár,sjúkra,beiðni,umsókn,tilvísun,leyfis,félaga,samnings,"
    "viðskiptamanna,starfsmanna,nemenda,kröfu,kæru,reiknings,tryggingar,skírteini,skírteinis,"
    "málsnúmer",
    "de": "patienten,fall,aufnahme,akten,vorgangs,kunden,mitglieds,versicherten,versicherungs,"
    "krankenversicherungs,sozialversicherungs,rentenversicherungs,vertrags,personal,matrikel,"
    "rechnungs,auftrags,antrags,register,geschäfts,ausweis,zulassungs,befund,proben,kranken,"
    "policen",
    "fr": "dossier,patient,séjour,admission,affaire,rôle,client,adhérent,assuré,contrat,police,"
    "sécurité sociale,matricule,étudiant,facture,commande,demande,requête,référence,allocataire,"
    "inscription,permis,carte,examen,prélèvement,rpps,adeli,finess,pourvoi",
    "es": "historia,historia clínica,historia clinica,hist. clínica,h.c.,expediente,colegiado,"
    "col.,col,"
    "colegiada,paciente,afiliación,afiliacion,seguridad social,seg. social,s.s.,registro,póliza,"
    "poliza,"
    "caso,causa,autos,procedimiento,diligencias,recurso,episodio,ingreso,tarjeta,tarjeta sanitaria,"
    "referencia,solicitud,cliente,socio,matrícula,empleado,asegurado,identificación,licencia,"
    "muestra,"
    "biopsia,factura,pedido,contrato,usuario,volante,rollo,proceso,licencia médica",
    "it": "cartella,cartella clinica,pratica,paziente,ricovero,nosologico,tessera,"
    "tessera sanitaria,"
    "polizza,fascicolo,procedimento,protocollo,cliente,contratto,matricola,iscrizione,fattura,"
    "ruolo,"
    "r.g.,registro generale,assistito,referto,accettazione,documento",
    "pt": "processo,utente,processo clínico,prontuário,paciente,beneficiário,apólice,cliente,"
    "contrato,"
    "matrícula,inscrição,registo,registro,fatura,pedido,segurança social,cartão,cartão de saúde,"
    "caso,"
    "autos,atendimento,carteirinha,cédula,ordem",
    "nl": "patiënt,patiënten,dossier,zaak,zaaks,klant,klanten,polis,lid,lidmaatschaps,"
    "registratie,rol,"
    "personeels,studenten,factuur,order,verzekerden,verzekerings,opname,parket,big,kenmerk,"
    "aanvraag",
    "da": "patient,journal,sags,sag,kunde,medlems,police,sundhedskort,j.,medarbejder,studie,"
    "faktura,"
    "forsikrings,autorisations,rekvisitions,prøve",
    "sv": "patient,journal,mål,ärende,ärende-,kund,medlems,försäkrings,diarie,faktura,anställnings,"
    "student,remiss,prov,legitimations,reservnummer",
    "nb": "pasient,journal,saks,sak,kunde,medlems,polise,forsikrings,ansatt,student,faktura,hpr,h-,"
    "henvisnings,prøve",
    "pl": "sprawy,akt,pacjenta,historii choroby,księgi głównej,kartoteki,polisy,klienta,umowy,"
    "legitymacji,"
    "faktury,zamówienia,albumu,ubezpieczenia,prawa wykonywania zawodu,pwz,wniosku,skierowania,"
    "badania",
}  # fmt: skip

# Abbreviations and phrases that need no word for "number".
_PLAIN = {
    "RECORD_ID": "mrn,m.r.n.,urn:,pat. id,pt id,pt. id,patient id,patient identifier,hosp. no.,hn:,"
    "record id,case id,user id,member id,customer id,employee id,claim id,policy id,account id,"
    "subject id,study id,participant id,sample id,encounter id,visit id,acct:,npi,dea:,our ref,"
    "your ref,"
    "our ref.,your ref.,docket:,case ref,hicn,mbi:,student id,"
    # Spain: histories, social security, health cards of the regions, colleges of physicians.
    "nhc,n.h.c.,nºhc,nº hc,nass,naf,nuss,nss,n.s.s.,cip,cipa,cip-sns,cip sns,sip,nuhsa,tis,citas,"
    "nºcol,nºcol.,n.ºcol.,ncol,n.col.,colegiado:,colegiada:,col.:,episodio:,expediente:,expte.,"
    "expte,exp.:,"
    "id paciente,id del paciente,id. paciente,código de paciente,código paciente,cias,nº ss,"
    "historia clínica:,historia:,episodio,h.c.:,hc:,nuc:,cnp:,tarjeta sanitaria:,póliza:,"
    "ipp,i.p.p.,iep,nda:,ndas,ins:,n.i.p.,réf.,notre réf.,vos réf.,id patient,rpps,adeli,dossier:,"
    "az.,az:,aktenzeichen,geschäftszeichen,gz:,unser zeichen,ihr zeichen,kvnr,kvnr.,svnr,fallnr,"
    "lanr,bsnr,"
    "patienten-id,pat.-nr.,pat.-id,mat.-nr.,matr.-nr.,vsnr,efn,"
    "cartella:,nosologico:,prot.,prot. n.,rif.,ns. rif.,vs. rif.,id paziente,"
    "prontuário:,processo:,utente:,sns:,nº sns,cns:,cartão sus,crm:,crm-sp,oab:,oab/sp,rgm,ra:,"
    "kenmerk:,ons kenmerk,uw kenmerk,zaaknummer,rolnummer,parketnummer,big:,agb-code,patiëntnr,"
    "j.nr.,sagsnr,sags-id,autorisations-id,dnr,diarienr,mål nr,saksnr,hpr-nr,npr-id,"
    "sygn. akt,sygn.,sygnatura,nr ks. gł.,id pacjenta,npwz,"
    "málsnr.,málanr.,mál nr.,mál:,tilv.,tilv. nr.,sjúklingur nr.",
    "NATIONAL_ID": "kt.,kt:,kt,kennitala,kennitölu,kennitalan,kennit.,personnummer,personnr,"
    "personnr.,pers.nr,"
    "pnr:,samordningsnummer,fødselsnummer,fødselsnr,fødselsnr.,fnr,fnr.,f.nr.,d-nummer,cpr,"
    "cpr-nr,cpr-nr.,"
    "cpr nr,cpr-nummer,personnummeret,hetu,henkilötunnus,bsn,burgerservicenummer,sofinummer,"
    "rijksregisternummer,"
    "insz,niss,dni,d.n.i.,dni/nie,nie:,n.i.e.,nif,n.i.f.,nif/nie,dni nº,nº dni,"
    "documento nacional de identidad,"
    "documento de identidad,cédula,cédula de identidad,c.i.:,ci:,curp,rut,rut:,run:,cuil,nir:,"
    "codice fiscale,"
    "cod. fisc.,c.f.,cf:,pesel,nr pesel,nr dowodu,dowód osobisty,seria i numer,"
    "bilhete de identidade,b.i.,"
    "cartão de cidadão,cartão de cidadão nº,cc nº,cpf,cpf nº,cpf:,rg:,rg nº,rg n.º,nis:,niss:,"
    "personalausweis,personalausweisnummer,personalausweis-nr.,ausweisnummer,ausweis-nr.,ahv-nr.,"
    "ahv-nummer,"
    "identity card no.,identity card number,id card no.,id card number,national id,national id no.,"
    "national id number,national insurance number,ni number,nino,nhs number,nhs no,nhs no.,nhs:,"
    "personal number,"
    "personal id,personal identification number,identification number,carte d'identité,cni,"
    "cni n°,carta d'identità,"
    "carta identità n.,identiteitskaart,aadhaar,aadhaar no.,aadhaar number,pps number,ppsn,oib,"
    "egn,cnp,amka",
    "TAX_ID": "tax id,tax id no.,tax number,tin:,tax identification number,steuer-id,steuer-nr.,"
    "steuernummer,"
    "steuer-identifikationsnummer,idnr.,st.-nr.,ust-id,ust-idnr.,numéro fiscal,"
    "numéro fiscal de référence,"
    "número de contribuinte,contribuinte nº,contribuinte n.º,nr. contribuinte,nip:,nip,"
    "partita iva,p. iva,"
    "p.iva,vsk-númer,vsk-nr.,itin,ein:,pan no.,pan:,pan number,gstin",
    "PASSPORT": "passport,passport no,passport no.,passport number,passport nr,passport #,"
    "pasaporte,pasaporte nº,"
    "pasaporte n.º,nº de pasaporte,nº pasaporte,número de pasaporte,passeport,passeport n°,"
    "n° de passeport,"
    "passaporto,passaporto n.,numero di passaporto,passaporte,passaporte nº,nº do passaporte,"
    "reisepass,"
    "reisepass-nr.,reisepassnummer,reisepass nr.,passnummer,pass-nr.,paspoort,paspoortnummer,"
    "paspoort nr.,"
    "paszport,paszport nr,nr paszportu,numer paszportu,vegabréf,vegabréf nr.,vegabréfsnúmer,"
    "pasnummer,pas nr.,"
    "passnr,passnr.",
    "DRIVING_LICENSE": "driving licence,driving license,driver's license,driver's licence,"
    "drivers license,"
    "driver license,driver's license number,driver's license no.,driving licence no.,"
    "driving licence number,"
    "dl no.,dl #,dl:,permiso de conducir,carné de conducir,carnet de conducir,licencia de conducir,"
    "permis de conduire,permis de conduire n°,patente,patente n.,patente di guida,"
    "carta de condução,cnh,"
    "carteira de motorista,führerschein,führerschein-nr.,führerscheinnummer,rijbewijs,"
    "rijbewijsnummer,prawo jazdy,"
    "nr prawa jazdy,ökuskírteini,ökuskírteini nr.,kørekort,kørekortnummer,körkort,førerkort",
    "LICENSE_PLATE": "license plate,licence plate,number plate,plate no.,plate number,"
    "registration plate,"
    "vehicle registration,matrícula:,matrícula del vehículo,immatriculation,"
    "plaque d'immatriculation,targa,"
    "targa:,targato,kennzeichen,kfz-kennzeichen,kfz-kz.,amtl. kennzeichen,kenteken,"
    "kentekennummer,placa:,"
    "nr rejestracyjny,numer rejestracyjny,bílnúmer,skráningarnúmer,registreringsnummer,reg.nr,"
    "reg.nr.,nummerplade",
    "BIRTH_DATE": "date of birth,birth date,birthdate,birthday,dob,d.o.b.,born,born on,"
    "fæðingardagur,"
    "fæðingard.,fæddur,fædd,f. dags.,fd.,geburtsdatum,geb.,geb.-dat.,geb. datum,geboren,"
    "geboren am,geb. am,"
    "date de naissance,né le,née le,né(e) le,d.d.n.,ddn,fecha de nacimiento,fecha nacimiento,"
    "f. nacimiento,"
    "f. nac.,fecha nac.,fec. nac.,fdn,nacido el,nacida el,nacido,nacida,data di nascita,nato il,"
    "nata il,nato/a il,"
    "data de nascimento,data nasc.,d.n.,nascido a,nascida a,nascido em,nascida em,nasc.,"
    "geboortedatum,geboren op,"
    "geb. datum,fødselsdato,fødselsdag,født,født den,f. dato,födelsedatum,född,född den,"
    "data urodzenia,"
    "data ur.,ur.,urodzony,urodzona,urodzony dnia,urodzona dnia",
    "PERSON": "name:,full name:,patient:,patient name:,name of patient:,patient's name:,surname:,"
    "first name:,"
    "last name:,given name:,given names:,family name:,middle name:,maiden name:,applicant:,"
    "claimant:,"
    "defendant:,plaintiff:,witness:,employee:,physician:,doctor:,attending:,attending physician:,"
    "referring physician:,referred by:,signed by:,signed:,next of kin:,mother:,father:,spouse:,"
    "contact:,"
    "contact person:,author:,prepared by:,reported by:,consultant:,gp:,nurse:,insured:,"
    "account holder:,"
    "nafn:,fullt nafn:,sjúklingur:,nafn sjúklings:,fornafn:,eftirnafn:,kærandi:,kærði:,"
    "stefnandi:,stefndi:,"
    "læknir:,ábyrgur læknir:,aðstandandi:,móðir:,faðir:,maki:,tengiliður:,umsækjandi:,vitni:,"
    "undirritað:,"
    "name des patienten:,patientin:,nachname:,vorname:,familienname:,vor- und nachname:,arzt:,"
    "ärztin:,"
    "hausarzt:,kläger:,klägerin:,beklagter:,beklagte:,zeuge:,zeugin:,antragsteller:,"
    "antragstellerin:,"
    "ansprechpartner:,versicherter:,mutter:,vater:,unterschrift:,"
    "nom:,nom et prénom:,nom, prénom:,prénom:,prénoms:,nom de famille:,nom de naissance:,"
    "nom d'usage:,patiente:,"
    "nom du patient:,médecin:,médecin traitant:,docteur:,requérant:,demandeur:,défendeur:,"
    "témoin:,mère:,père:,"
    "nombre:,nombres:,nombre y apellidos:,apellidos:,apellido:,primer apellido:,"
    "segundo apellido:,paciente:,"
    "nombre del paciente:,nombre completo:,médico:,médica:,médico responsable:,médico tratante:,"
    "responsable clínico:,facultativo:,doctora:,remitido por:,derivado por:,firmado:,fdo.:,fdo.,"
    "enfermera:,enfermero:,madre:,padre:,cónyuge:,demandante:,demandado:,demandada:,testigo:,"
    "solicitante:,"
    "asegurado:,titular:,contacto:,persona de contacto:,autor:,autora:,"
    "cognome:,cognome e nome:,nome e cognome:,nominativo:,paziente:,medico:,medico curante:,"
    "dottore:,"
    "ricorrente:,convenuto:,attore:,testimone:,madre:,assistito:,intestatario:,firmato:,"
    "nome:,nome completo:,apelido:,apelidos:,sobrenome:,nome do paciente:,utente:,"
    "médico assistente:,requerente:,"
    "autor:,réu:,testemunha:,mãe:,pai:,cônjuge:,assinado:,"
    "naam:,achternaam:,voornaam:,voornamen:,volledige naam:,patiënt:,naam patiënt:,arts:,huisarts:,"
    "behandelend arts:,eiser:,eiseres:,verweerder:,getuige:,moeder:,vader:,contactpersoon:,"
    "navn:,fornavn:,efternavn:,etternavn:,fulde navn:,fullt navn:,patientens navn:,pasient:,"
    "pasientens navn:,"
    "læge:,lege:,fastlege:,sagsøger:,sagsøgte:,saksøker:,saksøkte:,vidne:,vitne:,mor:,far:,"
    "pårørende:,"
    "namn:,förnamn:,efternamn:,fullständigt namn:,patientens namn:,läkare:,kärande:,svarande:,"
    "vittne:,anhörig:,"
    "imię:,nazwisko:,imię i nazwisko:,nazwisko i imię:,pacjent:,pacjentka:,lekarz:,"
    "lekarz prowadzący:,powód:,"
    "pozwany:,świadek:,matka:,ojciec:,wnioskodawca:,osoba kontaktowa:",
    "ADDRESS": "address:,home address:,postal address:,street address:,mailing address:,"
    "residence:,heimilisfang:,"
    "heimili:,lögheimili:,aðsetur:,póstfang:,adresse:,anschrift:,wohnadresse:,wohnhaft:,"
    "domicile:,adresse postale:,"
    "domicilio:,dirección:,direccion:,dirección postal:,calle:,indirizzo:,residenza:,"
    "residente in:,domicilio:,"
    "morada:,endereço:,residência:,adres:,woonadres:,postadres:,bopæl:,bopel:,bostadsadress:,"
    "adress:,"
    "postadress:,bostad:,adres zamieszkania:,miejsce zamieszkania:,zamieszkały:,zamieszkała:",
    "POSTAL_CODE": "zip:,zip code:,postcode:,postal code:,post code:,póstnúmer:,plz:,"
    "postleitzahl:,code postal:,"
    "cp:,c.p.:,código postal:,cod. postal:,cap:,cep:,postnr.:,postnummer:,kod pocztowy:",
    "USERNAME": "username:,user name:,notandanafn:,benutzername:,nom d'utilisateur:,"
    "nombre de usuario:,nome utente:,nome de usuário:,"
    "gebruikersnaam:,brugernavn:,brukernavn:,användarnamn:,nazwa użytkownika:",
}  # fmt: skip


def generic() -> Iterator[tuple[str, str]]:
    """Cue and label of every generic cue, once."""
    found: dict[str, str] = {}
    for label, text in _PLAIN.items():
        for cue in text.split(","):
            found.setdefault(cue, label)
    for language, nouns in _RECORDS.items():
        for noun in nouns.split(","):
            for number in _NUMBER[language].split(","):
                for cue in _composed(language, noun, number):
                    found.setdefault(cue, "RECORD_ID")
    yield from found.items()


def _composed(language: str, noun: str, number: str) -> Iterator[str]:
    if language in _FIRST:
        for between in _OF[language]:
            yield f"{number} {between}{noun}"
        if number[-1] in "º°.":
            yield f"{number}{noun}"
        yield f"{noun} {number}"
        return
    # `application (no. 12/03)`, `petitions (nos. 7 and 9)`: as courts write.
    for opening in ("", "("):
        yield f"{noun} {opening}{number}"
        if language == "en":
            yield f"{noun}s {opening}{number}"
    if language in _GLUED:
        yield f"{noun}{number}"
        yield f"{noun}-{number}"
        yield f"{noun}s{number}"
    else:
        yield f"{number} of {noun}"


LABELS = frozenset(_PLAIN)
