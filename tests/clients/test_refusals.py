"""What the gateway answers itself: refusals, metrics, health. All of it is searched for secrets afterwards."""

import json

import pytest

from harness.gateway import DEAD
from harness.marks import FOREIGN


def test_a_call_without_a_token_is_refused(wharf):
    answer = wharf.request("GET", "/openai-api/v1/models")
    assert answer.status == 401
    problem(answer)


def test_a_call_with_a_strangers_token_is_refused(wharf):
    answer = wharf.request("GET", "/openai-api/v1/models", headers={"Authorization": "Bearer wharf_not_a_token"})
    assert answer.status == 401
    problem(answer)


def test_an_unknown_integration_is_refused(wharf):
    answer = wharf.request("GET", "/no-such-vendor/v1", authorized=True)
    assert answer.status == 404
    problem(answer)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health(wharf, path):
    assert wharf.request("GET", path, plane="control").status == 200


@FOREIGN
def test_a_dead_vendor_is_named_and_nothing_else_is_said(wharf):
    answer = wharf.request("GET", f"/{DEAD}/v1/models", authorized=True, headers={"Wharf-Timeout": "1"})
    assert answer.status in (502, 504)
    assert problem(answer)["sent"] == "nothing"


def test_metrics_count_the_calls(wharf):
    assert wharf.request("GET", "/openai-api/v1/models", authorized=True).status == 200
    answer = wharf.request("GET", "/metrics", plane="control")
    assert answer.status == 200
    assert 'integration="openai-api"' in answer.body


def problem(answer) -> dict:
    """The answer's problem document, which names its code and its status."""
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers["wharf-source"] == "wharf"
    document = json.loads(answer.body)
    assert document["status"] == answer.status
    assert document["code"]
    return document
