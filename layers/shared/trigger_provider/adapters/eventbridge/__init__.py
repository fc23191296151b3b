"""The outcome bus, in EventBridge."""
