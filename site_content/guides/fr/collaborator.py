"""Le guide du collaborateur."""

from site_content.guides.writing import limits, listing, notice_box, section, steps, text

SECTIONS = (
    section(
        "start",
        "Lancer une conversation",
        steps(
            (
                "Choisissez Lancer une conversation",
                "Le bouton est au-dessus de votre boîte. Le titulaire sera l'adresse que votre organisation a "
                "inscrite; si vous en avez plusieurs, choisissez-la sous <b>De</b>.",
            ),
            (
                "Donnez-lui un titre",
                "Cent caractères au plus. Le titre n'est lu qu'ici : aucun courriel ne le porte. Il peut "
                "donc dire clairement de quoi il s'agit.",
            ),
            (
                "Nommez les participants",
                "Une adresse de courriel suffit, même si la personne n'a pas encore de compte : "
                "l'invitation attend que cette adresse soit confirmée, et n'est remise à personne d'autre. "
                "<b>Langue des avis</b> vaut pour qui n'a pas encore choisi la sienne.",
            ),
            (
                "Écrivez le premier message",
                "Joignez vos documents, puis soumettez. Les avis partent aussitôt.",
            ),
        ),
        limits("documents", "text", "expiry"),
        notice_box(
            "Relisez chaque adresse",
            "Une lettre de trop, et c'est à un inconnu que vous ouvrez la porte. Le service remet le message à qui "
            "prouve que l'adresse est la sienne.",
            tone="caution",
        ),
        anchor="lancer",
        screens=("start",),
    ),
    section(
        "address-book",
        "Tenir votre carnet d'adresses",
        text(
            "L'onglet <b>Carnet d'adresses</b> garde les personnes à qui vous écrivez : leur adresse, leur nom, la "
            "langue de leurs premiers avis, une note. Vous seul le lisez. Quand vous invitez quelqu'un, le champ "
            "<b>De mon carnet d'adresses</b> les propose dès les premières lettres."
        ),
        steps(
            (
                "Apportez une liste",
                "Un fichier CSV ou vCard, tel que l'écrivent Excel, Outlook, Google ou un téléphone. Vous voyez "
                "d'abord ce que deviendrait chaque ligne; rien n'est inscrit avant que vous confirmiez.",
            ),
            (
                "Écrivez à plusieurs",
                "Cochez les contacts, puis choisissez <b>Écrire à la sélection</b> : la conversation commence avec "
                "leurs adresses.",
            ),
            (
                "Revenez sur une suppression",
                "Le bouton qui l'annule paraît aussitôt, et vaut pour la journée.",
            ),
        ),
        anchor="carnet",
        screens=("address-book",),
    ),
    section(
        "people",
        "Inviter, retirer, fermer",
        listing(
            "<b>Inviter des personnes</b> : vous dites si elles peuvent répondre ou lire seulement, et si elles "
            "voient ce qui précède.",
            "<b>Corriger l'adresse</b> : tant que la personne n'est pas venue, sa place passe à la bonne adresse.",
            "<b>Limiter à la lecture</b>, <b>Permettre de répondre</b> : la place demeure; le droit d'y écrire "
            "s'enlève et se rend.",
            "<b>Retirer</b> : l'adresse n'ouvre plus rien, pas même ce qu'elle avait ouvert. <b>Réadmettre</b> lui "
            "rend sa place.",
            "<b>Fermer la conversation</b> : on peut la lire, et rien ne s'y ajoute avant que vous la rouvriez.",
            lead=(
                "Le lien <b>Qui peut lire</b>, dans l'en-tête, nomme tous ceux qui ont leur place dans la "
                "conversation. Le titulaire y dispose de ces boutons :"
            ),
            after="Chaque changement s'inscrit aux activités.",
        ),
        notice_box(
            "Une suppression ne se reprend pas",
            "<b>Supprimer pour tout le monde…</b> efface aussitôt le titre, les messages et les documents, pour vous "
            "aussi. La page dit d'abord qui perd quoi. Ce que quelqu'un a déjà téléchargé lui reste.",
            tone="caution",
        ),
        anchor="participants",
        screens=("people",),
    ),
    section(
        "readers",
        "Savoir qui a lu",
        text(
            "Le lien <b>vue</b> montre, pour chaque message, qui l'a ouvert et quand. Vous savez ainsi si "
            "la personne à qui vous écriviez a bien reçu ce que vous lui remettiez.",
            "Dans la liste de qui peut lire, <b>invitation en attente</b> demeure jusqu'à ce que la personne entre "
            "dans la conversation. Qu'elle ait déjà un compte ou non, personne ne l'apprend avant; et jusque-là vous "
            "pouvez corriger son adresse.",
        ),
        anchor="qui-a-lu",
    ),
    section(
        "leaving",
        "Quand un collaborateur s'en va",
        text(
            "Dès que l'administrateur désactive votre inscription, vos conversations passent en lecture "
            "seule et paraissent en rouge chez tous les participants. Si elle est réactivée, tout reprend où "
            "vous l'aviez laissé.",
            "L'administrateur peut aussi les confier à un successeur, sans pouvoir les lire lui-même. Le "
            "successeur en devient titulaire, lit ce qui précède, et chaque participant en est averti.",
        ),
        anchor="depart",
    ),
)
