// A Hardhat 2 project with toolbox (ethers, chai matchers, network-helpers, Ignition) against a real node:
// its own test run, each of its tests reported as one of ours.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectFolder, reportMocha, runProject } from "../../lib/project.mjs";

const project = projectFolder("hardhat2");

test("Hardhat 2 with toolbox", async (t) => {
  // Ignition would resume what it deployed to the last chain of this ID.
  rmSync(join(project, "ignition", "deployments"), { recursive: true, force: true });
  const hardhat = join(project, "node_modules", ".bin", "hardhat");
  const environment = { HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" };
  const { tests } = await runProject("hardhat2", hardhat, ["test"], { mocha: true, environment });
  await reportMocha(t, tests, 14);
});
