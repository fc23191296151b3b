"""Who keeps the promises of `ports` in the world outside."""
