"""Stand-ins for vendors that nobody of this project wrote: emulate, aimock and Prism, on loopback."""

import json
import os
import pathlib
import re
import urllib.parse

import yaml

from . import settings
from .processes import Process, accepts

#: The operations of OpenAI's API description that the tests call; the whole is too heavy to serve.
OPENAI_OPERATIONS = {"/chat/completions": "post", "/embeddings": "post", "/models": "get"}

OPENAI_DESCRIPTION = settings.SHARED / "vendors" / "openapi" / "openai" / "openapi.yaml"


def emulate(service: str, credential: str, port: int, public_port: int) -> Process:
    """emulate for one vendor, with the credential as its only token. Links in its answers name the public port."""
    seed = settings.PRIVATE / f"emulate-{service}.json"
    seed.write_text(json.dumps(seed_of(credential)))
    base = f"http://127.0.0.1:{public_port}"
    words = ["start", "--service", service, "--port", port, "--seed", seed, "--base-url", base]
    return started(f"emulate-{service}", node("emulate/dist/index.js", *words), port)


def seed_of(credential: str) -> dict:
    return {
        "tokens": {credential: {"login": "octocat", "scopes": ["repo", "user"]}},
        "github": {
            "users": [{"login": "octocat"}],
            "repos": [{"owner": "octocat", "name": "hello-world", "auto_init": True}],
        },
        "slack": {
            "team": {"name": "Quay", "domain": "quay"},
            "users": [{"name": "octocat"}],
            "channels": [{"name": "general"}],
        },
    }


def aimock(credential: str, port: int, _public_port: int) -> Process:
    """aimock as OpenAI; it refuses any other credential."""
    fixtures = settings.CLIENTS / "fixtures" / "chat.json"
    command = node("@copilotkit/aimock/dist/cli.js", "--port", port, "--host", "127.0.0.1", "--fixtures", fixtures)
    return started("aimock", command, port, AIMOCK_API_KEYS=credential)


def prism(_credential: str, port: int, _public_port: int) -> Process:
    """Prism on the part of OpenAI's own description that the tests call. It checks each request against it."""
    description = settings.PRIVATE / "openai.json"
    description.write_text(json.dumps(cut(OPENAI_DESCRIPTION, OPENAI_OPERATIONS), default=str))
    command = node("@stoplight/prism-cli/dist/index.js", "mock", "-h", "127.0.0.1", "-p", port, "--errors", description)
    return started("prism", command, port)


def node(script: str, *words) -> list:
    return [settings.NODE, "--require", settings.CLIENTS / "loopback.cjs", settings.NODE_MODULES / script, *words]


def started(name: str, command: list, port: int, **environment: str) -> Process:
    # Their logs hold credentials, so they are kept apart from what is searched.
    process = Process(name, command, settings.PRIVATE / "vendors", os.environ | environment)
    try:
        process.wait_until(lambda: accepts(port), f"listens on port {port}")
    except AssertionError:
        process.stop()
        raise
    return process


def cut(path: pathlib.Path, operations: dict[str, str]) -> dict:
    """An OpenAPI description reduced to some operations and what they refer to."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    whole = yaml.load(path.read_text(), loader)
    paths = {route: {method: whole["paths"][route][method]} for route, method in operations.items()}
    components = {"securitySchemes": whole["components"]["securitySchemes"]}
    waiting = [paths]
    while waiting:
        for reference in re.findall(r"'#/components/(\w+)/([^']+)'", repr(waiting.pop())):
            kind, name = reference
            if name not in components.setdefault(kind, {}):
                components[kind][name] = whole["components"][kind][name]
                waiting.append(components[kind][name])
    # Prism serves the paths as they are, without the path of `servers`.
    prefix = urllib.parse.urlsplit(whole["servers"][0]["url"]).path
    kept = {key: whole[key] for key in ("openapi", "info", "security")}
    return kept | {"paths": {prefix + route: item for route, item in paths.items()}, "components": components}
