"""Pure rules of an assessment: positions, profiles, suggested grades, scope, permissions."""
