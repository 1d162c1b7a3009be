"""Octokit, changed only in base URL and key. Its tests run on node's own runner; this starts it."""

import os
import re
import subprocess

from harness import settings


def test_octokit(wharf):
    done = subprocess.run(
        [settings.NODE, "--test", "--test-reporter=tap", str(settings.CLIENTS / "github.test.mjs")],
        env=os.environ
        | {
            "WHARF_BASE_URL": wharf.url("github"),
            "WHARF_TOKEN": wharf.token,
            "WHARF_STATEFUL": "yes" if wharf.vendors else "no",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    report = done.stdout + done.stderr
    print(report.replace(wharf.token, "(the caller's token)"))
    assert done.returncode == 0
    passed = re.search(r"^# pass (\d+)$", report, re.MULTILINE)
    assert passed is not None and int(passed[1]) == 4
    wharf.expect_credential("github")
