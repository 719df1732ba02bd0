// Remix's own debugger on a deployed contract: steps, stack, memory and storage, and what it decodes from them. The
// version on npm is of 2020: it does not expect the prefix 0x that go-ethereum has since put before words of memory and
// preimages, so mappings and return values, which it makes of those, are not looked at.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runProject } from "../../lib/project.mjs";

test("Remix's debugger steps through a transaction and decodes it", { timeout: 120_000 }, async () => {
  const { stdout, stderr, code } = await runProject("remix", process.execPath, ["debug.mjs"]);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const { alice, steps, first, calldata, before, after } = JSON.parse(stdout.trim().split("\n").at(-1));
  const word = (hex) => `0x${hex.slice(2).toLowerCase().padStart(64, "0")}`;
  const values = (decoded) => Object.fromEntries(Object.entries(decoded).map(([name, { value }]) => [name, value]));
  const entries = ({ state }) => state.entries.value.map(({ value }) => [value.who.value.toLowerCase(), value.amount.value]);

  assert.ok(steps > 200, `${steps} steps`);
  assert.deepEqual([first.pc, first.op, first.depth, first.stack], [0, "PUSH1", 1, []]);
  assert.deepEqual(calldata, [`0xcd20e9e2${word(alice).slice(2)}${word("0x25").slice(2)}`]);

  // In the middle: the first entry is there, the second is not; the locals are on the stack, the key in memory.
  assert.equal(before.line, 15);
  assert.deepEqual(values(before.locals), { sum: "42", who: values(before.locals).who, amount: "37", before: "5" });
  assert.equal(before.locals.who.value.toLowerCase(), alice.toLowerCase());
  assert.equal(before.state.total.value, "5");
  assert.equal(before.state.label.value, "ledger");
  assert.deepEqual(entries(before), [[alice.toLowerCase(), "5"]]);
  assert.equal(before.memory[0], word(alice));
  assert.ok(before.stack.includes("0x25") && before.stack.includes("0x2a"), before.stack.join());

  // At the end of the last round of the loop: 42 + 0 + 1 + 2.
  assert.equal(after.line, 19);
  assert.equal(after.state.total.value, "42");
  assert.deepEqual(entries(after), [[alice.toLowerCase(), "5"], [alice.toLowerCase(), "37"]]);
  assert.deepEqual([after.locals.i.value, after.locals.sum.value], ["2", "45"]);
});
