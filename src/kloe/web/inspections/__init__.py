"""Inspections: the stages, the team, what the landlord gives, and the plan of enquiry."""
