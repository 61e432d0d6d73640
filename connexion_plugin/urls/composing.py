"""Writing a message, or a new conversation: the forms, and what is kept of them before they are sent (spec C7, C8)."""

from django.urls import URLPattern, URLResolver, path

from connexion_plugin.views import composer, drafts, starting, uploads

# Below the address of a conversation.
reply_doors: list[URLPattern | URLResolver] = [
    path("", composer.post_message_page, name="post_message"),
    path("draft/", drafts.reply_draft, name="reply_draft"),
    path("uploads/", uploads.reply_uploads, name="reply_uploads"),
]

urlpatterns = [
    path("start/", starting.start_conversation_page, name="start_conversation"),
    path("start/<uuid:draft_id>/", starting.start_conversation_page, name="start_conversation_draft"),
    path("start/<uuid:draft_id>/draft/", drafts.start_draft, name="start_draft"),
    path("start/<uuid:draft_id>/uploads/", uploads.start_uploads, name="start_uploads"),
    path("uploads/<uuid:upload_id>/", uploads.upload, name="upload"),
    path("drafts/<uuid:draft_id>/delete/", drafts.discard_draft, name="discard_draft"),
]
