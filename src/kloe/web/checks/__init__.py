"""Reality checks of an assessment, the people seen in them, and urgent risks."""
