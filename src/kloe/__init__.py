"""kloe: self-assessment and inspection of social landlords against published lines of enquiry."""

__version__ = "0.1.0"
