"""`python -m trigger_provider.cli`."""

from trigger_provider.cli.commands import cli

if __name__ == "__main__":
    cli(prog_name="python -m trigger_provider.cli")
