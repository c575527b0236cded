"""Checks on a phone without a network: the shell, its service worker, what is taken, what is sent.

The shell holds nothing of anybody: what a person took along lies in the device's own store, under
their name. So it may be kept by the service worker, and is the same for all.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST, require_safe

from kloe.assessment.checks import words
from kloe.assessment.permissions import Permission
from kloe.core.digest import sha256_hex
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment, person, public, signed_in
from kloe.web.checks import carried, packing, queries, taking
from kloe.web.checks.views_risks import address_of

STATIC = Path(settings.STATICFILES_DIRS[0])
#: What the shell is made of, besides itself.
SHELL_FILES = ("kloe/kloe.css", "kloe/favicon.svg")
SCRIPTS = "kloe/pocket"
WORKER = f"{SCRIPTS}/worker.js"


@lru_cache(maxsize=1)
def _parts() -> tuple[tuple[str, ...], str]:
    """The files of the shell, and a digest of their content and of the shell's page."""
    scripts = sorted(
        f"{SCRIPTS}/{path.name}"
        for path in (STATIC / SCRIPTS).glob("*.js")
        if path.name != Path(WORKER).name
    )
    files = (*SHELL_FILES, *scripts)
    page = Path(__file__).with_name("templates") / "checks" / "pocket.html"
    read = [STATIC / name for name in (*files, WORKER)] + [page]
    return files, sha256_hex(b"\n".join(sha256_hex(p.read_bytes()).encode() for p in read))[:16]


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, over the whole site: a new version whenever a file of the shell is."""
    files, version = _parts()
    head = "".join(
        f"const {name} = {value};\n"
        for name, value in {
            "VERSION": f'"{version}"',
            "SHELL": f'"{reverse("pocket")}"',
            "FILES": "[" + ", ".join(f'"{static(name)}"' for name in files) + "]",
        }.items()
    )
    return HttpResponse(
        head + (STATIC / WORKER).read_text(encoding="utf-8"),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"},
    )


@public
@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The page for work without a network: empty, until its script fills it from the device."""
    context = {
        "answers": words.choices(words.ItemAnswer),
        "results": words.choices(words.CheckResult),
        "roles": words.choices(words.PeopleRole),
        "risk_kinds": words.choices(words.RiskKind),
    }
    response = render(request, "checks/pocket.html", context)
    response.headers["Cache-Control"] = "no-cache"
    return response


@signed_in
@ensure_csrf_cookie
@require_GET
def mine(request: HttpRequest) -> JsonResponse:
    """Who is signed in, and the checks given to them."""
    user = person(request)
    return JsonResponse(
        {
            "person": str(user.pk),
            "name": str(user),
            "now": timezone.now().isoformat(),
            "checks": list(packing.given_to(user)),
        },
        headers={"Cache-Control": "private, no-store"},
    )


@in_assessment(Permission.CHECKS_DO)
@require_GET
def pack(request: HttpRequest, access: AssessmentAccess, check: UUID) -> JsonResponse:
    """All that is needed to carry out one check elsewhere."""
    return JsonResponse(
        packing.pack(access, queries.one(access, check)),
        headers={"Cache-Control": "private, no-store"},
    )


@signed_in
@require_POST
def send(request: HttpRequest) -> JsonResponse:
    """What was written down without a network: an answer to each write, in their order."""
    try:
        batch = carried.read(_sent(request))
    except carried.TooMuch as error:
        return JsonResponse(error.as_dict(), status=413)
    answers = taking.take_batch(batch=batch, by=person(request), address=address_of(request))
    return JsonResponse(
        {"received": timezone.now().isoformat(), "answers": [a.as_dict() for a in answers]}
    )


def _sent(request: HttpRequest) -> bytes:
    """What was sent, as it came.

    :raises InvalidInput: for a form in parts, which was taken apart before it came here.
    """
    try:
        return request.body
    except RawPostDataException:
        raise InvalidInput(
            Message("What was sent is a form."),
            Message("A device sends what it wrote down as JSON."),
            Message("Load the page again; what was written down stays on the device."),
        ) from None
