// Vendors' libraries for Node, each with a read and a write, pointed at Wharf as the Tips of their documents say.
// Started by test_libraries.py, which looks at what the vendors got.

import assert from "node:assert/strict";
import { test } from "node:test";

import { REST } from "@discordjs/rest";
import { createAdminApiClient, createAdminRestApiClient } from "@shopify/admin-api-client";
import { WebClient } from "@slack/web-api";
import { Vercel } from "@vercel/sdk";
import OpenAI from "openai";
import Stripe from "stripe";

const { WHARF_BASE_URL, WHARF_TOKEN } = process.env;
const bounded = { timeout: 30_000 };

test("@slack/web-api", bounded, async () => {
  const slack = new WebClient(WHARF_TOKEN, {
    slackApiUrl: `${WHARF_BASE_URL}/slack/`,
    allowAbsoluteUrls: false,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  const who = await slack.auth.test();
  assert.equal(who.ok, true);
  assert.match(who.team_id, /^T/);
  const posted = await slack.chat.postMessage({ channel: "C0EXAMPLE", text: "Bay one is free" });
  assert.equal(posted.ok, true);
  assert.match(posted.ts, /^\d+\.\d+$/);
});

test("@discordjs/rest", bounded, async () => {
  const discord = new REST({ api: `${WHARF_BASE_URL}/discord`, retries: 0 }).setToken(WHARF_TOKEN);
  const me = await discord.get("/users/@me");
  assert.equal(me.bot, true);
  const message = await discord.post("/channels/11/messages", { body: { content: "Bay two is free" } });
  assert.equal(message.content, "Bay two is free");
  // An answer without a body, which the library must not read as JSON.
  await discord.delete("/channels/11/messages/12");
});

test("@vercel/sdk", bounded, async () => {
  const vercel = new Vercel({
    serverURL: `${WHARF_BASE_URL}/vercel`,
    bearerToken: WHARF_TOKEN,
    retryConfig: { strategy: "none" },
  });
  // The library checks every answer against the vendor's own description.
  const { projects } = await vercel.projects.getProjects({});
  assert.deepEqual(projects.map((one) => one.name), ["harbour"]);
  const { deployments } = await vercel.deployments.getDeployments({});
  assert.deepEqual(deployments.map((one) => one.readyState), ["READY"]);
  const created = await vercel.deployments.createDeployment({ requestBody: { name: "bay-three", files: [] } });
  assert.equal(created.id, "dpl-example");
});

test("stripe", bounded, async () => {
  const stripe = new Stripe(WHARF_TOKEN, {
    maxNetworkRetries: 0,
    httpClient: Stripe.createFetchHttpClient((url, init) => {
      const { pathname, search } = new URL(url);
      return fetch(`${WHARF_BASE_URL}/stripe${pathname}${search}`, init);
    }),
  });
  const listed = [];
  for await (const customer of stripe.customers.list()) listed.push(customer.object);
  assert.deepEqual(listed, ["customer"]);
  const customer = await stripe.customers.create({ name: "Bay four is free", email: "quay@example.com" });
  assert.equal(customer.email, "quay@example.com");
  const intent = await stripe.paymentIntents.create({ amount: 1099, currency: "eur" });
  assert.deepEqual([intent.amount, intent.currency, intent.object], [1099, "eur", "payment_intent"]);
});

test("openai", bounded, async () => {
  const openai = new OpenAI({ baseURL: `${WHARF_BASE_URL}/openai-api/v1`, apiKey: WHARF_TOKEN, maxRetries: 0 });
  const models = [];
  for await (const model of openai.models.list()) models.push(model.object);
  assert.ok(models.length > 0 && models.every((one) => one === "model"));
  const answer = await openai.responses.create({ model: "gpt-5.4-mini", input: "Which bay is free?" });
  assert.equal(answer.output_text, "A wharf is where ships load and unload.");
  // The library asks for Base64 and decodes it.
  const { data } = await openai.embeddings.create({ model: "text-embedding-3-small", input: "wharf" });
  assert.deepEqual(data[0].embedding.map((one) => one.toFixed(4)), ["0.0125", "-0.0250", "0.0500", "-0.1000"]);
});

test("@shopify/admin-api-client", bounded, async () => {
  const options = { storeDomain: "your-shop.myshopify.com", apiVersion: "2026-10", accessToken: WHARF_TOKEN, retries: 0 };
  const customFetchApi = (url, init) => {
    const { pathname, search } = new URL(url);
    return fetch(`${WHARF_BASE_URL}/shopify${pathname}${search}`, init);
  };
  const graphql = createAdminApiClient({ ...options, customFetchApi });
  const { data, errors } = await graphql.request("{ shop { name } }");
  assert.equal(errors, undefined);
  assert.deepEqual(data, { shop: { name: "Quay and Sons" } });
  const { data: listed } = await graphql.request("{ orders(first: 1) { nodes { name } pageInfo { hasNextPage } } }");
  assert.deepEqual(Object.keys(listed), ["orders"]);
  assert.deepEqual([listed.orders.nodes[0].name, listed.orders.pageInfo.hasNextPage], ["#1001", false]);
  const rest = createAdminRestApiClient({ ...options, customFetchApi });
  const orders = await rest.get("orders", { searchParams: { limit: 1 } });
  assert.equal((await orders.json()).orders.length, 1);
  const webhook = { topic: "orders/create", address: "https://quay.example/orders", format: "json" };
  const created = await rest.post("webhooks", { data: { webhook } });
  assert.equal(created.status, 201);
  assert.equal((await created.json()).webhook.topic, "orders/create");
});
