"""Who is in the demo, and what they wrote to each other. All of it invented."""

from collections.abc import Sequence
from dataclasses import dataclass, field

PASSWORD = "connexion-demo-2026"


@dataclass(frozen=True)
class Person:
    user_name: str
    first_name: str
    last_name: str
    addresses: Sequence[str]
    language: str = "fr"
    part: str = "participant"  # or collaborator, administrator, editor, operator


@dataclass(frozen=True)
class Post:
    """`by` is an address; `days_ago` may hold a fraction; `opened_by` lists addresses, in that order."""

    by: str
    days_ago: float
    text: str
    documents: Sequence[tuple[str, int]] = ()  # name, size in bytes
    opened_by: Sequence[str] = ()
    expires_in_days: int = 364


@dataclass(frozen=True)
class Thread:
    organization: str
    title: str
    to: Sequence[str]
    posts: Sequence[Post] = field(default_factory=tuple)
    language: str = "fr"


ORGANIZATIONS = {
    "Étude Tremblay Roy, notaires": {"language": "fr", "telephone": "1 800 555-0142"},
    "Clinique Belle-Rive": {"language": "fr", "telephone": "418 555-0117"},
    "Harbour Insurance": {"language": "en", "telephone": "902 555-0163", "time_zone": "America/Halifax"},
}

MARIE, LUC, ANNE, OLIVER = (
    "marie.tremblay@etude-tremblay-roy.example",
    "luc.lavoie@etude-tremblay-roy.example",
    "anne.cote@clinique-belle-rive.example",
    "oliver.macneil@harbour-insurance.example",
)
JEAN, JEAN_AT_WORK = "jean.dupont@courriel.example", "jdupont@atelier-dupont-ebenisterie.example"
EMMA = "emma.clarke@mail.example"

PEOPLE = [
    Person("marie", "Marie", "Tremblay", [MARIE], part="collaborator"),
    Person("luc", "Luc", "Lavoie", [LUC], part="collaborator"),
    Person("anne", "Anne", "Côté", [ANNE], part="collaborator"),
    Person("oliver", "Oliver", "MacNeil", [OLIVER], "en", "collaborator"),
    Person("jean", "Jean", "Dupont", [JEAN, JEAN_AT_WORK]),
    Person("emma", "Emma", "Clarke", [EMMA], "en"),
    Person("claire", "Claire", "Gagnon", ["claire.gagnon@etude-tremblay-roy.example"], part="administrator"),
    Person("louis", "Louis", "Bélanger", ["louis.belanger@redaction.example"], part="editor"),
    Person("operator", "Simone", "Fortin", ["operator@connexion.example"], part="operator"),
]

ENROLMENTS = {
    MARIE: "Étude Tremblay Roy, notaires",
    LUC: "Étude Tremblay Roy, notaires",
    ANNE: "Clinique Belle-Rive",
    OLIVER: "Harbour Insurance",
}
DEACTIVATED = [LUC]  # at the end: the conversations turn red
ADMINISTERS = {"claire": "Étude Tremblay Roy, notaires"}

# Whose address book, and in it: address, name, language, note.
CONTACTS = {
    MARIE: [
        (JEAN, "Jean Dupont", "fr", "Préfère qu’on l’appelle le matin."),
        (EMMA, "Emma Clarke", "en", ""),
        (
            "g.archambault-desrochers@cabinet-archambault.example",
            "Geneviève Archambault-Desrochers",
            "fr",
            "",
        ),
    ]
}

THREADS = [
    Thread(
        "Étude Tremblay Roy, notaires",
        "Procuration",
        [JEAN],
        [
            Post(
                MARIE,
                96,
                "Bonjour Monsieur Dupont,\n\nVoici le projet de procuration dont nous avons parlé. Dites-moi si les "
                "noms et les dates sont exacts; je préparerai ensuite la version à signer.\n\nMarie Tremblay",
                [("Procuration – projet.pdf", 88_412)],
                [JEAN],
            ),
            Post(JEAN, 95.4, "Tout est exact. Merci beaucoup.\n\nJean Dupont", opened_by=[MARIE]),
        ],
    ),
    Thread(
        "Étude Tremblay Roy, notaires",
        "Dossier 4411",
        [JEAN, EMMA],
        [
            Post(
                LUC,
                80,
                "Bonjour,\n\nLes pièces du dossier 4411 sont jointes. Je reste à votre disposition.\n\nLuc Lavoie",
                [("Relevé 4411.xlsx", 17_842)],
                [JEAN],
            )
        ],
    ),
    Thread(
        "Clinique Belle-Rive",
        "Résultats d’analyses",
        [JEAN],
        [
            Post(
                ANNE,
                9.2,
                "Bonjour Monsieur Dupont,\n\nVos résultats sont joints. Rien n’est inquiétant; nous en parlerons à "
                "votre rendez-vous de 12 h 30, jeudi prochain.\n\nAnne Côté, infirmière clinicienne",
                [("Résultats – 14 novembre.pdf", 231_004)],
            )
        ],
    ),
    Thread(
        "Harbour Insurance",
        "Claim 2026-118: photos and the adjuster’s report",
        [EMMA, JEAN_AT_WORK],
        [
            Post(
                OLIVER,
                12.3,
                "Good morning,\n\nPlease send the photos of the water damage here, all of them if you can. The form "
                "to sign is attached.\n\nOliver MacNeil",
                [("Proof of loss form.pdf", 148_220)],
                [EMMA, JEAN_AT_WORK],
            ),
            Post(
                EMMA,
                11.1,
                "Hello Oliver,\n\nThe four photos are attached, and the signed form. The plumber comes on Friday.\n\n"
                "Emma",
                [
                    ("Kitchen ceiling.jpg", 1_904_331),
                    ("Hallway.jpg", 1_523_870),
                    ("Proof of loss, signed.pdf", 152_331),
                ],
                [OLIVER],
            ),
            Post(OLIVER, 10.8, "Received, thank you. I will write again once the adjuster has reported."),
        ],
        language="en",
    ),
    Thread(
        "Étude Tremblay Roy, notaires",
        "Demandes budgétaires",
        [JEAN_AT_WORK, EMMA],
        [
            Post(
                MARIE,
                30.5,
                "Bonjour à tous deux,\n\nJ’ouvre cette conversation pour le budget de l’an prochain.",
                opened_by=[JEAN_AT_WORK, EMMA],
            ),
            Post(
                JEAN_AT_WORK,
                29.7,
                "Bonjour Marie,\n\nVoici nos chiffres.",
                [("devis_2026.xlsx", 17_818)],
                [MARIE, EMMA],
            ),
            Post(
                EMMA,
                29.2,
                "Thank you both. I can read French, and I will answer in English if that suits you.",
                opened_by=[MARIE, JEAN_AT_WORK],
            ),
            Post(MARIE, 28.9, "Of course, Emma.", opened_by=[EMMA, JEAN_AT_WORK]),
            Post(
                JEAN_AT_WORK,
                27.4,
                "Pouvons-nous aussi revoir les prévisions? Elles serviront à la rencontre du 12.",
                opened_by=[MARIE],
            ),
            Post(
                MARIE,
                26.2,
                "Voici les mises à jour. Vous verrez que les postes de déplacement ont été regroupés et que la réserve "
                "passe de 4 à 6\u00a0% comme convenu mardi.\n\nTrois points restent à trancher\u00a0:\n\n"
                "1. la date de livraison des portes;\n2. le partage des frais;\n3. la garantie de deux ans "
                "que demande l’assureur.\n\nLe premier presse le plus\u00a0: le fournisseur maintient ses prix jusqu’"
                "au 15, et il lui faut ensuite six semaines. Si nous tardons, les portes arriveront après les "
                "fenêtres, et l’installateur devra revenir à nos frais.\n\n"
                "Je propose que nous en parlions de vive voix avant d’écrire quoi que ce "
                "soit de définitif. Vous trouverez aussi le compte rendu de la dernière rencontre, relu par les deux "
                "parties; il ne manque que vos initiales au bas de la page 3.\n\nMarie Tremblay",
                [("Prévisions budgétaires – révisées.pdf", 2_402_113), ("Compte rendu.docx", 48_120)],
                [EMMA],
            ),
            Post(EMMA, 3.1, "Friday morning works for me.", opened_by=[MARIE]),
        ],
    ),
    Thread(
        "Étude Tremblay Roy, notaires",
        "Acte de vente, 44 rue des Érables",
        [JEAN, "acheteur@nouvelle-adresse.example"],
        [
            Post(
                MARIE,
                1.2,
                "Bonjour,\n\nL’acte de vente est prêt. Lisez-le à votre rythme et posez-moi ici toutes vos questions; "
                "nous signerons à l’étude.\n\nMarie Tremblay, notaire",
                [
                    ("Acte de vente – version finale.pdf", 412_996),
                    ("Certificat de localisation.pdf", 1_210_554),
                ],
            )
        ],
    ),
    Thread(
        "Clinique Belle-Rive",
        "Renouvellement d’ordonnance",
        [EMMA],
        [
            Post(
                ANNE,
                4.5,
                "Bonjour Madame Clarke,\n\nVotre ordonnance est renouvelée pour six mois.",
                opened_by=[EMMA],
                expires_in_days=10,
            )
        ],
    ),
]
