"""Columns that tell who somebody is and have no place among the records."""

from __future__ import annotations

from kloe.core.messages import Message, _
from kloe.records.suggesting.content import Profile
from kloe.records.suggesting.names import tokens
from kloe.records.suggesting.sniffing import Heading

_PEOPLE = frozenset(
    {"tenant", "tenants", "customer", "client", "applicant", "person", "resident", "member",
     "contact", "occupant", "household", "officer", "user", "staff", "employee", "complainant",
     "reporter", "caller", "full", "first", "last", "middle", "family", "given", "known",
     "preferred", "signatory", "main", "joint", "name"}
)  # fmt: skip
_WORDS: dict[str, Message] = {
    "surname": _("name"),
    "forename": _("name"),
    "forenames": _("name"),
    "firstname": _("name"),
    "lastname": _("name"),
    "fullname": _("name"),
    "initials": _("name"),
    "salutation": _("name"),
    "email": _("e-mail"),
    "mail": _("e-mail"),
    "telephone": _("telephone"),
    "phone": _("telephone"),
    "mobile": _("telephone"),
    "tel": _("telephone"),
    "nino": _("national insurance number"),
    "insurance": _("national insurance number"),
    "address": _("address"),
    "addr": _("address"),
    "addr1": _("address"),
    "iban": _("bank account"),
    "sortcode": _("bank account"),
    "birth": _("date of birth"),
    "born": _("date of birth"),
}
_CONTENT: dict[str, Message] = {
    "e-mail": _("e-mail"),
    "telephone": _("telephone"),
    "national insurance number": _("national insurance number"),
    "name": _("name"),
    "address": _("address"),
    "postcode": _("postcode"),
}


def personal(heading: Heading, seen: Profile) -> Message | None:
    """What kind of personal data a column holds, by its headings and by its content."""
    if seen.truth is not None:
        return None
    for given in heading.all:
        words = tokens(given)
        for word in words:
            if word in _WORDS and not (seen.numbers and seen.numbers.share > 0.9 and "." in word):
                return _WORDS[word]
        if "name" in words and set(words) <= _PEOPLE:
            return _WORDS["surname"]
    if seen.personal is not None and seen.personal != "postcode":
        return _CONTENT[seen.personal]
    return None
