"""The portal's doors. A host includes this once, with or without a language prefix (docs/install.md)."""

from django.urls import URLPattern, URLResolver, include, path

from connexion_plugin.second_factor.exemption import second_factor_exempt
from connexion_plugin.urls.composing import reply_doors
from connexion_plugin.views import (
    activity,
    archive,
    closing,
    conversation,
    deleting,
    documents,
    inbox,
    inbox_selection,
    inbox_tabs,
    invitations,
    inviting,
    lifetimes,
    links,
    mailbox,
    more_time,
    moving,
    openings,
    people,
    printing,
    withdrawing,
)

# One conversation, below its own address.
conversation_doors: list[URLPattern | URLResolver] = [
    path("", conversation.conversation, name="conversation"),
    path("post/<uuid:draft_id>/", include(reply_doors)),
    path("messages/<uuid:message_id>/open/", conversation.open_message, name="open_message"),
    path("messages/<uuid:message_id>/withdraw/", withdrawing.withdraw_message, name="withdraw_message"),
    path("messages/<uuid:message_id>/openings/", openings.openings, name="openings"),
    path("messages/<uuid:message_id>/expiry/", lifetimes.change_expiry, name="change_expiry"),
    path("messages/<uuid:message_id>/more-time/ask/", more_time.ask_for_time, name="ask_for_time"),
    path("messages/<uuid:message_id>/more-time/grant/", more_time.grant_time, name="grant_time"),
    path("messages/<uuid:message_id>/more-time/decline/", more_time.decline_time, name="decline_time"),
    path("readers/", people.readers, name="readers"),
    path("readers/invite/", inviting.invite, name="invite"),
    path("readers/<uuid:participation_id>/remove/", people.remove_participant, name="remove_participant"),
    path("readers/<uuid:participation_id>/readmit/", people.readmit_participant, name="readmit_participant"),
    path("readers/<uuid:participation_id>/reply/", people.change_reply, name="change_reply"),
    path("readers/<uuid:participation_id>/address/", moving.correct_address, name="correct_address"),
    path("readers/<uuid:participation_id>/move/", moving.settle_move, name="settle_move"),
    path("leave/", people.leave, name="leave"),
    path("close/", closing.close, name="close"),
    path("reopen/", closing.reopen, name="reopen"),
    path("delete/", deleting.delete, name="delete"),
    path("activity/", activity.activity, name="activity"),
    path("activity/print/", printing.print_activity, name="print_activity"),
    path("print/", printing.print_conversation, name="print_conversation"),
]

app_doors: tuple[list[URLPattern | URLResolver], str] = (
    [
        path("", inbox.inbox, name="inbox"),
        path("inbox/<uuid:persona_id>/", inbox.inbox, name="inbox"),
        path("inbox/<uuid:persona_id>/delete/", inbox_selection.delete_selection, name="delete_selection"),
        path("inbox/<uuid:persona_id>/restore/", inbox_selection.restore_selection, name="restore_selection"),
        path("unread/", inbox_tabs.unread_counts, name="unread_counts"),
        path("", include("connexion_plugin.urls.composing")),
        path("conversations/<uuid:conversation_id>/", include(conversation_doors)),
        path("address-book/", include("connexion_plugin.urls.address_book")),
        path("invitations/", invitations.invitations, name="invitations"),
        path("seats/<uuid:participation_id>/move/", moving.move_seat, name="move_seat"),
        path("documents/<uuid:attachment_id>/", documents.download, name="download"),
        path(
            "conversations/<uuid:conversation_id>/archive/",
            archive.download_conversation,
            name="download_conversation",
        ),
        path("m/<uuid:message_id>/", links.message, name="message"),
        path("language/", links.switch_language, name="switch_language"),
        # Development only: read beside a page that waits for a code.
        path("mailbox/", second_factor_exempt(mailbox.mailbox), name="mailbox"),
        path("mailbox/<str:mail_id>/", second_factor_exempt(mailbox.mailbox_mail), name="mailbox_mail"),
        path("", include("connexion_plugin.urls.second_factor")),
    ],
    "connexion",
)

urlpatterns = [
    path("", include(app_doors)),
    path("account/", include("connexion_plugin.urls.accounts")),
]
