// Runs the test run of a client project against a node of its own.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startNode } from "./node.mjs";

const projects = join(dirname(fileURLToPath(import.meta.url)), "..", "projects");

/** The folder of a project. */
export const projectFolder = (name) => join(projects, name);

/**
 * Starts a node and runs `program args` in a project's folder, with the node's URL in FEVM_RPC_URL. Gives the
 * output and, where `mocha` asks for one, mocha's report; a program that fails is no exception.
 * @returns {Promise<{stdout: string, stderr: string, code: number, tests: object[] | undefined}>}
 */
export async function runProject(name, program, args, { mocha = false, environment = {} } = {}) {
  const node = await startNode();
  const folder = mkdtempSync(join(tmpdir(), `fevm-${name}-`));
  try {
    const report = join(folder, "mocha.json");
    const env = { ...process.env, FEVM_RPC_URL: node.url, NO_COLOR: "1", ...(mocha && { MOCHA_OUTPUT: report }), ...environment };
    const options = { cwd: projectFolder(name), env, maxBuffer: 64 << 20 };
    const output = await promisify(execFile)(program, args, options).catch((error) => error);
    const { stdout, stderr, code = 0 } = output;
    let tests;
    if (mocha) {
      try {
        tests = JSON.parse(readFileSync(report, "utf8")).tests;
      } catch {
        assert.fail(`${name} left no report:\n${stdout}\n${stderr}`);
      }
    }
    return { stdout, stderr, code, tests };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await node.stop();
  }
}

/** Reports each test of a mocha run as one of ours. `count`: fewer would mean that the project did not run in full. */
export async function reportMocha(t, tests, count) {
  for (const { fullTitle, err } of tests) {
    await t.test(fullTitle, () => assert.equal(err.message, undefined, err.stack));
  }
  assert.equal(tests.length, count);
}
