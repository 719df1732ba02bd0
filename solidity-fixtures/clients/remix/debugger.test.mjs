// Remix's own debugger on a deployed contract: steps, stack, memory, storage, and what it decodes from them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runProject } from "../../lib/project.mjs";

test("Remix's debugger steps through a transaction and decodes it", async () => {
  const { stdout, stderr, code } = await runProject("remix", process.execPath, ["debug.mjs"]);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const seen = JSON.parse(stdout.trim().split("\n").at(-1));
  const alice = seen.alice.toUpperCase().replace("0X", "0x");
  assert.equal(seen.first.pc, 0);
  assert.ok(seen.steps > 200, `${seen.steps} steps`);
  assert.match(seen.calldata[0], new RegExp(seen.alice.slice(2), "i"));
  console.log(JSON.stringify(seen, null, 1).slice(0, 6000), alice);
});
