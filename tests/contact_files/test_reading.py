"""Files of contacts as programs here really write them; and as nobody should (spec B6)."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connexion_plugin.contact_files import FileRefused, read
from connexion_plugin.contact_files.reading import MOST_BYTES

FRENCH_EXCEL = "Nom;Prénom;Courriel;Langue;Notes\r\nGagnon;Éloïse;eloise@exemple.ca;Français;Rappeler\r\n"


def told(content):
    return [(line.number, line.address, line.name, line.language, line.note) for line in read(content)]


@pytest.mark.spec("B6")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_what_french_excel_writes_is_read_in_every_encoding(encoding):
    expected = [(2, "eloise@exemple.ca", "Éloïse Gagnon", "fr", "Rappeler")]
    assert told(FRENCH_EXCEL.encode(encoding)) == expected


@pytest.mark.spec("B6")
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "First Name,Last Name,Notes,E-mail 1 - Value\nMarie,Roy,,m@b.ca\n",
            (2, "m@b.ca", "Marie Roy", "", ""),
        ),
        ("Nom\tAdresse de messagerie\nMarie\tm@b.ca\n", (2, "m@b.ca", "Marie", "", "")),
        ("sep=;\r\nName;E-mail\r\nMarie;m@b.ca\r\n", (2, "m@b.ca", "Marie", "", "")),
        ("m@b.ca,Marie Roy\n", (1, "m@b.ca", "Marie Roy", "", "")),
        ('Name,E-mail,Note\n"Roy, Marie",m@b.ca,"one\ntwo"\n', (2, "m@b.ca", "Roy, Marie", "", "one\ntwo")),
        ("Name,E-mail,Language\n'=1+1,m@b.ca,English\n", (2, "m@b.ca", "=1+1", "en", "")),
        ("\n\nName,E-mail\n\n,m@b.ca\n", (5, "m@b.ca", "", "", "")),
        (
            "Nom;Courriel;Titre, service, étage, bureau\r\nRoy, Marie;m@b.ca;Me\r\n",
            (2, "m@b.ca", "Roy, Marie", "", ""),
        ),
        ("Roy, Marie, Me;m@b.ca\r\n", (1, "m@b.ca", "Roy, Marie, Me", "", "")),
        ("E-mail\nMarie Roy <m@b.ca>\n", (2, "m@b.ca", "Marie Roy", "", "")),
        ("Prénom;Nom;Mél\r\nMarie;Roy;m@b.ca\r\n", (2, "m@b.ca", "Marie Roy", "", "")),
        (
            "Prénom,Nom de famille,Nom à afficher,Première adresse électronique\r\nMarie,Roy,Me Roy,m@b.ca\r\n",
            (2, "m@b.ca", "Marie Roy", "", ""),
        ),
    ],
    ids=[
        *("Google", "tabs", "sep line", "no heads", "quoted", "our own guard", "empty lines"),
        *("more commas than semicolons", "the same without heads", "name and address in one cell"),
        *("a head that nobody knows", "Thunderbird"),
    ],
)
def test_spreadsheets_of_every_kind(content, expected):
    assert told(content.encode()) == [expected]


CARDS = """BEGIN:VCARD\r
VERSION:2.1\r
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=89lo=C3=AFse Gagnon\r
EMAIL;HOME:autre@exemple.ca\r
EMAIL;PREF:eloise@exemple.ca\r
END:VCARD\r
BEGIN:VCARD\r
nothing that is a card\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:4.0\r
N:Roy;Marc;;;\r
PHOTO;ENCODING=b:AAAA\r
 BBBB\r
EMAIL;PREF=2:second@exemple.ca\r
EMAIL;PREF=1:marc@exemple.ca\r
LANG:en-CA\r
NOTE:un\\ndeux\\, trois\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:3.0\r
FN:Sans adresse\r
END:VCARD\r
"""


@pytest.mark.spec("B6")
def test_cards_of_every_version_and_a_broken_one_costs_only_itself():
    assert told(CARDS.encode()) == [
        (1, "eloise@exemple.ca", "Éloïse Gagnon", "", ""),
        (2, "", "", "", ""),
        (3, "marc@exemple.ca", "Marc Roy", "en", "un\ndeux, trois"),
        (4, "", "Sans adresse", "", ""),
    ]
    assert [line.is_readable for line in read(CARDS.encode())] == [True, False, True, True]


@pytest.mark.spec("B6")
@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Roy;=C3=89lo=\r\n=C3=AFse;;;", "Éloïse Roy"),
        ("FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Ren=E9 Roy", "René Roy"),
        ("FN;ENCODING=QUOTED-PRINTABLE:Ren=E9 Roy", "René Roy"),
        ("FN;encoding=quoted-printable:Ren=C3=A9 Roy", "René Roy"),
        ("FN;QUOTED-PRINTABLE:Ren=E9 Roy", "René Roy"),
        ("FN;ENCODING=BASE64;CHARSET=UTF-8:UmVuw6kgUm95", "René Roy"),
        ("N:Roy;Marie,Anne;;;", "Marie Anne Roy"),
        ("FN:Marie-\r\n Ève\r\n  Roy", "Marie-Ève Roy"),
    ],
    ids=[
        *("soft line break", "Latin-1", "without a character set", "small letters", "bare", "base64"),
        *("two given names", "folded"),
    ],
)
def test_a_name_is_read_however_its_telephone_wrote_it(properties, expected):
    card = f"BEGIN:VCARD\r\nVERSION:2.1\r\n{properties}\r\nEMAIL;INTERNET:mailto:m@b.ca\r\nEND:VCARD\r\n"
    assert told(card.encode()) == [(1, "m@b.ca", expected, "", "")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Name,Telephone\nMarie,5550142\n",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"PK\x03\x04 a workbook",
        b"a" * (MOST_BYTES + 1),
        b"E-mail\n" + b"a@b.ca\n" * 10_001,
    ],
    ids=["empty", "no address", "picture", "workbook", "too large", "too many"],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(content):
    with pytest.raises(FileRefused) as refused:
        read(content)
    assert str(refused.value.sentence)


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"E-mail,Name\n{text}".encode()))
def test_no_bytes_make_the_reader_stumble(content):
    try:
        lines = read(content)
    except FileRefused:
        return
    assert all("\n" not in line.address and "\n" not in line.name for line in lines)


@given(st.text(max_size=200))
def test_no_card_makes_the_reader_stumble(text):
    with suppress(FileRefused):
        read(f"BEGIN:VCARD\r\nVERSION:3.0\r\n{text}\r\nEND:VCARD\r\n".encode())


ATTACKS = {
    "parameters without a value": "BEGIN:VCARD\nVERSION:3.0\nNOTE" + ";a=b,c" * 200 + "\nEND:VCARD\n",
    "a quote that does not end": "BEGIN:VCARD\nVERSION:3.0\nEMAIL" + ';a=b,"c' * 200 + ":x\nEND:VCARD\n",
    "too long": "BEGIN:VCARD\nVERSION:3.0\n" + "X-A:b\n" * 20_000 + "END:VCARD\n",
    "too many of one": "BEGIN:VCARD\nVERSION:3.0\n" + "NOTE:b\n" * 1_000 + "END:VCARD\n",
}


@pytest.mark.spec("B6")
@pytest.mark.parametrize("card", ATTACKS.values(), ids=ATTACKS)
def test_a_card_made_to_hold_a_process_up_costs_only_itself(card):
    """The parser's expressions take exponential time over the first: it must not see such a line."""
    good = "BEGIN:VCARD\nVERSION:3.0\nFN:Bob\nEMAIL:bob@exemple.ca\nEND:VCARD\n"
    assert [(line.address, line.is_readable) for line in read((card + good).encode())] == [
        ("", False),
        ("bob@exemple.ca", True),
    ]


@pytest.mark.spec("B6")
@pytest.mark.parametrize("text", ["BEGIN:VCARD\n" * 300_000, "BEGIN:VCARD" + "\n" * 4_000_000])
def test_cards_that_never_end_are_none_and_found_so_in_one_pass(text):
    with pytest.raises(FileRefused):
        read(text.encode())


@pytest.mark.spec("B6")
def test_a_picture_makes_no_card_too_long():
    picture = "PHOTO;ENCODING=b;TYPE=JPEG:" + "\r\n ".join(["A" * 70] * 2_000)
    card = f"BEGIN:VCARD\r\nVERSION:3.0\r\n{picture}\r\nEMAIL;:bob@exemple.ca\r\nEND:VCARD\r\n"
    assert [line.address for line in read(card.encode())] == ["bob@exemple.ca"]


@pytest.mark.spec("B6")
def test_one_foreign_card_does_not_spoil_everybodys_accents():
    unicode = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Éloïse Gagnon\r\nEMAIL:e@b.ca\r\nEND:VCARD\r\n".encode()
    western = "BEGIN:VCARD\r\nVERSION:2.1\r\nFN:René Roy\r\nEMAIL:r@b.ca\r\nEND:VCARD\r\n".encode("latin-1")
    assert [line.name for line in read(unicode + western)] == ["Éloïse Gagnon", "René Roy"]
    rows = "Courriel;Nom\r\ne@b.ca;Éloïse\r\n".encode() + "r@b.ca;René\r\n".encode("cp1252")
    assert [line.name for line in read(rows)] == ["Éloïse", "René"]


@pytest.mark.spec("B6")
def test_a_line_may_be_folded_within_a_character():
    name = "FN:Éloïse Gagnon".encode()
    within = name.index("ï".encode()) + 1
    folded = name[:within] + b"\r\n " + name[within:]
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\n" + folded + b"\r\nEMAIL:e@b.ca\r\nEND:VCARD\r\n"
    assert told(card) == [(1, "e@b.ca", "Éloïse Gagnon", "", "")]
