from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "kloe.web.plans"
    label = "plans"

    def ready(self) -> None:
        from kloe.web.plans.waiting import waiting
        from kloe.web.site.waiting import register

        register(waiting)
