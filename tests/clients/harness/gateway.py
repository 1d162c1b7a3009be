"""The program under test in its two set-ups, and everything that a test asks of it."""

import dataclasses
import functools
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import urllib.parse

from . import canary, settings, vendors, workspace
from .processes import Process, free_port, refused_port
from .relay import Relay, Request

#: The header by which each vendor of the catalog gets its credential.
CREDENTIAL_HEADER = "authorization"

#: The documents of the foreign set-up.
WORKSPACE = settings.PRIVATE / "workspace"

#: An environment whose vendor refuses every connection.
DEAD = "openai-api@development"


@dataclasses.dataclass
class Vendor:
    """A stand-in behind a relay, and the credential that it must get."""

    process: Process
    relay: Relay
    credential: str
    seen: int = 0


@dataclasses.dataclass
class Answer:
    """An answer to a plain request, as text."""

    status: int
    headers: dict[str, str]
    body: str


class Gateway:
    """A running `wharf up`, behind a relay that keeps every byte it answered."""

    def __init__(self, name: str, words: list, environment: dict[str, str], register: canary.Register):
        self.name = name
        self.vendors: dict[str, Vendor] = {}
        self._state = settings.PRIVATE / f"state-{name}"
        # A fixture may be made anew in one run, as pytest orders tests by set-up.
        shutil.rmtree(self._state, ignore_errors=True)
        # The most detailed log is the likeliest to say too much.
        self._environment = os.environ | {"WHARF_LOG": "trace"} | environment
        self._runs = 0
        added = None if "--simulate" in words else self._add_caller()
        words = [*words, "--state", self._state, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]
        command = [settings.PROGRAM, "up", *words, "--format", "json"]
        self.process = Process(f"{name}-up", command, settings.OUTPUT, self._environment)
        self.ready = self.process.wait_until(self._first_line, "printed that it is ready")
        self.token = added or self.ready["caller_token"]
        register.caller(self.token)
        self.relay = Relay(urllib.parse.urlsplit(self.ready["data_plane"]).port)

    @property
    def data_plane(self) -> str:
        return f"http://127.0.0.1:{self.relay.port}"

    def url(self, integration: str, path: str = "") -> str:
        return f"{self.data_plane}/{integration}{path}"

    def _first_line(self):
        text = self.process.stdout.read_text()
        return json.loads(text.splitlines()[0]) if "\n" in text else None

    def _add_caller(self) -> str:
        said = self.run("callers", "add", "client-tests", "--state", self._state, "--format", "json")
        return json.loads(said)["token"]

    def run(self, *words, expect: int = 0) -> str:
        """Runs the program once with other words and returns its standard output; all it says is kept."""
        self._runs += 1
        name = f"{self.name}-{self._runs}-{words[0]}"
        done = subprocess.run(
            [str(word) for word in (settings.PROGRAM, *words)],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=settings.READY_SECONDS,
        )
        (settings.OUTPUT / f"{name}.stdout").write_text(done.stdout)
        (settings.OUTPUT / f"{name}.stderr").write_text(done.stderr)
        assert done.returncode == expect, f"`wharf {words[0]}` ended with {done.returncode}:\n{done.stderr}"
        return done.stdout

    def request(
        self,
        method: str,
        path: str,
        authorized: bool = False,
        headers: dict[str, str] | None = None,
        plane: str = "data",
    ) -> Answer:
        """A plain request without a client library; the answer is kept."""
        headers = dict(headers or {})
        if authorized:
            headers["Authorization"] = f"Bearer {self.token}"
        address = self.data_plane if plane == "data" else self.ready["control_plane"]
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=settings.READY_SECONDS)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            answer = Answer(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read().decode(errors="replace"),
            )
        finally:
            connection.close()
        with (settings.OUTPUT / f"{self.name}-requests.txt").open("a") as kept:
            kept.write(f"{method} {path}\n{json.dumps(dataclasses.asdict(answer))}\n")
        return answer

    def expect_credential(self, integration: str) -> list[Request]:
        """The requests that a vendor got since the last look: each with its credential, none with the caller's token.

        With the simulator behind the program there is nothing to look at: it refuses a wrong credential itself.
        """
        vendor = self.vendors.get(integration)
        if vendor is None:
            return []
        requests = vendor.relay.requests()[vendor.seen :]
        vendor.seen += len(requests)
        assert requests, f"no request reached the vendor of {integration}"
        for request in requests:
            (value,) = request.values(CREDENTIAL_HEADER)
            assert value.split()[-1] == vendor.credential, f"another credential reached the vendor: {request.line}"
        for form in canary.forms(self.token):
            assert form not in vendor.relay.sent(), f"the caller's token reached the vendor of {integration}"
        return requests

    def keep_answers(self) -> None:
        """Keeps every byte that the data plane answered, for the search."""
        (settings.OUTPUT / f"{self.name}-answers.bin").write_bytes(self.relay.received())

    def stop(self) -> None:
        """Asks the program to stop, which it must do in order, and stops what stands behind it."""
        try:
            status = self.process.stop()
            assert status == 0, f"`wharf up` ended with {status} when asked to stop:\n{self.process.tail()}"
        finally:
            self.keep_answers()
            self.relay.stop()
            for vendor in self.vendors.values():
                vendor.relay.stop()
                vendor.process.stop()


def simulated(register: canary.Register) -> Gateway:
    """The embedded catalog with the built-in simulator behind it."""
    # Real credentials may lie in the environment of whoever runs this. They must not be said either.
    environment = {
        name: register.credential("environment")
        for name in ("OPENAI_API_KEY", "STRIPE_API_KEY", "STRIPE_SECRET_KEY", "GITHUB_TOKEN", "SLACK_BOT_TOKEN")
    }
    return Gateway("simulated", ["--simulate"], environment, register)


def foreign(register: canary.Register) -> Gateway:
    """The catalog's documents pointed at stand-ins that nobody of this project wrote."""
    settings.PRIVATE.mkdir(parents=True, exist_ok=True)
    makers = {
        "github": functools.partial(vendors.emulate, "github"),
        "openai-api": vendors.aimock,
        "slack": functools.partial(vendors.emulate, "slack"),
        "stripe": functools.partial(vendors.emulate, "stripe"),
    }
    if vendors.OPENAI_DESCRIPTION.exists():
        makers["openai-api@staging"] = vendors.prism
    running: dict[str, Vendor] = {}
    try:
        for name, make in makers.items():
            credential = register.credential(name.replace("@", "_").replace("-", "_"))
            port = free_port()
            relay = Relay(port)
            running[name] = Vendor(make(credential, port, relay.port), relay, credential)
        environment = write_workspace(WORKSPACE, running, register)
        gateway = Gateway("foreign", [WORKSPACE], environment, register)
    except BaseException:
        for vendor in running.values():
            vendor.process.stop()
        raise
    gateway.vendors = running
    return gateway


def write_workspace(folder: pathlib.Path, running: dict[str, Vendor], register: canary.Register) -> dict[str, str]:
    """Writes one document per integration and returns the variables that hold the credentials."""
    ends = {name: (vendor.relay.port, vendor.credential) for name, vendor in running.items()}
    ends[DEAD] = (refused_port(), register.credential("dead"))
    variables = {}
    environments: dict[str, list[workspace.Environment]] = {}
    for name, (port, credential) in ends.items():
        integration, _, environment = name.partition("@")
        variable = f"CANARY_{name}".upper().replace("-", "_").replace("@", "_")
        variables[variable] = credential
        one = workspace.Environment((environment or "production").capitalize(), port, variable)
        environments.setdefault(integration, []).append(one)
    for integration, listed in environments.items():
        workspace.write(folder, integration, listed)
    return variables


class Chain:
    """A gateway whose vendors are the simulator of a second one, behind a relay that keeps what arrived.

    The credential of every vendor is the second gateway's token, so each call passes the whole pipeline, and the
    simulator refuses it where the credential is not in the vendor's own place.
    """

    def __init__(self, documents: dict[str, tuple[str, ...]], register: canary.Register):
        """The documents to serve, each with the variables of its credential; the last one holds the secret."""
        self.simulator = Gateway("chain-simulator", [workspace.CATALOG, "--simulate"], {}, register)
        try:
            folder = settings.PRIVATE / "chain"
            variables = {}
            for integration, (*others, secret) in documents.items():
                one = workspace.Environment(
                    "Production", self.simulator.relay.port, secret, path=f"/{integration}", others=tuple(others)
                )
                workspace.write(folder, integration, [one], token_is_fixed=secret.endswith("_ACCESS_TOKEN"))
                variables |= {other: register.credential(other.lower()) for other in others}
                variables[secret] = self.simulator.token
            self.variables = variables
            self.front = Gateway("chain", [folder], variables, register)
        except BaseException:
            self.simulator.stop()
            raise

    def arrived(self, integration: str) -> list[Request]:
        """What the vendor of an integration got so far, as `METHOD PATH` below its base URL; never the caller's token."""
        for form in canary.forms(self.front.token):
            assert form not in self.simulator.relay.sent(), "the caller's token reached a vendor"
        prefix = f"/{integration}/"
        requests = [one for one in self.simulator.relay.requests() if one.line.split()[1].startswith(prefix)]
        assert requests, f"no request reached the vendor of {integration}"
        for one in requests:
            one.line = one.line.rsplit(" ", 1)[0].replace(f" /{integration}", " ", 1)
        return requests

    def stop(self) -> None:
        try:
            self.front.stop()
        finally:
            self.simulator.stop()
