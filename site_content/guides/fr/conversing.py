"""La boîte, la conversation et ce qui s'y passe."""

from site_content.guides.writing import (
    contact_card,
    glossary,
    legend,
    limits,
    listing,
    notice_box,
    question,
    section,
    steps,
    text,
)

SECTIONS = (
    section(
        "inbox",
        "Se retrouver dans sa boîte",
        text(
            "À gauche, sous <b>Mes boîtes</b>, un onglet pour chacune de vos adresses confirmées; sur un "
            "téléphone, les onglets se suivent au-dessus de la liste. Nous appelons une telle adresse une "
            "<b>persona</b>. Le nombre à côté d'elle compte ses conversations où quelque chose reste à lire. "
            "Chaque onglet a sa propre liste; si vous n'avez qu'une adresse, rien n'est à choisir.",
        ),
        listing(
            "<b>Titulaire</b> : l'adresse de qui a lancé la conversation. Elle est abrégée; "
            "placez-y le pointeur, ou entrez dans la conversation, pour la lire en entier.",
            "<b>Titre</b> : l'objet de la conversation. C'est par lui qu'on y entre.",
            "<b>Activité</b> : le lien <b>vue</b> déroule l'historique de la conversation.",
            "<b>Modifiée</b> : le jour de la dernière activité. La plus récente est en tête; la flèche ▼ "
            "inverse l'ordre et met les plus anciennes d'abord.",
            lead="La liste a quatre colonnes :",
        ),
        legend(
            (
                "unread",
                "La bulle au point d'exclamation",
                "Un message de cette conversation n'a pas été ouvert.",
            ),
            (
                "bold",
                "Une ligne en gras",
                "La conversation est nouvelle : vous ne l'avez pas encore visitée.",
            ),
            (
                "frozen",
                "Une ligne en rouge",
                "Le compte du titulaire n'est plus actif. On peut encore lire; plus personne ne peut y "
                "écrire. La ligne le dit aussi en toutes lettres.",
            ),
        ),
        text(
            "Au pied de la liste, choisissez d'en voir 10, 20 ou 30 à la fois et passez d'une page à "
            "l'autre par <b>Première</b>, <b>Précédente</b>, <b>Suivante</b> et <b>Dernière</b>. Votre "
            "choix est retenu.",
            "Pour ranger, cochez des lignes, puis <b>Supprimer la sélection</b>. La conversation quitte "
            "votre boîte, et la vôtre seulement; un nouveau message l'y ramène.",
        ),
        anchor="boite",
        screens=("inbox",),
    ),
    section(
        "conversation",
        "Ouvrir un message et y répondre",
        steps(
            (
                "Entrez dans la conversation",
                "La bulle vous la signale. Si vous avez plusieurs adresses, prenez d'abord l'onglet de "
                "celle qui a reçu l'avis, puis choisissez le titre.",
            ),
            (
                "Ouvrez l'enveloppe",
                "Un message arrive scellé. Le bouton <b>Ouvrir</b> en dévoile le texte; ce moment "
                "s'inscrit aux activités, comme on signe pour un pli recommandé.",
            ),
            (
                "Lisez tout à votre aise",
                "Un long message est replié : <b>Plus…</b> le déplie. À l'impression, tout paraît.",
            ),
            (
                "Répondez",
                "Au bas de la conversation, choisissez <b>Afficher un message</b>. La suite est expliquée "
                'sous <a href="#afficher">Afficher un message</a>.',
            ),
        ),
        legend(
            ("theirs", "Une figurine verte, à gauche", "Ce message vient de quelqu'un d'autre."),
            ("mine", "Une figurine grise, à droite", "Ce message est le vôtre."),
            (
                "print",
                "L'imprimante",
                "Imprime la conversation, dépliée, avec la liste des pièces jointes et leurs empreintes.",
            ),
            ("back", "La flèche", "Vous ramène à votre boîte, à la page que vous aviez quittée."),
        ),
        text(
            "Au-dessus de chaque message se lisent l'organisation du titulaire, l'adresse de qui l'a "
            "écrit, le moment de son envoi, puis celui de son expiration.",
            "Les messages se suivent du plus ancien au plus récent, qui est en bas. La fenêtre n'en montre "
            "d'abord que cinq, les derniers; lorsqu'il y en a davantage, des boutons dans le haut font "
            "paraître les précédents, ou tous d'un coup.",
        ),
        question(
            "Qui lit ce que j'écris?",
            "Les personnes de cette conversation, et elles seules. Leur liste est à un clic, dans "
            "l'en-tête, et toujours à jour.",
        ),
        question(
            "Je ne vois pas les autres participants.",
            "La conversation est alors une annonce : seul le titulaire y écrit, et les participants ne se "
            "voient pas entre eux. Le titulaire mis à part, personne n'apprend que vous y êtes, ni quand vous "
            "avez ouvert un message.",
        ),
        anchor="ouvrir-et-repondre",
        screens=("conversation",),
    ),
    section(
        "download",
        "Télécharger une pièce jointe",
        text(
            "Les pièces jointes suivent le texte, chacune avec sa taille. Choisissez le nom de l'une "
            "d'elles : elle se télécharge. Selon votre navigateur, elle rejoint le dossier des "
            "téléchargements, ou bien l'on vous demande où la mettre.",
            "Sous le nom figure l'<b>empreinte SHA-256</b>, une suite de 64 chiffres et lettres que le "
            "contenu détermine. Si l'empreinte calculée sur votre copie est identique à celle de l'écran, "
            "pas un octet n'a changé en route.",
            "Pour garder toute la conversation, choisissez la flèche de téléchargement dans l'en-tête : "
            "<b>Tout télécharger</b> réunit dans un seul fichier ZIP les messages que vous avez ouverts, "
            "leurs documents et la liste des empreintes.",
        ),
        legend(
            (
                "waiting",
                "L'analyse est en cours",
                "Un antivirus examine le document. On peut le télécharger dès que c'est fait.",
            ),
            ("verified", "Aucun virus trouvé", "Le document a été examiné; il est à vous."),
            (
                "infected",
                "Infecté",
                "Un virus s'y trouve. Personne ne peut le télécharger; la personne qui l'a envoyé en est avertie.",
            ),
            (
                "cannot-scan",
                "Non vérifiable",
                "Trop gros, protégé par un mot de passe ou illisible pour l'antivirus. Demandez à la "
                "personne qui l'a envoyé de l'afficher sous une autre forme.",
            ),
        ),
        notice_box(
            "« Non soumis à un antivirus » est à prendre au mot",
            "Tant qu'un document porte cette mention, aucun antivirus ne l'a examiné. N'ouvrez que ce que "
            "vous attendez, d'une personne que vous connaissez.",
            tone="caution",
        ),
        anchor="telecharger",
    ),
    section(
        "post",
        "Afficher un message",
        steps(
            (
                "Choisissez Afficher un message",
                "Le bouton est au bas de la conversation. La fenêtre <b>Ajouter un message</b> s'ouvre.",
            ),
            (
                "Écrivez",
                "Votre texte va dans la boîte <b>Message</b>. Rien ne part tant que vous ne l'avez pas "
                "décidé. Le brouillon s'enregistre à mesure, scellé : vous le retrouverez si la page se "
                "ferme ou si votre session prend fin.",
            ),
            (
                "Joignez vos documents, s'il y a lieu",
                "<b>Parcourir</b> permet d'en choisir un ou plusieurs. La limite vaut pour leur ensemble. "
                "Chacun a sa ligne, avec ce qui est déjà envoyé. Après une coupure, l'envoi reprend de "
                "lui-même; après la fermeture de la page, choisissez de nouveau le même fichier, et il "
                "continue où il en était.",
            ),
            (
                "Voyez combien de temps il sera gardé",
                "<b>Conservé pendant</b> propose une durée. Vous pouvez en choisir une autre, entre les "
                "bornes que l'organisation a fixées.",
            ),
            (
                "Soumettez",
                "Après <b>Soumettre</b>, votre message prend place au bas de la conversation. Chaque autre "
                "participant en est averti par courriel.",
            ),
        ),
        limits("documents", "text", "expiry"),
        question(
            "Puis-je reprendre un message affiché?",
            "Oui : <b>Retirer ce message…</b>, sous votre message, l'efface pour tout le monde. La page vous dit "
            "d'abord qui l'a déjà ouvert : ces personnes ont pu en garder une copie. Mieux vaut donc relire "
            "avant de soumettre.",
        ),
        anchor="afficher",
        screens=("compose",),
    ),
    section(
        "expiry",
        "Ce qui expire",
        text(
            "Rien ne reste ici pour toujours. Chaque message porte le jour et l'heure de sa fin, choisis "
            "par qui l'a écrit, entre les bornes de l'organisation. Passé ce moment, on ne peut plus le "
            "lire; peu après, son texte et ses documents sont effacés pour tout le monde. Ne demeure "
            "qu'une trace : qui l'avait envoyé, et quand.",
            "Ce que vous souhaitez garder, téléchargez-le ou imprimez-le avant cette date. Un courriel vous "
            "avertit quand un message que vous n'avez pas ouvert approche de sa fin.",
            "Il vous faut plus de temps? Choisissez <b>Demander un délai</b>, sous le message : le titulaire "
            "est prévenu et répond d'un clic.",
            "Qui a écrit le message, ou le titulaire, peut avancer ou reporter cette date entre les mêmes bornes : "
            "<b>Changer son expiration…</b>, sous le message.",
            "Il arrive qu'une organisation doive conserver une conversation, pour la justice par exemple. "
            "La fenêtre le dit alors en toutes lettres, et rien n'y expire tant que dure cette obligation.",
        ),
        limits("expiry"),
        anchor="expiration",
        screens=("expiry",),
    ),
    section(
        "activity",
        "L'historique d'une conversation",
        text(
            "Dans votre boîte, le lien <b>vue</b> déroule les activités : quand la conversation a été lancée, "
            "qui y a écrit, qui a ouvert quoi, et à quelle heure. Le nom, l'activité ou la date, en tête "
            "des colonnes, en changent l'ordre.",
            "Ces lignes s'ajoutent et ne s'effacent pas. Votre propre ouverture d'un message y figure "
            "comme celle des autres.",
        ),
        anchor="activites",
        screens=("activity",),
    ),
    section(
        "account",
        "Votre compte et vos adresses",
        text(
            "Un seul compte peut réunir plusieurs adresses. Chacune doit être confirmée par un code; elle "
            "devient alors une persona, avec son onglet et ses conversations.",
            "Retirer une adresse ferme aussitôt les conversations qui y tenaient. Pensez-y avant de "
            "quitter un emploi ou de changer de fournisseur.",
            "Dans le menu de votre compte, <b>Changer mon mot de passe</b> ferme du même coup vos autres sessions. "
            "<b>Invitations</b> permet de refuser celles qu'une organisation vous enverrait encore, et de demander "
            "une conversation perdue avec une adresse.",
            "La langue se choisit dans le haut de chaque page, sans quitter celle où vous êtes; vos avis "
            "suivent la langue de votre compte.",
        ),
        anchor="compte",
        screens=("account",),
    ),
    section(
        "words",
        "Les mots de la maison",
        glossary(
            ("Avis", "Le courriel qui annonce un message, sans rien en révéler."),
            ("Collaborateur", "Une personne que son organisation a chargée de lancer des conversations."),
            ("Conversation", "Un échange privé, sous un titre, entre les personnes qu'on y a invitées."),
            ("Participant", "Une personne invitée dans une conversation."),
            ("Persona", "Une adresse confirmée de votre compte. Elle a son onglet et ses conversations."),
            ("Sceau", "Ce qui ferme un message jusqu'à ce que vous l'ouvriez."),
            (
                "Titulaire",
                "La persona qui a lancé la conversation, ou à qui une organisation l'a confiée depuis.",
            ),
        ),
        anchor="mots",
    ),
    section(
        "telephone",
        "Au téléphone, à toute heure",
        text(
            "Une page refuse de s'ouvrir, un code se perd, un mot vous échappe : appelez. Quelqu'un "
            "répond, le jour comme la nuit."
        ),
        contact_card(
            "Le service d'assistance",
            "Ayez sous les yeux l'avis que vous avez reçu. On ne vous demandera ni votre mot de passe, ni "
            "vos codes, ni le contenu d'un message.",
        ),
        anchor="telephone",
    ),
)
