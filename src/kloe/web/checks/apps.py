from __future__ import annotations

from django.apps import AppConfig


class ChecksConfig(AppConfig):
    name = "kloe.web.checks"
    label = "checks"

    def ready(self) -> None:
        from kloe.web.checks.waiting import waiting
        from kloe.web.site.waiting import register

        register(waiting)
