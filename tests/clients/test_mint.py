"""Tokens that are made from credentials, against what others wrote: oidc-provider as the endpoint, google-auth and PyJWT
as judges of what is signed. What makes them is the library's example `mint`, since it shows the token."""

import datetime
import http.server
import json
import os
import secrets
import subprocess
import threading
import urllib.parse

import google.auth.jwt
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2 import service_account

from harness import settings
from harness.processes import Process

EXAMPLE = settings.TARGET / "debug" / "examples" / "mint"
HEAD = """---
title: "[Integration] Vendor"
type: tool
subtype: integration
---

# [Integration] Vendor

## Service Details

### Environments

| Environment | Endpoint |
|---|---|
| Production | {endpoint} |

## Authentication

### Method
{method}

### Credential Storage

```yaml
production:
{store}
```
"""


@pytest.fixture(scope="module")
def mint(tmp_path_factory):
    """Makes one token; gives what the example writes."""
    assert EXAMPLE.exists(), "run first: cargo build --package wharf-secrets --example mint"
    folder = tmp_path_factory.mktemp("mint")

    def run(endpoint, method, store, *given, files=(), environment=()):
        document = folder / "vendor.md"
        document.write_text(HEAD.format(endpoint=endpoint, method=method, store=store))
        for name, text in files:
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)
        done = subprocess.run(
            [EXAMPLE, document, "production", *given],
            env=os.environ | dict(environment),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private(key, form=serialization.PrivateFormat.PKCS8):
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def public(key):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form)


@pytest.fixture
def endpoint():
    """A stand-in whose answers are those of `judge`, which is asked with path, headers and body."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            status, answer = self.server.judge(self.path, self.headers, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"


def test_google_takes_the_assertion_of_a_service_account(mint, endpoint, key):
    email = "robot@project.iam.gserviceaccount.com"
    account = {
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "0f1e2d",
        "private_key": private(key),
        "client_email": email,
        "client_id": "117",
        # Leads nowhere: the document alone says where a token is asked for.
        "token_uri": "http://127.0.0.1:1/token",
    }
    theirs = service_account.Credentials.from_service_account_info(account | {"token_uri": GOOGLE_AUDIENCE}, scopes=[SCOPE])
    expected = google.auth.jwt.decode(theirs._make_authorization_grant_assertion(), public(key), audience=GOOGLE_AUDIENCE)
    seen = []

    def judge(path, headers, body):
        form = urllib.parse.parse_qs(body, strict_parsing=True)
        assertion = form["assertion"][0]
        seen.append((path, form["grant_type"], google.auth.jwt.decode_header(assertion)))
        # Verifies the signature, the audience and the times.
        seen.append(google.auth.jwt.decode(assertion, {"0f1e2d": public(key)}, audience=GOOGLE_AUDIENCE))
        return 200, {"access_token": "ya29.canary", "expires_in": 3599, "token_type": "Bearer"}

    endpoint.judge = judge
    made = mint(
        endpoint.address,
        f"- Type: OAuth2\n- Grant: jwt-bearer\n- Token URL: {endpoint.address}/token\n- Scopes: {SCOPE}\n"
        f"- Audience: {GOOGLE_AUDIENCE}\n- Algorithm: RS256\n- Claims: iss={{client_email}}, iat=0s, exp=1h\n"
        "- Signing key: {private_key}\n- Key id: {private_key_id}",
        "  location: FILE\n  path: account.json",
        files=[("account.json", json.dumps(account))],
    )
    assert made["token"] == "ya29.canary"
    (path, grant, header), claims = seen
    assert path == "/token"
    assert grant == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "0f1e2d"}
    assert claims.keys() == expected.keys()
    assert all(claims[name] == expected[name] for name in ("iss", "aud", "scope"))
    assert claims["exp"] - claims["iat"] == expected["exp"] - expected["iat"]


@pytest.mark.parametrize("form", ["PKCS8", "TraditionalOpenSSL"])
@pytest.mark.parametrize("break_", ["\n", "\\n", " "], ids=["lines", "escaped", "spaces"])
def test_a_github_app_shows_a_jwt_and_gets_a_token(mint, endpoint, key, form, break_):
    def judge(path, headers, body):
        token = headers["authorization"].removeprefix("Bearer ")
        # As GitHub: not issued in the future, and ten minutes at most.
        claims = jwt.decode(token, public(key), algorithms=["RS256"], options={"require": ["exp", "iat", "iss"]})
        assert claims["iss"] == "Iv23li"
        assert claims["exp"] - claims["iat"] <= 600
        assert (path, body) == ("/app/installations/4711/access_tokens", "")
        assert headers["user-agent"]
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
        return 201, {"token": "ghs_canary", "expires_at": end.strftime("%Y-%m-%dT%H:%M:%SZ")}

    endpoint.judge = judge
    pem = private(key, getattr(serialization.PrivateFormat, form)).strip().replace("\n", break_)
    made = mint(
        endpoint.address,
        "- Type: JWT\n- Algorithm: RS256\n- Claims: iss={client_id}, iat=-60s, exp=9m\n- Signing key: {private_key}\n"
        "- Token request: POST /app/installations/{installation_id}/access_tokens\n- Token field: /token\n"
        "- Expiry field: /expires_at\n- Header: Authorization: Bearer {access_token}",
        "  location: ENV_VARIABLES\n  variables: [GITHUB_CLIENT_ID, GITHUB_PRIVATE_KEY, GITHUB_INSTALLATION_ID]",
        environment={"GITHUB_CLIENT_ID": "Iv23li", "GITHUB_PRIVATE_KEY": pem, "GITHUB_INSTALLATION_ID": "4711"},
    )
    assert made["token"] == "ghs_canary"
    left = datetime.datetime.fromisoformat(made["valid_until"]) - datetime.datetime.now(datetime.UTC)
    assert 3500 < left.total_seconds() <= 3601


class Provider:
    def __init__(self, folder):
        # Every sign that the two ways of encoding tell apart.
        odd = "a/b+c %:&=?"
        self.clients = [
            {"id": "basic", "secret": f"{secrets.token_hex(16)}-{odd}", "method": "client_secret_basic"},
            {"id": "post", "secret": f"{secrets.token_hex(16)}-{odd}", "method": "client_secret_post"},
        ]
        environment = os.environ | {"OIDC_CLIENTS": json.dumps(self.clients)}
        self.process = Process("oidc", [settings.NODE, settings.CLIENTS / "oidc.mjs"], folder, environment)
        ready = self.process.wait_until(self._line, "ready")
        self.address, self.refresh_token = ready["address"], ready["refresh_token"]

    def _line(self):
        lines = [line for line in self.process.stdout.read_text().splitlines() if line.startswith("{")]
        return json.loads(lines[0]) if lines else None


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    provider = Provider(tmp_path_factory.mktemp("oidc"))
    yield provider
    provider.process.stop()


STORE = "  location: ENV_VARIABLES\n  variables: [VENDOR_CLIENT_ID, VENDOR_CLIENT_SECRET]"


def variables(client):
    return {"VENDOR_CLIENT_ID": client["id"], "VENDOR_CLIENT_SECRET": client["secret"]}


@pytest.mark.parametrize("way", ["basic", "body"])
def test_client_credentials_of_oidc_provider(mint, provider, way):
    client = provider.clients[way == "body"]
    method = f"- Type: OAuth2\n- Grant: client_credentials\n- Token URL: /token\n- Client authentication: {way}\n- Scopes: read"
    made = mint(provider.address, method, STORE, environment=variables(client))
    assert made["token"]
    assert made["scopes"] == "read"
    left = datetime.datetime.fromisoformat(made["valid_until"]) - datetime.datetime.now(datetime.UTC)
    assert 50 < left.total_seconds() <= 61
    assert made["token"] not in made["shown"]

    wrong = variables(client) | {"VENDOR_CLIENT_SECRET": "wrong-canary"}
    refused = mint(provider.address, method, STORE, environment=wrong)
    assert "401, invalid_client (client authentication failed)" in refused["problem"]
    assert refused["again"] == "WhenChanged"
    assert "wrong-canary" not in refused["shown"]

    # What the answer says goes before what was asked for.
    more = method.replace("Scopes: read", "Scopes: read, everything")
    assert mint(provider.address, more, STORE, environment=variables(client))["scopes"] == "read"


def test_refresh_tokens_of_oidc_provider_are_replaced(mint, provider):
    client = provider.clients[0]
    method = "- Type: OAuth2\n- Grant: refresh_token\n- Token URL: /token"
    store = STORE.replace("SECRET]", "SECRET, VENDOR_REFRESH_TOKEN]")

    def refresh(token):
        return mint(provider.address, method, store, f"refresh_token={token}", environment=variables(client))

    token = provider.refresh_token
    used = []
    for _ in range(3):
        made = refresh(token)
        assert made["token"]
        assert made["refresh_token"] not in (None, token)
        assert made["refresh_token"] not in made["shown"]
        used.append(token)
        token = made["refresh_token"]
    # One that was used ends the whole family (RFC 9700, 4.14.2).
    refused = refresh(used[-1])
    assert "400, invalid_grant" in refused["problem"]
    assert refused["has_ended"]
    assert refresh(token)["has_ended"]
