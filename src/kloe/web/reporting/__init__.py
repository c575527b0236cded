"""From an assessment to its report: the snapshot, the job, the pages."""
