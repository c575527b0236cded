from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "kloe.web.site"
    label = "pages"
