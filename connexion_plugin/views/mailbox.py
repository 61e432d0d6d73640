"""Development only: the demo's mailbox. Whoever can open this page of the local machine reads every e-mail, and
the codes of every authenticator app."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from connexion_plugin.mail import mailbox as sent
from connexion_plugin.second_factor.demo import codes_now
from connexion_plugin.views.policy import Policy, door


@door(Policy.PUBLIC, "GET")
def mailbox(request: HttpRequest) -> HttpResponse:
    """What was sent, newest first; `?to=` narrows it to one recipient."""
    _demand_development()
    recipient = request.GET.get("to", "")
    everything = sent.read()
    context = {
        "mails": [mail for mail in everything if not recipient or mail.recipient == recipient],
        "recipients": sorted({mail.recipient for mail in everything}),
        "recipient": recipient,
        "is_kept": sent.is_kept(),
        "codes": codes_now(),
    }
    return render(request, "connexion_plugin/mailbox/mailbox.html", context)


@door(Policy.PUBLIC, "GET")
def mailbox_mail(request: HttpRequest, mail_id: str) -> HttpResponse:
    _demand_development()
    mail = sent.find(mail_id)
    if mail is None:
        raise Http404
    return render(request, "connexion_plugin/mailbox/mail.html", {"mail": mail})


def _demand_development() -> None:
    if not sent.is_shown():
        raise Http404
