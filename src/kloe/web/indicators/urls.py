from __future__ import annotations

from django.urls import path

from kloe.web.indicators import views, views_analysis, views_cases, views_frames, views_measure

HERE = "assessments/<uuid:assessment>/"

urlpatterns = [
    path("benchmarks/", views.datasets, name="datasets"),
    path("benchmarks/import", views.import_dataset, name="dataset-import"),
    path("benchmarks/<slug:dataset>/", views.dataset, name="dataset"),
    path(f"{HERE}indicators/", views.index, name="indicators"),
    path(f"{HERE}indicators/choose", views.choose, name="indicators-choose"),
    path(f"{HERE}indicators/set", views.set_beside, name="indicators-set"),
    path(f"{HERE}indicators/<slug:measure>", views.show, name="indicator"),
    path(f"{HERE}analysis/", views_analysis.page, name="analysis"),
    path(f"{HERE}analysis/compute", views_analysis.compute, name="analysis-compute"),
    path(f"{HERE}measures/<path:measure>", views_measure.show, name="measure"),
    path(f"{HERE}measures-how/<path:measure>", views_measure.how, name="measure-how"),
    path(f"{HERE}measures-use/<path:measure>", views_measure.use, name="measure-use"),
    path(f"{HERE}measures-cases/<path:measure>", views_cases.cases, name="measure-cases"),
    path(f"{HERE}measures-file/<path:measure>", views_cases.cases_file, name="measure-cases-file"),
    path(f"{HERE}measures-list/<path:measure>", views_cases.make_list, name="measure-cases-make"),
    path(f"{HERE}measures-draw/<path:measure>", views_cases.draw, name="measure-draw"),
    path(f"{HERE}frames/", views_frames.page, name="frames"),
    path(f"{HERE}frames/draw", views_frames.draw, name="frame-draw"),
    path(f"{HERE}samples/<uuid:sample>/", views_cases.sample, name="case-sample"),
    path(f"{HERE}scope/proposal", views.proposal, name="scope-proposal"),
    path(f"{HERE}scope/accept", views.accept, name="scope-accept"),
]
