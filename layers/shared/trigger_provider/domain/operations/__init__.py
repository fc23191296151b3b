"""What the operator may do to rows and messages: replay, redrive, erase."""
