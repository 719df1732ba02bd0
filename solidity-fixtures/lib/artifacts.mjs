// Reads what build.mjs wrote.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const buildDir = join(dirname(fileURLToPath(import.meta.url)), "..", "build");

/** The artifact of a contract: `abi`, `bytecode`, `deployedBytecode`. */
export function artifact(name) {
  return JSON.parse(readFileSync(join(buildDir, `${name}.json`), "utf8"));
}
