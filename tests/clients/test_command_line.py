"""The other commands on the foreign set-up's documents. What they print is searched for secrets afterwards."""

import json

import pytest

from harness.gateway import DEAD, WORKSPACE
from harness.marks import FOREIGN

pytestmark = FOREIGN


def test_the_documents_check_without_an_error(wharf):
    wharf.run("check", WORKSPACE)


def test_a_call_prints_the_answer_and_its_trace(wharf):
    body = json.loads(wharf.run("call", "openai-api", "list-models", "--dir", WORKSPACE))
    assert body["object"] == "list"
    wharf.expect_credential("openai-api")


def test_a_call_prints_all_of_it_as_json(wharf):
    said = json.loads(wharf.run("call", "openai-api", "list-models", "--dir", WORKSPACE, "--format", "json"))
    assert said["status"] == 200
    assert said["trace"]
    wharf.expect_credential("openai-api")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_call_to_a_dead_vendor_fails(wharf, form):
    words = ["call", DEAD, "list-models", "--dir", WORKSPACE, "--timeout", "1", "--format", form]
    assert wharf.run(*words, expect=1)
