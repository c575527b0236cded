"""Home, colours, language, error pages, and the tags every page uses."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import Client, RequestFactory

from kloe.core.errors import Conflict, NotFound
from kloe.frameworks import library
from kloe.web.assessments.models import CriterionState, ThemeWork
from kloe.web.site import waiting


def show(source: str, **context) -> str:
    request = context.pop("request", None) or RequestFactory().get(context.pop("path", "/x"))
    return Template(source).render(Context({"request": request, **context}))


# Home


def test_home_asks_for_sign_in(client):
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")


def test_home_of_somebody_who_belongs_nowhere_says_what_to_do(client_of, user_with):
    page = client_of(user_with()).get("/").content.decode()
    assert "An administrator of yours adds you" in page
    assert "No assessment yet." in page
    assert "New assessment" not in page


def test_home_shows_assessments_and_what_waits(client_of, lead, assessment, other_org, user_with):
    work = ThemeWork.objects.filter(assessment=assessment).first()
    ThemeWork.objects.filter(pk=work.pk).update(lead=lead, due=date(2020, 1, 31))
    theme = library.load("wao-housing-2005").theme(work.theme)
    first = theme.criteria[0].id
    CriterionState.objects.update_or_create(
        assessment=assessment,
        criterion=first,
        defaults={"theme": theme.id, "position": "upper", "evidence": 2, "contradicted": True},
    )
    page = client_of(lead).get("/").content.decode()
    base = len(theme.criteria)
    assert f"{theme.number} {theme.title}".replace("&", "&amp;") in page
    assert f"{base - 1} of {base} criteria to place" in page
    assert "31 January 2020" in page
    assert "overdue" in page
    assert "April 2025 to March 2026" in page
    assert "New assessment" in page
    stranger = client_of(user_with("administrator", other_org)).get("/").content.decode()
    assert assessment.title not in stranger
    assert str(assessment.organisation) not in stranger


def test_home_leaves_out_themes_that_are_done_or_out_of_scope(client_of, lead, assessment):
    works = list(ThemeWork.objects.filter(assessment=assessment)[:2])
    ThemeWork.objects.filter(pk__in=[w.pk for w in works]).update(lead=lead)
    ThemeWork.objects.filter(pk=works[0].pk).update(in_scope=False, reason="not ours")
    theme = library.load("wao-housing-2005").theme(works[1].theme)
    for criterion in theme.criteria:
        CriterionState.objects.update_or_create(
            assessment=assessment,
            criterion=criterion.id,
            defaults={"theme": theme.id, "position": "upper"},
        )
    page = client_of(lead).get("/").content.decode()
    assert "Nothing: no theme you lead has open criteria" in page


def test_home_costs_the_same_however_many_assessments(
    client_of, lead, make_assessment, django_assert_max_num_queries
):
    make_assessment()
    client = client_of(lead)
    client.get("/")
    with django_assert_max_num_queries(10) as one:
        client.get("/")
        spent = len(one)
    for n in range(5):
        made = make_assessment(title=f"Number {n}")
        ThemeWork.objects.filter(assessment=made).update(lead=lead)
    client.get("/")
    with django_assert_max_num_queries(spent):
        client.get("/")


def test_other_apps_add_to_what_waits(client_of, lead, assessment, monkeypatch):
    monkeypatch.setattr(waiting, "_sources", [])
    waiting.register(
        lambda user, seen: [waiting.Waiting("Draft to read", "/there", a) for a in seen]
    )
    page = client_of(lead).get("/").content.decode()
    assert '<a href="/there">Draft to read</a>' in page


def test_home_links_to_all_assessments_beyond_the_first(client_of, lead, make_assessment):
    for n in range(13):
        make_assessment(title=f"Assessment {n}")
    page = client_of(lead).get("/").content.decode()
    assert page.count('class="sheet-box stack"') == 12
    assert "All assessments" in page


# Colours and language


def test_colours_are_kept_in_a_cookie_and_shown(client):
    answer = client.post("/colours", {"scheme": "dark", "next": "/accounts/login/"})
    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/")
    assert (
        '<html lang="en-gb" data-scheme="dark">' in client.get("/accounts/login/").content.decode()
    )
    client.post("/colours", {"scheme": "system"})
    assert "data-scheme=" not in client.get("/accounts/login/").content.decode().split(">", 3)[1]


def test_colours_never_lead_elsewhere(client):
    answer = client.post("/colours", {"scheme": "light", "next": "https://evil.example/"})
    assert answer["Location"] == "/"


@pytest.mark.parametrize(("path", "field"), [("/colours", "scheme"), ("/language", "language")])
def test_unknown_choices_are_refused_with_what_there_is(client, path, field):
    answer = client.post(path, {field: "<b>plaid"})
    assert answer.status_code == 400
    assert "There are:" in answer.content.decode()
    assert "<b>plaid" not in answer.content.decode()


def test_choices_are_made_by_post_only(client):
    assert client.get("/colours").status_code == 405
    assert client.get("/language").status_code == 405


def test_language_is_kept_in_a_cookie(client, settings):
    answer = client.post("/language", {"language": "en-gb", "next": "/accounts/login/"})
    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/")
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en-gb"


# Errors


def test_an_address_that_leads_nowhere(client):
    answer = client.get("/nowhere/at/all")
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.content.decode()


def test_errors_say_what_was_given_what_is_allowed_what_to_do(monkeypatch, client_of, user_with):
    from kloe.web.site import queries

    def refuse(user):
        raise Conflict("It is <locked>.", "One at a time.", "Wait a little.")

    monkeypatch.setattr(queries, "home", refuse)
    client = client_of(user_with())
    answer = client.get("/")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "It is &lt;locked&gt;." in page
    assert "One at a time." in page
    assert "Wait a little." in page
    part = client.get("/", headers={"HX-Request": "true"})
    assert part.status_code == 409
    assert part.content.decode().startswith('<div class="notice error" role="alert">')
    told = client.get("/", headers={"Accept": "application/json"}).json()
    assert (told["error"], told["remedy"]) == ("conflict", "Wait a little.")


def test_a_crash_has_a_page_of_its_own(monkeypatch, client_of, user_with):
    from kloe.web.site import queries

    def crash(user):
        raise RuntimeError("out of ink")

    monkeypatch.setattr(queries, "home", crash)
    client = client_of(user_with())
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    assert "out of ink" not in answer.content.decode()


def test_a_form_without_its_token_is_answered(user_with):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/colours", {"scheme": "dark"})
    assert answer.status_code == 403
    assert "This form could not be accepted" in answer.content.decode()


def test_error_pages_work_without_a_request():
    from django.template.loader import get_template

    for name in ("400.html", "500.html", "403_csrf.html", "429.html"):
        assert "<h1>" in get_template(name).render()


def test_missing_things_are_told_as_given(client_of, user_with):
    answer = client_of(user_with()).get("/library/editions/no-such-framework")
    assert answer.status_code == 404
    assert "There is no framework “no-such-framework”." in answer.content.decode()
    assert issubclass(NotFound, Exception)


# The frame


def test_pages_are_closed_to_scripts_and_styles_of_others(client):
    answer = client.get("/accounts/login/")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    page = answer.content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page


def test_the_frame_has_landmarks_skip_link_and_live_region(client_of, user_with):
    page = client_of(user_with()).get("/").content.decode()
    assert '<a class="skip" href="#main">' in page
    assert '<main class="page ' in page
    assert 'id="live"' in page
    assert 'aria-label="Main"' in page
    assert 'action="/accounts/logout/"' in page
    assert "hx-headers=" in page


# Tags


def test_query_changes_and_leaves_out():
    made = show("{% query page=2 kind=None %}", path="/x?kind=file&q=a+b")
    assert made == "?q=a+b&amp;page=2"


@pytest.mark.parametrize(
    ("path", "state", "following"),
    [
        ("/x", "", "?sort=name"),
        ("/x?sort=name&page=3", ' aria-sort="ascending"', "?sort=-name"),
        ("/x?sort=-name", ' aria-sort="descending"', "?sort=name"),
    ],
)
def test_sort_heading(path, state, following):
    made = show('{% sort "name" "Name" %}', path=path)
    assert made.startswith(f'<th scope="col"{state}><a href="{following}">Name')


def test_sort_heading_knows_the_default():
    assert 'aria-sort="ascending"' in show('{% sort "name" "Name" default="name" %}')


def test_pager_links_keep_the_rest_of_the_address():
    page = Paginator(range(1000), 10).get_page(50)
    made = show("{% pager page %}", page=page, path="/x?q=damp")
    assert "491 to 500 of 1000" in made
    assert 'aria-current="page"' in made
    assert 'href="?q=damp&amp;page=49" rel="prev"' in made
    assert 'href="?q=damp&amp;page=51" rel="next"' in made
    assert 'href="?q=damp"' in made
    assert made.count("<li>") < 12


def test_pager_of_one_page_only_counts():
    made = show("{% pager page %}", page=Paginator(range(3), 10).get_page(1))
    assert "3 in all" in made
    assert "<ul>" not in made
    assert show("{% pager page %}", page=Paginator([], 10).get_page(1)).strip() == ""


def test_grades_always_have_their_word():
    scale = library.load("wao-housing-2005").scales["service"]
    assert show("{% grade g %}", g=scale.grades[0]).strip() == (
        '<span class="grade g4">Excellent</span>'
    )
    assert "No grade yet" in show("{% grade None %}")
    assert 'class="grade g3 big"' in show('{% grade 3 "Good" classes="big" %}')


def test_positions_have_word_and_colour():
    assert show("{% position 'worse' %}").strip() == (
        '<span class="grade g1">Worse than lower</span>'
    )
    assert show("{{ 'not-applicable'|position_label }}") == "Not applicable"
    assert show("{{ ''|position_label }} {{ 'nonsense'|position_shade }}") == "Not placed 0"


def test_meter_and_spread_say_what_they_show():
    assert 'aria-label="3 of 9"' in show("{% meter 3 of=9 %}")
    made = show("{% spread parts %}", parts=[(4, "Upper", 2), (2, "Lower", 0), (1, "Worse", 6)])
    assert 'aria-label="Upper 2, Worse 6"' in made
    assert made.count("<rect") == 2
    assert "Lower" not in made
    assert "Nothing placed yet" in show("{% spread parts %}", parts=[])


class Sample(forms.Form):
    title = forms.CharField(label="Title", help_text="In a few words.")
    note = forms.CharField(label="Note", required=False)
    kind = forms.ChoiceField(
        label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="Agreed", required=False)


def test_fields_tie_label_hint_and_fault_together():
    form = Sample({"note": "kept"})
    made = show("{% error_summary form %}{% fields form %}", form=form)
    assert '<label for="id_title">Title</label>' in made
    assert 'aria-describedby="id_title_hint id_title_error"' in made
    assert 'id="id_title_error">This field is required.' in made
    assert 'aria-invalid="true"' in made
    assert 'value="kept"' in made
    assert "(optional)" in made
    assert (
        '<fieldset class="field has-error" id="id_kind" aria-describedby="id_kind_error">' in made
    )
    assert '<a href="#id_title">Title: This field is required.</a>' in made
    assert '<a href="#id_kind_0">' in made
    assert "2 things have to be put right" in made
    assert '<div class="field check">' in made


def test_fields_take_attributes_and_another_label():
    made = show('{% field form.note rows=3 hx_get="/x" label="Remark" hint="" %}', form=Sample())
    assert 'rows="3"' in made
    assert 'hx-get="/x"' in made
    assert ">Remark" in made


def test_a_form_without_faults_has_no_summary():
    assert show("{% error_summary form %}", form=Sample()).strip() == ""


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2025, 4, 1), date(2026, 3, 31), "April 2025 to March 2026"),
        (date(2025, 4, 1), date(2025, 4, 30), "April 2025"),
        (date(2025, 4, 2), date(2026, 3, 31), "2 April 2025 to 31 March 2026"),
        (date(2025, 4, 2), date(2025, 4, 2), "2 April 2025"),
        (date(2025, 4, 2), None, "from 2 April 2025"),
        (None, date(2025, 4, 2), "to 2 April 2025"),
        (None, None, ""),
    ],
)
def test_periods_in_words(start, end, words):
    found = SimpleNamespace(period_start=start, period_end=end)
    assert show("{{ found|period }}", found=found) == words
    assert show("{{ found|period }}", found=(start, end)) == words


def test_words_dates_and_numbers():
    assert show("{{ 'tenant voice'|word }}, {{ 'unheard'|word }}") == "Tenant voice, unheard"
    assert show("{{ 'lead'|role_name }} {{ 'x'|role_name }}") == "Lead x"
    assert show("{{ n|number }}", n=4210) == "4,210"
    assert show("{{ '2007-10-01'|since }}, {{ '2007-10'|since }}, {{ '2007'|since }}") == (
        "1 October 2007, October 2007, 2007"
    )
    assert show("{{ s|references:'1.5/4' }}", s=["1.5/4/E2", "1.5/4/S2", "1.2/1/E1"]) == (
        "1.5/4 E2 S2 1.2/1/E1"
    )
    assert show("{{ 'walkabout'|framework_word }} {{ 'a/b/c'|tail }}") == "Walkabout c"


def test_icons_are_decoration_unless_named():
    assert 'aria-hidden="true"' in show('{% icon "plus" %}')
    assert 'role="img" aria-label="Add"' in show('{% icon "plus" "Add" %}')


def test_what_filters_are_on_can_be_taken_off():
    assert show('{% filters_on "q" "kind" %}', path="/x?sort=a").strip() == ""
    assert 'href="?sort=a"' in show('{% filters_on "q" "kind" %}', path="/x?sort=a&q=b&page=2")


def test_every_way_of_the_navigation_leads_somewhere_or_is_left_out():
    from kloe.web.site import navigation

    shown = navigation.entries(navigation.SITE, "home")
    assert next(e.current for e in shown) is True
    assert all(e.url for e in shown)


def test_every_tag_and_filter_is_described():
    from pathlib import Path

    from kloe.web.site.templatetags.kloe import register

    root = Path(__file__).resolve().parents[3]
    described = (root / "docs" / "reference" / "design-system.md").read_text()
    missing = [n for n in (*register.tags, *register.filters) if f"`{n}`" not in described]
    assert not missing


def test_every_class_a_template_names_has_its_style_or_its_script():
    import re
    from pathlib import Path

    import kloe.web

    web = Path(kloe.web.__file__).parent
    style = (web / "static" / "kloe" / "kloe.css").read_text()
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", style))
    for path in web.glob("*/templates/*/*.html"):
        if path.parts[-2] not in {"accounts", "audit", "library", "organisations", "site"}:
            continue
        bare = re.sub(r"\{[%{].*?[%}]\}", " ", path.read_text())
        used = {c for found in re.findall(r'class="([^"]*)"', bare) for c in found.split()}
        assert used - {"g", "trail"} <= known, path.name
