"""The language server and clients that misbehave: every byte that comes is answered or passed over."""

import json
import random
import subprocess

import pytest

from harness import settings
from harness.editor import workspace

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
NOT_INITIALIZED, CANCELLED = -32002, -32800

#: How long the program may take to end.
END_SECONDS = 30

REQUESTS = [
    "textDocument/completion",
    "textDocument/hover",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/prepareRename",
    "textDocument/rename",
    "textDocument/codeAction",
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/formatting",
    "workspace/willRenameFiles",
]


class Server:
    """A server whose streams are written and read byte by byte."""

    def __init__(self):
        self.child = subprocess.Popen(
            [settings.PROGRAM, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.notes = []
        self.next = 0

    def raw(self, data: bytes):
        self.child.stdin.write(data)
        self.child.stdin.flush()

    def text(self, text: bytes):
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))

    def send(self, **message):
        self.text(json.dumps({"jsonrpc": "2.0"} | message).encode())

    def read(self) -> dict:
        """The next message. Anything on standard output that is none fails."""
        header = self.child.stdout.readline()
        assert header.startswith(b"Content-Length: "), f"not a header: {header!r}"
        assert self.child.stdout.readline() == b"\r\n"
        return json.loads(self.child.stdout.read(int(header.split()[1])))

    def answer(self, id_) -> dict:
        """The answer to a request; notifications on the way are kept."""
        while True:
            message = self.read()
            if "method" not in message and message["id"] == id_:
                return message
            self.notes.append(message)

    def ask(self, method: str, params=None) -> dict:
        self.next += 1
        self.send(id=self.next, method=method, params=params)
        return self.answer(self.next)

    def initialize(self, root=None):
        answer = self.ask("initialize", {"processId": None, "rootUri": root and root.as_uri(), "capabilities": {}})
        assert answer["result"]["serverInfo"]["name"] == "wharf"
        self.send(method="initialized", params={})
        return self

    def is_well(self) -> bool:
        return self.ask("textDocument/hover", place("file:///nowhere.md", 0, 0))["result"] is None

    def end(self) -> int:
        """The exit status after `exit` or the end of the stream."""
        try:
            self.child.stdin.close()
            return self.child.wait(END_SECONDS)
        finally:
            self.child.kill()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.child.kill()
    server.child.wait()


def place(uri: str, line: int, character: int) -> dict:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


def opened(uri: str, text: str) -> dict:
    return {"textDocument": {"uri": uri, "languageId": "markdown", "version": 1, "text": text}}


def asked(uri: str, line: int, character: int) -> dict:
    """Parameters that fit every request."""
    position = {"line": line, "character": character}
    return place(uri, line, character) | {
        "range": {"start": position, "end": {"line": 0, "character": 0}},
        "context": {"diagnostics": [], "includeDeclaration": True, "triggerKind": 1},
        "newName": "other",
        "options": {"tabSize": 2, "insertSpaces": True},
        "files": [{"oldUri": uri, "newUri": "file:///new.md"}],
    }


# How a session ends


def test_exit_after_shutdown_is_clean(server):
    server.initialize()
    assert server.ask("shutdown")["result"] is None
    server.send(method="exit")
    assert server.child.wait(END_SECONDS) == 0


def test_exit_without_shutdown_is_not(server):
    server.initialize()
    server.send(method="exit")
    assert server.child.wait(END_SECONDS) == 1


def test_a_client_that_is_gone_ends_the_server(server):
    server.initialize()
    assert server.end() == 1


def test_a_client_that_is_gone_after_shutdown_ended_cleanly(server):
    server.initialize()
    server.ask("shutdown")
    assert server.end() == 0


def test_exit_is_heard_before_anything_else(server):
    server.send(method="exit")
    assert server.child.wait(END_SECONDS) == 1


def test_a_session_begins_once_and_ends_once(server):
    assert server.ask("textDocument/hover", {})["error"]["code"] == NOT_INITIALIZED
    server.initialize()
    assert server.ask("initialize", {})["error"]["code"] == INVALID_REQUEST
    server.ask("shutdown")
    assert server.ask("textDocument/hover", {})["error"]["code"] == INVALID_REQUEST
    server.send(method="exit")
    assert server.child.wait(END_SECONDS) == 0


@pytest.mark.parametrize("params", [None, [], "x", 3])
def test_initialize_needs_parameters(server, params):
    assert server.ask("initialize", params)["error"]["code"] == INVALID_PARAMS
    server.initialize()


def test_odd_capabilities_are_passed_over(server):
    odd = {"general": {"positionEncodings": 7}, "window": [], "textDocument": None, "workspace": {"workspaceEdit": 1}}
    answer = server.ask("initialize", {"capabilities": odd, "workspaceFolders": [{"uri": 3}, {}, "x"], "rootUri": 9})
    assert answer["result"]["capabilities"]["positionEncoding"] == "utf-16"


# Messages that are none


@pytest.mark.parametrize("text", [b"{", b"", b"\xff\xfe", b"{'a': 1}", b"[" * 10_000, b'{"id": 1e999}'])
def test_what_is_no_json_is_refused_and_passed_over(server, text):
    server.initialize()
    server.text(text)
    refusal = server.read()
    assert refusal["id"] is None and refusal["error"]["code"] == PARSE_ERROR
    assert server.is_well()


@pytest.mark.parametrize("text", [b"[]", b"3", b"null", b'"x"', b"{}", b'{"id": 3}', b'{"method": 3, "id": 4}', b'{"method": "x", "id": {}}'])
def test_what_is_no_message_is_refused_and_passed_over(server, text):
    server.initialize()
    server.text(text)
    refusal = server.read()
    assert refusal["id"] is None and refusal["error"]["code"] == INVALID_REQUEST
    assert server.is_well()


@pytest.mark.parametrize("header", [b"Content-Length: x\r\n\r\n", b"x" * 100_000, b"A: b\r\n" * 1_000])
def test_a_header_that_cannot_be_read_ends_the_session(server, header):
    server.initialize()
    try:
        server.raw(header)
    except BrokenPipeError:
        pass
    assert server.child.wait(END_SECONDS) == 1


def test_a_length_that_is_only_claimed_takes_no_memory(server):
    server.initialize()
    server.raw(b"Content-Length: 18446744073709551615\r\n\r\n{}")
    assert server.end() == 1


def test_a_message_that_is_cut_off_ends_the_session(server):
    server.initialize()
    server.raw(b"Content-Length: 100\r\n\r\n{")
    assert server.end() == 1


def test_other_headers_and_other_line_ends_are_understood(server):
    server.initialize()
    text = b'{"jsonrpc":"2.0","id":"a","method":"shutdown"}'
    server.raw(b"content-type: application/vscode-jsonrpc; charset=utf-8\ncontent-length:%d\n\n%s" % (len(text), text))
    assert server.answer("a")["result"] is None


@pytest.mark.parametrize("id_", ["x", 0, -1, 2**40, 1.5, ""])
def test_the_id_of_a_request_comes_back_as_it_was(server, id_):
    server.initialize()
    server.send(id=id_, method="textDocument/hover", params=place("file:///x.md", 0, 0))
    assert server.answer(id_)["result"] is None


def test_unknown_methods_are_refused_and_unknown_notifications_passed_over(server):
    server.initialize()
    assert server.ask("textDocument/unknown", {})["error"]["code"] == METHOD_NOT_FOUND
    assert server.ask("$/unknown", {})["error"]["code"] == METHOD_NOT_FOUND
    assert len(server.ask("x" * 100_000, {})["error"]["message"]) < 200
    server.send(method="$/unknown", params={})
    server.send(method="textDocument/unknown")
    server.send(id=77, result={})
    assert server.is_well()


@pytest.mark.parametrize("method", REQUESTS)
@pytest.mark.parametrize("params", [None, [], {}, "x", {"textDocument": 3, "position": []}])
def test_parameters_that_do_not_fit_are_refused(server, method, params):
    server.initialize()
    assert server.ask(method, params)["error"]["code"] == INVALID_PARAMS


@pytest.mark.parametrize("params", [None, [], {}, {"textDocument": {"uri": 3}}, {"changes": [{}]}, {"files": 3}])
def test_notifications_that_do_not_fit_are_passed_over(server, params):
    server.initialize()
    for method in [
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didClose",
        "workspace/didChangeWatchedFiles",
        "workspace/didCreateFiles",
        "workspace/didRenameFiles",
        "workspace/didDeleteFiles",
        "workspace/didChangeWorkspaceFolders",
        "window/workDoneProgress/cancel",
        "$/cancelRequest",
    ]:
        server.send(method=method, params=params)
    assert server.is_well()


# Places that are none


@pytest.mark.parametrize("uri", ["file:///nowhere.md", "", "untitled:1", "file://", "file:///%ff%00", "http://x/y.md", "::"])
@pytest.mark.parametrize("method", REQUESTS)
def test_documents_that_are_not_known_have_nothing(server, method, uri):
    server.initialize()
    answer = server.ask(method, asked(uri, 3, 3))
    assert answer.get("result") is None and "error" not in answer


@pytest.mark.parametrize(("line", "character"), [(10_000, 0), (0, 10_000), (2**31 - 1, 2**31 - 1), (3, 2**32 - 1)])
def test_places_behind_the_end_are_the_end(server, tmp_path, line, character):
    root = workspace(tmp_path)
    server.initialize(root)
    uri = (root / "billing.md").as_uri()
    server.send(method="textDocument/didOpen", params=opened(uri, (root / "billing.md").read_text()))
    for method in REQUESTS:
        assert server.ask(method, asked(uri, line, character))
    change = {"range": asked(uri, line, character)["range"], "text": "x"}
    server.send(
        method="textDocument/didChange",
        params={"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change, change, {"text": "y"}, change]},
    )
    assert server.is_well()


@pytest.mark.parametrize("line", [-1, 2**40, "3", None, 1.5])
def test_places_that_are_no_numbers_are_refused(server, line):
    server.initialize()
    assert server.ask("textDocument/hover", place("file:///x.md", line, 0))["error"]["code"] == INVALID_PARAMS


def test_a_text_that_was_not_opened_is_not_changed(server, tmp_path):
    root = workspace(tmp_path)
    server.initialize(root)
    uri = (root / "billing.md").as_uri()
    document = {"uri": uri, "version": 2}
    server.send(method="textDocument/didChange", params={"textDocument": document, "contentChanges": [{"text": ""}]})
    # This waits until all documents are read.
    server.ask("textDocument/references", asked(uri, 0, 0))
    assert server.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})["result"]
    server.send(method="textDocument/didClose", params={"textDocument": {"uri": "file:///never.md"}})
    assert server.is_well()


def test_a_large_document_is_read_and_a_larger_one_is_only_kept(server):
    server.initialize()
    head = "---\ntype: tool\nsubtype: integration\nversion: 0\n---\n"
    for name, size, is_read in [("large", 10, True), ("larger", 17, False)]:
        uri = f"file:///{name}.md"
        text = head + "## Notes\n" + "| a | b |\n" * (size * 1024 * 1024 // 10)
        server.send(method="textDocument/didOpen", params=opened(uri, text))
        symbols = server.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})["result"]
        assert (symbols is not None) == is_read
        assert server.ask("textDocument/hover", place(uri, 100_000, 3))["result"] is None


def test_a_request_that_was_taken_back_is_not_answered(server):
    server.initialize()
    # Reading this takes a while, in which the messages behind it arrive.
    text = "---\ntype: tool\nsubtype: integration\n---\n" + "## Notes\n- a: b\n" * 300_000
    server.send(method="textDocument/didOpen", params=opened("file:///slow.md", text))
    server.send(id="slow", method="textDocument/hover", params=place("file:///slow.md", 0, 0))
    server.send(id="taken", method="textDocument/hover", params=place("file:///slow.md", 0, 0))
    server.send(method="$/cancelRequest", params={"id": "taken"})
    assert "result" in server.answer("slow")
    assert server.answer("taken")["error"]["code"] == CANCELLED


def test_odd_documents_and_odd_messages_never_end_the_session(server, tmp_path):
    root = workspace(tmp_path)
    server.initialize(root)
    uri = (root / "billing.md").as_uri()
    text = (root / "billing.md").read_text()
    chance = random.Random(20260101)
    server.send(method="textDocument/didOpen", params=opened(uri, text))
    odd = ["", "|", "```", "\n", "\r", "---\n", "- ", ": ", "{", "}", "[", "]", "😀", "שלום", "\u0000", '"', "## ", "### "]
    for version in range(2, 150):
        position = {"line": chance.randrange(130), "character": chance.randrange(40)}
        end = {"line": position["line"] + chance.randrange(3), "character": chance.randrange(40)}
        change = {"range": {"start": position, "end": end}, "text": chance.choice(odd)}
        document = {"uri": uri, "version": version}
        server.send(method="textDocument/didChange", params={"textDocument": document, "contentChanges": [change]})
        method = chance.choice(REQUESTS)
        assert server.ask(method, asked(uri, chance.randrange(140), chance.randrange(50)))
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": place(uri, 1, 1)}).encode()
    for _ in range(200):
        mutated = bytearray(message)
        for _ in range(chance.randrange(1, 6)):
            mutated[chance.randrange(len(mutated))] = chance.randrange(256)
        server.text(bytes(mutated))
    server.next = 1_000
    assert server.is_well()
    server.ask("shutdown")
    server.send(method="exit")
    assert server.child.wait(END_SECONDS) == 0
    assert b"panicked" not in server.child.stderr.read()
