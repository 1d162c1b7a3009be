"""The harness itself: the search finds what it must, the relay reads requests and holds a stream."""

import base64
import socket
import threading

import pytest

from harness.canary import find, forms
from harness.relay import Relay, end_of_first_event, read_requests

SECRET = "canary_test_0123456789abcdef"


@pytest.mark.parametrize("before", ["", ":", "user:", "a", "ab", "abc"])
@pytest.mark.parametrize("after", ["", ":", "xyz"])
def test_a_secret_is_found_plain_and_in_base64(tmp_path, before, after):
    said = f"{before}{SECRET}{after}"
    for number, text in enumerate((said, base64.b64encode(said.encode()).decode())):
        (tmp_path / f"{number}.txt").write_text(f"first line\nheader: {text}\n")
    assert find(tmp_path, [SECRET], []) == ["0.txt:2: a credential", "1.txt:2: a credential"]


def test_a_callers_token_may_stand_only_where_it_is_handed_out(tmp_path):
    (tmp_path / "up.stdout").write_text(f'{{"event":"ready","caller_token":"{SECRET}"}}\n')
    (tmp_path / "add.stdout").write_text(f'{{"name":"a","token":"{SECRET}"}}\n')
    assert find(tmp_path, [], [SECRET]) == []
    assert find(tmp_path, [SECRET], []) == ["add.stdout:1: a credential", "up.stdout:1: a credential"]
    (tmp_path / "up.stderr").write_text(f'{{"event":"ready","caller_token":"{SECRET}"}}\n')
    assert find(tmp_path, [], [SECRET]) == ["up.stderr:1: a caller's token"]


def test_a_credential_of_a_test_in_rust_is_found(tmp_path):
    (tmp_path / "rust.log").write_text("PASS keeps_the_canary_out\nvalue: canary-5f2c81\n")
    assert find(tmp_path, [], []) == ["rust.log:2: a credential of a test"]


def test_other_text_is_no_secret(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"canary_test_ and \xff bytes that are no text\n")
    assert find(tmp_path, [SECRET], [SECRET]) == []
    assert len(forms(SECRET)) >= 4


def test_requests_of_a_kept_connection_are_read_one_by_one():
    stream = (
        b"POST /a HTTP/1.1\r\nAuthorization: Bearer one\r\nContent-Length: 4\r\n\r\nGET "
        b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n"
        b"GET /c HTTP/1.1\r\nauthorization: token two\r\n\r\n"
        b"GET /cut HTTP/1.1\r\n"
    )
    requests = read_requests(stream)
    assert [request.line for request in requests] == ["POST /a HTTP/1.1", "POST /b HTTP/1.1", "GET /c HTTP/1.1"]
    assert [request.values("authorization") for request in requests] == [["Bearer one"], [], ["token two"]]


def test_only_a_stream_of_events_has_a_first_event():
    head = b"HTTP/1.1 200 OK\r\ncontent-type: "
    events = head + b"text/event-stream\r\n\r\ndata: 1\n\ndata: 2\n\n"
    assert events[: end_of_first_event(events, 0)].endswith(b"data: 1\n\n")
    assert end_of_first_event(head + b"application/json\r\n\r\n{}\n\n", 0) == 0
    assert end_of_first_event(head + b"text/event-stream\r\n\r\ndata: 1\n", 0) == 0


def test_a_held_stream_waits_for_the_test():
    server = socket.create_server(("127.0.0.1", 0))
    stream = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\ndata: 2\n\n"

    def answer():
        near, _ = server.accept()
        with near:
            near.recv(1024)
            near.sendall(stream)

    threading.Thread(target=answer, daemon=True).start()
    relay = Relay(server.getsockname()[1])
    try:
        hold = relay.hold_events()
        with socket.create_connection(("127.0.0.1", relay.port), timeout=10) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            got = b""
            while not got.endswith(b"data: 1\n\n"):
                got += client.recv(1024)
            client.settimeout(0.2)
            with pytest.raises(TimeoutError):
                client.recv(1024)
            client.settimeout(10)
            hold.release()
            while part := client.recv(1024):
                got += part
        assert got == stream
        assert relay.received() == stream
        assert not hold.expired
    finally:
        relay.stop()
        server.close()
