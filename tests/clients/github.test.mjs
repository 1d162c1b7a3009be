// Octokit against a running gateway: reads and a write. Started by test_github.py.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Octokit } from "@octokit/rest";

const { WHARF_BASE_URL, WHARF_TOKEN, WHARF_STATEFUL } = process.env;
const stateful = WHARF_STATEFUL === "yes";
const place = { owner: "octocat", repo: "hello-world" };
const octokit = new Octokit({ baseUrl: WHARF_BASE_URL, auth: WHARF_TOKEN });

/** Every answer says that the vendor gave it, at the first attempt. */
function fromVendor(answer) {
  assert.equal(answer.headers["wharf-source"], "vendor");
  assert.equal(answer.headers["wharf-attempts"], "1");
  return answer;
}

test("reads a repository", async () => {
  const { status, data } = fromVendor(await octokit.rest.repos.get(place));
  assert.equal(status, 200);
  assert.equal(typeof data, "object");
  if (stateful) assert.equal(data.full_name, "octocat/hello-world");
});

test("creates an issue and lists it", async () => {
  const created = fromVendor(await octokit.rest.issues.create({ ...place, title: "The crane is stuck" }));
  assert.equal(created.status, 201);
  const listed = fromVendor(await octokit.rest.issues.listForRepo(place));
  assert.equal(listed.status, 200);
  assert.ok(Array.isArray(listed.data));
  if (stateful) assert.ok(listed.data.some((issue) => issue.number === created.data.number));
});

test("follows the links to further pages", async () => {
  await octokit.rest.issues.create({ ...place, title: "The fog is thick" });
  await octokit.rest.issues.create({ ...place, title: "The tide is out" });
  const issues = await octokit.paginate(octokit.rest.issues.listForRepo, { ...place, per_page: 1 });
  if (stateful) assert.ok(issues.length >= 2, "a page is missing");
});

test("a wrong key is refused by the gateway", async () => {
  const stranger = new Octokit({ baseUrl: WHARF_BASE_URL, auth: "not-a-token" });
  await assert.rejects(stranger.rest.repos.get(place), (error) => {
    assert.equal(error.status, 401);
    assert.equal(error.response.headers["wharf-source"], "wharf");
    return true;
  });
});
