"""The demonstration: an invented landlord with its self-assessment well under way."""
