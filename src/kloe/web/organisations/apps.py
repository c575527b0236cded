from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "kloe.web.organisations"
    label = "organisations"
