"""The English texts of the site: home, help and the guides."""

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

HOME_TITLE = "Home"
HOME_HEADLINE = "Private conversations, kept out of e-mail"
HOME_INTRODUCTION = (
    "<p>An organization writes to you here what it would not trust to an e-mail. You read its messages, receive its "
    "documents and answer it. Only the people in the conversation can enter it.</p>"
)
HOME_DESCRIPTION = "Read in private what an organization writes to you, and answer it."

HELP_TITLE = "Help"
HELP_SLUG = "help"
HELP_INTRODUCTION = "<p>Each guide follows the screens of the service, one after the other, in the order you meet them.</p>"

PARTICIPANT = Guide(
    title="Participant's guide",
    slug="participants-guide",
    description="From the notice in your e-mail to your answer, step by step.",
    introduction=(
        "<p>An e-mail told you that a message is waiting. This guide starts there and takes you as far as your answer, "
        "one screen at a time. There is no need to read it all: on every screen, the link <b>Help</b> leads to the "
        "passage that explains it.</p>"
    ),
    sections=(
        section(
            "service",
            "What Connexion is",
            text(
                "A notary, a hospital or a bank sometimes has papers for you that are nobody else's business. E-mail "
                "serves them badly: it crosses many servers and leaves copies everywhere. Connexion is the place where "
                "these exchanges stay out of sight.",
                "Everything happens in <b>conversations</b>. A <b>collaborator</b> opens one on behalf of an "
                "organization and invites <b>participants</b>: you are one of them. People write to each other there and "
                "hand over documents. Nobody else reads it, not even the organization's administrators.",
            ),
            notice_box(
                "E-mail announces; it carries nothing",
                "A notice tells you that a message is waiting, and who wrote to you. It holds neither the title of the "
                "conversation, nor the text, nor the names of the files. The message and its documents stay here, "
                "encrypted.",
            ),
            anchor="connexion",
        ),
        section(
            "participant",
            "What you can do",
            listing(
                "read what people write to you and download the attachments;",
                "answer, or speak up unprompted, and attach documents of your own;",
                "see who wrote, who opened, and when;",
                "clear your inbox of the conversations that you no longer need.",
                lead="In the conversations that you take part in, you can:",
                after=(
                    "One thing is closed to you: starting a conversation. That is for collaborators. To write to an "
                    "organization that has not invited you yet, use its ordinary channels."
                ),
            ),
            text(
                "Sometimes a seat is given for reading only. The button <b>Post a message</b> is not there then; the rest "
                "is the same."
            ),
            anchor="what-you-can-do",
        ),
        section(
            "notice",
            "From the notice to the message",
            steps(
                (
                    "The notice arrives",
                    "An e-mail from <b>Connexion</b> tells you that a message is waiting. It names the address of the "
                    "person who wrote to you: see whether you recognize it.",
                ),
                (
                    "Choose Access the message",
                    "This button leads to the page <b>Sign in to Connexion</b>.",
                ),
                (
                    "You have an account: sign in",
                    "Enter your user name, or your e-mail address, and your password. On a device that is yours alone, "
                    "tick <b>Remember me</b>: your user name will be there the next time. Your password is never kept.",
                ),
                (
                    "This is your first visit: open an account",
                    "Choose <b>Open an account</b>. Enter the address where the notice arrived, and a password of at "
                    "least twelve characters. A short sentence that nobody else knows does very well.",
                ),
                (
                    "Confirm your address",
                    "A second e-mail brings you a code. Type it into the page you left open: it shows that this address "
                    "really is yours.",
                ),
                (
                    "You are there",
                    "The conversation appears, and the message waits in its envelope.",
                ),
            ),
            sign_in_button(),
            notice_box(
                "The notice is not a key",
                "Forwarded to somebody else, it opens nothing for them: it takes a session and a confirmed address. And no "
                "notice ever asks for your password. If an e-mail looks doubtful, leave it alone and type the address of "
                "the service yourself.",
                tone="caution",
            ),
            question(
                "The code does not arrive. What now?",
                "Look among your junk mail, then check the address that you entered. The page offers to send a new code; "
                "only the last one sent counts.",
            ),
            question(
                "The notice went to an address other than my account's.",
                "Sign in, then add that address to your account. A code confirms it, and the conversation joins you at "
                "once.",
            ),
            anchor="from-notice-to-message",
            screens=("sign-in", "sign-up", "confirm-address"),
        ),
        section(
            "forgotten",
            "A forgotten user name or password",
            text(
                "The sign-in page has a link for each. Give a confirmed address of your account, and what you need is sent "
                "there. The answer on the screen is the same whether or not the address is known, so that nobody can "
                "learn here who has an account.",
            ),
            question(
                "I can no longer read that address.",
                "Get in touch with the person in the organization who wrote to you. They can invite you again, at an "
                "address that you do read.",
            ),
            anchor="forgotten",
            screens=("forgotten",),
        ),
        section(
            "second-factor",
            "The second step of signing in",
            text(
                "A password can be guessed or stolen. A second step closes that door: after the password, Connexion asks "
                "for a code of six digits that only your telephone can produce. Collaborators must have it, everybody "
                "may, and an organization can also require it of its participants.",
            ),
            steps(
                (
                    "Install an authenticator app",
                    "Any of them will do. Your telephone may already have one.",
                ),
                (
                    "Scan the QR code",
                    "The app adds it to its list and shows a code at once. Type that code into the page.",
                ),
                (
                    "Keep your recovery codes",
                    "Print them or write them down, away from the device. Each replaces the app once, on the day the "
                    "telephone is lost.",
                ),
            ),
            question(
                "My code is refused.",
                "A code lives for thirty seconds and works once: wait for the next. If that one is refused too, your "
                "telephone's clock is probably off; let it set itself.",
            ),
            anchor="second-step",
            screens=("second-factor",),
        ),
        section(
            "inbox",
            "Finding your way in the inbox",
            text(
                "On the left, under <b>Connexion</b>, there is a tab for each of your confirmed addresses. We call such an "
                "address a <b>persona</b>. The number beside it counts its conversations that still hold something to "
                "read. Each tab has a list of its own; with a single address there is nothing to choose.",
            ),
            listing(
                "<b>Owner</b>: the address of whoever started the conversation. It is shortened; hover over it to read it "
                "whole.",
                "<b>Title</b>: what the conversation is about. This is the way in.",
                "<b>Activity</b>: the link <b>view</b> unrolls the history of the conversation.",
                "<b>Modified</b>: the day of the last activity. The latest comes first; the arrow ▼ turns the order "
                "around and puts the oldest first.",
                lead="The list has four columns:",
            ),
            legend(
                ("unread", "The bubble with an exclamation mark", "A message in this conversation has not been opened."),
                ("bold", "A row in bold", "The conversation is new: you have not visited it yet."),
                (
                    "frozen",
                    "A row in red",
                    "The owner's account is no longer active. Everything can still be read; nobody can write there any "
                    "more. The row also says so in words.",
                ),
            ),
            text(
                "At the foot of the list, choose to see 10, 20 or 30 at a time and turn the pages with <b>First</b>, "
                "<b>Previous</b>, <b>Next</b> and <b>Last</b>. Your choice is remembered.",
                "To tidy up, tick some rows, then choose <b>Remove selected</b>. The conversation leaves your inbox, and "
                "yours only; a new message brings it back.",
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
                    "The bubble points it out. If you have several addresses, first take the tab of the one that received "
                    "the notice, then choose the title.",
                ),
                (
                    "Open the envelope",
                    "A message arrives sealed. The button <b>Open</b> reveals its text; that moment is written down in the "
                    "activity, just as one signs for a registered letter.",
                ),
                (
                    "Read at your leisure",
                    "A long message is folded: <b>More…</b> unfolds it. On paper, everything appears.",
                ),
                (
                    "Answer",
                    "At the bottom of the conversation, choose <b>Post a message</b>. "
                    'The rest is told under <a href="#post">Posting a message</a>.',
                ),
            ),
            legend(
                ("theirs", "A green figure on the left", "Somebody else wrote this message."),
                ("mine", "A grey figure on the right", "This message is yours."),
                ("print", "The printer", "Prints the conversation, unfolded, with the list of its attachments."),
                ("back", "The arrow", "Takes you back to your inbox, to the page you had left."),
            ),
            text(
                "Above each message stand the owner's organization, the address of whoever wrote it, the date and time it "
                "was sent, then those of its expiry.",
                "Messages run from the oldest to the newest, which is at the bottom. At first the window shows only five, "
                "the latest; when there are more, buttons at the top bring up the earlier ones, or all of them at once.",
            ),
            question(
                "Who reads what I write?",
                "The people in this conversation, and nobody else. Their list is one click away, in the heading, and "
                "always up to date.",
            ),
            anchor="open-and-answer",
            screens=("conversation",),
        ),
        section(
            "download",
            "Downloading an attachment",
            text(
                "The attachments follow the text, each with its size. Choose the name of one and it downloads. Depending "
                "on your browser, it joins your downloads folder, or you are asked where to put it.",
                "Under the name stands its <b>SHA-256 fingerprint</b>, a run of 64 digits and letters that the content "
                "determines. If the fingerprint computed from your copy is the one on the screen, not a byte changed on "
                "the way.",
            ),
            notice_box(
                "“Not scanned” means what it says",
                "As long as a document bears these words, no antivirus has examined it. Open only what you expect, from a "
                "person whom you know.",
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
                    "Your text goes into the box <b>Message</b>. Nothing leaves until you decide so.",
                ),
                (
                    "Attach your documents, if any",
                    "<b>Browse</b> lets you take one or several. The limit holds for all of them together.",
                ),
                (
                    "Submit",
                    "After <b>Submit</b>, your message takes its place at the bottom of the conversation. Every other "
                    "participant is told by e-mail.",
                ),
            ),
            limits("documents", "text", "expiry"),
            question(
                "Can I take back a message?",
                "Read it over before you submit: others may open it straight away. If something is wrong, write a second "
                "message that corrects the first.",
            ),
            anchor="post",
            screens=("compose",),
        ),
        section(
            "expiry",
            "What expires",
            text(
                "Nothing stays here for ever. Each message shows the day and hour of its end, which the organization has "
                "set. After that moment it can no longer be read; soon afterwards its text and documents are erased for "
                "everybody. Only a trace remains: who had sent it, and when.",
                "Whatever you wish to keep, download or print it before that date.",
            ),
            limits("expiry"),
            anchor="expiry",
        ),
        section(
            "activity",
            "The history of a conversation",
            text(
                "In your inbox, the link <b>view</b> unrolls the activities: when the conversation was created, who wrote "
                "there, who opened what, and at what time. The name, the activity or the date at the head of the columns "
                "changes their order.",
                "Lines are added and never erased. Your own opening of a message is listed like everybody's.",
            ),
            anchor="activities",
            screens=("activity",),
        ),
        section(
            "account",
            "Your account and your addresses",
            text(
                "One account can bring together several addresses. Each must be confirmed with a code; it then becomes a "
                "persona, with its tab and its conversations.",
                "Removing an address closes at once the conversations that hung on it. Think of this before you leave a "
                "job or change providers.",
                "The language is chosen at the top of every page, without leaving the one you are on; your notices follow "
                "the language of your account.",
            ),
            anchor="account",
            screens=("account",),
        ),
        section(
            "telephone",
            "By telephone, at any hour",
            text(
                "A page will not open, a code goes astray, a word escapes you: call. Somebody answers, by day and by night."
            ),
            contact_card(
                "The help desk",
                "Have before you the notice that you received. You will be asked neither for your password, nor for your "
                "codes, nor for what a message says.",
            ),
            anchor="telephone",
        ),
    ),
)

COLLABORATOR = Guide(
    title="Collaborator's guide",
    slug="collaborators-guide",
    description="Start a conversation and invite the right people to it.",
    introduction=(
        "<p>Your organization has made you a collaborator. You do everything that a participant does, and you start the "
        "conversations.</p>"
    ),
    sections=(
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
                    "A hundred characters at most. The title is read only here: no e-mail carries it. It may therefore say "
                    "clearly what this is about.",
                ),
                (
                    "Name the participants",
                    "An e-mail address is enough, even if the person has no account yet: the invitation waits for them, "
                    "and for them alone, until they confirm that address. Also choose the language of their notice.",
                ),
                (
                    "Write the first message",
                    "Attach your documents, then submit. The notices leave at once.",
                ),
            ),
            limits("documents", "text", "expiry"),
            notice_box(
                "Read each address over",
                "One letter too many, and you are inviting a stranger. The service hands the message to whoever proves "
                "that the address is theirs.",
                tone="caution",
            ),
            anchor="start",
            screens=("start",),
        ),
        section(
            "readers",
            "Knowing who has read",
            text(
                "For each message, the link <b>view</b> shows who opened it and when. So you know whether the person you "
                "wrote to really received what you handed over.",
            ),
            anchor="who-has-read",
        ),
        section(
            "leaving",
            "When a collaborator leaves",
            text(
                "As soon as the administrator deactivates your enrolment, your conversations become read-only and turn red "
                "for all participants. If you are reactivated, everything goes on from where you left it.",
            ),
            anchor="leaving",
        ),
    ),
)

GUIDES = {"participant": PARTICIPANT, "collaborator": COLLABORATOR}
