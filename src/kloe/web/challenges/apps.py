from __future__ import annotations

from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    name = "kloe.web.challenges"
    label = "challenges"

    def ready(self) -> None:
        """Moves ask after drafts and challenges; both wait for people; files of theirs are kept."""
        from kloe.web.challenges import queries, waiting
        from kloe.web.challenges.models import LateEvidence
        from kloe.web.evidence import storage
        from kloe.web.inspections import facts
        from kloe.web.site.waiting import register

        facts.register(queries.facts)
        register(waiting.waiting, inspections=True)
        storage.also_used(lambda: LateEvidence.objects.filter(item=None, file__isnull=False))
