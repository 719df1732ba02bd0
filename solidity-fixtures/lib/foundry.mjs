// Foundry's programs as npm brings them.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * The path of a program (`cast`, `forge`) among the packages of a folder. The package of the platform is asked rather than the wrapper in
 * `.bin`, which gives exit code 0 whatever the program gave.
 */
export function foundry(program, folder = fixtures) {
  const machine = { x64: "amd64", arm64: "arm64" }[process.arch];
  const path = join(folder, "node_modules", "@foundry-rs", `${program}-${process.platform}-${machine}`, "bin", program);
  if (!existsSync(path)) throw new Error(`${path} is missing: run 'npm install' in ${folder}`);
  return path;
}
