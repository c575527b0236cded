from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "kloe.web.accounts"
    label = "accounts"
