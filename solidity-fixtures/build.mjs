// Compiles contracts/*.sol offline by npm's `solc` and writes build/<Contract>.json, with the fields
// `contractName`, `sourceName`, `abi`, `bytecode` (init code) and `deployedBytecode` (both 0x-prefixed hex).
// Uniswap V2 and WETH9 come from their published npm artifacts, byte for byte, in the same form.
// Does nothing when the inputs have not changed since the last build.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const contractsDir = join(here, "contracts");
const buildDir = join(here, "build");
const stampFile = join(buildDir, ".stamp");
const require = createRequire(import.meta.url);

/** Published artifacts: name → module path. */
const PUBLISHED = {
  UniswapV2Factory: "@uniswap/v2-core/build/UniswapV2Factory.json",
  UniswapV2Pair: "@uniswap/v2-core/build/UniswapV2Pair.json",
  UniswapV2Router02: "@uniswap/v2-periphery/build/UniswapV2Router02.json",
  WETH9: "@uniswap/v2-periphery/build/WETH9.json",
};

/** The compiler's defaults, but for the optimizer, which deployed contracts have on. */
const SETTINGS = {
  optimizer: { enabled: true, runs: 200 },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
};

function fail(message) {
  console.error(`solidity-fixtures: ${message}`);
  process.exit(1);
}

function inputsHash() {
  const hash = createHash("sha256");
  for (const file of ["build.mjs", "package.json"]) hash.update(readFileSync(join(here, file)));
  for (const file of readdirSync(contractsDir).sort()) {
    hash.update(file).update("\0").update(readFileSync(join(contractsDir, file)));
  }
  return hash.digest("hex");
}

function isUpToDate(hash) {
  if (!existsSync(stampFile)) return false;
  const stamp = JSON.parse(readFileSync(stampFile, "utf8"));
  return stamp.hash === hash && stamp.names.every((name) => existsSync(join(buildDir, `${name}.json`)));
}

/** Imports are npm packages; nothing is fetched. */
function findImport(path) {
  try {
    return { contents: readFileSync(require.resolve(path), "utf8") };
  } catch {
    return { error: `${path}: no such file in node_modules` };
  }
}

function compile() {
  const solc = require("solc");
  const sources = {};
  for (const file of readdirSync(contractsDir).filter((f) => f.endsWith(".sol"))) {
    sources[`contracts/${file}`] = { content: readFileSync(join(contractsDir, file), "utf8") };
  }
  const input = { language: "Solidity", sources, settings: SETTINGS };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: findImport }));
  const errors = (output.errors ?? []).filter((e) => e.severity === "error");
  if (errors.length > 0) fail(errors.map((e) => e.formattedMessage).join("\n"));

  const artifacts = [];
  for (const [sourceName, contracts] of Object.entries(output.contracts)) {
    if (!sourceName.startsWith("contracts/")) continue;
    for (const [contractName, c] of Object.entries(contracts)) {
      if (c.evm.bytecode.object === "") continue; // an interface
      artifacts.push({
        contractName,
        sourceName,
        abi: c.abi,
        bytecode: `0x${c.evm.bytecode.object}`,
        deployedBytecode: `0x${c.evm.deployedBytecode.object}`,
      });
    }
  }
  return artifacts;
}

function published() {
  return Object.entries(PUBLISHED).map(([contractName, sourceName]) => {
    const { abi, evm } = require(sourceName);
    return {
      contractName,
      sourceName,
      abi,
      bytecode: `0x${evm.bytecode.object}`,
      deployedBytecode: `0x${evm.deployedBytecode.object}`,
    };
  });
}

/** Two contracts of one name would overwrite each other's file. */
function checkNames(artifacts) {
  const seen = new Map();
  for (const { contractName, sourceName } of artifacts) {
    if (seen.has(contractName)) {
      fail(`two contracts are called ${contractName}: ${seen.get(contractName)} and ${sourceName}`);
    }
    seen.set(contractName, sourceName);
  }
}

const started = Date.now();
const hash = inputsHash();
if (isUpToDate(hash)) {
  console.log("solidity-fixtures: artifacts are up to date");
} else {
  const artifacts = [...compile(), ...published()];
  checkNames(artifacts);
  // Written beside and moved: a build that is cut short leaves nothing that looks whole.
  const fresh = `${buildDir}.tmp-${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  for (const artifact of artifacts) {
    writeFileSync(join(fresh, `${artifact.contractName}.json`), `${JSON.stringify(artifact, null, 1)}\n`);
  }
  writeFileSync(join(fresh, ".stamp"), JSON.stringify({ hash, names: artifacts.map((a) => a.contractName) }));
  rmSync(buildDir, { recursive: true, force: true });
  renameSync(fresh, buildDir);
  console.log(`solidity-fixtures: ${artifacts.length} artifacts written in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
