"""L'arrivée : de l'avis reçu à la session ouverte."""

from site_content.guides.writing import listing, notice_box, question, section, sign_in_button, steps, text

SECTIONS = (
    section(
        "service",
        "Ce qu'est Connexion",
        text(
            "Un notaire, un hôpital, une banque doivent parfois vous remettre des papiers qui ne regardent "
            "que vous. Le courriel s'y prête mal : il traverse bien des serveurs et laisse partout des "
            "copies. Connexion est le lieu où ces échanges se tiennent à l'écart des regards.",
            "Tout s'y passe dans des <b>conversations</b>. Un <b>collaborateur</b> en ouvre une au nom de "
            "son organisation et y invite des <b>participants</b> : vous en êtes. On s'y écrit, on "
            "s'y remet des documents. Personne d'autre ne la lit, pas même les administrateurs de "
            "l'organisation.",
        ),
        notice_box(
            "Le courriel annonce, il ne transporte rien",
            "Un avis vous dit qu'un message vous attend, et qui vous écrit. Il ne contient ni le titre de "
            "la conversation, ni le texte, ni le nom des fichiers. Le message et ses documents demeurent "
            "ici, chiffrés.",
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
                "Une chose vous est fermée : lancer une conversation. Cela revient aux collaborateurs. "
                "Pour écrire à une organisation dont vous n'avez pas encore reçu d'invitation, passez par ses "
                "voies habituelles."
            ),
        ),
        text(
            "Il arrive qu'une place soit donnée en lecture seule. Le bouton <b>Afficher un message</b> n'y "
            "figure pas; le reste est pareil."
        ),
        anchor="vos-possibilites",
    ),
    section(
        "notice",
        "De l'avis au message",
        steps(
            (
                "L'avis arrive",
                "Un courriel signé <b>Connexion</b> vous apprend qu'un message vous attend. Il nomme "
                "l'adresse de la personne qui vous écrit : voyez si vous la reconnaissez.",
            ),
            (
                "Choisissez Accéder au message",
                "Ce bouton mène à la page <b>Ouvrir une session dans Connexion</b>.",
            ),
            (
                "Vous avez un compte : ouvrez une session",
                "Entrez votre nom d'utilisateur, ou votre adresse de courriel, puis votre mot de passe. "
                "Sur un appareil qui n'est qu'à vous, cochez <b>Mémoriser mes coordonnées</b> : le nom "
                "d'utilisateur sera déjà inscrit la prochaine fois. Le mot de passe, lui, n'est jamais "
                "retenu.",
            ),
            (
                "C'est votre première visite : ouvrez un compte",
                "Choisissez <b>Ouvrir un compte</b>. Entrez l'adresse à laquelle l'avis est arrivé, et "
                "un mot de passe d'au moins douze caractères. Une courte phrase que personne d'autre ne "
                "connaît convient très bien.",
            ),
            (
                "Confirmez votre adresse",
                "Un second courriel vous apporte un code. Entrez-le dans la page restée ouverte : il montre "
                "que cette adresse est bien la vôtre.",
            ),
            (
                "Vous y êtes",
                "La conversation paraît, et le message vous attend dans son enveloppe.",
            ),
        ),
        sign_in_button(),
        notice_box(
            "L'avis n'est pas une clé",
            "Transmis à quelqu'un d'autre, il ne lui ouvre rien : il faut une session et une adresse "
            "confirmée. Et jamais un avis ne vous demande votre mot de passe. Si un courriel vous semble "
            "douteux, n'y touchez pas; entrez vous-même l'adresse du service.",
            tone="caution",
        ),
        question(
            "Le code n'arrive pas. Que faire?",
            "Regardez dans les courriels indésirables, puis vérifiez l'adresse que vous avez entrée. La "
            "page offre d'envoyer un nouveau code; seul le dernier envoyé compte.",
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
            "Au moment d'ouvrir une session, un lien mène à l'un et un autre à l'autre. Donnez une "
            "adresse confirmée de votre compte : ce qu'il vous faut y est envoyé. La réponse à l'écran est "
            "la même que l'adresse soit connue ou non, pour que personne n'apprenne ici qui a un compte.",
        ),
        question(
            "Je n'ai plus accès à cette adresse.",
            "Joignez la personne de l'organisation qui vous a écrit. Elle peut vous inviter de nouveau, à "
            "une adresse que vous lisez.",
        ),
        anchor="oubli",
        screens=("forgotten",),
    ),
    section(
        "second-factor",
        "La deuxième étape de l'ouverture de session",
        text(
            "Un mot de passe se devine ou se dérobe. Une deuxième étape ferme cette porte : après le mot "
            "de passe, Connexion demande un code de six chiffres que seul votre téléphone peut produire. "
            "C'est le <b>deuxième facteur</b>. Il est obligatoire pour les collaborateurs, et offert à tous; une "
            "organisation peut aussi l'exiger de ses participants.",
        ),
        steps(
            (
                "Installez une application d'authentification",
                "N'importe laquelle convient. Votre téléphone en contient peut-être déjà une.",
            ),
            (
                "Faites lire le code QR",
                "L'application ajoute Connexion à sa liste et montre aussitôt un code. Entrez ce code dans la page.",
            ),
            (
                "Gardez vos codes de récupération",
                "Imprimez-les ou notez-les, loin de l'appareil. Chacun remplace une fois l'application, le "
                "jour où le téléphone est perdu.",
            ),
        ),
        question(
            "Mon code est refusé.",
            "Un code ne vit que trente secondes et ne sert qu'une fois : attendez le suivant. S'il est "
            "encore refusé, l'heure de votre téléphone est sans doute déréglée; laissez-le la régler "
            "lui-même.",
        ),
        anchor="deuxieme-etape",
        screens=("second-factor",),
    ),
)
