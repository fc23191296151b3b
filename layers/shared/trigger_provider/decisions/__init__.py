"""Every rule of the protocol, as pure functions: rows, requests, answers and the time in, decisions out.

``accepting`` says what a request does to a row, ``planning`` what delivery does about it, and ``settling``
what Wix's answers make of it. Nothing here touches the world, so every interleaving can be tried.
"""
