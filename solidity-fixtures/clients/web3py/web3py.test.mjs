// web3.py against a real node: Python's own tests, each reported as one of ours.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startNode } from "../../lib/node.mjs";

const run = promisify(execFile);
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const python = join(root, ".cache", "web3py", "bin", "python");
/** Tests of the project; fewer would mean that it did not run in full. */
const TESTS = 8;

test("web3.py", async (t) => {
  const node = await startNode();
  try {
    const output = await run(python, ["-m", "unittest", "-v", "test_web3"], {
      cwd: join(root, "solidity-fixtures", "projects", "web3py"),
      env: { ...process.env, FEVM_RPC_URL: node.url, PYTHONDONTWRITEBYTECODE: "1" },
    }).catch((error) => error);
    const results = [...output.stderr.matchAll(/^test_(\w+) .*\.\.\. (\w+)$/gm)];
    for (const [, name, outcome] of results) await t.test(name, () => assert.equal(outcome, "ok", output.stderr));
    assert.equal(results.length, TESTS, output.stderr);
  } finally {
    await node.stop();
  }
});
