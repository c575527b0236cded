"""Template tags of kloe, built in. See docs/reference/design-system.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    RadioSelect,
)
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from kloe.web.site import navigation, wording

register = template.Library()
for _filter in (
    wording.day,
    wording.moment,
    wording.period,
    wording.position_label,
    wording.position_shade,
    wording.word,
    wording.role_name,
    wording.role_words,
    wording.framework_word,
    wording.since,
    wording.tail,
    wording.number,
    wording.references,
):
    register.filter(_filter.__name__, _filter)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """An entry of a mapping whose key is a variable; nothing if there is none."""
    return mapping.get(key) if mapping else None


# Addresses -----------------------------------------------------------------------------------


def _changed(request: HttpRequest, changes: Mapping[str, Any]) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's query with changes: ``{% query page=2 kind=None %}``; None leaves one out."""
    return _changed(context["request"], changes)


@register.inclusion_tag("site/parts/sort.html", takes_context=True)
def sort(
    context: template.Context, key: str, label: str, *, classes: str = "", default: str = ""
) -> dict[str, Any]:
    """A table's heading that sorts: ``{% sort "name" _("Name") %}``, ``?sort=name`` or ``-name``.

    ``default`` is the sort in force when the address names none.
    """
    current = context["request"].GET.get("sort") or default
    state = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    following = f"-{key}" if state == "ascending" else key
    return {
        "url": _changed(context["request"], {"sort": following, "page": None}),
        "label": label,
        "state": state,
        "classes": classes,
    }


@register.inclusion_tag("site/parts/pager.html", takes_context=True)
def pager(context: template.Context, page: Page) -> dict[str, Any]:
    """Where one is in a list of many pages: ``{% pager page %}``."""
    request = context["request"]
    numbers = [
        {"number": n, "url": _changed(request, {"page": n if n != 1 else None})}
        if isinstance(n, int)
        else {"number": None}
        for n in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]

    def address(n: int) -> str:
        return _changed(request, {"page": n if n != 1 else None})

    return {
        "page": page,
        "numbers": numbers if page.paginator.num_pages > 1 else [],
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "following": address(page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("site/parts/filters_on.html", takes_context=True)
def filters_on(context: template.Context, *names: str) -> dict[str, Any]:
    """A way back to the whole list where the address filters it."""
    request = context["request"]
    on = [n for n in names if request.GET.get(n)]
    return {"on": on, "url": _changed(request, dict.fromkeys([*names, "page"]))}


# Grades and figures --------------------------------------------------------------------------


@register.inclusion_tag("site/parts/grade.html")
def grade(grade: Any = None, label: str = "", *, classes: str = "") -> dict[str, Any]:
    """A grade as colour step and word: ``{% grade judgement.grade %}`` or ``{% grade 3 "Good" %}``.

    Takes a framework's ``Grade``, or a rank (4 best) with its label; none says so.
    """
    rank = getattr(grade, "rank", grade) or 0
    label = str(label or getattr(grade, "label", "")) or _("No grade yet")
    return {"shade": int(rank), "label": label, "classes": classes}


@register.inclusion_tag("site/parts/grade.html")
def position(value: str | None, *, classes: str = "") -> dict[str, Any]:
    """A position as colour step and word: ``{% position rating.position %}``."""
    return {
        "shade": wording.position_shade(value),
        "label": wording.position_label(value),
        "classes": classes,
    }


@register.simple_tag
def meter(value: float, of: float, label: str = "", *, classes: str = "") -> SafeString:
    """How much of something is done: ``{% meter placed of=all _("Placed") %}``."""
    words = label or _("%(value)s of %(of)s") % {"value": value, "of": of}
    return format_html(
        '<progress class="meter {}" value="{}" max="{}" aria-label="{}"></progress>',
        classes,
        value,
        of or 1,
        words,
    )


@register.inclusion_tag("site/parts/spread.html")
def spread(parts: Iterable[tuple[int, str, int]], label: str = "", *, legend: bool = True) -> dict:
    """How placings spread: parts are (colour step, word, count), best first."""
    found = [(s, str(w), n) for s, w, n in parts if n]
    total = sum(n for _s, _w, n in found) or 1
    x, bars = 0.0, []
    for shade, _w, n in found:
        width = 100 * n / total
        bars.append({"x": f"{x:.2f}", "w": f"{max(width - 0.4, 0.4):.2f}", "shade": shade})
        x += width
    said = ", ".join(f"{w} {n}" for _s, w, n in found) or _("Nothing placed yet")
    return {
        "bars": bars,
        "parts": found,
        "said": f"{label}: {said}" if label else said,
        "legend": legend,
    }


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A sign from icons.svg; without a label it is decoration."""
    said = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon" {}><use href="{}#{}"/></svg>', said, static("kloe/icons.svg"), name
    )


# Forms ---------------------------------------------------------------------------------------


def _describe(bound: BoundField, hint: str | None = None) -> dict[str, Any]:
    widget = bound.field.widget
    group = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    errors = list(bound.errors)
    hint = str(bound.help_text or "") if hint is None else hint
    name = bound.auto_id or bound.html_name
    described = [f"{name}_hint"] * bool(hint) + [f"{name}_error"] * bool(errors)
    attrs: dict[str, Any] = {}
    if described and not group:
        attrs["aria-describedby"] = " ".join(described)
    if errors:
        attrs["aria-invalid"] = "true"
    if group:
        kind = "group"
    elif isinstance(widget, CheckboxInput):
        kind = "check"
    else:
        kind = "plain"
    return {
        "bound": bound,
        "kind": kind,
        "group": group,
        "errors": errors,
        "hint": hint,
        "id": name,
        "described": " ".join(described),
        "attrs": attrs,
        "optional": not bound.field.required and kind == "plain",
    }


@register.inclusion_tag("site/parts/field.html")
def field(
    bound: BoundField,
    *,
    label: str = "",
    hint: str | None = None,
    classes: str = "",
    hide_optional: bool = False,
    hide_label: bool = False,
    **attrs: Any,
) -> dict[str, Any]:
    """A field with label, hint and fault, tied together: ``{% field form.name rows=3 %}``.

    ``hint=""`` leaves out the field's own hint; further keywords become attributes of the
    control (``hx_get`` as ``hx-get``).
    """
    found = _describe(bound, hint)
    found["attrs"] |= {k.replace("_", "-"): v for k, v in attrs.items()}
    extra = found["attrs"]
    found["control"] = "" if found["group"] else bound.as_widget(attrs=extra)
    found["label"] = label or bound.label
    found["classes"] = classes
    found["optional"] = found["optional"] and not hide_optional
    found["hide_label"] = hide_label
    return found


@register.inclusion_tag("site/parts/fields.html")
def fields(form: BaseForm, *, hide_optional: bool = False) -> dict[str, Any]:
    """All fields of a form in their order, hidden ones first."""
    return {"form": form, "hide_optional": hide_optional}


@register.inclusion_tag("site/parts/error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """What is to be put right, each with a way to its field: ``{% error_summary form %}``."""
    found: list[tuple[str, str]] = []
    for form in forms:
        if not form or not form.is_bound:
            continue
        found += [("", str(e)) for e in form.non_field_errors()]
        for bound in form:
            first = f"{bound.auto_id}_0" if _describe(bound)["group"] else bound.auto_id
            found += [(str(first), f"{bound.label}: {e}") for e in bound.errors]
    return {"found": found}


# The frame of a page -------------------------------------------------------------------------

SCHEMES = ("system", "light", "dark")


@register.simple_tag(takes_context=True)
def scheme(context: template.Context) -> str:
    """The colours chosen for this browser: system, light or dark."""
    request = context.get("request")
    chosen = request.COOKIES.get("kloe_scheme", "") if request is not None else ""
    return chosen if chosen in SCHEMES else "system"


@register.simple_tag(takes_context=True)
def ways(context: template.Context, which: str) -> list[navigation.Entry]:
    """Entries of a navigation: ``{% ways "assessment" as found %}`` (or "more", "site")."""
    found = {
        "assessment": navigation.ASSESSMENT,
        "more": navigation.ASSESSMENT_MORE,
        "site": navigation.SITE,
    }[which]
    return navigation.entries(found, context.get("nav") or "", context.get("access"))


OWN_NAMES = {"en-gb": "English", "cy": "Cymraeg"}


@lru_cache(maxsize=1)
def _spoken() -> list[tuple[str, str]]:
    def there(code: str) -> bool:
        short = code.split("-", 1)[0]
        catalogues = (Path(p) / short / "LC_MESSAGES" / "django.mo" for p in settings.LOCALE_PATHS)
        return short == "en" or any(c.exists() for c in catalogues)

    return [(c, OWN_NAMES.get(c, str(name))) for c, name in settings.LANGUAGES if there(c)]


@register.simple_tag
def languages() -> list[tuple[str, str]]:
    """The languages there is a catalogue for, each in its own word."""
    return _spoken()
