"""A person's own page. Signing in, passwords and passkeys are allauth's, in our templates."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kloe.web.access import signed_in
from kloe.web.accounts import actions
from kloe.web.accounts.forms import ProfileForm
from kloe.web.accounts.models import User


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name and shortcuts."""
    # A copy: the menu keeps the name that is saved while a form is put right.
    user: User = request.user  # type: ignore[assignment]
    person = User.objects.get(pk=user.pk)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST":
        if form.is_valid():
            actions.update_profile(
                person=User.objects.get(pk=user.pk),
                name=form.cleaned_data["name"],
                shortcuts=form.cleaned_data["shortcuts"],
                by=user,
                request_id=getattr(request, "id", ""),
            )
            messages.success(request, _("Your profile is saved."))
            response = redirect("profile")
            response.status_code = 303
            return response
        return render(request, "accounts/profile.html", {"form": form}, status=422)
    return render(request, "accounts/profile.html", {"form": form})
