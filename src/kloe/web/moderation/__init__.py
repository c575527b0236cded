"""Moderation: who proposes a grade, who questions it, who agrees it, and what was said."""
