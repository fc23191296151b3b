"""The queues, in SQS."""
