"""A Wix trigger provider: takes business events, reports or cancels them with Wix, and knows what became of each.

The rings, from the inside out: `domain` is pure; `use_cases` put steps in order through `ports`; `adapters` keep the
ports' promises with AWS and Wix; `observability` logs and counts; `entrypoints` read what AWS brings and `cli` what a
person types; `wiring` constructs all of it, once for each function.
"""
