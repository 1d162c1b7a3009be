"""Values that must stay secret, and the search for them in everything that was said."""

import base64
import json
import pathlib
import re
import secrets

from . import settings


#: The credentials that the tests in Rust make up. A test's name cannot look like this.
MARKED = re.compile(rb"canary-[0-9a-f]{6,}")


def mint(name: str) -> str:
    """A credential that occurs nowhere by chance."""
    return f"canary_{name}_{secrets.token_hex(12)}"


class Register:
    """The secrets of one run, kept in a file for the search at the end."""

    def __init__(self, path: pathlib.Path = settings.CANARIES):
        self._path = path
        self._known = {"credentials": [], "callers": []}

    def credential(self, name: str) -> str:
        value = mint(name)
        self._add("credentials", value)
        return value

    def caller(self, token: str) -> None:
        self._add("callers", token)

    def _add(self, kind: str, value: str) -> None:
        self._known[kind].append(value)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._known))


def forms(value: str) -> set[bytes]:
    """The value as it is, and the parts of its Base64 forms that do not depend on what stands around it."""
    raw = value.encode()
    found = {raw}
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw)
        first = -(-offset * 8 // 6)
        last = (offset + len(raw)) * 8 // 6
        part = encoded[first:last]
        found |= {part, part.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def find(folder: pathlib.Path, credentials: list[str], callers: list[str]) -> list[str]:
    """Every place where a secret was said, without the secret itself.

    A caller's token may stand in the one line that hands it out.
    """
    needles = {form: "a credential" for value in credentials for form in forms(value)}
    needles |= {form: "a caller's token" for value in callers for form in forms(value)}
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
            hits = {kind for needle, kind in needles.items() if needle in line}
            if path.suffix == ".stdout" and hands_out_token(line):
                hits.discard("a caller's token")
            if MARKED.search(line):
                hits.add("a credential of a test")
            found += [f"{path.relative_to(folder)}:{number}: {kind}" for kind in sorted(hits)]
    return found


def hands_out_token(line: bytes) -> bool:
    """Whether a line of the program's output is the one that gives a new caller its token."""
    try:
        said = json.loads(line)
    except ValueError:
        return False
    return isinstance(said, dict) and (said.get("event") == "ready" or set(said) == {"name", "token"})
