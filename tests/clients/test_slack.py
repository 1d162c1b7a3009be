"""Slack's own library, changed only in base URL and key."""

from slack_sdk import WebClient


def client(wharf) -> WebClient:
    return WebClient(token=wharf.token, base_url=wharf.url("slack", "/"))


def test_who_am_i(wharf):
    answer = client(wharf).auth_test()
    assert answer["ok"] is True
    wharf.expect_credential("slack")


def test_post_message(wharf):
    answer = client(wharf).chat_postMessage(channel="general", text="A ship has moored.")
    assert answer["ok"] is True
    assert answer["ts"]
    wharf.expect_credential("slack")
