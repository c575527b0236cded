"""``{% load jobs %}``: what a job is called."""

from __future__ import annotations

from django import template

from kloe.web.jobs import registry

register = template.Library()


@register.filter
def job_title(kind: str) -> str:
    """The title of a kind of job: ``{{ job.kind|job_title }}``."""
    return registry.title(kind)
