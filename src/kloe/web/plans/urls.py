from __future__ import annotations

from django.urls import path

from kloe.web.plans import views, views_actions, views_recommendations, views_review, views_sheets

HERE = "organisations/<uuid:organisation>/plan"
ONE = f"{HERE}/actions/<uuid:pk>"
WORD = f"{HERE}/recommendations/<uuid:pk>"

urlpatterns = [
    path(f"{HERE}/", views.plan, name="plan"),
    path(f"{HERE}/time-line", views.time_line, name="plan-timeline"),
    path(f"{HERE}/board", views.for_the_board, name="plan-board"),
    path(f"{HERE}/sources", views.what_could_be, name="plan-sources"),
    path(f"{HERE}/review", views_review.review, name="plan-review"),
    path(f"{HERE}/review/use", views_review.use, name="plan-review-use"),
    path(f"{HERE}/export", views_sheets.export, name="plan-export"),
    path(f"{HERE}/import", views_sheets.look, name="plan-import"),
    path(f"{HERE}/import/bring-in", views_sheets.bring_in, name="plan-bring-in"),
    path(f"{HERE}/publish", views.publish, name="plan-publish"),
    path(f"{HERE}/actions/add", views_actions.add, name="action-add"),
    path(ONE, views_actions.show, name="action"),
    path(f"{ONE}/edit", views_actions.edit, name="action-edit"),
    path(f"{ONE}/move", views_actions.move, name="action-move"),
    path(f"{ONE}/tell", views_actions.tell, name="action-tell"),
    path(f"{ONE}/milestones/<uuid:milestone>", views_actions.milestone, name="action-milestone"),
    path(f"{ONE}/remove", views_actions.remove, name="action-remove"),
    path(f"{ONE}/evidence", views_actions.evidence, name="action-evidence"),
    path(
        f"{ONE}/evidence/<int:evidence>/take",
        views_actions.evidence_take,
        name="action-evidence-take",
    ),
    path(f"{ONE}/outcome", views_actions.outcome, name="action-outcome"),
    path(f"{HERE}/recommendations/", views.recommendations, name="plan-recommendations"),
    path(f"{HERE}/recommendations/add", views_recommendations.add, name="recommendation-add"),
    path(WORD, views_recommendations.show, name="recommendation"),
    path(f"{WORD}/edit", views_recommendations.edit, name="recommendation-edit"),
    path(f"{WORD}/decide", views_recommendations.decide, name="recommendation-decide"),
    path(
        f"{WORD}/implemented", views_recommendations.implemented, name="recommendation-implemented"
    ),
    path(f"{WORD}/remove", views_recommendations.remove, name="recommendation-remove"),
    path(
        f"{HERE}/findings/<uuid:finding>/recommend",
        views_recommendations.from_finding,
        name="recommendation-from-finding",
    ),
]
