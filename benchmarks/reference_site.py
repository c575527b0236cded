"""The pages of kloe with two reference views beside them, for a server of the benchmarks.

``reference/save`` reads the session and the person and writes three small rows in one
transaction. ``reference/page/<bytes>`` renders a plain template of that size: rows of a table
with six values each, escaped, and the person's name.
"""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "kloe.web.settings"

import django
from django.conf import settings

django.setup()
settings.ROOT_URLCONF = __name__

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from kloe.web.audit.models import AuditEvent

ROW = (
    '<tr><th scope="row"><a href="{{ r.address }}">{{ r.title }}</a></th><td>{{ r.number }}</td>'
    "<td>{{ r.kind }}</td><td>{{ r.when }}</td><td>{{ r.text }}</td></tr>\n"
)
TEMPLATE = Engine().from_string(
    '<!doctype html><html lang="en"><title>Reference</title><h1>{{ person }}</h1>'
    "<table>{% for r in rows %}" + ROW + "{% endfor %}</table></html>"
)


@csrf_exempt
def save(request: HttpRequest) -> HttpResponse:
    person = str(request.user)
    with transaction.atomic():
        for verb in ("one", "two", "three"):
            AuditEvent.objects.create(
                at=timezone.now(), actor=person, verb=verb, subject_kind="row", subject_id="1"
            )
    return JsonResponse({"said": "Saved"})


def page(request: HttpRequest, size: int) -> HttpResponse:
    rows = [
        {
            "address": f"/items/{n}/",
            "title": f"Title number {n} of a row",
            "number": n,
            "kind": "document",
            "when": "14:02",
            "text": "Something of ordinary length that a page would say about it & more.",
        }
        for n in range(max(1, size // 245))
    ]
    return HttpResponse(TEMPLATE.render(Context({"rows": rows, "person": str(request.user)})))


urlpatterns = [
    path("reference/save", save),
    path("reference/page/<int:size>", page),
    path("", include("kloe.web.urls")),
]

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
