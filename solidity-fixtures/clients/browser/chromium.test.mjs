// A page served from another origin, in headless Chromium, uses the node as Remix does: CORS and preflight are the
// browser's own here.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";
import { id, parseEther } from "ethers";
import { artifact } from "../../lib/artifacts.mjs";
import { CHAIN_ID, startNode } from "../../lib/node.mjs";

const page = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "page.html"));
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const browsers = (process.env.PATH ?? "").split(":").flatMap((folder) => names.map((name) => join(folder, name)));
const executablePath = process.env.CHROMIUM ?? browsers.find((path) => existsSync(path));

test("a page in Chromium", { skip: executablePath ? false : "no Chromium on this machine", timeout: 120_000 }, async () => {
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(page));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const node = await startNode();
  // Root, as in a container, has no sandbox.
  const browser = await puppeteer.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  try {
    const tab = await browser.newPage();
    await tab.goto(`http://localhost:${server.address().port}/`);
    const selector = (name) => id(`${name}()`).slice(0, 10);
    const selectors = { increment: selector("increment"), decrement: selector("decrement"), count: selector("count") };
    const seen = await tab.evaluate(
      (...args) => window.useLikeRemix(...args),
      node.url, artifact("Counter").bytecode, selectors,
    );
    assert.equal(BigInt(seen.version), CHAIN_ID);
    assert.equal(seen.accounts, 10);
    assert.ok(seen.balances.every((balance) => BigInt(balance) === parseEther("10000")));
    assert.equal(seen.status, "0x1");
    assert.equal(BigInt(seen.count), 1n);
    assert.match(seen.refusal, /Counter: already zero/);
  } finally {
    await browser.close();
    server.close();
    await node.stop();
  }
});
