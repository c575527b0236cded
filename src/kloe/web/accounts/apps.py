from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "kloe.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        from kloe.web.accounts import trail

        trail.listen()
