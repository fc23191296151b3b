"""What the bundle does, step by step, through ports alone: one file for each thing that can be asked of it."""
