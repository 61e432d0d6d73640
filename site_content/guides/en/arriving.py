"""Arriving: from the notice received to the open session."""

from site_content.guides.writing import listing, notice_box, question, section, sign_in_button, steps, text

SECTIONS = (
    section(
        "service",
        "What Connexion is",
        text(
            "A notary, a hospital or a bank sometimes has papers for you that are nobody else's business. "
            "E-mail serves them badly: it crosses many servers and leaves copies everywhere. Connexion is "
            "the place where these exchanges stay out of sight.",
            "Everything happens in <b>conversations</b>. A <b>collaborator</b> opens one on behalf of an "
            "organization and invites <b>participants</b>: you are one of them. People write to each other "
            "there and hand over documents. Nobody else reads it, not even the organization's "
            "administrators.",
        ),
        notice_box(
            "E-mail announces; it carries nothing",
            "A notice tells you that a message is waiting, and who wrote to you. It holds neither the "
            "title of the conversation, nor the text, nor the names of the files. The message and its "
            "documents stay here, encrypted.",
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
                "One thing is closed to you: starting a conversation. That is for collaborators. To write "
                "to an organization that has not invited you yet, use its ordinary channels."
            ),
        ),
        text(
            "Sometimes a seat is given for reading only. The button <b>Post a message</b> is not there "
            "then; the rest is the same."
        ),
        anchor="what-you-can-do",
    ),
    section(
        "notice",
        "From the notice to the message",
        steps(
            (
                "The notice arrives",
                "An e-mail from <b>Connexion</b> tells you that a message is waiting. It names the address "
                "of the person who wrote to you: see whether you recognize it.",
            ),
            (
                "Choose Access the message",
                "This button leads to the page <b>Sign in to Connexion</b>.",
            ),
            (
                "You have an account: sign in",
                "Enter your user name, or your e-mail address, and your password. On a device that is "
                "yours alone, tick <b>Remember my details</b>: your user name will be there the next time. Your "
                "password is never kept.",
            ),
            (
                "This is your first visit: open an account",
                "Choose <b>Open an account</b>. Enter the address where the notice arrived, and a password "
                "of at least twelve characters. A short sentence that nobody else knows does very well.",
            ),
            (
                "Confirm your address",
                "A second e-mail brings you a code. Type it into the page you left open: it shows that "
                "this address really is yours.",
            ),
            (
                "You are there",
                "The conversation appears, and the message waits in its envelope.",
            ),
        ),
        sign_in_button(),
        notice_box(
            "The notice is not a key",
            "Forwarded to somebody else, it opens nothing for them: it takes a session and a confirmed "
            "address. And no notice ever asks for your password. If an e-mail looks doubtful, leave it "
            "alone and type the address of the service yourself.",
            tone="caution",
        ),
        question(
            "The code does not arrive. What now?",
            "Look among your junk mail, then check the address that you entered. The page offers to send a "
            "new code; only the last one sent counts.",
        ),
        question(
            "The notice went to an address other than my account's.",
            "Sign in, then add that address to your account. A code confirms it, and the conversation "
            "joins you at once.",
        ),
        anchor="from-notice-to-message",
        screens=("sign-in", "sign-up", "confirm-address"),
    ),
    section(
        "forgotten",
        "A forgotten user name or password",
        text(
            "The sign-in page has a link for each. Give a confirmed address of your account, and what you "
            "need is sent there. The answer on the screen is the same whether or not the address is known, "
            "so that nobody can learn here who has an account.",
        ),
        question(
            "I can no longer read that address.",
            "Get in touch with the person in the organization who wrote to you. They can invite you again, "
            "at an address that you do read.",
        ),
        anchor="forgotten",
        screens=("forgotten",),
    ),
    section(
        "second-factor",
        "The second step of signing in",
        text(
            "A password can be guessed or stolen. A second step closes that door: after the password, "
            "Connexion asks for a code of six digits that only your telephone can produce. This is the "
            "<b>second factor</b>. Collaborators must have it, everybody may, and an organization can also "
            "require it of its participants.",
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
                "Print them or write them down, away from the device. Each replaces the app once, on the "
                "day the telephone is lost.",
            ),
        ),
        question(
            "My code is refused.",
            "A code lives for thirty seconds and works once: wait for the next. If that one is refused "
            "too, your telephone's clock is probably off; let it set itself.",
        ),
        anchor="second-step",
        screens=("second-factor",),
    ),
)
