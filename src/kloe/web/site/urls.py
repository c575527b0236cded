from __future__ import annotations

from django.urls import path

from kloe.web.site import views

urlpatterns = [path("", views.home, name="home")]
