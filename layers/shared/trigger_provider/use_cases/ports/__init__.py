"""The ports: what the use cases need from the outside. A port is named by its role, not by its technology."""
