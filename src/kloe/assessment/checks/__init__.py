"""Reality checks: their templates, states, results and the protection of people seen. Pure."""
