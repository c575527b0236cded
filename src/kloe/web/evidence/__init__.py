"""Evidence items, their files and what they show."""
