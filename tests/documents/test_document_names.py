"""Names made safe when they come in, and kept readable."""

import unicodedata

import pytest
from django.core.files.uploadedfile import UploadedFile
from hypothesis import example, given
from hypothesis import strategies as st

from connexion_plugin.documents.names import NAME_BYTES, NAMELESS, safe_name

FAMILY = "👩\u200d👩\u200d👧"


@pytest.mark.spec("D3")
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("devis_2015.xlsx", "devis_2015.xlsx"),
        ("Évaluation – été à Val-d’Or.pdf", "Évaluation – été à Val-d’Or.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("Bilan « final » (2).docx", "Bilan « final » (2).docx"),
        ("Bilan\u00a0« final\u00a0».docx", "Bilan « final ».docx"),
        (f"{FAMILY} vacances 🏖️.jpg", f"{FAMILY} vacances 🏖️.jpg"),
        ("契約書.pdf", "契約書.pdf"),
        ("می\u200cخواهم.pdf", "می\u200cخواهم.pdf"),
        # Marks that turn the reading direction: this one would show as "facture_exe.pdf".
        ("facture_\u202efdp.exe", "facture_fdp.exe"),
        ("\u200fעברית\u2067.pdf", "עברית.pdf"),
        ("zero\u200bwidth\ufeff.pdf", "zerowidth.pdf"),
        # Control characters
        ("a\x00b\x1f\x7fc.pdf", "abc.pdf"),
        ("two\r\nlines\tand a tab.pdf", "two lines and a tab.pdf"),
        ("line\u2028separator.pdf", "line separator.pdf"),
        ("lone \ud83d surrogate.pdf", "lone surrogate.pdf"),
        ("paragraph\u2029separator.pdf", "paragraph separator.pdf"),
        # Points that no character has, or only one font
        ("\uf8ff Pages.pdf", "_ Pages.pdf"),
        ("a\uf022b \U000f1234 \U0010fffd.pdf", "a_b _ _.pdf"),  # as macOS writes a colon on a share
        ("a\ufdd0b\uffffc\U0001ffffd\U0002ffff\U0003fffe.pdf", "a_b_c_d__.pdf"),
        ("a\u0378b\U0001dfffc\U000e0200.pdf", "a_b_c_.pdf"),
        # Unicode 15 and 16, which this Python does not know: a face, a fingerprint, an ideograph
        ("\U0001fae8 \U0001fac6 \U0002ebf1.jpg", "\U0001fae8 \U0001fac6 \U0002ebf1.jpg"),
        # Marks that belong to what they stand on
        ("❤\ufe0f ☎\ufe0e 👍🏽 ✈\ufe0f.png", "❤\ufe0f ☎\ufe0e 👍🏽 ✈\ufe0f.png"),
        ("葛\U000e0100.pdf", "葛\U000e0100.pdf"),
        ("नि\u200dका हूँ q\u0323\u0307 ạ̈.pdf", "नि\u200dका हूँ q\u0323\u0307 ạ̈.pdf"),
        ("1\ufe0f\u20e3 *.png", "1\ufe0f\u20e3 _.png"),
        ("PDF\u200cها.pdf", "PDF\u200cها.pdf"),
        # The same where there is nothing to join or to vary
        ("facture.pdf\u200d", "facture.pdf"),
        ("❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈.png", "❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈.png"),
        ("a\ufe0f\u200db\u200d\ufe0fc.pdf", "abc.pdf"),
        ("fac\u200d\u200cture.p\ufe0fdf\ufe0f", "facture.pdf"),
        ("con\u200d.txt", "_con.txt"),
        ("aux\ufe0f.txt", "_aux.txt"),
        ("\ufe0fa.pdf", "a.pdf"),
        ("❤\ufe0f\ufe01\U000e0101.png", "❤\ufe0f.png"),
        # Path pieces
        ("../../etc/passwd", "passwd"),
        ("C:\\Documents\\devis.pdf", "devis.pdf"),
        ("C:devis.pdf", "C_devis.pdf"),
        ("/", "document"),
        ("..", "document"),
        (".", "document"),
        ("", "document"),
        ("   ", "document"),
        ("\u202e", "document"),
        ("\u200d\u200c", "document"),
        ("folder/", "document"),
        # What another system refuses or hides
        ('what? "this" <that> | *.pdf', "what_ _this_ _that_ _ _.pdf"),
        ("CON", "_CON"),
        ("aux.txt", "_aux.txt"),
        ("Com1.tar.gz", "_Com1.tar.gz"),
        ("LPT².pdf", "_LPT².pdf"),
        ("nul .txt", "_nul .txt"),
        ("console.log", "console.log"),
        ("company.pdf", "company.pdf"),
        (".htaccess", "_.htaccess"),
        ("trailing dots...", "trailing dots"),
        ("trailing space.pdf ", "trailing space.pdf"),
        ("  many   spaces  .pdf", "many spaces .pdf"),
        ("100 %.pdf", "100 %.pdf"),
        ("R&amp;D.pdf", "R&amp;D.pdf"),
    ],
)
def test_a_name_is_kept_readable_and_made_safe(sent, kept):
    assert safe_name(sent) == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a" * 255, "a" * 255),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
        ("é" * 200 + ".pdf", "é" * 125 + ".pdf"),
        ("👍" * 100 + ".jpeg", "👍" * 62 + ".jpeg"),
        (FAMILY * 30 + ".jpg", FAMILY * 13 + ".jpg"),
        ("x" * 247 + "q\u0308\u0323" + "y" * 20 + ".pdf", "x" * 247 + ".pdf"),
        ("x" * 246 + "👍🏽" + ".pdf", "x" * 246 + ".pdf"),
        ("a" * 300 + "." + "b" * 40, "a" * 255),
        ("a" * 240 + "." * 30 + "pdf", "a" * 240 + ".pdf"),
    ],
)
def test_a_name_too_long_keeps_its_extension_and_whole_characters(sent, kept):
    assert safe_name(sent) == kept


def test_a_name_of_nothing_but_accents_is_cut_all_the_same():
    name = safe_name("\u0323" * 300 + ".pdf")
    assert name.endswith(".pdf")
    assert len(name) > 4
    assert len(name.encode()) <= NAME_BYTES


UNSEEN = st.text(alphabet="a1.é😀 ❤\u0301\u200c\u200d\ufe0f\ufe01\U000e0100", max_size=12)


@given(st.text(max_size=400) | UNSEEN | UNSEEN.map(lambda name: name * 30))
@example("a\ufe0f\u200db")
@example("0" * 250 + " .con")
@example("con." + "é" * 200)
def test_whatever_comes_in_the_name_can_be_saved_anywhere(sent):
    name = safe_name(sent)
    assert 0 < len(name.encode()) <= NAME_BYTES
    assert safe_name(name) == name
    assert not set(name) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(character) in {"Cc", "Cs", "Co", "Zl", "Zp"} for character in name)
    assert name[0] not in ". "
    assert name[-1] not in ". "
    assert UploadedFile(name=name).name == name


@pytest.mark.parametrize(
    "blank", ["\u3164", "\u2800", "\u115f\uffa0", "\u1160", "\u034f", "\ufe0f", "\u0301", "\u17b4"]
)
def test_a_name_that_shows_nothing_is_no_name(blank):
    assert safe_name(blank) == safe_name(blank * 7) == NAMELESS


@pytest.mark.parametrize("filler", ["\u3164", "\u2800", "\u115f", "\uffa0", "\u1160"])
def test_an_extension_is_not_pushed_out_of_sight(filler):
    assert safe_name(f"facture.pdf{filler * 40}.exe") == "facture.pdf .exe"
    assert safe_name(f"{filler}.exe") == "_.exe"


@pytest.mark.parametrize("region", ["gbeng", "gbsct", "gbwls", "ustx"])
def test_a_flag_keeps_its_region(region):
    flag = "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    assert safe_name(f"{flag}.png") == f"{flag}.png"
    assert safe_name(flag * 40 + ".png") == flag * ((255 - 4) // len(flag.encode())) + ".png"
    # Without its flag it would be hidden text.
    assert safe_name(f"a{flag[1:]}.png") == "a.png"
