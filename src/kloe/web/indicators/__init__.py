"""Published and computed results beside an assessment."""
