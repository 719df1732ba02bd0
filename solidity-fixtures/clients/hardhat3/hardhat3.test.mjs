// A Hardhat 3 project with the viem toolbox (node:test, assertions, network-helpers, Ignition) against a real node.
// It needs Node.js 22, which the set-up of the tests installs where the one at hand is older.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { projectFolder, runProject } from "../../lib/project.mjs";

const project = projectFolder("hardhat3");
const cache = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", ".cache", "node22", "bin", "node");
/** Node.js 22 or later: this one, or the one that the set-up installed. */
const node = Number(process.versions.node.split(".")[0]) >= 22 ? process.execPath : cache;
/** Tests of the project; fewer would mean that it did not run in full. */
const TESTS = 8;

test("Hardhat 3 with viem toolbox", { skip: existsSync(node) ? false : "needs Node.js 22" }, async () => {
  // Ignition would resume what it deployed to the last chain of this ID.
  rmSync(join(project, "ignition", "deployments"), { recursive: true, force: true });
  assert.match(execFileSync(node, ["--version"], { encoding: "utf8" }), /^v(2[2-9]|[3-9]\d)\./);
  const hardhat = join(project, "node_modules", "hardhat", "dist", "src", "cli.js");
  // The runner of this file would take a child's test reports for its own.
  const environment = { HARDHAT_DISABLE_TELEMETRY_PROMPT: "true", NODE_TEST_CONTEXT: undefined };
  const { stdout, stderr, code } = await runProject("hardhat3", node, [hardhat, "test", "--network", "fevm"], { environment });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, new RegExp(`^${TESTS} passing`, "m"));
});
