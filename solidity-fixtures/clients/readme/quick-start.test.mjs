// The quick start of README.md, run as it stands there against a fresh node.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startNode } from "../../lib/node.mjs";

const run = promisify(execFile);
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

test("README's quick start", async () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const block = readme.match(/quick-start\.test\.mjs -->\n```bash\n([^`]*)```/)?.[1];
  assert.ok(block, "README.md has a quick start");
  const node = await startNode();
  try {
    const script = block.replace("http://127.0.0.1:8545", node.url);
    assert.notEqual(script, block);
    const { stdout, stderr } = await run("bash", ["-euo", "pipefail", "-c", script], {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1" },
    });
    assert.match(stdout, /^status +1 \(success\)$/m);
    assert.match(stdout, /^"My Token"$/m);
    assert.match(stdout, /^2500( |$)/m);
    assert.match(stdout, /topics: \[/);
    assert.match(stderr, /revert/);
  } finally {
    await node.stop();
  }
});
