"""What use cases need of the outside. A port is named by its role, not by its technology."""
