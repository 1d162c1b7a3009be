// An OAuth 2.0 server that nobody of this project wrote: oidc-provider, with two clients and one refresh token.
// Writes one line of JSON when it is ready. Clients and the token come in the variable OIDC_CLIENTS.

import http from "node:http";
import { once } from "node:events";
import Provider from "oidc-provider";

const given = JSON.parse(process.env.OIDC_CLIENTS);
const clients = given.map(({ id, secret, method }) => ({
    client_id: id,
    client_secret: secret,
    token_endpoint_auth_method: method,
    grant_types: ["client_credentials", "refresh_token", "authorization_code"],
    redirect_uris: ["http://127.0.0.1/unused"],
    response_types: ["code"],
    scope: "openid offline_access read write",
}));

const server = http.createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(address, {
    clients,
    scopes: ["openid", "offline_access", "read", "write"],
    features: { clientCredentials: { enabled: true }, introspection: { enabled: true }, devInteractions: { enabled: false } },
    rotateRefreshToken: true,
    ttl: { ClientCredentials: 60, AccessToken: 120, RefreshToken: 3600, Grant: 3600 },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});
server.on("request", provider.callback());

// What a person would allow in a browser.
const client = await provider.Client.find(given[0].id);
const grant = new provider.Grant({ accountId: "a-person", clientId: client.clientId });
grant.addOIDCScope("openid offline_access read");
const grantId = await grant.save();
const refresh = new provider.RefreshToken({
    accountId: "a-person",
    client,
    grantId,
    gty: "authorization_code",
    scope: "openid offline_access read",
});
const token = await refresh.save();
console.log(JSON.stringify({ address, refresh_token: token }));
