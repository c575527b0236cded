"""Ground for all tests: a data directory of their own, people in their roles, an assessment."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

_DATA = Path(tempfile.mkdtemp(prefix="kloe-tests-"))
for _name in ("files", "benchmarks", "reports", "tmp", "frameworks"):
    (_DATA / _name).mkdir()
os.environ["KLOE_DATA"] = str(_DATA)
os.environ.setdefault("KLOE_SECRET_KEY", "only-for-tests-" + "x" * 40)

from django.conf import settings as _settings  # noqa: E402 - after the environment is set

# pytest-django may have read the settings before this file was.
_settings.DATA_DIR = _DATA
_settings.SECRET_KEY = os.environ["KLOE_SECRET_KEY"]
_settings.FILE_UPLOAD_TEMP_DIR = str(_DATA / "tmp")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


#: Fast tests first, so that a mistake shows early.
ORDER = ("unit", "property", "spec", "integration", "docs", "order", "browser")


def _rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    return ORDER.index(folder) if folder in ORDER else len(ORDER)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order by folder; without the published data beside the checkout, say what is missing."""
    items.sort(key=_rank)
    if SHARED.is_dir():
        return
    missing = pytest.mark.skip(reason=f"needs the published data in {SHARED}")
    for item in items:
        if "shared" in item.keywords:
            item.add_marker(missing)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    """In CI nothing is skipped: a test that cannot run there is a failure."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


def pytest_sessionfinish() -> None:
    shutil.rmtree(_DATA, ignore_errors=True)


@pytest.fixture
def shared() -> Path:
    """The folder of published material; tests that use it are marked ``shared``."""
    assert SHARED.is_dir(), f"CI needs the published data in {SHARED}"
    return SHARED


@pytest.fixture
def data_root() -> Path:
    """The data directory Django works in during tests."""
    return _DATA


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def org(db: None) -> Any:
    from kloe.web.organisations.models import Organisation

    return Organisation.objects.create(name="Tai Enghraifft", jurisdiction="wales", homes=4200)


@pytest.fixture
def other_org(db: None) -> Any:
    from kloe.web.organisations.models import Organisation

    return Organisation.objects.create(name="Another Homes", jurisdiction="england", homes=900)


@pytest.fixture
def user_with(db: None) -> Callable[..., Any]:
    """``user_with("lead", org)``: a new person with this role there (or nowhere)."""
    from kloe.web.accounts.models import User
    from kloe.web.organisations.models import Membership

    made = 0

    def make(role: str | None = None, organisation: Any = None) -> Any:
        nonlocal made
        made += 1
        user = User.objects.create_user(
            f"{role or 'nobody'}{made}@example.org", "a long password", name=f"Person {made}"
        )
        if role and organisation is not None:
            Membership.objects.create(user=user, organisation=organisation, role=role)
        return user

    return make


@pytest.fixture
def client_of() -> Callable[[Any], Any]:
    """A browser-like client signed in as a person."""
    from django.test import Client

    def make(user: Any) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture
def lead(user_with: Callable[..., Any], org: Any) -> Any:
    return user_with("lead", org)


@pytest.fixture
def make_assessment(org: Any, lead: Any) -> Callable[..., Any]:
    from kloe.web.assessments import actions

    def make(**changes: Any) -> Any:
        values: dict[str, Any] = {
            "organisation": org,
            "frameworks": ["wao-housing-2005"],
            "kind": "self-assessment",
            "title": "Self-assessment 2026",
            "period_start": date(2025, 4, 1),
            "period_end": date(2026, 3, 31),
            "lead": lead,
            "by": lead,
        }
        return actions.create(**(values | changes))

    return make


@pytest.fixture
def assessment(make_assessment: Callable[..., Any]) -> Any:
    return make_assessment()


@pytest.fixture
def pinned(assessment: Any) -> Any:
    from kloe.web.library import store

    return store.pinned(assessment)
