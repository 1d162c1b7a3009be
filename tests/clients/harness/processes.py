"""Processes of a test: started in the foreground, awaited on a condition, stopped by their id."""

import pathlib
import socket
import subprocess
import time

from . import settings

#: How long a process may take to end once asked.
STOP_SECONDS = 20


class Process:
    """A running program whose output is kept in files."""

    def __init__(self, name: str, command: list, output: pathlib.Path, environment: dict[str, str]):
        output.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.stdout = output / f"{name}.stdout"
        self.stderr = output / f"{name}.stderr"
        with self.stdout.open("wb") as stdout, self.stderr.open("wb") as stderr:
            self._child = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env=environment,
            )

    def wait_until(self, ready, what: str):
        """The first true value of `ready()`; fails when the process ends first or takes too long."""

        def look():
            value = ready()
            if not value and self._child.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self._child.returncode}:\n{self.tail()}")
            return value

        return wait_until(look, f"{self.name}: {what}", self.tail)

    def stop(self) -> int:
        """Asks the process to end, kills it when it does not, and returns its exit status."""
        self._child.terminate()
        try:
            return self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
            raise AssertionError(f"{self.name} did not end within {STOP_SECONDS} s; it was killed") from None

    def tail(self) -> str:
        """The end of what the process said, for a failure's message."""
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in (self.stdout, self.stderr))


def wait_until(condition, what: str, explain=lambda: "", seconds: float = settings.READY_SECONDS):
    """The first true value of `condition()` before the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}\n{explain()}")
        time.sleep(0.05)
    return value


def free_port() -> int:
    """A port of loopback that nothing listens on now, for programs that cannot choose one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


#: Keeps refused ports from being given to anyone else.
_refused: list[socket.socket] = []


def refused_port() -> int:
    """A port of loopback that refuses every connection for as long as this process runs."""
    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    _refused.append(one)
    return one.getsockname()[1]


def accepts(port: int) -> bool:
    """Whether something listens on a port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
