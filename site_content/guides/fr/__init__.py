"""Les textes français du site : l'accueil, l'aide et les guides."""

from site_content.guides.fr import arriving, collaborator, conversing
from site_content.guides.writing import Guide

HOME_TITLE = "Accueil"
HOME_HEADLINE = "Des échanges privés, à l'abri du courriel"
HOME_INTRODUCTION = (
    "<p>Une organisation vous écrit ici ce qu'elle ne confierait pas à un courriel. Vous y lisez ses "
    "messages, vous recevez ses documents, vous lui répondez. Seules les personnes de la conversation y "
    "entrent.</p>"
)
HOME_DESCRIPTION = "Lire, en privé, ce qu'une organisation vous écrit, et lui répondre."

HELP_TITLE = "Aide"
HELP_SLUG = "aide"
HELP_INTRODUCTION = (
    "<p>Chaque guide suit les écrans du service, l'un après l'autre, dans l'ordre où on les rencontre.</p>"
)

PARTICIPANT = Guide(
    title="Guide du participant",
    slug="guide-du-participant",
    description="De l'avis reçu par courriel jusqu'à votre réponse, pas à pas.",
    introduction=(
        "<p>Un courriel vous a dit qu'un message vous attend. Ce guide part de là et vous mène jusqu'à "
        "votre réponse, un écran à la fois. Nul besoin de tout lire : sur chaque écran, le lien "
        "<b>Aide</b> conduit au passage qui l'explique.</p>"
    ),
    sections=(*arriving.SECTIONS, *conversing.SECTIONS),
)

COLLABORATOR = Guide(
    title="Guide du collaborateur",
    slug="guide-du-collaborateur",
    description="Lancer une conversation et y inviter les bonnes personnes.",
    introduction=(
        "<p>Votre organisation vous a confié le rôle de collaborateur. Vous faites tout ce que fait un "
        "participant, et vous lancez les conversations.</p>"
    ),
    sections=collaborator.SECTIONS,
)

GUIDES = {"participant": PARTICIPANT, "collaborator": COLLABORATOR}
