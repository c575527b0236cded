from __future__ import annotations

from django.apps import AppConfig


class ReadingsConfig(AppConfig):
    name = "kloe.web.readings"

    def ready(self) -> None:
        """Themes to rate for oneself, and ratings to agree, are among what waits for a person."""
        from kloe.web.readings.waiting import readings
        from kloe.web.site import waiting

        waiting.register(readings, inspections=True)
