"""Les textes français du site : l'accueil, la page d'aide et les guides."""

from site_content.guides.writing import (
    Guide,
    contact_card,
    legend,
    limits,
    listing,
    notice_box,
    question,
    section,
    sign_in_button,
    steps,
    text,
)

HOME_TITLE = "Accueil"
HOME_HEADLINE = "Des échanges privés, à l'abri du courriel"
HOME_INTRODUCTION = (
    "<p>Une organisation vous écrit ici ce qu'elle ne confierait pas à un courriel. Vous y lisez ses messages, "
    "vous recevez ses documents, vous lui répondez. Seules les personnes de la conversation y entrent.</p>"
)
HOME_DESCRIPTION = "Lire, en privé, ce qu'une organisation vous écrit, et lui répondre."

HELP_TITLE = "Aide"
HELP_SLUG = "aide"
HELP_INTRODUCTION = "<p>Chaque guide suit les écrans du service, l'un après l'autre, dans l'ordre où on les rencontre.</p>"

PARTICIPANT = Guide(
    title="Guide du participant",
    slug="guide-du-participant",
    description="De l'avis reçu par courriel jusqu'à votre réponse, pas à pas.",
    introduction=(
        "<p>Un courriel vous a dit qu'un message vous attend. Ce guide part de là et vous mène jusqu'à votre réponse, "
        "un écran à la fois. Nul besoin de tout lire : sur chaque écran, le lien <b>Aide</b> conduit au passage qui "
        "l'explique.</p>"
    ),
    sections=(
        section(
            "service",
            "Ce qu'est Connexion",
            text(
                "Un notaire, un hôpital, une banque doivent parfois vous remettre des papiers qui ne regardent que vous. "
                "Le courriel s'y prête mal : il traverse bien des serveurs et laisse partout des copies. Connexion est "
                "le lieu où ces échanges se tiennent à l'écart des regards.",
                "Tout s'y passe dans des <b>conversations</b>. Un <b>collaborateur</b> en ouvre une au nom de son "
                "organisation et y invite des <b>participants</b> : vous êtes l'un d'eux. On s'y écrit, on s'y remet "
                "des documents. Personne d'autre ne la lit, pas même les administrateurs de l'organisation.",
            ),
            notice_box(
                "Le courriel annonce, il ne transporte rien",
                "Un avis vous dit qu'un message vous attend, et qui vous écrit. Il ne contient ni le titre de la "
                "conversation, ni le texte, ni le nom des fichiers. Le message et ses documents demeurent ici, chiffrés.",
            ),
            anchor="connexion",
        ),
        section(
            "participant",
            "Ce que vous pouvez y faire",
            listing(
                "lire ce que l'on vous y écrit et télécharger les pièces jointes;",
                "répondre, ou prendre la parole de vous-même, et joindre vos propres documents;",
                "voir qui a écrit, qui a ouvert, et à quel moment;",
                "alléger votre boîte des conversations dont vous n'avez plus besoin.",
                lead="Dans les conversations auxquelles vous prenez part, vous pouvez :",
                after=(
                    "Une chose vous est fermée : lancer une conversation. Cela revient aux collaborateurs. Pour écrire "
                    "à une organisation qui ne vous a pas encore invité, passez par ses voies habituelles."
                ),
            ),
            text(
                "Il arrive qu'une place soit donnée en lecture seule. Le bouton <b>Afficher un message</b> n'y figure "
                "pas; le reste est pareil."
            ),
            anchor="vos-possibilites",
        ),
        section(
            "notice",
            "De l'avis au message",
            steps(
                (
                    "L'avis arrive",
                    "Un courriel signé <b>Connexion</b> vous apprend qu'un message vous attend. Il nomme l'adresse de la "
                    "personne qui vous écrit : voyez si vous la reconnaissez.",
                ),
                (
                    "Choisissez Accéder au message",
                    "Ce bouton mène à la page <b>Ouvrir une session dans Connexion</b>.",
                ),
                (
                    "Vous avez un compte : ouvrez une session",
                    "Entrez votre nom d'utilisateur, ou votre adresse de courriel, puis votre mot de passe. Sur un "
                    "appareil qui n'est qu'à vous, cochez <b>Mémoriser mes coordonnées</b> : le nom d'utilisateur sera "
                    "déjà inscrit la prochaine fois. Le mot de passe, lui, n'est jamais retenu.",
                ),
                (
                    "C'est votre première visite : ouvrez un compte",
                    "Choisissez <b>Ouvrir un compte</b>. Inscrivez l'adresse à laquelle l'avis est arrivé, et un mot de "
                    "passe d'au moins douze caractères. Une courte phrase que personne d'autre ne connaît convient très bien.",
                ),
                (
                    "Confirmez votre adresse",
                    "Un second courriel vous porte un code. Tapez-le dans la page restée ouverte : il montre que cette "
                    "adresse est bien la vôtre.",
                ),
                (
                    "Vous y êtes",
                    "La conversation paraît, et le message vous attend dans son enveloppe.",
                ),
            ),
            sign_in_button(),
            notice_box(
                "L'avis n'est pas une clé",
                "Transmis à quelqu'un d'autre, il ne lui ouvre rien : il faut une session et une adresse confirmée. Et "
                "jamais un avis ne vous demande votre mot de passe. Si un courriel vous semble douteux, n'y touchez pas; "
                "tapez vous-même l'adresse du service.",
                tone="caution",
            ),
            question(
                "Le code n'arrive pas. Que faire?",
                "Regardez dans les courriels indésirables, puis vérifiez l'adresse que vous avez entrée. La page offre "
                "d'envoyer un nouveau code; seul le dernier envoyé compte.",
            ),
            question(
                "L'avis est arrivé à une autre adresse que celle de mon compte.",
                "Ouvrez votre session, puis ajoutez cette adresse à votre compte. Un code la confirme, et la "
                "conversation vous rejoint aussitôt.",
            ),
            anchor="de-l-avis-au-message",
            screens=("sign-in", "sign-up", "confirm-address"),
        ),
        section(
            "forgotten",
            "Un nom d'utilisateur ou un mot de passe oublié",
            text(
                "La page d'ouverture de session offre un lien pour chacun. Donnez une adresse confirmée de votre compte : "
                "ce qu'il vous faut y est envoyé. La réponse à l'écran est la même que l'adresse soit connue ou non, "
                "afin que personne n'apprenne ici qui possède un compte.",
            ),
            question(
                "Je n'ai plus accès à cette adresse.",
                "Joignez la personne de l'organisation qui vous a écrit. Elle peut vous convier de nouveau, à une adresse "
                "que vous lisez.",
            ),
            anchor="oubli",
            screens=("forgotten",),
        ),
        section(
            "second-factor",
            "La deuxième étape de l'ouverture de session",
            text(
                "Un mot de passe se devine ou se dérobe. Une deuxième étape ferme cette porte : après le mot de passe, "
                "Connexion demande un code de six chiffres que seul votre téléphone peut produire. Elle est obligatoire "
                "pour les collaborateurs, et offerte à tous; une organisation peut aussi l'exiger de ses participants.",
            ),
            steps(
                (
                    "Installez une application d'authentification",
                    "N'importe laquelle convient. Votre téléphone en contient peut-être déjà une.",
                ),
                (
                    "Balayez le code QR",
                    "L'application l'ajoute à sa liste et montre aussitôt un code. Tapez ce code dans la page.",
                ),
                (
                    "Gardez vos codes de récupération",
                    "Imprimez-les ou notez-les, loin de l'appareil. Chacun remplace une fois l'application, le jour où le "
                    "téléphone est perdu.",
                ),
            ),
            question(
                "Mon code est refusé.",
                "Un code ne vit que trente secondes et ne sert qu'une fois : attendez le suivant. S'il est refusé encore, "
                "l'heure de votre téléphone est sans doute déréglée; laissez-le la régler lui-même.",
            ),
            anchor="deuxieme-etape",
            screens=("second-factor",),
        ),
        section(
            "inbox",
            "Se retrouver dans sa boîte",
            text(
                "À gauche, sous <b>Connexion</b>, un onglet pour chacune de vos adresses confirmées. Nous appelons une "
                "telle adresse une <b>persona</b>. Le nombre à côté d'elle compte ses conversations où quelque chose "
                "reste à lire. Chaque onglet a sa propre liste; si vous n'avez qu'une adresse, rien n'est à choisir.",
            ),
            listing(
                "<b>Titulaire</b> : l'adresse de qui a lancé la conversation. Elle est abrégée; survolez-la pour la lire "
                "en entier.",
                "<b>Titre</b> : l'objet de la conversation. C'est par lui qu'on y entre.",
                "<b>Activité</b> : le lien <b>vue</b> déroule l'historique de la conversation.",
                "<b>Modifiée</b> : le jour de la dernière activité. Le plus récent est en tête; la flèche ▼ renverse "
                "l'ordre et met les plus anciennes d'abord.",
                lead="La liste a quatre colonnes :",
            ),
            legend(
                ("unread", "La bulle au point d'exclamation", "Un message de cette conversation n'a pas été ouvert."),
                ("bold", "Une ligne en gras", "La conversation est nouvelle : vous ne l'avez pas encore visitée."),
                (
                    "frozen",
                    "Une ligne en rouge",
                    "Le compte du titulaire n'est plus actif. On peut encore lire; plus personne ne peut y écrire. La "
                    "ligne le dit aussi en toutes lettres.",
                ),
            ),
            text(
                "Au pied de la liste, choisissez d'en voir 10, 20 ou 30 à la fois et passez d'une page à l'autre par "
                "<b>Première</b>, <b>Précédente</b>, <b>Suivante</b> et <b>Dernière</b>. Votre choix est retenu.",
                "Pour ranger, cochez des lignes, puis <b>Supprimer la sélection</b>. La conversation quitte votre boîte, "
                "et la vôtre seulement; un nouveau message l'y ramène.",
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
                    "La bulle vous la signale. Si vous avez plusieurs adresses, prenez d'abord l'onglet de celle qui a "
                    "reçu l'avis, puis choisissez le titre.",
                ),
                (
                    "Ouvrez l'enveloppe",
                    "Un message arrive scellé. Le bouton <b>Ouvrir</b> en dévoile le texte; ce moment s'inscrit aux "
                    "activités, comme on signe pour un pli recommandé.",
                ),
                (
                    "Lisez tout à votre aise",
                    "Un long message est replié : <b>Plus…</b> le déplie. À l'impression, tout paraît.",
                ),
                (
                    "Répondez",
                    "Au bas de la conversation, choisissez <b>Afficher un message</b>. "
                    'La suite est racontée sous <a href="#afficher">Afficher un message</a>.',
                ),
            ),
            legend(
                ("theirs", "Une figurine verte, à gauche", "Ce message vient de quelqu'un d'autre."),
                ("mine", "Une figurine grise, à droite", "Ce message est le vôtre."),
                ("print", "L'imprimante", "Imprime la conversation, dépliée, avec la liste des pièces jointes."),
                ("back", "La flèche", "Vous ramène à votre boîte, à la page que vous aviez quittée."),
            ),
            text(
                "Au-dessus de chaque message se lisent l'organisation du titulaire, l'adresse de qui l'a écrit, la date "
                "et l'heure de son envoi, puis celles de son expiration.",
                "Les messages se suivent du plus ancien au plus récent, qui est en bas. La fenêtre n'en montre d'abord que "
                "cinq, les derniers; lorsqu'il y en a davantage, des boutons dans le haut font paraître les précédents, "
                "ou tous d'un coup.",
            ),
            question(
                "Qui lit ce que j'écris?",
                "Les personnes de cette conversation, et elles seules. Leur liste est à un clic, dans l'en-tête, et "
                "toujours à jour.",
            ),
            anchor="ouvrir-et-repondre",
            screens=("conversation",),
        ),
        section(
            "download",
            "Télécharger une pièce jointe",
            text(
                "Les pièces jointes suivent le texte, chacune avec sa taille. Choisissez le nom de l'une d'elles : elle "
                "se télécharge. Selon votre navigateur, elle rejoint le dossier des téléchargements, ou bien l'on vous "
                "demande où la mettre.",
                "Sous le nom figure l'<b>empreinte SHA-256</b>, une suite de 64 chiffres et lettres que le contenu "
                "détermine. Si l'empreinte calculée sur votre copie est identique à celle de l'écran, pas un octet n'a "
                "changé en route.",
            ),
            notice_box(
                "« Non analysé » veut dire ce que cela dit",
                "Tant qu'un document porte cette mention, aucun antivirus ne l'a examiné. N'ouvrez que ce que vous "
                "attendez, d'une personne que vous connaissez.",
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
                    "Votre texte va dans la boîte <b>Message</b>. Rien ne part tant que vous ne l'avez pas décidé.",
                ),
                (
                    "Joignez vos documents, s'il y a lieu",
                    "<b>Parcourir</b> vous laisse en prendre un ou plusieurs. La limite vaut pour leur ensemble.",
                ),
                (
                    "Soumettez",
                    "Après <b>Soumettre</b>, votre message prend place au bas de la conversation. Chaque autre participant "
                    "en est averti par courriel.",
                ),
            ),
            limits("documents", "text", "expiry"),
            question(
                "Puis-je reprendre un message envoyé?",
                "Relisez avant de soumettre : d'autres peuvent ouvrir votre message aussitôt. En cas d'erreur, écrivez-en "
                "un second qui corrige le premier.",
            ),
            anchor="afficher",
            screens=("compose",),
        ),
        section(
            "expiry",
            "Ce qui expire",
            text(
                "Rien ne reste ici pour toujours. Chaque message porte le jour et l'heure de sa fin, que l'organisation "
                "a réglés. Passé ce moment, on ne peut plus le lire; peu après, son texte et ses documents sont effacés "
                "pour tout le monde. Ne demeure qu'une trace : qui l'avait envoyé, et quand.",
                "Ce que vous souhaitez garder, téléchargez-le ou imprimez-le avant cette date.",
            ),
            limits("expiry"),
            anchor="expiration",
        ),
        section(
            "activity",
            "L'historique d'une conversation",
            text(
                "Dans votre boîte, le lien <b>vue</b> déroule les activités : quand la conversation fut créée, qui y a "
                "écrit, qui a ouvert quoi, et à quelle heure. Le nom, l'activité ou la date, en tête des colonnes, en "
                "changent l'ordre.",
                "Ces lignes s'ajoutent et ne s'effacent pas. Votre propre ouverture d'un message y figure comme celle des "
                "autres.",
            ),
            anchor="activites",
            screens=("activity",),
        ),
        section(
            "account",
            "Votre compte et vos adresses",
            text(
                "Un seul compte peut réunir plusieurs adresses. Chacune doit être confirmée par un code; elle devient "
                "alors une persona, avec son onglet et ses conversations.",
                "Retirer une adresse ferme aussitôt les conversations qui y tenaient. Pensez-y avant de quitter un emploi "
                "ou de changer de fournisseur.",
                "La langue se choisit dans le haut de chaque page, sans quitter celle où vous êtes; vos avis suivent la "
                "langue de votre compte.",
            ),
            anchor="compte",
            screens=("account",),
        ),
        section(
            "telephone",
            "Au téléphone, à toute heure",
            text(
                "Une page refuse de s'ouvrir, un code se perd, un mot vous échappe : appelez. Quelqu'un répond, le jour "
                "comme la nuit."
            ),
            contact_card(
                "Le service d'assistance",
                "Ayez sous les yeux l'avis que vous avez reçu. On ne vous demandera ni votre mot de passe, ni vos codes, "
                "ni le contenu d'un message.",
            ),
            anchor="telephone",
        ),
    ),
)

COLLABORATOR = Guide(
    title="Guide du collaborateur",
    slug="guide-du-collaborateur",
    description="Lancer une conversation et y convier les bonnes personnes.",
    introduction=(
        "<p>Votre organisation vous a confié le rôle de collaborateur. Vous faites tout ce que fait un participant, et vous "
        "lancez les conversations.</p>"
    ),
    sections=(
        section(
            "start",
            "Lancer une conversation",
            steps(
                (
                    "Choisissez Lancer une conversation",
                    "Le bouton est au-dessus de votre boîte. L'adresse de l'onglet où vous êtes sera celle du titulaire.",
                ),
                (
                    "Donnez-lui un titre",
                    "Cent caractères au plus. Le titre n'est lu qu'ici : aucun courriel ne le porte. Il peut donc dire "
                    "clairement de quoi il s'agit.",
                ),
                (
                    "Nommez les participants",
                    "Une adresse de courriel suffit, même si la personne n'a pas encore de compte : l'invitation l'attend, "
                    "et elle seule, jusqu'à ce qu'elle confirme cette adresse. Choisissez aussi la langue de son avis.",
                ),
                (
                    "Écrivez le premier message",
                    "Joignez vos documents, puis soumettez. Les avis partent aussitôt.",
                ),
            ),
            limits("documents", "text", "expiry"),
            notice_box(
                "Relisez chaque adresse",
                "Une lettre de trop, et c'est un inconnu que vous conviez. Le service remet le message à qui prouve que "
                "l'adresse est la sienne.",
                tone="caution",
            ),
            anchor="lancer",
            screens=("start",),
        ),
        section(
            "readers",
            "Savoir qui a lu",
            text(
                "Le lien <b>vue</b> montre, pour chaque message, qui l'a ouvert et quand. Vous savez ainsi si votre "
                "correspondant a bien reçu ce que vous lui remettiez.",
            ),
            anchor="qui-a-lu",
        ),
        section(
            "leaving",
            "Quand un collaborateur s'en va",
            text(
                "Dès que l'administrateur désactive votre inscription, vos conversations passent en lecture seule et "
                "paraissent en rouge chez tous les participants. S'il vous réactive, tout reprend où vous l'aviez laissé.",
            ),
            anchor="depart",
        ),
    ),
)

GUIDES = {"participant": PARTICIPANT, "collaborator": COLLABORATOR}
