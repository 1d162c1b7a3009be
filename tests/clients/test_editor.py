"""The language server, driven over standard input and output by the client of an editor."""

import json
import shutil

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

from harness import settings
from harness.editor import Editor, line_of, workspace

BILLING, LEDGER = "billing.md", "ledger.md"


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[str(settings.PROGRAM), "lsp"]))
async def client(lsp_client: LanguageClient):
    yield
    if lsp_client.capabilities is not None:
        await lsp_client.shutdown_session()


@pytest.fixture
async def editor(client, tmp_path):
    """An editor that has read the workspace and opened a document of it."""
    editor = await Editor(client, workspace(tmp_path)).start()
    editor.open(BILLING)
    await editor.findings(BILLING)
    return editor


def codes(found) -> set:
    return {one.code for one in found}


def of(found, code: str):
    (one,) = [one for one in found if one.code == code]
    return one


# Findings


async def test_findings_have_code_place_and_the_other_places(editor):
    found = await editor.findings(BILLING, lambda found: "WH601" in codes(found))
    retries = of(found, "WH601")
    assert (retries.source, retries.severity) == ("wharf", types.DiagnosticSeverity.Warning)
    assert editor.words(BILLING, retries.range) == "5"
    (other,) = retries.related_information
    assert editor.words(BILLING, other.location.range) == "3"
    assert "help: " in retries.message


async def test_documents_that_are_not_open_are_read_too(client, tmp_path):
    root = workspace(tmp_path)
    (root / "third.md").write_text("---\ntype: tool\nsubtype: integration\nship_factor: 99\n---\n")
    (root / "prose.md").write_text("# No document\n\n## Costs\n- Base: x\n")
    editor = await Editor(client, root).start()
    found = await editor.findings("third.md", lambda found: len(found) > 0)
    assert any("ship_factor" in one.message for one in found)
    assert editor.uri("prose.md") not in client.diagnostics


async def test_an_edit_changes_the_findings(editor):
    await editor.findings(BILLING, lambda found: "WH601" in codes(found))
    editor.replace(BILLING, "max_retries = 5", "max_retries = 3")
    await editor.findings(BILLING, lambda found: "WH601" not in codes(found))
    editor.replace(BILLING, "| Rotate key |", "| Rotte key |")
    found = await editor.findings(BILLING, lambda found: "WH501" in codes(found))
    assert editor.words(BILLING, of(found, "WH501").range) == "Rotte key"


async def test_an_edit_changes_the_findings_of_other_documents(editor):
    await editor.findings(BILLING, lambda found: "WH701" not in codes(found))
    (editor.root / LEDGER).unlink()
    editor.on_disk(LEDGER, types.FileChangeType.Deleted)
    await editor.findings(BILLING, lambda found: "WH701" in codes(found))
    shutil.copy(settings.CLIENTS / "fixtures" / "editor" / LEDGER, editor.root / LEDGER)
    editor.on_disk(LEDGER, types.FileChangeType.Created)
    await editor.findings(BILLING, lambda found: "WH701" not in codes(found))
    # An operation of the other document goes away while it is being edited.
    editor.open(LEDGER)
    editor.replace(LEDGER, "| Get entry |", "| Read entry |")
    await editor.findings(BILLING, lambda found: any("get-entry" in one.message for one in found))


async def test_places_in_another_document_move_with_it(editor):
    text = editor.open(LEDGER)
    editor.write(LEDGER, "\n## Webhooks\n\n### Incoming\n| Event | Endpoint | Handler |\n|---|---|---|\n| a | /webhooks/bills | handlePaid() |\n‸")
    found = await editor.findings(LEDGER, lambda found: any(one.related_information for one in found))
    (shared,) = [one for one in found if one.related_information and one.related_information[0].location.uri == editor.uri(BILLING)]
    assert editor.words(BILLING, shared.related_information[0].location.range) == "/webhooks/bills"
    before = shared.related_information[0].location.range.start.line
    editor.replace(BILLING, "# [Integration] Billing\n", "# [Integration] Billing\n\nA line more.\n")
    await editor.findings(
        LEDGER,
        lambda found: any(
            one.related_information and one.related_information[0].location.range.start.line == before + 2
            for one in found
        ),
    )
    assert text


async def test_files_on_disk_are_watched(editor):
    globs = {
        watcher["globPattern"] if isinstance(watcher, dict) else watcher.glob_pattern
        for one in editor.registrations
        if one.method == "workspace/didChangeWatchedFiles"
        for watcher in registered(one)
    }
    assert globs == {"**/*.md", "**/wharf.toml"}
    third = editor.root / "third.md"
    third.write_text("---\ntype: tool\nsubtype: integration\nversion: 0\n---\n")
    editor.on_disk("third.md", types.FileChangeType.Created)
    await editor.findings("third.md", lambda found: len(found) > 0)
    third.write_text("# Nothing\n")
    editor.on_disk("third.md", types.FileChangeType.Changed)
    await editor.findings("third.md", lambda found: not found)


def registered(registration) -> list:
    options = registration.register_options
    return options["watchers"] if isinstance(options, dict) else options.watchers


async def test_what_is_open_goes_before_what_is_on_disk(editor):
    (editor.root / BILLING).write_text("# Nothing\n")
    editor.on_disk(BILLING, types.FileChangeType.Changed)
    editor.replace(BILLING, "| Rotate key |", "| Rotte key |")
    await editor.findings(BILLING, lambda found: "WH501" in codes(found))
    editor.close(BILLING)
    await editor.findings(BILLING, lambda found: not found)


async def test_the_settings_file_counts(editor):
    await editor.findings(BILLING, lambda found: not any("handler" in one.message for one in found))
    (editor.root / "wharf.toml").write_text('[handlers]\nhandleOther = "http://127.0.0.1:1/"\n')
    editor.on_disk("wharf.toml", types.FileChangeType.Changed)
    found = await editor.findings(BILLING, lambda found: any("handlePaid" in one.message for one in found))
    (handler,) = [one for one in found if "handlePaid" in one.message]
    assert "handlePaid" in editor.words(BILLING, handler.range)


async def test_reading_the_workspace_is_shown(client, tmp_path):
    root = workspace(tmp_path)
    for number in range(600):
        (root / f"copy-{number}.md").write_text((root / LEDGER).read_text())
    editor = await Editor(client, root).start()
    token = None

    def ended():
        nonlocal token
        for token, reports in client.progress_reports.items():
            return any(report.kind == "end" for report in reports)
        return False

    await editor.until(ended, "no end of the progress")
    kinds = [report.kind for report in client.progress_reports[token]]
    assert kinds[0] == "begin" and kinds[-1] == "end"
    assert client.progress_reports[token][0].cancellable


async def test_folders_come_and_go(editor, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "solo.md").write_text("---\ntype: tool\nsubtype: integration\nversion: 0\n---\n")
    uri = (other / "solo.md").as_uri()
    folder = types.WorkspaceFolder(other.as_uri(), "other")
    change = editor.client.workspace_did_change_workspace_folders
    change(types.DidChangeWorkspaceFoldersParams(types.WorkspaceFoldersChangeEvent(added=[folder], removed=[])))
    await editor.until(lambda: editor.client.diagnostics.get(uri), "nothing was found in the new folder")
    change(types.DidChangeWorkspaceFoldersParams(types.WorkspaceFoldersChangeEvent(added=[], removed=[folder])))
    await editor.until(lambda: not editor.client.diagnostics[uri], "the findings stayed")


async def test_a_document_outside_of_the_workspace_is_alone(editor, tmp_path):
    path = tmp_path / "outside.md"
    uri = path.as_uri()
    text = "---\ntype: tool\nsubtype: integration\nsupersedes: [billing]\nversion: 0\n---\n"
    editor.client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "markdown", 1, text))
    )
    await editor.until(lambda: editor.client.diagnostics.get(uri), "nothing was found")
    assert "WH701" not in codes(editor.client.diagnostics[uri])
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    await editor.until(lambda: not editor.client.diagnostics[uri], "the findings stayed")


@pytest.mark.parametrize("encodings", [["utf-8", "utf-16"], ["utf-16"], ["utf-32", "utf-16"], None])
async def test_columns_count_what_both_sides_agreed_on(client, tmp_path, encodings):
    editor = await Editor(client, workspace(tmp_path)).start(encodings=encodings)
    assert editor.encoding == ("utf-8" if encodings and "utf-8" in encodings else "utf-16")
    editor.open(BILLING)
    # Right-to-left letters and a character outside of the first plane stand before the place.
    editor.replace(BILLING, "| 401 | Bad key | Rotate key |", "| 401 | שלום 😀 é | Rotte key |")
    found = await editor.findings(BILLING, lambda found: "WH501" in codes(found))
    assert editor.words(BILLING, of(found, "WH501").range) == "Rotte key"
    editor.replace(BILLING, "😀 é | Rotte key", "👩‍👩‍👧 | Fail, Retr")
    found = await editor.findings(
        BILLING, lambda found: "WH501" in codes(found) and editor.words(BILLING, of(found, "WH501").range) == "Retr"
    )
    assert "Retry" in await editor.complete(editor.at(BILLING, "👩‍👩‍👧 | Fail, Ret‸r"))


# Completion

NAMES = [
    ("\n## Co‸", {"Costs", "Contacts"}, {"Configuration", "Webhooks"}),
    ("\n## Monitoring\n\n### ‸", {"Health Checks", "Key Metrics", "Dashboards"}, {"Overview"}),
    ("\n## Monitoring\n\n### Health Checks\n- Timeout: 5 seconds\n- ‸", {"Endpoint", "Frequency"}, {"Timeout"}),
    ("\n## Costs\n\n### Pricing Model\n- ‸", {"Base", "Overage", "Projected monthly"}, {"Fallback"}),
    ("\n## Contacts\n\n### Vendor\n- ‸", {"Support", "Emergency"}, {"Owner"}),
    ("\n## Migration/Upgrade Path\n\n### Version Roadmap\n- ‸", {"Current", "Next", "Migration deadline"}, set()),
    ("\n## Webhooks\n\n### Verification\n- ‸", {"Scheme", "Header", "Tolerance"}, {"Type"}),
    ("\n## Webhooks\n\n### Verification\n- Scheme: ‸", {"Stripe", "Svix", "Generic", "None"}, set()),
    ("\n## Webhooks\n\n### Verification\n- Algorithm: ‸", {"HMAC-SHA256", "Ed25519"}, {"RS256"}),
    ("\n## Authentication\n\n### Method\n- Type: ‸", {"API Key", "OAuth2", "JWT", "Basic", "None"}, set()),
    ("\n## Authentication\n\n### Method\n- Algorithm: ‸", {"RS256", "ES256"}, {"HMAC-SHA256"}),
    ("\n## Dependencies\n\n### This Depends On\n- ‸", {"ledger", "DNS", "Network"}, {"billing"}),
    ("\n## Dependencies\n\n### Our Systems That Use This\n- shop: ‸", {"Critical path", "Nice to have"}, set()),
    ("\n## Disaster Recovery\n\n### Backup Service\n- Fallback: ‸", {"ledger"}, {"billing"}),
    ("\n## Disaster Recovery\n\n### Backup Service\n- Fallback: ledger@‸", {"ledger@sandbox"}, {"ledger"}),
    ("\n## API Endpoints\n\n### Limit headers\n- X-Left: ‸", {"remaining", "reset: epoch seconds"}, set()),
    ("\n## API Endpoints\n\n### Examples\n\n```json ‸\n{}\n```\n", {"create-bill", "get-bill"}, {"Create bill"}),
    ("\n## API Endpoints\n\n### Examples\n\n```‸\n{}\n```\n", {"json", "sse"}, set()),
    ("\n## API Endpoints\n\n| Operation | ‸ |\n|---|---|\n", {"Method", "Endpoint", "Idempotent"}, {"Operation"}),
    ("\n## Configuration\n\n### Optional Features\n- Search: ‸", {"enabled", "disabled"}, set()),
    ("\n## Costs\n\n‸", {"Pricing Model", "Monitoring"}, {"Webhooks"}),
]

CELLS = [
    ("| 429 | Too many | Backoff‸ |", {"Retry", "Use cache", "Rotate key"}),
    ("| Get bill | GE‸T |", {"GET", "POST", "DELETE"}),
    ("| Sandbox | https://sandbox.billing.example.com | Act‸ive |", {"Active", "Live"}),
    ("| bill.late | led‸ger add-entry |", {"ledger"}),
    ("| bill.late | ledger add-‸entry |", {"add-entry", "get-entry"}),
    ("| bill.late | ledger add-entry | la‸te |", {"late"}),
    ("| get-bill | get-‸entry |", {"get-entry", "add-entry", "none"}),
    ("| get-bi‸ll | get-entry |", {"get-bill", "create-bill"}),
    ("criticality: lo‸w", {"high", "medium", "low"}),
    ("environment: prod‸uction", {"production", "sandbox", "all"}),
    ("references: [led‸ger]", {"ledger"}),
    ("version: 1\nenv‸ironment", {"environment", "ship_factor", "cost", "supersedes"}),
    ("  location: FI‸LE", {"AWS_SECRETS_MANAGER", "ENV_VARIABLES", "FILE"}),
    ("  location: FILE\n  pa‸th", {"path", "key", "rotation"}),
    ('  "time‸out": 2', {"connect_timeout", "max_wait", "idempotency_header"}),
    ("max_‸retries = 5", {"max_retries"}),
    ("retry_on = [42‸9]", {"429", "503"}),
]


@pytest.mark.parametrize(("marked", "offered", "not_offered"), NAMES)
async def test_names_are_offered_where_they_are_missing(editor, marked, offered, not_offered):
    place = editor.write(BILLING, marked)
    labels = set(await editor.complete(place))
    assert offered <= labels
    assert not not_offered & labels


@pytest.mark.parametrize(("marked", "offered"), CELLS)
async def test_values_are_offered_in_their_place(editor, marked, offered):
    assert offered <= set(await editor.complete(editor.at(BILLING, marked)))


async def test_what_is_offered_fits_what_stands_there(editor):
    items = await editor.complete(editor.at(BILLING, "| 429 | Too many | Back‸off |"))
    edit = items["Use cache"].text_edit
    assert (editor.words(BILLING, edit.range), edit.new_text) == ("Backoff", "Use cache")
    assert items["Use cache"].documentation
    items = await editor.complete(editor.write(BILLING, "\n## Costs\n\n### Pricing Model\n- Ba‸"))
    edit = items["Base"].text_edit
    assert (editor.words(BILLING, edit.range), edit.new_text) == ("Ba", "Base: ")


async def test_the_keys_of_every_environment_are_offered(editor):
    editor.replace(BILLING, "sandbox:\n  location: FILE\n  path: /etc/billing/sandbox\n", "\n")
    items = await editor.complete(editor.at(BILLING, "    - BILLING_API_KEY\n‸\n"))
    assert set(items) == {"sandbox"}


async def test_other_markdown_gets_nothing(editor):
    (editor.root / "prose.md").write_text("")
    editor.open("prose.md", "---\ntitle: x\n---\n## Authentication\n- Type\n")
    assert await editor.complete(editor.at("prose.md", "- ‸Type")) == {}


# Hover

HOVERS = [
    ('"retry‸_attempts": 3', ["3 retries", "the smaller of `retry_attempts` 3 and `max_retries` 5"]),
    ("max_ret‸ries = 5", ["3 retries", "the smaller of"]),
    ('"time‸out": 2', ["Bound of one attempt", "**2 s**", "longest possible call", "4 attempts of 2 s"]),
    ("| Create bill | POST | /bills | 50/‸min |", ["**50/min**", "the slowest; `rate_limit` 100/min holds too"]),
    ("| Create bill | POST | /bills | 50/min | 5‸s |", ["**5 s**", "goes before the setting"]),
    ("| Get bi‸ll |", ["**100/min**", "**2 s**", "GET is idempotent"]),
    ("| 401 | Bad key | Rotate ‸key |", ["Fetch the credential again"]),
    ("## Error Hand‸ling", ["What happens when a call fails"]),
    ("### Retry Strat‸egy", ["How often"]),
    ("- Head‸er: Authorization", ["Where the credential goes"]),
    ("critica‸lity: low", ["How much an outage hurts"]),
    ("location: ENV_‸VARIABLES", ["Environment variables"]),
    ("- Fallback: led‸ger", ["**Ledger**", "Keeps the books"]),
]


@pytest.mark.parametrize(("marked", "expected"), HOVERS)
async def test_a_place_says_what_it_means_and_what_holds(editor, marked, expected):
    shown = await editor.hover(editor.at(BILLING, marked))
    assert all(words in shown for words in expected), shown


async def test_a_finding_shows_its_page(editor):
    shown = await editor.hover(editor.at(BILLING, "max_retries = ‸5"))
    assert "# WH601 retries-disagree" in shown
    assert "## Why" in shown


async def test_prose_shows_nothing(editor):
    editor.write(BILLING, "\n## Notes\n\nSome plain words.\n‸")
    assert await editor.hover(editor.at(BILLING, "Some pl‸ain words.")) == ""


# Actions


async def test_a_safe_fix_is_preferred(editor):
    actions = await editor.actions(BILLING, "max_retries = ‸5", only=["quickfix"])
    fix = actions[0]
    assert (fix.title, fix.is_preferred, fix.kind) == ("Write 3 in both places", True, "quickfix")
    assert fix.diagnostics[0].code == "WH601"
    assert "max_retries = 3" in editor.applied(fix.edit)[BILLING]


async def test_a_fix_that_may_change_the_meaning_is_not_preferred(editor):
    editor.replace(BILLING, "| Rotate key |", "| Rotte key |")
    actions = await editor.actions(BILLING, "| Rot‸te key |")
    (fix,) = [one for one in actions if one.title == "Write `Rotate key`"]
    assert not fix.is_preferred
    assert "| Rotate key |" in editor.applied(fix.edit)[BILLING]


async def test_all_safe_fixes_are_one_action(editor):
    editor.replace(BILLING, 'title: "[Integration] Billing"', "title: [Integration] Billing")
    editor.replace(BILLING, "| Rotate key |", "| Rotte key |")
    (action,) = await editor.actions(BILLING, "### Over‸view", only=["source.fixAll"])
    assert action.kind == "source.fixAll.wharf"
    text = editor.applied(action.edit)[BILLING]
    assert 'title: "[Integration] Billing"' in text and "max_retries = 3" in text
    assert "Rotte key" in text, "a fix that may change the meaning is not among them"


@pytest.mark.parametrize(
    ("old", "new", "marked", "line"),
    [
        ("| Rotate key |", "| Rotte key |", "| Rot‸te key |", "| 401 | Bad key | Rotte key | <!-- wharf-ignore WH501: say why -->"),
        ("max_retries = 5", "max_retries = 4", "max_retries = ‸4", "max_retries = 4 # wharf-ignore WH601: say why"),
        ("criticality: low", "criticality: lowest", "criticality: low‸est", "criticality: lowest # wharf-ignore WH007: say why"),
        ("- Type: API Key", "- Type: APIKey", "- Type: API‸Key", "- Type: APIKey <!-- wharf-ignore WH007: say why -->"),
        ('"timeout": 2', '"timeout": "x"', '"timeout": "‸x"', "<!-- wharf-ignore WH110: say why -->\n```json\n{"),
        ("## Dependencies", "## Dependancies", "## Depend‸ancies", "<!-- wharf-ignore WH002: say why -->\n## Dependancies"),
    ],
)
async def test_a_finding_may_be_left_out_with_a_reason(editor, old, new, marked, line):
    editor.replace(BILLING, old, new)
    actions = await editor.actions(BILLING, marked)
    (leave_out,) = [one for one in actions if one.title.startswith("Leave out") and one.title.split()[2] in line]
    text = editor.applied(leave_out.edit)[BILLING]
    assert line in text
    # The comment is heard, and nothing else is found because of it.
    code = leave_out.title.split()[2]
    place = editor.at(BILLING, marked)["position"].line
    before = await editor.findings(BILLING, lambda found: code in codes(found))
    editor.rewrite(BILLING, text)
    after = await editor.findings(BILLING, lambda found: len(found) < len(before))
    assert sorted(one.code for one in after) == sorted(one.code for one in before if one.code != code or one.range.start.line != place)


async def test_a_comment_that_leaves_out_nothing_is_found(editor):
    editor.replace(BILLING, "max_retries = 5", "max_retries = 3 # wharf-ignore WH601: they agree")
    await editor.findings(BILLING, lambda found: any("WH601" in one.message for one in found))


async def test_settings_say_how_much_findings_matter(editor):
    await editor.findings(BILLING, lambda found: "WH601" in codes(found))
    settings_file = editor.root / "wharf.toml"
    settings_file.write_text('[check.severity]\nretries-disagree = "error"\n')
    editor.on_disk("wharf.toml", types.FileChangeType.Changed)
    error = types.DiagnosticSeverity.Error
    await editor.findings(BILLING, lambda found: "WH601" in codes(found) and of(found, "WH601").severity == error)
    settings_file.write_text('[check.severity]\nretries-disagree = "off"\n')
    editor.on_disk("wharf.toml", types.FileChangeType.Changed)
    await editor.findings(BILLING, lambda found: "WH601" not in codes(found))
    settings_file.write_text('[check]\nexclude = ["billing.md"]\n')
    editor.on_disk("wharf.toml", types.FileChangeType.Changed)
    await editor.findings(BILLING, lambda found: not found)
    settings_file.unlink()
    editor.on_disk("wharf.toml", types.FileChangeType.Deleted)
    await editor.findings(BILLING, lambda found: "WH601" in codes(found))


async def test_operations_are_compared_with_the_description(editor):
    description = {"openapi": "3.0.0", "info": {"title": "B", "version": "1"}, "paths": {"/bills": {"post": {}}}}
    (editor.root / "billing.json").write_text(json.dumps(description))
    editor.write(BILLING, "\n## Documentation\n- [OpenAPI Spec](billing.json)\n‸")
    found = await editor.findings(BILLING, lambda found: "WH901" in codes(found))
    assert "/bills/{id}" in of(found, "WH901").message
    description["paths"]["/bills/{id}"] = {"get": {}}
    (editor.root / "billing.json").write_text(json.dumps(description))
    editor.save(BILLING)
    await editor.findings(BILLING, lambda found: "WH901" not in codes(found))


# Definitions, references, rename


@pytest.mark.parametrize(
    ("marked", "name", "words"),
    [
        ("references: [led‸ger]", LEDGER, 'title: "[Integration] Ledger"'),
        ("- ledg‸er: the books", LEDGER, 'title: "[Integration] Ledger"'),
        ("- Fallback: led‸ger", LEDGER, 'title: "[Integration] Ledger"'),
        ("[ledger](led‸ger.md)", LEDGER, 'title: "[Integration] Ledger"'),
        ("| bill.late | led‸ger add-entry |", LEDGER, 'title: "[Integration] Ledger"'),
        ("| bill.late | ledger add-‸entry |", LEDGER, "| Add entry |"),
        ("| get-bi‸ll | get-entry |", BILLING, "| Get bill |"),
        ("| get-bill | get-en‸try |", LEDGER, "| Get entry |"),
        ("```json get-‸bill", BILLING, "| Get bill |"),
        ("handle‸Paid()", "wharf.toml", "handlePaid"),
        ("prod‸uction:\n  location", BILLING, "| Production |"),
        ("| Sand‸box |", BILLING, "sandbox:\n"),
        ("environment: prod‸uction", BILLING, "| Production |"),
        ("| bill.late | ledger add-entry | la‸te |", BILLING, "```jq late"),
    ],
)
async def test_names_lead_to_where_they_are_defined(editor, marked, name, words):
    text = (editor.root / name).read_text()
    assert await editor.define(editor.at(BILLING, marked)) == [(name, line_of(text, words))]


async def test_a_field_leads_to_what_fills_it(editor):
    text = editor.texts[BILLING]
    found = await editor.define(editor.at(BILLING, "Bearer {api_‸key}"))
    assert found == [(BILLING, line_of(text, "- BILLING_API_KEY")), (BILLING, line_of(text, "/etc/billing/sandbox"))]


async def test_a_name_that_is_not_defined_leads_nowhere(editor):
    editor.replace(BILLING, "- Fallback: ledger", "- Fallback: nobody")
    assert await editor.define(editor.at(BILLING, "- Fallback: no‸body")) == []
    assert await editor.define(editor.at(BILLING, "| 401 | Bad ‸key |")) == []


async def test_references_to_an_id_are_found(editor):
    editor.open(LEDGER)
    place = editor.at(LEDGER, 'title: "[Integration] Led‸ger"')
    for declared, count in [(True, 6), (False, 5)]:
        params = types.ReferenceParams(types.ReferenceContext(include_declaration=declared), **place)
        found = await editor.client.text_document_references_async(params)
        assert len(found) == count
        named = [one for one in found if one.uri == editor.uri(BILLING)]
        assert {editor.words(BILLING, one.range) for one in named} == {"ledger"}


async def test_an_id_is_renamed_everywhere_at_once(editor):
    place = editor.at(BILLING, "- Fallback: led‸ger")
    prepared = await editor.client.text_document_prepare_rename_async(types.PrepareRenameParams(**place))
    assert prepared.placeholder == "ledger"
    edit = await editor.client.text_document_rename_async(types.RenameParams(new_name="books", **place))
    assert isinstance(edit.document_changes[-1], types.RenameFile)
    assert edit.document_changes[0].text_document.version == editor.versions[BILLING]
    texts = editor.applied(edit)
    assert texts[""] == [("ledger.md", "books.md")]
    for line in ["references: [books]", "- books: the books", "| books add-entry |", "- Fallback: books", "[ledger](books.md)"]:
        assert line in texts[BILLING]


@pytest.mark.parametrize(
    ("new_name", "why"),
    [("Led Ger", "is no id"), ("", "is no id"), ("../x", "is no id"), ("billing", "is taken by billing.md")],
)
async def test_a_name_that_cannot_be_an_id_is_refused(editor, new_name, why):
    place = editor.at(BILLING, "- Fallback: led‸ger")
    with pytest.raises(Exception, match=why):
        await editor.client.text_document_rename_async(types.RenameParams(new_name=new_name, **place))


async def test_only_ids_are_renamed(editor):
    place = editor.at(BILLING, "| 401 | Bad‸ key |")
    assert await editor.client.text_document_prepare_rename_async(types.PrepareRenameParams(**place)) is None
    with pytest.raises(Exception, match="no id stands here"):
        await editor.client.text_document_rename_async(types.RenameParams(new_name="x", **place))


async def test_a_file_that_gets_another_name_takes_its_references_along(editor):
    rename = types.FileRename(editor.uri(LEDGER), editor.uri("books.md"))
    edit = await editor.client.workspace_will_rename_files_async(types.RenameFilesParams([rename]))
    texts = editor.applied(edit)
    assert texts[""] == [] and "- Fallback: books" in texts[BILLING]
    (editor.root / LEDGER).rename(editor.root / "books.md")
    editor.client.workspace_did_rename_files(types.RenameFilesParams([rename]))
    await editor.findings(BILLING, lambda found: "WH701" in codes(found))


# Outline


async def test_the_outline_has_sections_parts_and_what_they_define(editor):
    params = types.DocumentSymbolParams(types.TextDocumentIdentifier(editor.uri(BILLING)))
    symbols = await editor.client.text_document_document_symbol_async(params)
    outline = {one.name: [child.name for child in one.children or []] for one in symbols}
    assert outline["Error Handling"] == ["Common Errors", "Retry Strategy"]
    assert outline["API Endpoints"] == ["Examples", "Create bill", "Get bill"]
    (service,) = [one for one in symbols if one.name == "Service Details"]
    (environments,) = [child for child in service.children if child.name == "Environments"]
    assert [child.name for child in environments.children] == ["Production", "Sandbox"]
    for one in symbols:
        assert one.range.start <= one.selection_range.start and one.selection_range.end <= one.range.end


async def test_sections_and_blocks_can_be_folded(editor):
    params = types.FoldingRangeParams(types.TextDocumentIdentifier(editor.uri(BILLING)))
    folds = {(one.start_line + 1, one.end_line + 1) for one in await editor.client.text_document_folding_range_async(params)}
    text = editor.texts[BILLING]
    assert (line_of(text, "```python"), line_of(text, "retry_on = [429]") + 1) in folds
    assert (line_of(text, "## Error Handling"), line_of(text, "retry_on = [429]") + 1) in folds


# Formatting


async def test_a_document_is_laid_out(editor):
    options = types.FormattingOptions(tab_size=2, insert_spaces=True)
    params = types.DocumentFormattingParams(types.TextDocumentIdentifier(editor.uri(BILLING)), options)
    edits = await editor.client.text_document_formatting_async(params)
    assert edits
    change = types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri=editor.uri(BILLING)), edits)
    text = editor.applied(types.WorkspaceEdit(document_changes=[change]))[BILLING]
    assert "| 401        | Bad key  | Rotate key |" in text
    editor.rewrite(BILLING, text)
    assert not await editor.client.text_document_formatting_async(params)
    (editor.root / "prose.md").write_text("|a|\n|-|\n|long words|\n")
    editor.open("prose.md")
    params = types.DocumentFormattingParams(types.TextDocumentIdentifier(editor.uri("prose.md")), options)
    assert not await editor.client.text_document_formatting_async(params)


# Secrets


async def test_no_secret_is_repeated(editor):
    # Put together here, so that the file holds nothing that looks like a credential.
    secret = "sk_" + "live_" + "51H8x7Qz2Lr9Vb3Nc6Km4Td"
    editor.replace(BILLING, "    - BILLING_API_KEY", f"    - {secret}")
    editor.replace(BILLING, "| 429 | Too many | Backoff |", f"| 429 | {secret} | {secret} |")
    editor.replace(BILLING, "| Get bill |", f"| Get {secret} |")
    found = await editor.findings(BILLING, lambda found: any("secret" in one.message for one in found))
    said = [str(one) for one in found]
    for marked in [f"    - {secret[:5]}‸{secret[5:]}", f"| {secret} | {secret[:3]}‸{secret[3:]} |", f"| Get {secret[:4]}‸{secret[4:]} |"]:
        place = editor.at(BILLING, marked)
        said.append(await editor.hover(place))
        actions = await editor.actions(BILLING, marked)
        said += [one.title + str(one.diagnostics) for one in actions]
        said += [edit.new_text for one in actions for change in one.edit.document_changes for edit in change.edits]
        said += [label + str(item.documentation) for label, item in (await editor.complete(place)).items()]
    params = types.DocumentSymbolParams(types.TextDocumentIdentifier(editor.uri(BILLING)))
    said += [str(one) for one in await editor.client.text_document_document_symbol_async(params)]
    assert not [words for words in said if secret in words or secret.lower() in words]
