"""Wharf's own errors as vendors' libraries show them: each raises its own error type, with our words.

The gateway here has its own workspace, whose documents fail in the ways that callers meet: no vendor, no credential,
a small `max_body`. It is called directly, since a relay in front would hide when the connection ends.
"""

import json
import os
import re
import subprocess

import docker
import mixpanel
import openai
import pytest
import stripe
from docker import errors as docker_errors

from harness import gateway, settings, workspace
from harness.processes import refused_port

BODY_BYTES = 20 << 20

#: Name, token of a caller, environment, what is expected: status, code and words.
CASES = [
    ("wrong token", False, "production", 401, "unknown_caller", "token of a registered caller"),
    ("unknown integration", True, None, 404, "unknown_integration", "known ids"),
    ("unknown environment", True, "nowhere", 404, "unknown_environment", "no such environment"),
    ("vendor unreachable", True, "production", 502, "vendor_unreachable", "127\\.0\\.0\\.1"),
    ("credential missing", True, "sandbox", 503, "credential_unavailable", "WHARF_TEST_UNSET"),
]


def place(integration: str, environment: str | None) -> str:
    return f"{integration}@{environment}" if environment else "no-such-vendor"


@pytest.fixture(scope="module")
def failing(register):
    """A gateway of whose documents none can be called with success."""
    folder = settings.PRIVATE / "failing"
    folder.mkdir(parents=True, exist_ok=True)
    for integration in ("openai-api", "stripe"):
        environments = [
            workspace.Environment("Production", refused_port(), "WHARF_TEST_SET"),
            workspace.Environment("Sandbox", refused_port(), "WHARF_TEST_UNSET"),
        ]
        workspace.write(folder, integration, environments)
    small = folder / "openai-api.md"
    # Above what is sent by the other cases, below what the uploads send.
    small.write_text(small.read_text().replace('"timeout": 60,', '"timeout": 60,\n  "max_body": "1 MiB",', 1))
    assert "max_body" in small.read_text()
    running = gateway.Gateway("failing", [folder], {"WHARF_TEST_SET": register.credential("failing")}, register)
    yield running
    running.stop()


def base(running) -> str:
    return running.ready["data_plane"].rstrip("/")


def node(environment: dict[str, str], token: str) -> int:
    """Runs the tests of the Node libraries; returns how many passed."""
    done = subprocess.run(
        [settings.NODE, "--test", "--test-reporter=tap", str(settings.CLIENTS / "refusals.test.mjs")],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    print((done.stdout + done.stderr).replace(token, "(the caller's token)"))
    assert done.returncode == 0
    return int(re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)[1])


def test_node_libraries(failing):
    cases = [
        {
            "name": name,
            "authorized": authorized,
            "stripe": place("stripe", environment),
            "openai": place("openai-api", environment),
            "status": status,
            "code": code,
            "words": words,
        }
        for name, authorized, environment, status, code, words in CASES
    ]
    environment = {
        "WHARF_BASE_URL": base(failing),
        "WHARF_TOKEN": failing.token,
        "WHARF_CASES": json.dumps(cases),
        "WHARF_SMALL": "openai-api",
    }
    assert node(environment, failing.token) == 4 * len(cases) + 7


def test_node_uploads_to_the_simulator(wharf):
    """Bodies above the simulator's bound: its 413 comes through the gateway each time, as does the gateway's 401."""
    if wharf.vendors:
        pytest.skip("skipped: the simulator is not behind this set-up")
    environment = {
        "WHARF_BASE_URL": base(wharf),
        "WHARF_TOKEN": wharf.token,
        "WHARF_CASES": "[]",
        "WHARF_SMALL": "openai-api",
    }
    assert node(environment, wharf.token) == 7


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_openai(failing, case):
    _, authorized, environment, status, code, words = case
    client = openai.OpenAI(
        api_key=token(failing, authorized),
        base_url=f"{base(failing)}/{place('openai-api', environment)}/v1",
        max_retries=0,
    )
    with pytest.raises(openai.APIStatusError, match=words) as raised:
        client.models.list()
    assert (raised.value.status_code, raised.value.code) == (status, code)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_stripe(failing, case):
    _, authorized, environment, status, code, words = case
    client = stripe.StripeClient(
        token(failing, authorized),
        base_addresses={"api": f"{base(failing)}/{place('stripe', environment)}"},
        max_network_retries=0,
    )
    with pytest.raises(stripe.StripeError, match=words) as raised:
        client.v1.payment_intents.create(params={"amount": 1099, "currency": "eur"})
    assert (raised.value.http_status, raised.value.json_body["error"]["code"]) == (status, code)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_docker(failing, case):
    _, authorized, environment, status, _, words = case
    client = docker.APIClient(base_url=f"{base(failing)}/{place('openai-api', environment)}", version="1.43")
    client.headers["Authorization"] = f"Bearer {token(failing, authorized)}"
    with pytest.raises(docker_errors.APIError, match=words) as raised:
        client.containers()
    assert raised.value.status_code == status
    client.close()


def mixpanel_error(running, case, prepare=lambda session: None) -> mixpanel.MixpanelException:
    """What the library raises for an event that is refused; `prepare` is given its session of `requests`."""
    _, authorized, environment, _, _, _ = case
    url = f"{base(running)}/{place('openai-api', environment)}/track"
    consumer = mixpanel.Consumer(events_url=url, retry_limit=0)
    consumer._session.headers["Authorization"] = f"Bearer {token(running, authorized)}"
    prepare(consumer._session)
    with pytest.raises(mixpanel.MixpanelException) as raised:
        mixpanel.Mixpanel("project", consumer=consumer).track("someone", "arrived")
    return raised.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_mixpanel(failing, case):
    error = str(mixpanel_error(failing, case))
    assert re.search(case[5], error) and case[4] in error


@pytest.mark.parametrize("raise_on_status", [True, False], ids=["as it is", "raise_on_status off"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_mixpanel_behind_tls(failing, case, raise_on_status):
    """To addresses of `https` the library counts answers above 499 and shows none, unless it is told to."""

    def prepare(session):
        adapter = session.get_adapter("https://wharf.example")
        adapter.max_retries.raise_on_status = raise_on_status
        # The same adapter, without a certificate.
        session.mount("http://", adapter)

    error = str(mixpanel_error(failing, case, prepare))
    if raise_on_status and case[3] >= 500:
        assert f"too many {case[3]} error responses" in error and case[4] not in error
    else:
        assert re.search(case[5], error) and case[4] in error


@pytest.mark.parametrize("authorized", [False, True], ids=["wrong token", "max_body"])
def test_uploads(failing, authorized):
    client = openai.OpenAI(api_key=token(failing, authorized), base_url=f"{base(failing)}/openai-api/v1", max_retries=0)
    for _ in range(5):
        with pytest.raises(openai.APIStatusError) as raised:
            client.files.create(file=("a", bytes(BODY_BYTES)), purpose="batch")
        assert raised.value.code == ("request_too_large" if authorized else "unknown_caller")


def token(running, authorized: bool) -> str:
    return running.token if authorized else "wharf_not-a-token"
