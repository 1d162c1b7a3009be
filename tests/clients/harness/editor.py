"""An editor: a client of the Language Server Protocol with a workspace of its own."""

import asyncio
import pathlib
import shutil

import pytest_lsp
from lsprotocol import types
from pytest_lsp import LanguageClient

from . import settings

FIXTURES = settings.CLIENTS / "fixtures" / "editor"

#: How long an answer or a finding may take to come.
PATIENCE_SECONDS = 20


class Editor:
    """A session with one server. Places in texts are named by the words that stand there."""

    def __init__(self, client: LanguageClient, root: pathlib.Path):
        self.client = client
        self.root = root
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.encoding = "utf-16"
        self.registrations: list = []
        self.result = None

    async def start(self, editor: str = "visual-studio-code", encodings: list | None = None, folders: list | None = None):
        """Opens the workspace and waits for nothing else."""
        capabilities = pytest_lsp.client_capabilities(editor)
        if encodings is not None:
            capabilities.general = types.GeneralClientCapabilities(position_encodings=encodings)

        @self.client.feature("client/registerCapability")
        def register(params: types.RegistrationParams):
            self.registrations += params.registrations

        folders = [self.root] if folders is None else folders
        self.result = await self.client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities,
                workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders],
            )
        )
        self.encoding = self.result.capabilities.position_encoding
        return self

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, name: str, text: str | None = None) -> str:
        """Opens a document, with the text on disk where none is given."""
        text = (self.root / name).read_text() if text is None else text
        self.texts[name] = text
        self.versions[name] = 1
        item = types.TextDocumentItem(self.uri(name), "markdown", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return text

    def replace(self, name: str, old: str, new: str):
        """Writes over the only place with these words, as one change of that range."""
        text = self.texts[name]
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        start = text.index(old)
        change = types.TextDocumentContentChangePartial(self.range(name, start, start + len(old)), new)
        self.texts[name] = text.replace(old, new)
        self.versions[name] += 1
        document = types.VersionedTextDocumentIdentifier(version=self.versions[name], uri=self.uri(name))
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def rewrite(self, name: str, text: str):
        """Writes a whole text."""
        self.texts[name] = text
        self.versions[name] += 1
        document = types.VersionedTextDocumentIdentifier(version=self.versions[name], uri=self.uri(name))
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def save(self, name: str):
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(document))

    def close(self, name: str):
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    def on_disk(self, name: str, kind: types.FileChangeType):
        """Tells the server that a file changed on disk."""
        event = types.FileEvent(self.uri(name), kind)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    def position(self, name: str, index: int) -> types.Position:
        before = self.texts[name][:index]
        line = before.count("\n")
        column = before[before.rfind("\n") + 1 :]
        unit = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}[self.encoding]
        return types.Position(line, len(column.encode(unit[0])) // unit[1])

    def range(self, name: str, start: int, end: int) -> types.Range:
        return types.Range(self.position(name, start), self.position(name, end))

    def index(self, name: str, position: types.Position) -> int:
        lines = self.texts[name].split("\n")
        unit = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}[self.encoding]
        column = lines[position.line].encode(unit[0])[: position.character * unit[1]].decode(unit[0], "replace")
        return sum(len(line) + 1 for line in lines[: position.line]) + len(column)

    def words(self, name: str, range_: types.Range) -> str:
        """What stands in a range of an open text."""
        return self.texts[name][self.index(name, range_.start) : self.index(name, range_.end)]

    def at(self, name: str, marked: str) -> dict:
        """The place of the `‸` in words that stand in the text once."""
        plain = marked.replace("‸", "")
        text = self.texts[name]
        assert text.count(plain) == 1, f"{plain!r} stands {text.count(plain)} times"
        index = text.index(plain) + marked.index("‸")
        return {
            "text_document": types.TextDocumentIdentifier(self.uri(name)),
            "position": self.position(name, index),
        }

    def write(self, name: str, marked: str):
        """Writes words with a `‸` at the end of a document and returns the place of the `‸`."""
        text = self.texts[name]
        end = self.range(name, len(text), len(text))
        change = types.TextDocumentContentChangePartial(end, marked.replace("‸", ""))
        self.texts[name] = text + marked.replace("‸", "")
        self.versions[name] += 1
        document = types.VersionedTextDocumentIdentifier(version=self.versions[name], uri=self.uri(name))
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
        return {
            "text_document": types.TextDocumentIdentifier(self.uri(name)),
            "position": self.position(name, len(text) + marked.index("‸")),
        }

    async def findings(self, name: str, are_right=lambda found: True) -> list:
        """The findings of a document, once they are what is expected."""
        uri = self.uri(name)
        seconds = 0.0
        while uri not in self.client.diagnostics or not are_right(self.client.diagnostics[uri]):
            assert seconds < PATIENCE_SECONDS, f"{name}: {self.client.diagnostics.get(uri)}"
            await asyncio.sleep(0.02)
            seconds += 0.02
        return list(self.client.diagnostics[uri])

    async def until(self, condition, what: str):
        seconds = 0.0
        while not condition():
            assert seconds < PATIENCE_SECONDS, what
            await asyncio.sleep(0.02)
            seconds += 0.02

    async def complete(self, place: dict) -> dict:
        """Labels at a place, with their items."""
        found = await self.client.text_document_completion_async(types.CompletionParams(**place))
        return {item.label: item for item in found.items} if found else {}

    async def hover(self, place: dict) -> str:
        found = await self.client.text_document_hover_async(types.HoverParams(**place))
        return found.contents.value if found else ""

    async def define(self, place: dict) -> list:
        """Where the name at a place is defined: file names and first lines, from 1."""
        found = await self.client.text_document_definition_async(types.DefinitionParams(**place))
        return [(one.uri.rsplit("/", 1)[1], one.range.start.line + 1) for one in found or []]

    async def actions(self, name: str, marked: str, only: list | None = None) -> list:
        place = self.at(name, marked)
        context = types.CodeActionContext([], only=only)
        range_ = types.Range(place["position"], place["position"])
        params = types.CodeActionParams(place["text_document"], range_, context)
        return await self.client.text_document_code_action_async(params) or []

    def applied(self, edit: types.WorkspaceEdit) -> dict:
        """The texts after an edit, by file name, and renames as `(old, new)` under the key ''."""
        texts: dict = {"": []}
        for change in edit.document_changes or []:
            if isinstance(change, types.RenameFile):
                texts[""].append((change.old_uri.rsplit("/", 1)[1], change.new_uri.rsplit("/", 1)[1]))
                continue
            name = change.text_document.uri.rsplit("/", 1)[1]
            if name not in self.texts:
                self.texts[name] = (self.root / name).read_text()
            text = self.texts[name]
            edits = sorted(change.edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True)
            for one in edits:
                start, end = self.index(name, one.range.start), self.index(name, one.range.end)
                text = text[:start] + one.new_text + text[end:]
            texts[name] = text
        return texts


def line_of(text: str, words: str) -> int:
    """The line, from 1, of words that stand in a text once."""
    assert text.count(words) == 1, f"{words!r} stands {text.count(words)} times"
    return text[: text.index(words)].count("\n") + 1


def workspace(folder: pathlib.Path) -> pathlib.Path:
    """A folder with the fixtures' documents."""
    root = folder / "workspace"
    shutil.copytree(FIXTURES, root)
    return root
