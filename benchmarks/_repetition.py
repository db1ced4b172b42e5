"""Repetition that is meant: (what it is, about how many seconds it takes, our own texts)."""

# ruff: noqa: E501
MEANT = (
    ("roll call", 24, "Mr. Abbott? Aye. Mrs. Bell? Aye. Mr. Carver? Nay. Ms. Dunn? Aye. Mr. Eads? Aye."),
    ("votes", 12, "Aye. Aye. Aye. Nay. Aye. Aye. Aye. Aye. Nay. Nay. Aye. Aye."),
    ("votes", 14, "Aye. Aye. Aye. Aye. Aye. Aye. Aye. Aye. Aye. Aye. Aye. Aye."),
    ("votes", 20, "Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes."),
    ("votes, Icelandic", 16, "Já. Já. Nei. Já. Já. Já. Greiðir ekki atkvæði. Já. Já. Nei. Nei. Já. Já."),
    ("votes, German", 14, "Ja. Ja. Ja. Nein. Ja. Enthaltung. Ja. Ja. Ja. Ja. Ja. Nein."),
    ("digits", 9, "zero zero zero four, one one one, zero zero, two two two two, double nine"),
    ("digits", 8, "0 0 0 0 0 4 7 7 7 1 1 1 1 0 0 0"),
    ("digits, Icelandic", 9, "núll núll núll fjórir, einn einn einn, núll núll tveir tveir tveir"),
    ("account", 12, "It is four four four, dash, four four four, dash, zero zero zero zero zero one."),
    ("counting", 20, "One, two, three. One, two, three. One, two, three, turn. One, two, three. One, two, three."),
    ("sound check", 12, "Check, check. One two, one two. Check. One two. Can you hear me? Check, check."),
    ("stutter", 7, "I, I, I, I did not, I did not, I mean I never, I never said that, no."),
    ("stutter", 6, "The the the man, he he was was standing in in the the door."),
    ("denial", 5, "No, no, no, no, no, no, that is not what I said."),
    ("denial, Icelandic", 5, "Nei, nei, nei, nei, nei, það er ekki rétt, nei nei."),
    ("agreement", 6, "Ja ja ja ja ja ja, das stimmt schon, ja ja."),
    ("laughter", 5, "Ha ha ha ha ha ha ha ha ha! Oh dear. Ha ha ha ha."),
    ("laughter", 4, "Hahahahahahahaha, stop it, hahahaha."),
    ("laughter, Spanish", 5, "Jajajajajajajaja, no me digas, jajaja."),
    ("laughter, Japanese", 4, "はははははははは、そうですか、はははは"),
    ("laughter, Russian", 5, "Хахахахахахаха, ну ты даёшь, хахаха."),
    ("laughter, of a villain", 6, "Muahahahahahahahahaha! You will see. Bruhahahahahaha!"),
    ("drawn out", 7, "Noooooooooooooooo! Whaaaaaaaaaat? Hmmmmmmmmm. Aaaaaaaaaaaah. Brrrrrrrr. Pssssssst."),
    ("song", 7, "Nananananananananananananananana, here he comes, trallalalalalala."),
    ("numbers and blanks", 14, "Chapter MCCCCXXXIII of book LXXXVIII, form XXXXXXXXXX, code 00000000000000000000."),
    ("oath", 25, "I, Anna, swear to tell the truth, the whole truth, and nothing but the truth. "
     "I, Karl, swear to tell the truth, the whole truth, and nothing but the truth. "
     "I, Rose, swear to tell the truth, the whole truth, and nothing but the truth."),
    ("litany", 26, "Saint Agnes, pray for us. Saint Brendan, pray for us. Saint Clare, pray for us. "
     "Saint David, pray for us. Saint Edith, pray for us. Saint Finan, pray for us."),
    ("kyrie", 18, "Lord, have mercy. Lord, have mercy. Christ, have mercy. Christ, have mercy. "
     "Lord, have mercy. Lord, have mercy."),
    ("kyrie, Icelandic", 14, "Drottinn, miskunna þú oss. Kristur, miskunna þú oss. Drottinn, miskunna þú oss."),
    ("holy", 6, "Holy, holy, holy, hear us now. Holy, holy, holy."),
    ("three times", 16, "I am not worthy to come in, only say the word. I am not worthy to come in, "
     "only say the word. I am not worthy to come in, only say the word."),
    ("chorus", 20, "Row on, my brother, row. Row on, my brother, row. Row on, my brother, row, "
     "till the morning comes. Row on, my brother, row."),
    ("chorus", 16, "La la la la la, the boats are home. La la la la la, the boats are home."),
    ("scat", 8, "Na na na na, na na na na, hey hey, na na na na, hey."),
    ("round", 20, "Vorið kemur, vorið kemur, sól um tún. Vorið kemur, vorið kemur, sól um tún."),
    ("auction", 11, "Fifty, fifty, fifty, who gives me sixty, sixty, sixty, now seventy, seventy, "
     "going once, going twice, sold."),
    ("auction", 8, "Ten, ten, ten, do I hear ten, ten, eleven, eleven, do I hear eleven?"),
    ("table", 22, "One times seven is seven. Two times seven is fourteen. Three times seven is "
     "twenty-one. Four times seven is twenty-eight. Five times seven is thirty-five."),
    ("table, Icelandic", 16, "Einu sinni þrír eru þrír. Tvisvar þrír eru sex. Þrisvar þrír eru níu. "
     "Fjórum sinnum þrír eru tólf."),
    ("march", 12, "Left, right, left, right, left, right, halt. Left, right, left, right."),
    ("chant", 12, "Hear us now! Hear us now! Hear us now! Hear us now! We are here!"),
    ("calls", 9, "Hello? Hello? Hello? Anna? Hello? Are you there? Hello?"),
    ("calls, Finnish", 8, "Haloo? Haloo? Kuuletko? Haloo? Haloo?"),
    ("order", 7, "Order! Order! Order! The member will sit down. Order! Order!"),
    ("compounds", 9, "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz, Donaudampfschifffahrt."),
    ("compounds, Icelandic", 8, "Vaðlaheiðarvegavinnuverkfærageymsluskúr, hæstaréttarmálaflutningsmaður."),
    ("compounds, Finnish", 8, "Lentokonesuihkuturbiinimoottoriapumekaanikko ja kumarreksituteskenteleva."),
    ("very", 6, "It was a very, very, very, very, very long way home."),
    ("bells", 8, "Ding dong, ding dong, ding dong, and then again: ding dong, ding dong."),
    ("answers, Japanese", 6, "はい。はい。はい。わかりました。はい。はい。"),
    ("answers, Chinese", 6, "对，对，对，对，对，就是这样，好好好。"),
    ("thanks", 2, "Thank you."),
    ("thanks", 1.6, "Thanks for watching."),
    ("thanks, Icelandic", 1.2, "Takk fyrir."),
    ("thanks, Icelandic", 1.7, "Takk fyrir að horfa."),
    ("thanks, German", 2.2, "Vielen Dank fürs Zuschauen."),
    ("credits read aloud", 4.5, "The book was translated by a teacher from the north, and it sold well."),
)  # fmt: skip
