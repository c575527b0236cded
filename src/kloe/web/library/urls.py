from __future__ import annotations

from django.urls import path

from kloe.web.library import views

urlpatterns = [
    path("library/", views.editions, name="library"),
    path("library/search", views.search, name="library-search"),
    path("library/editions/<slug:framework>", views.edition, name="library-edition"),
    path("library/instruments/<slug:framework>", views.instruments, name="library-instruments"),
    path("library/faults/<slug:framework>", views.faults, name="library-faults"),
    path("library/kloes/<path:kloe>", views.kloe, name="library-kloe"),
    path("library/themes/<path:theme>", views.theme, name="library-theme"),
]
