"""Where things are. Each place has a default in the checkout and an environment variable that moves it."""

import os
import pathlib
import shutil

CLIENTS = pathlib.Path(__file__).resolve().parents[1]
ROOT = CLIENTS.parents[1]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

#: The program under test.
PROGRAM = pathlib.Path(os.environ.get("WHARF_PROGRAM", TARGET / "debug" / "wharf"))

#: Everything that the program and its answers said. Searched for canaries at the end.
OUTPUT = pathlib.Path(os.environ.get("WHARF_TEST_OUTPUT", ROOT / "target" / "test-output")) / "clients"

#: What may hold a canary and is not searched: workspaces, state, the logs of the vendors' stand-ins.
PRIVATE = pathlib.Path(os.environ.get("WHARF_TEST_ENV", ROOT / "target" / "test-env")) / "run"

#: The values that must not be found in OUTPUT.
CANARIES = PRIVATE / "canaries.json"

#: Vendors' own API descriptions. They are not part of the project.
SHARED = pathlib.Path(os.environ.get("WHARF_SHARED", ROOT.parent / "shared"))

NODE = os.environ.get("WHARF_NODE") or shutil.which("node") or "node"
NODE_MODULES = CLIENTS / "node_modules"

#: How long a process may take to be ready.
READY_SECONDS = 60
