// Foundry's programs as npm brings them.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = join(dirname(fileURLToPath(import.meta.url)), "..", "node_modules", "@foundry-rs");

/**
 * The path of a program (`cast`, `forge`). The package of the platform is asked rather than the wrapper in
 * `.bin`, which gives exit code 0 whatever the program gave.
 */
export function foundry(program) {
  const machine = { x64: "amd64", arm64: "arm64" }[process.arch];
  const path = join(packages, `${program}-${process.platform}-${machine}`, "bin", program);
  if (!existsSync(path)) throw new Error(`${path} is missing: run 'npm install' in solidity-fixtures/`);
  return path;
}
