"""A local AWS: MiniStack in a process of its own, on loopback."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests

from tests.sandbox.aws.clients import ACCOUNT, REGION, SECRET_KEY, Clients

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".build/ministack/bin/python"
LAUNCHER = Path(__file__).with_name("ministack_launcher.py")

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - files in it are made by tempfile
ROOM_BYTES = 4 * 1024**3

START_SECONDS = 120
STOP_SECONDS = 10
# Kernels give none of these to a process that asks for any free port. So only another MiniStack may take one.
PORTS = range(10_000, 30_000)
ATTEMPTS = 3


class MiniStackFailedError(Exception):
    """It did not start; the message ends with what it printed."""


class MiniStack:
    """Use it as a context manager: inside, it answers; after it, no process, socket or file of it is left.

    With `auth`, every call of a deployed function is checked against the policies of its role.
    """

    endpoint: str
    clients: Clients
    _process: subprocess.Popen[bytes]

    def __init__(self, *, auth: bool = False) -> None:
        self._auth = auth
        self._temporary = tempfile.TemporaryDirectory(prefix="ministack-", dir=memory(), ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)

    def __enter__(self) -> Self:
        try:
            self._start_on_a_free_port()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def log(self) -> str:
        """What MiniStack and the functions inside it have printed so far."""
        return self._log_file.read_text(errors="replace")

    @property
    def environment(self) -> dict[str, str]:
        """The environment for a child process that is to take this MiniStack for AWS, and to know no other."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return others | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    def here(self, function_url: str) -> str:
        """Return a function's URL as this machine can reach it: AWS's own names lead nowhere near."""
        url_id = urlsplit(function_url).netloc.partition(".")[0]
        return f"{self.endpoint}/_aws/lambda-url/{url_id}/"

    def reset(self) -> None:
        """Forget every resource, as if just started."""
        with requests.Session() as http:
            http.trust_env = False
            http.post(f"{self.endpoint}/_ministack/reset", timeout=START_SECONDS).raise_for_status()

    def stop(self) -> None:
        if hasattr(self, "_process"):
            self._end_process()
        self._temporary.cleanup()

    @property
    def _log_file(self) -> Path:
        return self.folder / "log"

    def _start_on_a_free_port(self) -> None:
        for _ in range(ATTEMPTS):
            port = a_free_port()
            self.endpoint = f"http://127.0.0.1:{port}"
            self._process = self._spawn(port)
            if self._answers():
                self.clients = Clients(self.endpoint)
                return
            self._end_process()
        raise MiniStackFailedError(f"MiniStack did not start within {START_SECONDS} s.\n{self.log}")

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        # -P: this folder must not stand before the installed packages. A session of its own is a process group of its
        # own: the launcher ends the whole group, and Ctrl-C in a terminal reaches it only through us.
        with self._log_file.open("ab") as log:
            return subprocess.Popen(
                [PYTHON, "-P", LAUNCHER],
                env=self._server_environment(port),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _server_environment(self, port: int) -> dict[str, str]:
        """All that MiniStack and the functions inside it see of this machine."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.folder),
            "STATE_DIR": f"{self.folder}/state",
            "S3_DATA_DIR": f"{self.folder}/s3",
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AUTH": str(self._auth).lower(),
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1",
        }

    def _answers(self) -> bool:
        """Wait until it is ready; false once it has ended or the time is up."""
        deadline = time.monotonic() + START_SECONDS
        with requests.Session() as http:
            http.trust_env = False
            while time.monotonic() < deadline and self._process.poll() is None:
                if self._listens() and is_ready(http, self.endpoint):
                    return True
                time.sleep(0.05)
        return False

    def _listens(self) -> bool:
        """Return whether this very process has the port: another MiniStack may have taken it, and would answer, too."""
        return f"Running on {self.endpoint} " in self.log

    def _end_process(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()  # the launcher's sign to end, see there
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, 9)
            self._process.wait()


def memory() -> str | None:
    """A file system in memory, if there is one with room where programs may run.

    Every Lambda worker unpacks the layers for itself: thousands of files, which some disks take a minute to delete.
    """
    if not SHARED_MEMORY.is_dir() or os.statvfs(SHARED_MEMORY).f_flag & os.ST_NOEXEC:
        return None
    return str(SHARED_MEMORY) if shutil.disk_usage(SHARED_MEMORY).free >= ROOM_BYTES else None


def a_free_port() -> int:
    """Return a random port of `PORTS` on which no process listens now."""
    while True:
        port = random.choice(PORTS)  # noqa: S311 - no secret
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def is_ready(http: requests.Session, endpoint: str) -> bool:
    try:
        return http.get(f"{endpoint}/_ministack/ready", timeout=5).ok
    except requests.RequestException:
        return False
