"""What a person may do to rows and messages: replay, redrive, erase."""
