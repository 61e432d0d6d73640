"""The inbox, the conversation and what happens there."""

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
        "Finding your way in the inbox",
        text(
            "On the left, under <b>My inboxes</b>, there is a tab for each of your confirmed addresses; on a "
            "telephone, the tabs stand in a row above the list. We call such an address a <b>persona</b>. The "
            "number beside it counts its conversations that still hold something to read. Each tab has a list "
            "of its own; with a single address there is nothing to choose.",
        ),
        listing(
            "<b>Owner</b>: the address of whoever started the conversation. It is shortened; hover over it, "
            "or enter the conversation, to read it whole.",
            "<b>Title</b>: what the conversation is about. This is the way in.",
            "<b>Activity</b>: the link <b>view</b> unrolls the history of the conversation.",
            "<b>Modified</b>: the day of the last activity. The latest comes first; the arrow ▼ turns the "
            "order around and puts the oldest first.",
            lead="The list has four columns:",
        ),
        legend(
            (
                "unread",
                "The bubble with an exclamation mark",
                "A message in this conversation has not been opened.",
            ),
            ("bold", "A row in bold", "The conversation is new: you have not visited it yet."),
            (
                "frozen",
                "A row in red",
                "The owner's account is no longer active. Everything can still be read; nobody can write "
                "there any more. The row also says so in words.",
            ),
        ),
        text(
            "At the foot of the list, choose to see 10, 20 or 30 at a time and turn the pages with "
            "<b>First</b>, <b>Previous</b>, <b>Next</b> and <b>Last</b>. Your choice is remembered.",
            "To tidy up, tick some rows, then choose <b>Delete the selection</b>. The conversation leaves "
            "your inbox, and yours only; a new message brings it back.",
        ),
        anchor="inbox",
        screens=("inbox",),
    ),
    section(
        "conversation",
        "Opening a message and answering it",
        steps(
            (
                "Enter the conversation",
                "The bubble points it out. If you have several addresses, first take the tab of the one "
                "that received the notice, then choose the title.",
            ),
            (
                "Open the envelope",
                "A message arrives sealed. The button <b>Open</b> reveals its text; that moment is written "
                "down in the activity, just as one signs for a registered letter.",
            ),
            (
                "Read at your leisure",
                "A long message is folded: <b>More…</b> unfolds it. On paper, everything appears.",
            ),
            (
                "Answer",
                "At the bottom of the conversation, choose <b>Post a message</b>. The rest is told under "
                '<a href="#post">Posting a message</a>.',
            ),
        ),
        legend(
            ("theirs", "A green figure on the left", "Somebody else wrote this message."),
            ("mine", "A grey figure on the right", "This message is yours."),
            (
                "print",
                "The printer",
                "Prints the conversation, unfolded, with a list of its attachments and their fingerprints.",
            ),
            ("back", "The arrow", "Takes you back to your inbox, to the page you had left."),
        ),
        text(
            "Above each message stand the owner's organization, the address of whoever wrote it, the date "
            "and time it was sent, then those of its expiry.",
            "Messages run from the oldest to the newest, which is at the bottom. At first the window shows "
            "only five, the latest; when there are more, buttons at the top bring up the earlier ones, or "
            "all of them at once.",
        ),
        question(
            "Who reads what I write?",
            "The people in this conversation, and nobody else. Their list is one click away, in the "
            "heading, and always up to date.",
        ),
        question(
            "I do not see the other participants.",
            "Then the conversation is an announcement: only its owner posts in it, and its participants do not "
            "see each other. The owner aside, nobody learns that you take part, or when you opened a message.",
        ),
        anchor="open-and-answer",
        screens=("conversation",),
    ),
    section(
        "download",
        "Downloading an attachment",
        text(
            "The attachments follow the text, each with its size. Choose the name of one and it downloads. "
            "Depending on your browser, it joins your downloads folder, or you are asked where to put it.",
            "Under the name stands its <b>SHA-256 fingerprint</b>, a run of 64 digits and letters that the "
            "content determines. If the fingerprint computed from your copy is the one on the screen, not "
            "a byte changed on the way.",
            "To keep the whole conversation, choose the download arrow in the heading: <b>Download "
            "everything</b> puts the messages that you have opened, their documents and the list of "
            "fingerprints into one ZIP file.",
        ),
        legend(
            (
                "waiting",
                "Being checked",
                "An antivirus examines the document. It can be downloaded as soon as that is done.",
            ),
            ("verified", "No virus found", "The document has been examined, and is yours."),
            (
                "infected",
                "Infected",
                "There is a virus in it. Nobody can download it, and its sender is told.",
            ),
            (
                "cannot-scan",
                "Could not be checked",
                "Too large, protected by a password, or not readable for the antivirus. Ask its sender to "
                "post it in another form.",
            ),
        ),
        notice_box(
            "“Not scanned for viruses” means what it says",
            "As long as a document bears these words, no antivirus has examined it. Open only what you "
            "expect, from a person whom you know.",
            tone="caution",
        ),
        anchor="download",
    ),
    section(
        "post",
        "Posting a message",
        steps(
            (
                "Choose Post a message",
                "The button is at the bottom of the conversation. The window <b>Add a message</b> opens.",
            ),
            (
                "Write",
                "Your text goes into the box <b>Message</b>. Nothing leaves until you decide so. The draft is "
                "saved as you type, sealed: you find it again if the page closes or your session ends.",
            ),
            (
                "Attach your documents, if any",
                "<b>Browse</b> lets you choose one or several. The limit holds for all of them together. Each "
                "has its row, with what has been sent. After a cut, sending goes on by itself; after the "
                "page was closed, choose the same file again, and it continues where it was.",
            ),
            (
                "See how long it will be kept",
                "<b>Kept for</b> proposes a length of time. You can choose another, within the bounds that "
                "the organization has set.",
            ),
            (
                "Submit",
                "After <b>Submit</b>, your message takes its place at the bottom of the conversation. "
                "Every other participant is told by e-mail.",
            ),
        ),
        limits("documents", "text", "expiry"),
        question(
            "Can I withdraw a message?",
            "Yes: <b>Withdraw this message…</b>, under your message, erases it for everybody. The page first "
            "tells you who has opened it already: they may have kept a copy. So it is better to read it over "
            "before you submit.",
        ),
        anchor="post",
        screens=("compose",),
    ),
    section(
        "expiry",
        "What expires",
        text(
            "Nothing stays here for ever. Each message shows the day and hour of its end, chosen by its "
            "writer within the organization's bounds. After that moment it can no longer be read; soon "
            "afterwards its text and documents are erased for everybody. Only a trace remains: who had "
            "sent it, and when.",
            "Whatever you wish to keep, download or print it before that date. An e-mail warns you when a "
            "message that you have not opened nears its end.",
            "Do you need longer? Choose <b>Ask for more time</b>, under the message: the owner is told, and "
            "answers with one click.",
            "Whoever wrote the message, and the owner, can bring that date forward or put it off within the same "
            "bounds: <b>Change its expiry…</b>, under the message.",
            "An organization may have to keep a conversation, for a court for instance. The window then says "
            "so in words, and nothing there expires as long as that duty lasts.",
        ),
        limits("expiry"),
        anchor="expiry",
        screens=("expiry",),
    ),
    section(
        "activity",
        "The history of a conversation",
        text(
            "In your inbox, the link <b>view</b> unrolls the activities: when the conversation was "
            "started, who wrote there, who opened what, and at what time. The name, the activity or the "
            "date at the head of the columns changes their order.",
            "Lines are added and never erased. Your own opening of a message is listed like everybody's.",
        ),
        anchor="activities",
        screens=("activity",),
    ),
    section(
        "account",
        "Your account and your addresses",
        text(
            "One account can bring together several addresses. Each must be confirmed with a code; it then "
            "becomes a persona, with its tab and its conversations.",
            "Removing an address closes at once the conversations that hung on it. Think of this before "
            "you leave a job or change providers.",
            "In the menu of your account, <b>Change my password</b> also closes your other sessions. "
            "<b>Invitations</b> lets you refuse what an organization would still send you, and ask for a "
            "conversation that was lost with an address.",
            "The language is chosen at the top of every page, without leaving the one you are on; your "
            "notices follow the language of your account.",
        ),
        anchor="account",
        screens=("account",),
    ),
    section(
        "words",
        "The words of the house",
        glossary(
            ("Notice", "The e-mail that announces a message and gives nothing of it away."),
            ("Collaborator", "A person whom an organization has entrusted with starting conversations."),
            ("Conversation", "A private exchange, under a title, among the people invited to it."),
            ("Participant", "A person invited to a conversation."),
            ("Persona", "A confirmed address of your account. It has its tab and its conversations."),
            ("Seal", "What keeps a message closed until you open it."),
            (
                "Owner",
                "The persona that started the conversation, or to whom an organization has since entrusted it.",
            ),
        ),
        anchor="words",
    ),
    section(
        "telephone",
        "By telephone, at any hour",
        text(
            "A page will not open, a code goes astray, a word escapes you: call. Somebody answers, by day "
            "and by night."
        ),
        contact_card(
            "The help desk",
            "Have before you the notice that you received. You will be asked neither for your password, "
            "nor for your codes, nor for what a message says.",
        ),
        anchor="telephone",
    ),
)
