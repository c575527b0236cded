"""The draft report before the landlord: issued, challenged by paragraph, answered."""
