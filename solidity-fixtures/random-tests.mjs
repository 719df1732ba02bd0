// Writes state tests of random Solidity programs (lib/random-contract.mjs), for `fevm diff` and scripts/diff-all:
//
//   node random-tests.mjs FOLDER [COUNT [SEED]]     default: 20 programs from seed 1 on
//
// A file for each program: its source, and tests that call each function or deploy it. The expected state is left at
// zero: what counts is that both sides agree.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Interface } from "ethers";
import { MAIN, OTHER, generate } from "./lib/random-contract.mjs";

const solc = createRequire(fileURLToPath(import.meta.url))("solc");
const SENDER = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b";
const SECRET_KEY = "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8";
const ZERO = `0x${"00".repeat(32)}`;
const FORK = "Prague";

const [folder, count = "20", first = "1"] = process.argv.slice(2);
if (!folder || !/^\d+$/.test(count) || !/^\d+$/.test(first)) {
  console.error("usage: node random-tests.mjs FOLDER [COUNT [SEED]]");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

function compile({ source, settings }) {
  const input = {
    language: "Solidity",
    sources: { "random.sol": { content: source } },
    settings: {
      ...settings,
      evmVersion: "cancun",
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  return output.contracts["random.sol"];
}

const hex = (number) => `0x${BigInt(number).toString(16)}`;

function stateTest(contracts, to, data, value) {
  const contract = (code) => ({ balance: hex(10n ** 18n), nonce: "0x1", code, storage: {} });
  return {
    env: {
      currentCoinbase: "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba",
      currentDifficulty: "0x0",
      currentGasLimit: "0x5f5e100",
      currentNumber: "0x64",
      currentTimestamp: "0x3e8",
      currentRandom: ZERO,
      currentBaseFee: "0xa",
      currentExcessBlobGas: "0x0",
    },
    pre: {
      [SENDER]: { balance: hex(10n ** 22n), nonce: "0x0", code: "0x", storage: {} },
      [MAIN]: contract(`0x${contracts.Main.evm.deployedBytecode.object}`),
      [OTHER]: contract(`0x${contracts.Other.evm.deployedBytecode.object}`),
    },
    transaction: {
      data: [data],
      gasLimit: [hex(16_000_000)],
      gasPrice: "0xa",
      nonce: "0x0",
      to,
      value: [hex(value)],
      secretKey: SECRET_KEY,
      sender: SENDER,
    },
    post: { [FORK]: [{ hash: ZERO, logs: ZERO, indexes: { data: 0, gas: 0, value: 0 }, txbytes: "0x" }] },
  };
}

let failed = 0;
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const program = generate(seed);
  writeFileSync(join(folder, `${seed}.sol`), program.source);
  let contracts;
  try {
    contracts = compile(program);
  } catch (error) {
    // What is too large for the compiler's stack is no program.
    if (/Stack too deep|stack-too-deep|too deep inside the stack/i.test(error.message)) continue;
    failed++;
    console.error(`seed ${seed}: ${error.message}`);
    continue;
  }
  const abi = new Interface(contracts.Main.abi);
  const tests = {};
  for (const { name, args, value } of program.calls) {
    const [a, b, n, h, depth] = args;
    const word = `0x${h.toString(16).padStart(64, "0")}`;
    const data = abi.encodeFunctionData(name, [a, b, n, word, depth]);
    tests[`${seed}-${name}`] = stateTest(contracts, MAIN, data, value);
  }
  if (contracts.Main.evm.bytecode.object.length / 2 < 24_000) {
    tests[`${seed}-create`] = stateTest(contracts, "", `0x${contracts.Main.evm.bytecode.object}`, 0);
  }
  writeFileSync(join(folder, `${seed}.json`), `${JSON.stringify(tests, null, 1)}\n`);
}
process.exit(failed > 0 ? 1 : 0);
