"""What is known of a site, and the permits to call it."""
