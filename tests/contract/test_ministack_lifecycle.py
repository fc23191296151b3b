"""The local AWS listens on loopback alone, and nothing of it outlives who started it."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.sandbox.aws import MiniStack
from tests.support.small_functions import answer, small_function
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]

# Starts it, puts a function to work in it, says where, and waits to be killed.
STARTER = """
import sys
from tests.contract.test_ministack_lifecycle import WORKER
from tests.sandbox.aws import MiniStack
from tests.support.small_functions import answer, small_function

with MiniStack() as aws:
    worker = answer(aws.clients, small_function(aws.clients, WORKER), {})
    print(aws.endpoint, worker, aws.folder, flush=True)
    sys.stdin.read()
"""

WORKER = """
import os

def handler(event, context):
    return os.getpid()
"""


def listens(endpoint: str, host: str = "127.0.0.1") -> bool:
    with socket.socket() as client:
        return client.connect_ex((host, urlsplit(endpoint).port)) == 0


def runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_it_answers_on_one_address_of_this_machine_alone() -> None:
    with MiniStack() as aws:
        assert listens(aws.endpoint)
        assert not listens(aws.endpoint, "127.0.0.2"), "a server on all addresses would answer there too"


def test_after_it_neither_it_nor_a_function_in_it_runs_and_no_file_is_left() -> None:
    with MiniStack() as aws:
        worker = answer(aws.clients, small_function(aws.clients, WORKER), {})
        assert runs(worker)
        assert aws.folder.exists()
    wait_until(lambda: not listens(aws.endpoint))
    wait_until(lambda: not runs(worker))
    wait_until(lambda: not aws.folder.exists())


def test_it_forgets_everything_when_told_to() -> None:
    with MiniStack() as aws:
        aws.clients.sqs.create_queue(QueueName="short-lived")
        aws.reset()
        assert not aws.clients.sqs.list_queues().get("QueueUrls")


def test_it_ends_with_a_starter_that_was_killed() -> None:
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", STARTER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout
        endpoint, worker, folder = starter.stdout.readline().split()
        assert listens(endpoint)
        starter.kill()
    wait_until(lambda: not listens(endpoint))
    wait_until(lambda: not runs(int(worker)))
    wait_until(lambda: not Path(folder).exists())
