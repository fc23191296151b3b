"""How the ports keep their promises: one folder for each service that they speak to."""
