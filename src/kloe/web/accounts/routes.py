"""The routes allauth brings, and what each asks for. allauth guards them itself; the access
matrix holds every one of them against this list by real requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Foreign:
    """A route of allauth: ``public`` or ``signed in``, and arguments to reach it by."""

    name: str
    rule: str
    kwargs: dict[str, Any] = field(default_factory=dict)


ALLAUTH: tuple[Foreign, ...] = (
    Foreign("account_login", "public"),
    # Signed out, it leads on to the sign-in page.
    Foreign("account_logout", "public"),
    Foreign("account_inactive", "public"),
    # Closed: it says that accounts are made by an administrator.
    Foreign("account_signup", "public"),
    Foreign("account_reauthenticate", "signed in"),
    Foreign("account_email", "signed in"),
    Foreign("account_email_verification_sent", "public"),
    Foreign("account_change_password", "signed in"),
    Foreign("account_set_password", "signed in"),
    Foreign("account_reset_password", "public"),
    Foreign("account_reset_password_done", "public"),
    Foreign("account_reset_password_from_key", "public", {"uidb36": "0" * 32, "key": "a-b"}),
    Foreign("account_reset_password_from_key_done", "public"),
    Foreign("account_confirm_login_code", "public"),
    Foreign("account_confirm_email", "public", {"key": "unknown"}),
    Foreign("mfa_index", "signed in"),
    # The second step of signing in; without a first one it leads back to it.
    Foreign("mfa_authenticate", "public"),
    Foreign("mfa_reauthenticate", "signed in"),
    Foreign("mfa_activate_totp", "signed in"),
    Foreign("mfa_deactivate_totp", "signed in"),
    Foreign("mfa_view_recovery_codes", "signed in"),
    Foreign("mfa_generate_recovery_codes", "signed in"),
    Foreign("mfa_download_recovery_codes", "signed in"),
    Foreign("mfa_list_webauthn", "signed in"),
    Foreign("mfa_add_webauthn", "signed in"),
    Foreign("mfa_reauthenticate_webauthn", "signed in"),
    Foreign("mfa_remove_webauthn", "signed in", {"pk": 1}),
    Foreign("mfa_edit_webauthn", "signed in", {"pk": 1}),
    # Gives the challenge for a passkey to whoever asks.
    Foreign("mfa_login_webauthn", "public"),
)

BY_NAME = {route.name: route for route in ALLAUTH}
