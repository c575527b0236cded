from __future__ import annotations

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "kloe.web.inspections"

    def ready(self) -> None:
        """Checks count among what a move asks."""
        from kloe.web.inspections import facts

        facts.register(facts.checks_open)
