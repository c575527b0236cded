"""A whole assessment as one file: out of one installation, and into another."""
