"""The collaborator's guide."""

from site_content.guides.writing import limits, listing, notice_box, section, steps, text

SECTIONS = (
    section(
        "start",
        "Starting a conversation",
        steps(
            (
                "Choose Start a conversation",
                "The button is above your inbox. The owner will be the address that your organization "
                "enrolled; if there are several, choose one under <b>From</b>.",
            ),
            (
                "Give it a title",
                "A hundred characters at most. The title is read only here: no e-mail carries it. It may "
                "therefore say clearly what this is about.",
            ),
            (
                "Name the participants",
                "An e-mail address is enough, even if the person has no account yet: the invitation waits "
                "until that address is confirmed, and goes to nobody else. <b>Language of the notices</b> "
                "is for people who have not chosen theirs yet.",
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
        "address-book",
        "Keep your address book",
        text(
            "The tab <b>Address book</b> keeps the people to whom you write: their address, their name, the "
            "language of their first notices, a note. Only you read it. When you invite somebody, the field "
            "<b>From my address book</b> offers them from the first letters on."
        ),
        steps(
            (
                "Bring a list",
                "A CSV or vCard file, as Excel, Outlook, Google or a telephone writes it. You first see what would "
                "become of each line; nothing is written before you confirm it.",
            ),
            (
                "Write to several",
                "Tick the contacts, then choose <b>Write to the selection</b>: the conversation begins with their "
                "addresses.",
            ),
            (
                "Take a deletion back",
                "The button that undoes it appears at once, and works for the day.",
            ),
        ),
        anchor="address-book",
        screens=("address-book",),
    ),
    section(
        "people",
        "Inviting, removing, closing",
        listing(
            "<b>Invite people</b>: you say whether they may reply or only read, and whether they see what went "
            "before.",
            "<b>Correct the address</b>: as long as the person has not come, their seat goes to the right address.",
            "<b>Limit to reading</b>, <b>Allow to reply</b>: the seat stays; the right to write in it is taken and "
            "given back.",
            "<b>Remove</b>: the address opens nothing any more, not even what it had opened. <b>Admit again</b> gives "
            "it back its seat.",
            "<b>Close the conversation</b>: it can be read, and nothing is added until you reopen it.",
            lead=(
                "The link <b>Who can read</b>, in the heading, names everybody who has a seat in the conversation. "
                "Its owner has these buttons there:"
            ),
            after="Every change is noted in the activity.",
        ),
        notice_box(
            "A deletion cannot be taken back",
            "<b>Delete for everyone…</b> erases the title, the messages and the documents at once, for you as well. "
            "The page first says who loses what. What somebody has already downloaded stays with them.",
            tone="caution",
        ),
        anchor="participants",
        screens=("people",),
    ),
    section(
        "readers",
        "Knowing who has read",
        text(
            "For each message, the link <b>view</b> shows who opened it and when. So you know whether the "
            "person you wrote to really received what you handed over.",
            "In the list of who can read, <b>invited, has not come yet</b> stays until the person enters the "
            "conversation. Whether they already have an account nobody learns before; and until then you can "
            "correct their address.",
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
            "The administrator may also hand them over to a successor, without being able to read them. The "
            "successor becomes their owner and reads what went before, and every participant is told.",
        ),
        anchor="leaving",
    ),
)
