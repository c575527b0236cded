"""What people do to their own sign-in stands in the audit trail too.

allauth does these writes itself and tells of them by signals; this is the one place that
listens. Nothing is decided here.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.db import transaction
from django.http import HttpRequest

from kloe.web.accounts.models import User
from kloe.web.audit.actions import record


def _note(
    verb: str, user: User, request: HttpRequest | None, after: dict[str, Any] | None = None
) -> None:
    with transaction.atomic():
        record(
            by=user,
            verb=verb,
            subject_kind="person",
            subject_id=user.pk,
            after=after,
            request_id=getattr(request, "id", ""),
        )


def _signed_in(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    _note("signed in", user, request)


def _password(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    _note("set password", user, request)


def _email(
    *, request: HttpRequest, user: User, to_email_address: Any, from_email_address: Any, **_k: Any
) -> None:
    _note("changed address", user, request, {"email": to_email_address.email})


def _added(*, request: HttpRequest, user: User, authenticator: Any, **_kwargs: Any) -> None:
    _note("added sign-in key", user, request, {"type": authenticator.type})


def _removed(*, request: HttpRequest, user: User, authenticator: Any, **_kwargs: Any) -> None:
    _note("removed sign-in key", user, request, {"type": authenticator.type})


def _reset(*, request: HttpRequest, user: User, authenticator: Any, **_kwargs: Any) -> None:
    _note("renewed sign-in key", user, request, {"type": authenticator.type})


def listen() -> None:
    """Begin to listen; called once, when the application is ready."""
    account.user_logged_in.connect(_signed_in, dispatch_uid="kloe.signed-in")
    account.password_set.connect(_password, dispatch_uid="kloe.password-set")
    account.password_changed.connect(_password, dispatch_uid="kloe.password-changed")
    account.password_reset.connect(_password, dispatch_uid="kloe.password-reset")
    account.email_changed.connect(_email, dispatch_uid="kloe.email")
    mfa.authenticator_added.connect(_added, dispatch_uid="kloe.key-added")
    mfa.authenticator_removed.connect(_removed, dispatch_uid="kloe.key-removed")
    mfa.authenticator_reset.connect(_reset, dispatch_uid="kloe.key-reset")
