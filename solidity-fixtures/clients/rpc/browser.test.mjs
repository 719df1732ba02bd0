// What a browser asks before a page of another origin may speak to the node: CORS and its preflight,
// private-network access, any path, and WebSocket on the same port.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CHAIN_ID, post, startNode } from "../../lib/node.mjs";

const ORIGIN = "https://remix.ethereum.org";
const QUESTION = { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] };

let node;

before(async () => {
  node = await startNode();
});
after(() => node?.stop());

const isChainId = (text) => assert.equal(BigInt(JSON.parse(text).result), CHAIN_ID);
const allows = (header, wanted) => {
  const values = (header ?? "").toLowerCase().split(/,\s*/);
  assert.ok(values.includes("*") || values.includes(wanted.toLowerCase()), `${header} allows no ${wanted}`);
};

describe("browsers", () => {
  test("a preflight is answered", async () => {
    const response = await fetch(node.url, {
      method: "OPTIONS",
      headers: {
        origin: ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
        "access-control-request-private-network": "true",
      },
    });
    assert.ok(response.ok, `status ${response.status}`);
    allows(response.headers.get("access-control-allow-origin"), ORIGIN);
    allows(response.headers.get("access-control-allow-methods"), "POST");
    allows(response.headers.get("access-control-allow-headers"), "content-type");
    assert.equal(response.headers.get("access-control-allow-private-network"), "true");
  });

  test("an answer may be read by the page", async () => {
    const { headers, text } = await post(node.url, QUESTION, { origin: ORIGIN });
    allows(headers.get("access-control-allow-origin"), ORIGIN);
    assert.match(headers.get("content-type"), /^application\/json/);
    isChainId(text);
  });

  test("an error may be read as well", async () => {
    const { headers } = await post(node.url, "{", { origin: ORIGIN });
    allows(headers.get("access-control-allow-origin"), ORIGIN);
  });

  test("any path answers", async () => {
    for (const path of ["/", "/rpc/v1", "/rpc/v0", "/some/where"]) isChainId((await post(node.url + path, QUESTION)).text);
  });

  test("WebSocket on the same port", { timeout: 10_000 }, async () => {
    const { WebSocket } = await import("ws");
    const socket = new WebSocket(node.url.replace("http", "ws"), { origin: ORIGIN });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const answer = new Promise((resolve) => socket.once("message", (data) => resolve(data.toString())));
    socket.send(JSON.stringify(QUESTION));
    isChainId(await answer);
    socket.close();
  });
});
