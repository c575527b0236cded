from __future__ import annotations

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "kloe.web.inspections"

    def ready(self) -> None:
        """Checks count among what a move asks; documents wait for the landlord's people."""
        from kloe.web.inspections import facts
        from kloe.web.inspections.waiting import documents
        from kloe.web.site import waiting

        facts.register(facts.checks_open)
        waiting.register(documents, inspections=True)
