"""OpenAI's own library, changed only in base URL and key."""

import openai
import pytest

from harness import vendors
from harness.marks import FOREIGN

MODEL = "gpt-4o"
QUESTION = [{"role": "user", "content": "What is a wharf?"}]


def client(wharf, integration: str = "openai-api") -> openai.OpenAI:
    # Its own retries are off: what is seen here is what the gateway did.
    return openai.OpenAI(api_key=wharf.token, base_url=wharf.url(integration, "/v1"), max_retries=0)


def test_chat_completion(wharf):
    completion = client(wharf).chat.completions.create(model=MODEL, messages=QUESTION)
    assert completion.object == "chat.completion"
    assert completion.choices[0].message.content
    wharf.expect_credential("openai-api")


def test_streamed_chat_completion(wharf):
    stream = client(wharf).chat.completions.create(model=MODEL, messages=QUESTION, stream=True)
    chunks = list(stream)
    assert len(chunks) > 1
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert "".join(text(chunk) for chunk in chunks)
    wharf.expect_credential("openai-api")


@FOREIGN
def test_chunks_arrive_before_the_end(wharf):
    hold = wharf.vendors["openai-api"].relay.hold_events()
    stream = iter(client(wharf).chat.completions.create(model=MODEL, messages=QUESTION, stream=True))
    first = next(stream)
    # The vendor's relay still keeps the rest back: this chunk came through on its own.
    assert hold.reached.is_set()
    assert not hold.expired, "the first chunk came only with the rest"
    hold.release()
    rest = list(stream)
    assert not hold.expired
    assert first.object == "chat.completion.chunk"
    assert "".join(text(chunk) for chunk in rest)
    wharf.expect_credential("openai-api")


def test_list_models(wharf):
    models = client(wharf).models.list()
    assert models.object == "list"
    assert all(model.id for model in models.data)
    wharf.expect_credential("openai-api")


@FOREIGN
@pytest.mark.skipif(not vendors.OPENAI_DESCRIPTION.exists(), reason="skipped: the vendor's API description is absent")
def test_requests_fit_the_vendors_own_description(wharf):
    """Prism refuses a request that the description does not allow, the credential's place included."""
    staging = client(wharf, "openai-api@staging")
    assert staging.chat.completions.create(model=MODEL, messages=QUESTION).object == "chat.completion"
    assert staging.embeddings.create(model="text-embedding-3-small", input="wharf", encoding_format="float").data
    assert staging.models.list().object == "list"
    assert len(wharf.expect_credential("openai-api@staging")) == 3


def text(chunk) -> str:
    return "".join(choice.delta.content or "" for choice in chunk.choices)
