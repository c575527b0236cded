"""The areas of a landlord's service that measures belong to, as pages and reports name them."""

from __future__ import annotations

from collections.abc import Mapping

from kloe.core.messages import Message, _

INTEGRITY = "integrity"
AREAS: Mapping[str, Message] = {
    "rents": _("Rents"),
    "lettings": _("Lettings"),
    "tenancies": _("Tenancies"),
    "neighbourhoods": _("Neighbourhoods"),
    "repairs": _("Repairs"),
    "safety": _("Safety"),
    "homes": _("Homes"),
    "access": _("Access and customer care"),
    "complaints": _("Complaints"),
    "involvement": _("Involvement"),
    "diversity": _("Diversity"),
    "money": _("Money"),
    "improvement": _("Improvement"),
    INTEGRITY: _("Integrity of the records"),
}
