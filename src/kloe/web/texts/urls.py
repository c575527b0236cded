from __future__ import annotations

from django.urls import path

from kloe.web.texts import views

HERE = "assessments/<uuid:assessment>/texts/"

urlpatterns = [
    path(HERE, views.index, name="texts"),
    path(f"{HERE}of/<path:part>", views.text, name="text"),
    path(f"{HERE}at-hand/<path:part>", views.at_hand, name="text-at-hand"),
    path(f"{HERE}save/<path:part>", views.save, name="text-save"),
    path(f"{HERE}undo/<path:part>", views.undo, name="text-undo"),
    path(f"{HERE}preview/<path:part>", views.preview, name="text-preview"),
]
