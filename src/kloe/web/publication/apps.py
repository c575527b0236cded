from __future__ import annotations

from django.apps import AppConfig


class PublicationConfig(AppConfig):
    name = "kloe.web.publication"

    def ready(self) -> None:
        """The stage asks for a publication; responses wait; their files are kept."""
        from kloe.web.evidence import storage
        from kloe.web.inspections import facts
        from kloe.web.publication import queries
        from kloe.web.publication.models import BoardResponse
        from kloe.web.site import waiting

        facts.register(queries.missing)
        waiting.register(queries.responses, inspections=True)
        storage.also_used(lambda: BoardResponse.objects.exclude(file=None))
