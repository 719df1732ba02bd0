// A Hardhat 2 project with toolbox (ethers, chai matchers, network-helpers, Ignition) against a real node:
// its own test run, each of its tests reported as one of ours.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startNode } from "../../lib/node.mjs";

const run = promisify(execFile);
const project = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "projects", "hardhat2");
const hardhat = join(project, "node_modules", ".bin", "hardhat");
/** Tests of the project; fewer would mean that it did not run in full. */
const TESTS = 14;

test("Hardhat 2 with toolbox", async (t) => {
  const node = await startNode();
  const folder = mkdtempSync(join(tmpdir(), "fevm-hardhat2-"));
  // Ignition would resume what it deployed to the last chain of this ID.
  rmSync(join(project, "ignition", "deployments"), { recursive: true, force: true });
  try {
    const report = join(folder, "mocha.json");
    const env = { ...process.env, FEVM_RPC_URL: node.url, MOCHA_OUTPUT: report, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" };
    // Hardhat's exit code is the number of failures; the report says which.
    const output = await run(hardhat, ["test"], { cwd: project, env }).catch((error) => error);
    let results;
    try {
      results = JSON.parse(readFileSync(report, "utf8")).tests;
    } catch {
      assert.fail(`hardhat left no report:\n${output.stdout}\n${output.stderr}`);
    }
    for (const { fullTitle, err } of results) {
      await t.test(fullTitle, () => assert.equal(err.message, undefined, err.stack));
    }
    assert.equal(results.length, TESTS);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await node.stop();
  }
});
