"""The bus on which ends are published, in EventBridge."""
