"""The improvement plan of an organisation: recommendations, actions, their progress."""
