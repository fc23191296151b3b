"""What Wix does after a report: automations, their activations and actions, each site by its own clock."""
