from __future__ import annotations

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "kloe.web.moderation"
    label = "moderation"

    def ready(self) -> None:
        """What moderation counts among what a move asks, and what of it waits for a person."""
        from kloe.web.inspections import facts
        from kloe.web.moderation import queries
        from kloe.web.moderation.waiting import waiting
        from kloe.web.site.waiting import register

        facts.register(queries.facts_of)
        register(waiting, inspections=True)
