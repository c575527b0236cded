from __future__ import annotations

from django.urls import path

from kloe.web.readings import views, views_asking

HERE = "assessments/<uuid:assessment>/readings/"

urlpatterns = [
    path(HERE, views.index, name="readings"),
    path(f"{HERE}second", views_asking.second, name="readings-asked"),
    path(f"{HERE}second/ask", views_asking.ask, name="readings-ask"),
    path(f"{HERE}second/draw", views_asking.draw, name="readings-draw"),
    path(f"{HERE}second/<uuid:pk>/take-back", views_asking.take_back, name="readings-take-back"),
    path(f"{HERE}dissent/<uuid:pk>/withdraw", views.withdraw, name="rating-dissent-withdraw"),
    path(f"{HERE}dissent/<path:criterion>", views.dissent, name="rating-dissent"),
    path(f"{HERE}done/<path:theme>", views.done, name="reading-done"),
    path(f"{HERE}open/<path:theme>", views.open_early, name="reading-open"),
    path(f"{HERE}alike/<path:theme>", views.alike, name="reading-alike"),
    path(f"{HERE}theme/<path:theme>", views.reading, name="reading"),
]
