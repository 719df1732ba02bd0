// `fevm node --data`: killed at random instants under load, it loses nothing that it acknowledged. Its configuration
// file and its state file.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { killRounds } from "../../lib/kill.mjs";
import { FEVM, rpc, startNode } from "../../lib/node.mjs";

let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), "fevm-durability-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a node that is killed again and again loses nothing", async () => {
  const seen = await killRounds({ rounds: 8 });
  assert.ok(seen.acknowledged > 20, JSON.stringify(seen));
});

test("a configuration file, printed and read", async () => {
  const file = join(folder, "fevm.toml");
  writeFileSync(file, execFileSync(FEVM, ["node", "--chain-id", "77", "--accounts", "3", "--print-config"]));
  const node = await startNode(["--config", file, "--accounts", "4"]);
  assert.equal(await rpc(node.url, "eth_chainId"), "0x4d");
  assert.equal((await rpc(node.url, "eth_accounts")).length, 4);
  await node.stop();
  writeFileSync(file, "chain-id = 77\nport = \"many\"\n");
  const { status, stderr } = spawnSync(FEVM, ["node", "--config", file], { encoding: "utf8" });
  assert.equal(status, 2);
  assert.match(stderr, /line 2: .*many/);
});

test("a state file, written at the end and read at the start", async () => {
  const file = join(folder, "state.car");
  const first = await startNode(["--state", file]);
  await rpc(first.url, "hardhat_setBalance", ["0x00000000000000000000000000000000000000aa", "0x1234"]);
  await rpc(first.url, "hardhat_mine", ["0x3"]);
  const head = await rpc(first.url, "eth_getBlockByNumber", ["latest", false]);
  await first.stop();
  assert.ok(existsSync(file));
  const second = await startNode(["--state", file]);
  assert.deepEqual(await rpc(second.url, "eth_getBlockByNumber", ["latest", false]), head);
  assert.equal(await rpc(second.url, "eth_getBalance", ["0x00000000000000000000000000000000000000aa", "latest"]), "0x1234");
  await second.stop();
});
