"""Assessments: scope, placings, answers, context, what is known."""
