"""How much AWS's services carry at once, each as AWS documents it.

AWS writes MiB in SQS's documentation and MB elsewhere; a MB is read here as 2^20 bytes, the larger of its two meanings,
since nothing that comes in may be lost for being larger than we thought.
"""

from __future__ import annotations

from typing import Final

SQS_MESSAGE_BYTES: Final = 2**20
"""What a message may hold, its attributes included: 1 MiB, "SendMessage" in SQS's API reference.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

SQS_BATCH_BYTES: Final = 2**20
"""What all messages of one request may hold together: 1 MiB, "SendMessageBatch" in the same reference.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

SQS_BATCH_ENTRIES: Final = 10
"""How many messages one request sends, changes or deletes: "SendMessageBatch" in the same reference."""

EVENTBRIDGE_ENTRY_BYTES: Final = 2**20
"""What an entry of PutEvents may hold: less than 1 MB, "PutEvents" in EventBridge's API reference.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

EVENTBRIDGE_ENTRIES: Final = 10
"""How many entries PutEvents takes in one request: the same page."""

LAMBDA_EVENT_BYTES: Final = 2**20
"""What the event of an asynchronous invocation may hold: 1 MB, "Invoke" in Lambda's API reference.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

EVENT_PATTERN_CHARACTERS: Final = 2_048
"""What the event pattern of a rule may hold by default; support raises it to 4,096: EventBridge's quotas.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
"""
