"""The collaborator's guide."""

from site_content.guides.writing import limits, notice_box, section, steps, text

SECTIONS = (
    section(
        "start",
        "Starting a conversation",
        steps(
            (
                "Choose Start a conversation",
                "The button is above your inbox. The address of the tab you are in will be the owner's.",
            ),
            (
                "Give it a title",
                "A hundred characters at most. The title is read only here: no e-mail carries it. It may "
                "therefore say clearly what this is about.",
            ),
            (
                "Name the participants",
                "An e-mail address is enough, even if the person has no account yet: the invitation waits "
                "for them, and for them alone, until they confirm that address. Also choose the language "
                "of their notice.",
            ),
            (
                "Write the first message",
                "Attach your documents, then submit. The notices leave at once.",
            ),
        ),
        limits("documents", "text", "expiry"),
        notice_box(
            "Read each address over",
            "One letter too many, and you are inviting a stranger. The service hands the message to "
            "whoever proves that the address is theirs.",
            tone="caution",
        ),
        anchor="start",
        screens=("start",),
    ),
    section(
        "readers",
        "Knowing who has read",
        text(
            "For each message, the link <b>view</b> shows who opened it and when. So you know whether the "
            "person you wrote to really received what you handed over.",
        ),
        anchor="who-has-read",
    ),
    section(
        "leaving",
        "When a collaborator leaves",
        text(
            "As soon as the administrator deactivates your enrolment, your conversations become read-only "
            "and turn red for all participants. If you are reactivated, everything goes on from where you "
            "left it.",
        ),
        anchor="leaving",
    ),
)
