from __future__ import annotations

from django.urls import path

from kloe.web.site import views

urlpatterns = [
    path("", views.home, name="home"),
    path("colours", views.scheme, name="scheme"),
    path("language", views.language, name="set_language"),
]
