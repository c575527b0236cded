"""Findings and judgements."""
