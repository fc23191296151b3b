"""The table of rows, in DynamoDB."""
