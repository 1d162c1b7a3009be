"""A workspace made from the catalog: the same documents with other endpoints and other credentials."""

import dataclasses
import pathlib
import re
import shutil
import urllib.parse

from . import settings

CATALOG = settings.ROOT / "catalog"

ENVIRONMENTS = re.compile(r"^### Environments\n(?P<body>.*?)(?=^##)", re.MULTILINE | re.DOTALL)
SECRET_BY_ENVIRONMENT = re.compile(r"^- Secret: \w+: (?P<name>\w+),.*$", re.MULTILINE)
SETTING_BY_ENVIRONMENT = re.compile(r'\{ "production": (?P<value>"[^"]*"|[\w.]+)(?:, "\w+": (?:"[^"]*"|[\w.]+))+ \}')
STEP_IN_ENVIRONMENT = re.compile(r"^(?P<step>\d+\. Test in )\w+$", re.MULTILINE)
MADE_TOKEN = re.compile(r"- Type: OAuth2\n- Grant: client_credentials\n- Token URL: .*\n- Client authentication: .*\n")
CREDENTIALS = re.compile(
    r"(?P<head>^### Credential Storage\n.*?^```ya?ml\n)(?P<body>.*?)(?P<tail>^```)", re.MULTILINE | re.DOTALL
)


@dataclasses.dataclass
class Environment:
    """Where calls of one environment go, and the variable that holds its credential."""

    name: str
    port: int
    variable: str
    #: The endpoint's path, where it is not the document's own.
    path: str | None = None
    #: Variables beside the one of the secret, such as one for a user name.
    others: tuple[str, ...] = ()


def write(
    folder: pathlib.Path, integration: str, environments: list[Environment], token_is_fixed: bool = False
) -> None:
    """Writes a catalog document with these environments instead of its own; everything else stays."""
    (source,) = CATALOG.glob(f"*/{integration}.md")
    text = source.read_text()
    path = endpoint_path(text)
    rows = "".join(
        f"| {one.name} | http://127.0.0.1:{one.port}{path if one.path is None else one.path} | Active | Stand-in |\n"
        for one in environments
    )
    table = f"### Environments\n\n| Environment | Endpoint | Status | Notes |\n|---|---|---|---|\n{rows}\n"
    text = replace_once(ENVIRONMENTS, lambda _: table, text, integration)
    entries = "".join(
        f"{one.name.lower()}:\n  location: ENV_VARIABLES\n  variables:\n"
        + "".join(f"    - {variable}\n" for variable in (*one.others, one.variable))
        for one in environments
    )
    text = replace_once(CREDENTIALS, lambda found: found["head"] + entries + found["tail"], text, integration)
    if token_is_fixed:
        # As the document of Shopify tells it for older apps.
        text = replace_once(MADE_TOKEN, lambda _: "- Type: API Key\n", text, integration)
        text = text.replace("Refresh token + Alert", "Rotate key + Alert")
    # The environments that the names stand for are gone.
    text = SETTING_BY_ENVIRONMENT.sub(lambda found: found["value"], text)
    text = STEP_IN_ENVIRONMENT.sub(lambda found: found["step"] + environments[0].name.lower(), text)
    text = SECRET_BY_ENVIRONMENT.sub(lambda found: f"- Secret: {found['name']}", text)
    text = re.sub(r"^environment: .*$", f"environment: {environments[0].name.lower()}", text, flags=re.MULTILINE)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{integration}.md").write_text(text)
    # The document links them.
    examples = source.parent / "examples" / source.name
    (folder / "examples").mkdir(exist_ok=True)
    shutil.copyfile(examples, folder / "examples" / source.name)


def endpoint_path(text: str) -> str:
    """The path of the first environment's endpoint, such as `/api`."""
    rows = [line for line in ENVIRONMENTS.search(text)["body"].splitlines() if line.startswith("|")]
    endpoint = rows[2].split("|")[2].strip().strip("`")
    address = endpoint if "://" in endpoint else f"https://{endpoint}"
    return urllib.parse.urlsplit(address).path.rstrip("/")


def replace_once(pattern: re.Pattern, replacement, text: str, integration: str) -> str:
    changed, count = pattern.subn(replacement, text)
    assert count == 1, f"{integration}.md has {count} places like {pattern.pattern[:30]!r}; one is needed"
    return changed
