"""Ratings people make for themselves, blind second ones, and how the team agrees from there."""
