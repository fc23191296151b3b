"""The rules of the protocol, as pure functions: rows, requests, results and the time in, decisions out.

Nothing here touches the world, so every interleaving can be tried. From the inside out: `payload` and `catalogue` say
what a trigger may carry, `ledger` what is stored of an event, `delivery` what is sent to Wix and what its answers mean,
`sites` whether a site may be called, `intake` what a request does to a row, `gate` what Wix gets when it asks, and
`operations` what a person may do.
"""
