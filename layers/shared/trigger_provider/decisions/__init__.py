"""Every rule of the protocol, as pure functions: rows, requests, answers and the time in, decisions out.

`accepting` says what a request does to a row, `planning` what delivery does about it, `admitting` whether its
site may be called now, and `settling` what Wix's answers make of it; `gating` is what Wix is told when it asks.
The others are parts of these, or what a person or the clock asks for. Nothing here touches the world, so every
interleaving can be tried.
"""
