// A Truffle 5 project against a real node: `migrate` with a linked library, then its own test run.
import { rmSync } from "node:fs";
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { projectFolder, reportMocha, runProject } from "../../lib/project.mjs";

const project = projectFolder("truffle");
const truffle = join(project, "node_modules", ".bin", "truffle");

describe("Truffle 5", () => {
  before(() => rmSync(join(project, "build"), { recursive: true, force: true }));

  test("migrate", async () => {
    const { stdout, stderr, code } = await runProject("truffle", truffle, ["migrate"]);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /Total deployments: +2/);
  });

  test("test", async (t) => {
    const { tests } = await runProject("truffle", truffle, ["test"], { mocha: true });
    await reportMocha(t, tests, 5);
  });
});
