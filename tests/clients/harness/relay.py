"""A relay that passes bytes through unchanged and keeps a copy.

In front of a vendor it shows which credential arrived. In front of the program it shows every byte a client got.
It can hold a stream of server-sent events back after the first one, until the test has seen that one.
"""

import contextlib
import dataclasses
import socket
import threading

#: How long a held stream waits for the test.
HOLD_SECONDS = 20

END_OF_HEAD = b"\r\n\r\n"
END_OF_EVENT = b"\n\n"


@dataclasses.dataclass
class Request:
    """The head of one request as the vendor got it."""

    line: str
    headers: list[tuple[str, str]]

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]


class Hold:
    """A stream that waits after its first event."""

    def __init__(self):
        self.reached = threading.Event()
        self.expired = False
        self._go = threading.Event()

    def release(self) -> None:
        self._go.set()

    def wait(self) -> None:
        self.expired = not self._go.wait(HOLD_SECONDS)


class Connection:
    """The bytes of one connection in both directions."""

    def __init__(self):
        self.sent = bytearray()
        self.received = bytearray()


class Relay:
    """A listener on loopback whose connections end at another port of loopback."""

    def __init__(self, port: int):
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._connections: list[Connection] = []
        self._sockets: set[socket.socket] = set()
        self._hold: Hold | None = None
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_events(self) -> Hold:
        """Holds the next stream of events back after its first event."""
        with self._lock:
            self._hold = Hold()
            return self._hold

    def requests(self) -> list[Request]:
        """The heads of all requests so far, connection by connection."""
        with self._lock:
            streams = [bytes(connection.sent) for connection in self._connections]
        return [request for stream in streams for request in read_requests(stream)]

    def sent(self) -> bytes:
        """Everything that went towards the target."""
        with self._lock:
            return b"\n".join(bytes(connection.sent) for connection in self._connections)

    def received(self) -> bytes:
        """Everything that came back from the target."""
        with self._lock:
            return b"\n".join(bytes(connection.received) for connection in self._connections)

    def stop(self) -> None:
        self._listener.close()
        with self._lock:
            sockets = list(self._sockets)
        for one in sockets:
            close(one)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target)
            except OSError:
                # The caller sees what it would see without a relay: a connection that breaks.
                close(near)
                continue
            connection = Connection()
            with self._lock:
                self._connections.append(connection)
                self._sockets |= {near, far}
            for source, sink, kept, inspect in (
                (near, far, connection.sent, False),
                (far, near, connection.received, True),
            ):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pump, args=(source, sink, kept, inspect), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, kept: bytearray, inspect: bool) -> None:
        try:
            while data := source.recv(65536):
                with self._lock:
                    before = len(kept)
                    kept += data
                    hold = self._hold if inspect else None
                    answer = kept.rfind(b"HTTP/1.1 ") if hold else -1
                    cut = end_of_first_event(kept, answer) - before if hold else 0
                    if cut > 0:
                        self._hold = None
                if hold and cut > 0:
                    hold.reached.set()
                    sink.sendall(data[:cut])
                    hold.wait()
                    sink.sendall(data[cut:])
                else:
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            # One side is gone; so is what the other would have got.
            close(source)
            close(sink)


def end_of_first_event(stream: bytes, answer: int) -> int:
    """The place after the first event of an answer, or 0 when it has none yet."""
    head = stream.find(END_OF_HEAD, answer)
    if answer < 0 or head < 0 or b"text/event-stream" not in stream[answer:head].lower():
        return 0
    event = stream.find(END_OF_EVENT, head + len(END_OF_HEAD))
    return event + len(END_OF_EVENT) if event >= 0 else 0


def read_requests(stream: bytes) -> list[Request]:
    """The heads of the HTTP/1.1 requests in what one connection sent; a cut last one is left out."""
    requests = []
    place = 0
    while (end := stream.find(END_OF_HEAD, place)) >= 0:
        line, *fields = stream[place:end].decode("latin-1").split("\r\n")
        pairs = (field.split(":", 1) for field in fields)
        request = Request(line, [(name.strip().lower(), value.strip()) for name, value in pairs])
        requests.append(request)
        place = end_of_body(stream, end + len(END_OF_HEAD), request)
    return requests


def end_of_body(stream: bytes, place: int, request: Request) -> int:
    """The place after a request's body."""
    if "chunked" in request.values("transfer-encoding"):
        while (end := stream.find(b"\r\n", place)) >= 0:
            size = int(stream[place:end].split(b";")[0], 16)
            place = end + 2 + size + 2
            if size == 0:
                break
        return place
    return place + int(next(iter(request.values("content-length")), "0"))


def close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
