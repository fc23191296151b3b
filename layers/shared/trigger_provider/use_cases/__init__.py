"""What the bundle does, step by step, through ports alone: one module for each thing that can be asked of it."""
