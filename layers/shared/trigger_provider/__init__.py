"""A Wix trigger provider: takes business events, reports or cancels them with Wix, and knows what became of each.

From the inside out: the nouns (`triggers`, `trigger_requests`, `events`, `ids`) and the rules (`decisions`) are pure;
`use_cases` put steps in order through `ports`; `adapters` keep those promises with AWS and Wix; `entrypoints` read
what AWS brings; `wiring` puts all together, once for each function.
"""
