// Reads what build.mjs wrote, and what packages published.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "..");
const buildDir = join(fixtures, "build");
const projectsDir = join(fixtures, "projects");

/** The artifact of a contract: `abi`, `bytecode`, `deployedBytecode`. */
export function artifact(name) {
  return JSON.parse(readFileSync(join(buildDir, `${name}.json`), "utf8"));
}

/** The path of a file in a package of a project. */
export function packageFile(project, path) {
  return join(projectsDir, project, "node_modules", path);
}

/** A Hardhat artifact that a package of a project published: `abi`, `bytecode`. */
export function published(project, path) {
  return JSON.parse(readFileSync(packageFile(project, path), "utf8"));
}
