"""The text of evidence: read in the background, searched, quoted, offered to criteria."""
