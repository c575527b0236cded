"""Publication: versions that never change, their public page, sealed packages, corrections."""
