// What developers see of Wharf's own errors through vendors' libraries. Started by test_refusals_in_libraries.py.
//
// Each library must raise its own error with our words. Stripe's decides by the member `error` alone whether a call
// failed: without it, a refused payment looks like one that was made. Octokit and @discordjs/rest read the words of an
// answer of type `application/json` only.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DiscordAPIError, HTTPError, REST } from "@discordjs/rest";
import { Octokit } from "@octokit/rest";
import OpenAI from "openai";
import Stripe from "stripe";

const { WHARF_BASE_URL, WHARF_TOKEN, WHARF_CASES } = process.env;
const BODY_BYTES = 20 << 20;

/** One case: where to call, with which token, and what must be told. */
const cases = JSON.parse(WHARF_CASES).map((one) => ({ ...one, token: one.authorized ? WHARF_TOKEN : "wharf_not-a-token" }));

/** What the library says itself about each failed request. */
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const stripe = (one) =>
  new Stripe(one.token, {
    maxNetworkRetries: 0,
    httpClient: Stripe.createFetchHttpClient((url, init) => {
      const { pathname, search } = new URL(url);
      return fetch(`${WHARF_BASE_URL}/${one.stripe}${pathname}${search}`, init);
    }),
  });

for (const one of cases) {
  test(`stripe: ${one.name}`, async () => {
    await assert.rejects(stripe(one).paymentIntents.create({ amount: 1099, currency: "eur" }), (error) => {
      assert.ok(error instanceof Stripe.errors.StripeError, error);
      assert.equal(error.statusCode, one.status);
      assert.equal(error.code, one.code);
      assert.match(error.message, new RegExp(one.words));
      return true;
    });
  });

  test(`openai: ${one.name}`, async () => {
    const openai = new OpenAI({ apiKey: one.token, baseURL: `${WHARF_BASE_URL}/${one.openai}/v1`, maxRetries: 0 });
    await assert.rejects(openai.models.list(), (error) => {
      assert.ok(error instanceof OpenAI.APIError, error);
      assert.equal(error.status, one.status);
      assert.equal(error.code, one.code);
      assert.match(error.message, new RegExp(one.words));
      return true;
    });
  });

  test(`octokit: ${one.name}`, async () => {
    const octokit = new Octokit({ auth: one.token, baseUrl: `${WHARF_BASE_URL}/${one.openai}`, log: quiet });
    for (const call of [
      () => octokit.rest.repos.get({ owner: "octo-org", repo: "hello" }),
      () => octokit.rest.issues.create({ owner: "octo-org", repo: "hello", title: "a" }),
    ]) {
      await assert.rejects(call(), (error) => {
        assert.equal(error.name, "HttpError", error);
        assert.equal(error.status, one.status);
        assert.equal(error.response.data.code, one.code);
        assert.match(error.message, new RegExp(one.words));
        return true;
      });
    }
  });

  test(`discord: ${one.name}`, async () => {
    const rest = new REST({ api: `${WHARF_BASE_URL}/${one.openai}`, retries: 0, authPrefix: "Bearer" });
    for (const call of [
      () => rest.setToken(one.token).get("/users/@me"),
      () => rest.setToken(one.token).post("/channels/1/messages", { body: { content: "a" } }),
    ]) {
      await assert.rejects(call(), (error) => {
        assert.equal(error.status, one.status);
        if (one.status >= 500) {
          // Of these the library reads no body: the status and its phrase are all that it tells.
          assert.ok(error instanceof HTTPError, error);
          assert.doesNotMatch(error.message, new RegExp(one.words));
        } else {
          assert.ok(error instanceof DiscordAPIError, error);
          assert.equal(error.code, one.code);
          assert.match(error.message, new RegExp(one.words));
        }
        return true;
      });
    }
  });
}

/** Bodies of 20 MiB, whose length is said or not. */
const uploads = {
  "a known length": () => ({ body: Buffer.alloc(BODY_BYTES) }),
  "a form": () => {
    const body = new FormData();
    body.append("purpose", "batch");
    body.append("file", new Blob([Buffer.alloc(BODY_BYTES)]), "a");
    return { body };
  },
};

for (const [form, make] of Object.entries(uploads)) {
  for (const [token, status, code] of [
    ["wharf_not-a-token", 401, "unknown_caller"],
    [WHARF_TOKEN, 413, "request_too_large"],
  ]) {
    test(`25 refused uploads of ${form} are told ${status}`, async () => {
      for (let upload = 0; upload < 25; upload += 1) {
        const answer = await fetch(`${WHARF_BASE_URL}/${process.env.WHARF_SMALL}/v1/files`, {
          method: "POST",
          headers: { Authorization: `Bearer ${token}` },
          ...make(),
        });
        assert.equal(answer.status, status);
        if (answer.headers.get("wharf-source") === "wharf") assert.equal((await answer.json()).code, code);
        else await answer.arrayBuffer();
      }
    });
  }
}

test("openai: an upload that is too large is told so", async () => {
  const openai = new OpenAI({ apiKey: WHARF_TOKEN, baseURL: `${WHARF_BASE_URL}/${process.env.WHARF_SMALL}/v1`, maxRetries: 0 });
  const file = new File([Buffer.alloc(BODY_BYTES)], "a");
  await assert.rejects(openai.files.create({ file, purpose: "batch" }), (error) => {
    assert.ok(error instanceof OpenAI.APIError, error);
    assert.equal(error.status, 413);
    return true;
  });
});

for (const [token, status, code] of [
  ["wharf_not-a-token", 401, "unknown_caller"],
  [WHARF_TOKEN, 413, "request_too_large"],
]) {
  test(`octokit and discord: an upload that is refused is told ${status}`, async () => {
    const base = `${WHARF_BASE_URL}/${process.env.WHARF_SMALL}`;
    const octokit = new Octokit({ auth: token, baseUrl: base, log: quiet });
    const rest = new REST({ api: base, retries: 0, authPrefix: "Bearer" }).setToken(token);
    const files = [{ name: "a", data: Buffer.alloc(BODY_BYTES) }];
    for (const call of [
      () => octokit.request("POST /v1/files", { data: "a".repeat(BODY_BYTES) }),
      () => rest.post("/channels/1/messages", { files }),
    ]) {
      await assert.rejects(call(), (error) => {
        assert.ok(error.name === "HttpError" || error instanceof DiscordAPIError, error);
        assert.equal(error.status, status);
        // The simulator's own bound is another's answer.
        const ours = status === 401 || process.env.WHARF_CASES !== "[]";
        if (ours) assert.match(JSON.stringify([error.response?.data, error.rawError]), new RegExp(code));
        return true;
      });
    }
  });
}
