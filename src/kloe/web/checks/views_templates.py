"""Templates of checks in an organisation: the package's, and its own versions of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kloe.assessment.checks import templates
from kloe.assessment.permissions import Permission
from kloe.core.errors import KloeError
from kloe.web.access import OrganisationAccess, in_organisation
from kloe.web.checks import own_templates
from kloe.web.checks.template_forms import TemplateForm, content_of, initial_of, items_of
from kloe.web.evidence.views import see_other


@in_organisation(Permission.ORGANISATION_VIEW)
@require_safe
def index(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """All templates a check may be made from."""
    own = own_templates.latest(access.organisation.pk)
    rows: list[dict[str, Any]] = [
        {
            "key": getattr(t, "key", None) or getattr(t, "id", ""),
            "title": t.title,
            "kind": t.kind,
            "version": t.version,
            "own": own.get(getattr(t, "key", "")),
        }
        for t in own_templates.offered(access.organisation.pk)
    ]
    return render(
        request,
        "checks/templates.html",
        {"organisation": access.organisation, "rows": rows, "nav": "organisations"},
    )


@in_organisation(Permission.ORGANISATION_VIEW)
@require_safe
def show(
    request: HttpRequest, access: OrganisationAccess, key: str, version: int | None = None
) -> HttpResponse:
    """A template as it stands, or one version of it."""
    organisation = access.organisation
    if version is None:
        template, own = own_templates.current(organisation.pk, key)
    else:
        own = own_templates.version_of(organisation.pk, key, version)
        template = templates.from_mapping(own.content, built=True)
    return render(
        request,
        "checks/template.html",
        {
            "organisation": organisation,
            "template": template,
            "own": own,
            "versions": own_templates.versions(organisation.pk, key),
            "shown": version,
            "nav": "organisations",
        },
    )


@in_organisation(Permission.CHECK_TEMPLATES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, access: OrganisationAccess, key: str) -> HttpResponse:
    """Change a template: what is saved is the organisation's next version of it."""
    template, own = own_templates.current(access.organisation.pk, key)
    posted = request.POST if request.method == "POST" else None
    form = TemplateForm(
        posted,
        initial=initial_of(template) | {"base_version": own.version if own else 0},
    )
    items = items_of(posted, template)
    if posted is not None and form.is_valid() and all(i.is_valid() for i in items):
        try:
            row = own_templates.save(
                organisation=access.organisation,
                key=key,
                content=content_of(form, items),
                base_version=form.cleaned_data["base_version"] or 0,
                by=access.user,
            )
        except KloeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Version %(n)d is saved.") % {"n": row.version})
            return see_other(reverse("check-template", args=[access.organisation.pk, key]))
    return render(
        request,
        "checks/template_edit.html",
        {
            "organisation": access.organisation,
            "template": template,
            "own": own,
            "form": form,
            "items": items,
            "forms": [form, *items],
            "nav": "organisations",
        },
        status=422 if posted is not None else 200,
    )
