"""Vendors' libraries, each with a read and a write, pointed at Wharf as the Tips of their documents say.

The calls go through a gateway to the simulator of a second one, and a relay between the two shows what the vendor got.
Docker's document has no credential, which the second gateway asks for, so its library calls a simulator directly.
"""

import base64
import json
import os
import re
import subprocess

import docker
import mixpanel
import pytest
import requests
from dify_client import ChatClient
from github import Auth, Github
from postgrest import SyncPostgrestClient
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail
from slack_sdk import WebClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from harness import gateway, settings

#: The documents that are served, with the variables that hold their credentials, the secret last.
DOCUMENTS = {
    "dify-api": ("DIFY_APP_API_KEY",),
    "discord": ("DISCORD_BOT_TOKEN",),
    "github": ("GITHUB_TOKEN",),
    "mixpanel": ("MIXPANEL_USERNAME", "MIXPANEL_SECRET"),
    "openai-api": ("OPENAI_API_KEY",),
    "sendgrid": ("SENDGRID_API_KEY",),
    # An older app, whose token is fixed.
    "shopify": ("SHOPIFY_ACCESS_TOKEN",),
    "slack": ("SLACK_BOT_TOKEN",),
    "stripe": ("STRIPE_SECRET_KEY",),
    "supabase-project": ("SUPABASE_SECRET_KEY",),
    "twilio": ("TWILIO_API_KEY", "TWILIO_API_KEY_SECRET"),
    "vercel": ("VERCEL_TOKEN",),
}

TWILIO_ACCOUNT = "AC" + "1" * 32


@pytest.fixture(scope="module")
def chain(register):
    running = gateway.Chain(DOCUMENTS, register)
    yield running
    running.stop()


def expect(chain, integration: str, lines: set[str], header: str = "authorization", form: str = "Bearer {}"):
    """Exactly these calls reached the vendor, each with its own credential."""
    arrived = chain.arrived(integration)
    assert {one.line for one in arrived} == lines
    # A boolean, so that a failure does not print the credential.
    right = all(one.values(header) == [form.format(chain.simulator.token)] for one in arrived)
    assert right, f"another credential reached the vendor of {integration}"
    return arrived


def basic(chain, user: str) -> str:
    pair = f"{chain.variables[user]}:{chain.simulator.token}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def expect_basic(chain, integration: str, user: str, lines: set[str]):
    arrived = chain.arrived(integration)
    assert {one.line for one in arrived} == lines
    right = all(one.values("authorization") == [basic(chain, user)] for one in arrived)
    assert right, f"another credential reached the vendor of {integration}"


def wrote(chain, text: str) -> bool:
    """Whether a text is in what the vendors got."""
    return text.encode() in chain.simulator.relay.sent()


def test_twilio(chain):
    address = chain.front.url("twilio")

    class Gateway(TwilioHttpClient):
        def request(self, method, url, **rest):
            return super().request(method, url.replace("https://api.twilio.com", address), **rest)

    client = Client(TWILIO_ACCOUNT, chain.front.token, http_client=Gateway())
    listed = client.messages.list(limit=1)
    assert [(one.status, one.direction) for one in listed] == [("delivered", "outbound-api")]
    sent = client.messages.create(to="+15005550009", from_="+15005550006", body="Bay seven is free")
    assert (sent.status, sent.direction, sent.error_code) == ("queued", "outbound-api", None)
    assert sent.sid
    path = f"/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Messages.json"
    expect_basic(chain, "twilio", "TWILIO_API_KEY", {f"GET {path}?PageSize=1", f"POST {path}"})
    assert wrote(chain, "To=%2B15005550009&From=%2B15005550006&Body=Bay+seven+is+free")


def test_sendgrid(chain):
    client = SendGridAPIClient(api_key=chain.front.token, host=chain.front.url("sendgrid"))
    read = client.client.templates.get(query_params={"generations": "dynamic", "page_size": 10})
    assert read.status_code == 200
    assert [one["generation"] for one in read.to_dict["result"]] == ["dynamic"]
    mail = Mail("quay@example.com", "crane@example.com", "Bay eight is free", plain_text_content="Come in.")
    sent = client.send(mail)
    assert (sent.status_code, sent.body) == (202, b"")
    expect(chain, "sendgrid", {"GET /v3/templates?generations=dynamic&page_size=10", "POST /v3/mail/send"})
    assert wrote(chain, "Bay eight is free")


def test_slack_upload(chain):
    """The two calls of `files_upload_v2` around the upload, which goes to another host."""
    slack = WebClient(token=chain.front.token, base_url=chain.front.url("slack", "/"), retry_handlers=[])
    place = slack.files_getUploadURLExternal(filename="plan.txt", length=12)
    assert place["upload_url"].startswith("https://files.slack.com/")
    done = slack.files_completeUploadExternal(files=[{"id": place["file_id"], "title": "Plan"}])
    assert [one["id"] for one in done["files"]] == [place["file_id"]]
    lines = {one.line.split("?")[0] for one in chain.arrived("slack")}
    assert {line.split("/")[-1] for line in lines} == {"files.getUploadURLExternal", "files.completeUploadExternal"}


def test_pygithub(chain):
    # It goes on at the addresses in answers, which are the vendor's: so it is lazy, and each call has an object of its own.
    hub = Github(base_url=chain.front.url("github"), auth=Auth.Token(chain.front.token), lazy=True, retry=None)
    repository = hub.get_repo("octocat/hello-world")
    assert (repository.default_branch, repository.private) == ("main", False)
    with pytest.raises(AssertionError, match="api.github.com"):
        repository.create_issue(title="Bay nine is taken")
    assert [issue.state for issue in hub.get_repo("octocat/hello-world").get_issues()] == ["open"]
    created = hub.get_repo("octocat/hello-world").create_issue(title="Bay nine is free")
    assert (created.number, created.state) == (1, "open")
    lines = {"GET /repos/octocat/hello-world", "GET /repos/octocat/hello-world/issues"}
    expect(chain, "github", lines | {"POST /repos/octocat/hello-world/issues"})
    assert wrote(chain, '{"title": "Bay nine is free"}')


def test_dify_client(chain):
    client = ChatClient(chain.front.token)
    client.base_url = chain.front.url("dify-api")
    parameters = client.get_application_parameters("octocat")
    assert parameters.status_code == 200
    assert "user_input_form" in parameters.json()
    answer = client.create_chat_message(inputs={}, query="Is bay ten free?", user="octocat")
    assert (answer.status_code, answer.json()["mode"]) == (200, "chat")
    assert answer.json()["answer"] == "A wharf is where ships load and unload."
    stream = client.create_chat_message({}, "Is bay ten free?", "octocat", response_mode="streaming")
    events = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith(b"data: ")]
    assert [one["event"] for one in events] == ["message", "message", "message_end"]
    expect(chain, "dify-api", {"GET /parameters?user=octocat", "POST /chat-messages"})
    assert wrote(chain, "Is bay ten free?")


def test_postgrest(chain):
    """The part of Supabase's library that reads and writes tables."""
    # Supabase's library sends its key in both headers.
    headers = {"apikey": chain.front.token, "Authorization": f"Bearer {chain.front.token}"}
    with SyncPostgrestClient(chain.front.url("supabase-project", "/rest/v1"), headers=headers) as client:
        assert client.from_("bays").select("id,name").eq("id", 7).execute().data == [{"id": 7, "name": "Bay four"}]
        assert client.from_("bays").insert({"name": "Bay five"}).execute().data == [{"id": 8, "name": "Bay five"}]
        assert client.from_("bays").select("id,name").eq("id", 7).single().execute().data == {"id": 7, "name": "Bay four"}
        counted = client.from_("bays").select("id,name", count="exact").eq("id", 7).execute()
        assert (counted.count, len(counted.data)) == (1, 1)
        assert client.from_("bays").insert({"name": "Bay six"}, returning="minimal").execute().data == []
    lines = {"GET /rest/v1/bays?select=id%2Cname&id=eq.7", "POST /rest/v1/bays"}
    arrived = expect(chain, "supabase-project", lines, header="apikey", form="{}")
    assert all(one.values("authorization") == [] for one in arrived)


def test_mixpanel(chain):
    """It imports and has no reads, so the read is one of plain HTTP."""
    consumer = mixpanel.Consumer(
        import_url=chain.front.url("mixpanel", "/import"),
        retry_limit=0,
        credentials=mixpanel.ServiceAccountCredentials("anyone", chain.front.token, "1"),
    )
    mixpanel.Mixpanel("project", consumer=consumer).import_data(None, "octocat", "moored", 1795600800, {"bay": 12})
    tables = requests.get(chain.front.url("mixpanel", "/lookup-tables"), auth=("", chain.front.token), timeout=20)
    assert tables.status_code == 200
    arrived = chain.arrived("mixpanel")
    assert sorted(one.line.split("?")[0] for one in arrived) == ["GET /lookup-tables", "POST /import"]
    right = all(one.values("authorization") == [basic(chain, "MIXPANEL_USERNAME")] for one in arrived)
    assert right, "another credential reached the vendor of mixpanel"


def test_docker(chain):
    client = docker.APIClient(base_url=chain.simulator.url("docker"), version="1.44")
    client.headers["Authorization"] = "Bearer " + chain.simulator.token
    assert client.ping() is True
    assert [one["Names"] for one in client.containers()] == [["/crane"]]
    created = client.create_container("crane:1", command="crane --bay 4", name="crane")
    assert (created["Id"], created["Warnings"]) == ("1" * 64, [])
    assert client.start(created) is None
    assert client.logs(created) == b"The crane is at bay four."
    client.close()
    lines = [one.line for one in chain.arrived("docker")]
    assert lines[0] == "GET /v1.44/_ping"
    assert {"POST /v1.44/containers/create?name=crane", f"POST /v1.44/containers/{'1' * 64}/start"} < set(lines)


def test_node_libraries(chain):
    done = subprocess.run(
        [settings.NODE, "--test", "--test-reporter=tap", str(settings.CLIENTS / "libraries.test.mjs")],
        env=os.environ | {"WHARF_BASE_URL": chain.front.data_plane, "WHARF_TOKEN": chain.front.token},
        capture_output=True,
        text=True,
        timeout=120,
    )
    report = done.stdout + done.stderr
    print(report.replace(chain.front.token, "(the caller's token)"))
    assert done.returncode == 0
    assert re.search(r"^# pass 6$", report, re.MULTILINE)
    upload = {"POST /files.getUploadURLExternal", "POST /files.completeUploadExternal"}
    expect(chain, "slack", {"POST /auth.test", "POST /chat.postMessage"} | upload)
    expect(chain, "openai-api", {"GET /v1/models", "POST /v1/responses", "POST /v1/embeddings"})
    expect(chain, "vercel", {"GET /v10/projects", "GET /v7/deployments", "POST /v13/deployments"})
    expect(
        chain,
        "discord",
        {"GET /v10/users/@me", "POST /v10/channels/11/messages", "DELETE /v10/channels/11/messages/12"},
        form="Bot {}",
    )
    stripe = expect(chain, "stripe", {"GET /v1/customers", "POST /v1/customers", "POST /v1/payment_intents"})
    writes = [one for one in stripe if one.line.startswith("POST ")]
    assert all(one.values("idempotency-key") for one in writes), "the library's own key must reach the vendor"
    graphql, orders = "POST /admin/api/2026-10/graphql.json", "GET /admin/api/2026-10/orders.json?limit=1"
    lines = {graphql, orders, "POST /admin/api/2026-10/webhooks.json"}
    expect(chain, "shopify", lines, header="x-shopify-access-token", form="{}")
    for text in ("Bay%20one%20is%20free", "Bay two is free", "bay-three", "Bay%20four%20is%20free", "https://quay.example/orders"):
        assert wrote(chain, text), text
