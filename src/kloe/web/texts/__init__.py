"""Texts of the report, written in the browser."""
