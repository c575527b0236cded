"""Which kinds of work there are: each app names its own in its ``jobs.py``.

``
@job("report", title=_("Report"))
def make_report(job: Job, progress: Progress) -> dict[str, Any]:
    ...
``

The function computes outside a transaction, writes through actions, tells ``progress`` how far
it is (which raises ``Cancelled`` when it should stop) and gives what came of it as JSON-able
values. ``url`` in the result (an address of this site) becomes the link on the job's page and
``label`` its words. A function may be run again after a crash: it must stand being repeated.

Who sees a job of an organisation or assessment, beside whoever started it, says ``see``; who may
call it off and begin it again, ``start``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import autodiscover_modules

from kloe.assessment.permissions import Permission
from kloe.core.progress import Progress
from kloe.web.jobs.models import Job

Work = Callable[[Job, Progress], dict[str, Any] | None]
#: Begins work anew that a job was about: keyword arguments ``job``, ``by``, ``request_id``.
Again = Callable[..., Job]


def _always(_job: Job) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: its name in the database, its title on pages, what does it."""

    name: str
    title: object
    run: Work
    see: Permission | None = None
    start: Permission | None = None
    again: Again | None = None
    possible: Callable[[Job], bool] = _always


_kinds: dict[str, Kind] = {}
_discovered = False


def job(
    name: str,
    *,
    title: object = "",
    see: Permission | None = None,
    start: Permission | None = None,
    again: Again | None = None,
    possible: Callable[[Job], bool] = _always,
) -> Callable[[Work], Work]:
    """Register a function as the work of jobs of this kind.

    :param title: a translatable sentence (``gettext_lazy`` or ``Message``).
    :param see: what it takes to see a job in its assessment or organisation; without one, to
        see the assessment, or to manage the organisation.
    :param start: what it takes to cancel it and begin it again; without one, to manage either.
    :param again: begins it anew where more belongs to it than the job's own values.
    :param possible: whether a job that failed can be begun again at all.
    :raises ValueError: if another function has the name already.
    """

    def add(run: Work) -> Work:
        known = _kinds.get(name)
        if known is not None and known.run.__qualname__ != run.__qualname__:
            raise ValueError(f"two functions want to be the job {name!r}")
        _kinds[name] = Kind(name, title or name, run, see, start, again, possible)
        return run

    return add


def _discover() -> None:
    global _discovered  # noqa: PLW0603 - once in a process
    if not _discovered:
        autodiscover_modules("jobs")
        _discovered = True


def find(name: str) -> Kind | None:
    """The kind of this name, if any app has one."""
    if name not in _kinds:
        _discover()
    return _kinds.get(name)


def names() -> list[str]:
    """All kinds there are."""
    _discover()
    return sorted(_kinds)


def title(name: str) -> str:
    """What a kind is called on pages; its name if this version does not know it."""
    kind = find(name)
    return str(kind.title) if kind else name
