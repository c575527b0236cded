"""A landlord's own records: what is loaded, and bringing extracts in."""
