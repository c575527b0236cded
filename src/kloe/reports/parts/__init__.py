"""The parts of a report: each makes the sections of one chapter from a snapshot."""
