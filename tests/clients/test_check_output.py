"""What `wharf check` writes for machines, judged by the schemas: SARIF by the standard's, JSON by our own."""

import json
import pathlib
import subprocess

import jsonschema
import pytest

from harness import settings

#: The standard's schema of SARIF 2.1.0, as this package ships it.
SARIF_SCHEMA = settings.NODE_MODULES / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
JSON_SCHEMA = settings.ROOT / "docs/check.schema.json"

#: Has findings of every severity and place, fixes, and findings that comments leave out.
DOCUMENT = """\
---
title: [Integration] 🍳 Küche
type: tool
subtype: integration
environment: all
---

## Service Details

| Environment | Endpoint |
|---|---|
| Production | http://a.example.org | <!-- wharf-ignore plain-http: inside the cluster -->
| Staging 🍳 | http://b.example.org |
| Staging 🍳 | https://c.example.org |

## Authentification

- Type: None

## Dependencies

A sample is sk_live_q8Zr2LxT5vN1mK7pW3cB9dYf. <!-- wharf-ignore secret-in-text: not a live one -->
"""


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """Documents with all kinds of findings, one that cannot be read, and one that is clean."""
    inner = tmp_path / "my docs"
    inner.mkdir()
    (inner / "ä%1.md").write_text(DOCUMENT)
    (inner / "kitchen.md").write_text(DOCUMENT)
    (inner / "latin.md").write_bytes(DOCUMENT.encode() + b"\xe9")
    return tmp_path


def check(folder: pathlib.Path, *words: str) -> str:
    done = subprocess.run(
        [settings.PROGRAM, "check", *words], cwd=folder, env={}, capture_output=True, timeout=settings.READY_SECONDS
    )
    assert done.returncode in (0, 1, 2), done.stderr
    output = done.stdout.decode()
    assert "q8Zr2Lx" not in output + done.stderr.decode()
    return output


def errors(schema: dict, document) -> list[str]:
    judge = jsonschema.validators.validator_for(schema)
    judge.check_schema(schema)
    return [f"{error.json_path}: {error.message[:300]}" for error in judge(schema).iter_errors(document)]


def strict(schema):
    """The schema, with every member refused that it does not describe."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        closed["unevaluatedProperties"] = False
    return closed


@pytest.mark.parametrize("words", [[], ["--severity", "info"], ["--severity", "error"], ["/"], ["../my docs"]])
def test_sarif_is_valid(folder, words):
    schema = json.loads(SARIF_SCHEMA.read_text())
    words = [str(folder / "my docs") if word == "/" else word for word in words]
    where = folder / "my docs" if "../my docs" in words else folder
    log = json.loads(check(where, "--format", "sarif", *words))
    assert errors(schema, log) == []
    run = log["runs"][0]
    assert {result["level"] for result in run["results"]} >= {"error"}
    assert any(result["suppressions"] for result in run["results"])
    assert run["invocations"][0]["toolExecutionNotifications"]


def test_sarif_of_nothing_found_is_valid(tmp_path):
    schema = json.loads(SARIF_SCHEMA.read_text())
    log = json.loads(check(tmp_path, "--format", "sarif", str(settings.ROOT / "catalog")))
    assert errors(schema, log) == []
    assert errors(schema, {"version": "2.1.0"}) != []


@pytest.mark.parametrize("words", [[], ["--severity", "info"], ["--fix"], ["--fix", "--unsafe"]])
def test_json_is_what_its_schema_says(folder, words):
    schema = json.loads(JSON_SCHEMA.read_text())
    output = json.loads(check(folder, "--format", "json", *words))
    assert errors(strict_root(schema), output) == []
    assert output["diagnostics"] and output["suppressed"] and output["problems"]
    assert bool(output["fixed"]) == bool("--fix" in words)
    output["diagnostics"][0]["severity"] = "fatal"
    assert errors(schema, output) != []


def strict_root(schema: dict) -> dict:
    """Strict, except that the fields of a finding may stand beside others of what refers to it."""
    closed = strict(schema)
    del closed["$defs"]["finding"]["unevaluatedProperties"]
    closed["properties"]["diagnostics"]["items"]["unevaluatedProperties"] = False
    return closed
