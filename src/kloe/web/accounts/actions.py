"""Making and changing accounts. Every change leaves an audit event."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.audit.actions import record


def clean_email(email: str) -> str:
    """The address as it is kept.

    :raises InvalidInput: if it is none.
    """
    from django.core.validators import validate_email

    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidInput(
            _("“%(email)s” is not an e-mail address.", email=email[:100]),
            _("An address looks like name@example.org."),
            _("Correct it and try again."),
        ) from None
    return email


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(
            " ".join(error.messages),
            _("A password has at least 10 characters and is not a common one."),
            _("Choose another; three or four words that do not belong together do well."),
        ) from None


@transaction.atomic
def add_person(
    *,
    email: str,
    by: User | None,
    name: str = "",
    password: str | None = None,
    request_id: str = "",
) -> User:
    """A new account; without a password until the person has set one.

    :raises Conflict: if there is an account with this address.
    :raises InvalidInput: if the address or the password is not allowed.
    """
    email = clean_email(email)
    person = User(email=email, name=name.strip()[:120])
    if password is not None:
        _check_password(password, person)
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            _("There is an account for %(email)s already.", email=email),
            _("Each address has one account."),
            _("Add the person to an organisation, or use another address."),
        ) from None
    # Whoever makes the account vouches for the address: the link to set a password goes there.
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=True)
    record(
        by=by,
        verb="created account",
        subject_kind="person",
        subject_id=person.pk,
        after={"email": email, "name": person.name},
        request_id=request_id,
    )
    return person


@transaction.atomic
def update_profile(
    *, person: User, name: str, shortcuts: bool, by: User, request_id: str = ""
) -> bool:
    """A person's name and habits; gives whether anything changed."""
    values: dict[str, Any] = {"name": name.strip(), "shortcuts": shortcuts}
    before = {k: getattr(person, k) for k in values}
    if before == values:
        return False
    for key, value in values.items():
        setattr(person, key, value)
    person.save(update_fields=list(values))
    record(
        by=by,
        verb="changed profile",
        subject_kind="person",
        subject_id=person.pk,
        before=before,
        after=values,
        request_id=request_id,
    )
    return True


@transaction.atomic
def set_password(*, person: User, password: str, by: User | None) -> None:
    """Set a password for a person, from the command line.

    :raises InvalidInput: if the password is not allowed.
    """
    _check_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    record(by=by, verb="set password", subject_kind="person", subject_id=person.pk)


@transaction.atomic
def set_active(*, person: User, active: bool, by: User | None) -> bool:
    """Let a person sign in, or no longer; their work and its trail stay."""
    if person.is_active == active:
        return False
    person.is_active = active
    person.save(update_fields=["is_active"])
    record(
        by=by,
        verb="opened account" if active else "closed account",
        subject_kind="person",
        subject_id=person.pk,
        before={"active": not active},
        after={"active": active},
    )
    return True


def set_password_path(person: User) -> str:
    """The way to a page where this person sets a password; good once, for three days."""
    return reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(person),
            "key": default_token_generator.make_token(person),
        },
    )
