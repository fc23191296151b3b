"""Recovery requeues rows whose time has come, resumes sites that may be called again, and walks through the table."""
