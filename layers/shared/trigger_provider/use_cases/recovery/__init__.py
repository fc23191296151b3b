"""Recovery requeues rows whose time has come, and resumes sites that may be called again."""
