"""Mail with a link that lets its reader in, and whether it may be shown instead.

Whoever opens such a link acts as the person it was made for. So whoever asks for it sees it only
where mail cannot bring it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

log = logging.getLogger("kloe.web")
#: Ways of mail that bring it to nobody.
_STAYS = frozenset(
    f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy", "filebased")
)


@dataclass
class Posted:
    """A link, and what became of the mail that bears it: known once its transaction has ended."""

    address: str
    link: str = ""
    failed: bool = False
    refused: bool = False

    def send(self, subject: str, text: str) -> None:
        """Send it. A mail server that is away stops nothing."""
        try:
            # A subject is one line, whatever a name holds.
            send_mail(" ".join(subject.split()), text, None, [self.address])
        except SMTPRecipientsRefused:
            self.refused = True
            log.exception("a mail server refused an address")
        except OSError:
            self.failed = True
            log.exception("a mail could not be sent")

    @property
    def why_shown(self) -> str:
        """Why the link is shown to whoever asked for it; empty where it is not."""
        if not self.link or self.refused:
            return ""
        if settings.EMAIL_BACKEND in _STAYS:
            return _("This kloe has no mail server and prints mail in the terminal of the server.")
        if self.failed:
            return _("The mail could not be sent: the mail server did not take it.")
        return ""
