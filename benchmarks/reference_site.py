"""The pages of kloe with two reference views beside them, for a server of the benchmarks.

``reference/save`` reads the session and the person, checks the form's token and writes three
small rows in one transaction. ``reference/page/<bytes>`` renders an ordinary page of that size
in the same frame: a table whose rows have a link, four values, a date and a button.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "kloe.web.settings"

import django
from django.conf import settings

django.setup()
settings.ROOT_URLCONF = __name__
settings.TEMPLATES[0]["DIRS"].append(Path(__file__).resolve().parent / "templates")

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils import timezone

from kloe.web.audit.models import AuditEvent


def save(request: HttpRequest) -> HttpResponse:
    person = str(request.user)
    said = request.POST.get("reason", "")[:40]
    with transaction.atomic():
        for verb in ("one", "two", "three"):
            AuditEvent.objects.create(
                at=timezone.now(),
                actor=person,
                verb=verb,
                subject_kind="row",
                subject_id=said or "1",
            )
    return JsonResponse({"said": "Saved"})


#: What a row of the reference page comes to, in bytes.
ROW = 475
#: What the frame around it comes to.
FRAME = 5200


def page(request: HttpRequest, size: int) -> HttpResponse:
    now = timezone.now()
    rows = [
        {
            "theme": "wao-housing-2005/1.2/1",
            "title": f"Title number {n} of a row",
            "number": n,
            "kind": "document",
            "when": now,
            "marked": n % 3 == 0,
            "text": "Something of ordinary length that a page would say of it & more, with an end.",
        }
        for n in range(max(1, (size - FRAME) // ROW))
    ]
    return render(request, "reference/page.html", {"rows": rows})


urlpatterns = [
    path("reference/save", save),
    path("reference/page/<int:size>", page),
    path("", include("kloe.web.urls")),
]

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
