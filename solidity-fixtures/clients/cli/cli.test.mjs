// The command line program: `fevm run` of a token, the bundle, and bad input of every kind.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { AbiCoder, Interface } from "ethers";
import { artifact } from "../../lib/artifacts.mjs";
import { FEVM, rpc, startNode } from "../../lib/node.mjs";

const build = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "build");
const ALICE = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
let folder;

before(() => (folder = mkdtempSync(join(tmpdir(), "fevm-cli-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs fevm; its exit code and what it wrote. */
const fevm = (...args) =>
  new Promise((resolve) => {
    execFile(FEVM, args, { timeout: 60_000, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr });
    });
  });

/** Runs fevm on bad input: exit code 2, one error that says something like this. */
async function refuses(words, ...args) {
  const { code, stdout, stderr } = await fevm(...args);
  assert.equal(code, 2, `${args.join(" ").slice(0, 100)}\n${stdout}\n${stderr}`);
  assert.match(stderr, words);
  assert.doesNotMatch(stderr, /panicked|backtrace/);
}

describe("fevm run", () => {
  const token = new Interface(artifact("Token").abi);
  const file = join(build, "Token.json");
  const args = AbiCoder.defaultAbiCoder().encode(["string", "string", "uint256", "uint256"], ["Run", "RUN", 1000, 1500]);
  const transfer = token.encodeFunctionData("transfer", [ALICE, 400]);

  test("deploys an ERC-20 and transfers, with gas and its breakdown", async () => {
    const read = token.encodeFunctionData("balanceOf", [ALICE]);
    const { code, stdout, stderr } = await fevm(
      "run", "--code", file, "--create", "--args", args, "--input", transfer, "--input", read, "--json",
    );
    assert.equal(code, 0, stderr);
    const steps = JSON.parse(stdout).steps ?? JSON.parse(stdout);
    assert.equal(steps.length, 3);
    const [creation, transferred, balance] = steps;
    assert.equal(creation.exitCode, 0);
    assert.equal(creation.code.length, artifact("Token").deployedBytecode.length);
    assert.deepEqual(token.parseLog(transferred.logs[0]).args.toArray()[2], 400n);
    assert.equal(BigInt(balance.return), 400n);
    assert.ok(transferred.gasUsed > 0 && transferred.gasUsed < creation.gasUsed);
    assert.ok(Object.keys(transferred.gas).length >= 4, JSON.stringify(transferred.gas));
  });

  test("for people: exit code, log, gas", async () => {
    const { stdout } = await fevm("run", "--code", file, "--create", "--args", args, "--input", transfer);
    assert.match(stdout, /^exit code +0/m);
    assert.match(stdout, /^log +0x/m);
    assert.match(stdout, /^gas used +\d+/m);
  });

  test("a revert is decoded, and the exit code of the program is 1", async () => {
    const counter = join(build, "Counter.json");
    const decrement = new Interface(artifact("Counter").abi).encodeFunctionData("decrement");
    const { code, stdout } = await fevm("run", "--code", counter, "--create", "--input", decrement);
    assert.equal(code, 1);
    assert.match(stdout, /Counter: already zero/);
    assert.match(stdout, /^exit code +33/m);
  });

  test("a flame graph of gas, by charge and by instruction", async () => {
    const deploy = ["run", "--code", file, "--create", "--args", args, "--input", transfer, "--json"];
    const [svg, text] = ["gas.svg", "gas.folded"].map((name) => join(folder, name));
    const { stdout } = await fevm(...deploy, "--profile", svg);
    assert.match(readFileSync(svg, "utf8"), /<svg [^]*OnBlockLink/);
    assert.equal((await fevm(...deploy, "--profile", text, "--opcodes")).code, 0);
    const lines = readFileSync(text, "utf8").trim().split("\n");
    assert.ok(lines.some((line) => /^2 call;evm f0\d+ InvokeEVM;SSTORE \d+$/.test(line)), lines.join("\n"));
    const gas = lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    const used = JSON.parse(stdout).steps.reduce((sum, step) => sum + step.gasUsed, 0);
    assert.ok(used - gas >= 0 && used - gas <= lines.length, `${gas} of ${used}`);
    await refuses(/--profile/, ...deploy, "--opcodes");
  });

  test("runtime code from the command line", async () => {
    const { code, stdout } = await fevm("run", "--code", "602a5f5260205ff3");
    assert.equal(code, 0);
    assert.match(stdout, /^return +0x0{62}2a$/m);
  });

  test("bad input", async () => {
    writeFileSync(join(folder, "not-hex.txt"), "this is no code\n");
    writeFileSync(join(folder, "no-artifact.json"), '{"abi": []}');
    writeFileSync(join(folder, "broken.json"), '{"abi": [');
    await refuses(/hex/, "run", "--code", "0xzz");
    await refuses(/digit/, "run", "--code", "0x123");
    await refuses(/no file|No such file/, "run", "--code", join(folder, "missing.hex"));
    await refuses(/not-hex\.txt/, "run", "--code", join(folder, "not-hex.txt"));
    await refuses(/no-artifact\.json/, "run", "--code", join(folder, "no-artifact.json"));
    await refuses(/broken\.json/, "run", "--code", join(folder, "broken.json"));
    await refuses(/--input/, "run", "--code", "00", "--input", "abc");
    await refuses(/--value/, "run", "--code", "00", "--value", "much");
    await refuses(/--gas/, "run", "--code", "00", "--gas", "many");
    await refuses(/--from/, "run", "--code", "00", "--from", "0x12");
    await refuses(/--code/, "run");
    await refuses(/bundle|missing\.car/i, "run", "--code", "00", "--bundle", join(folder, "missing.car"));
    writeFileSync(join(folder, "garbage.car"), Buffer.from([0x3a, 0xa2, 0xff, 0x00, 0x01]));
    await refuses(/garbage\.car/, "run", "--code", "00", "--bundle", join(folder, "garbage.car"));
  });
});

describe("fevm bundle", () => {
  test("writes a CAR with the sixteen names, the same bytes each time", async () => {
    const paths = ["a.car", "b.car"].map((name) => join(folder, name));
    const outputs = [];
    for (const path of paths) {
      const { code, stdout, stderr } = await fevm("bundle", "--output", path);
      assert.equal(code, 0, stderr);
      outputs.push(stdout);
    }
    assert.equal(outputs[0], outputs[1]);
    assert.ok(readFileSync(paths[0]).equals(readFileSync(paths[1])));
    const names = [
      "system", "init", "cron", "account", "storagepower", "storageminer", "storagemarket", "paymentchannel", "multisig",
      "reward", "verifiedregistry", "datacap", "placeholder", "evm", "eam", "ethaccount",
    ];
    const at = names.map((name) => outputs[0].search(new RegExp(`\\b${name}\\b`)));
    assert.ok(at.every((position) => position >= 0), outputs[0]);
    assert.equal(outputs[0].match(/\bbafk[a-z2-7]+/g).length >= names.length, true);
    // The node takes what was written.
    const run = await fevm("run", "--code", "602a5f5260205ff3", "--bundle", paths[0]);
    assert.equal(run.code, 0, run.stderr);
  });

  test("a place that cannot be written", async () => {
    await refuses(/nowhere/, "bundle", "--output", join(folder, "nowhere", "x.car"));
  });
});

describe("fevm profile", () => {
  let node, hash;
  before(async () => {
    node = await startNode();
    const [from] = await rpc(node.url, "eth_accounts");
    hash = await rpc(node.url, "eth_sendTransaction", [{ from, data: artifact("Counter").bytecode }]);
  });
  after(() => node.stop());

  test("of a node's transaction, as text and as a flame graph", async () => {
    const used = Number((await rpc(node.url, "eth_getTransactionReceipt", [hash])).gasUsed);
    const { stdout } = await fevm("profile", hash, "--rpc", node.url);
    const rows = stdout.trimEnd().split("\n").map((row) => /^ *(\d+) +([\d.]+) %  message;(.+)$/.exec(row).slice(1));
    const gas = rows.map(([gas]) => Number(gas));
    assert.deepEqual(gas, gas.toSorted((a, b) => b - a));
    const sum = gas.reduce((a, b) => a + b);
    assert.ok(used - sum >= 0 && used - sum <= rows.length, `${sum} of ${used}`);
    const svg = join(folder, "transaction.svg");
    assert.equal((await fevm("profile", hash, "--rpc", node.url, "--opcodes", "--output", svg)).code, 0);
    assert.match(readFileSync(svg, "utf8"), /<svg [^]*CODECOPY/);
  });

  test("bad input", async () => {
    await refuses(/want 64/, "profile", "0x12", "--rpc", node.url);
    await refuses(/not found/, "profile", `0x${"ab".repeat(32)}`, "--rpc", node.url);
    await refuses(/refused/, "profile", hash, "--rpc", "http://127.0.0.1:1");
    await refuses(/nowhere/, "profile", hash, "--rpc", node.url, "--output", join(folder, "nowhere", "x.svg"));
  });
});

describe("fevm node", () => {
  test("bad options", async () => {
    await refuses(/--port/, "node", "--port", "99999");
    await refuses(/--mnemonic|mnemonic/i, "node", "--port", "0", "--mnemonic", "one two three");
    await refuses(/--no-such-option/, "node", "--no-such-option");
  });

  test("a port that is taken", async () => {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address();
    try {
      await refuses(new RegExp(String(port)), "node", "--port", String(port));
    } finally {
      server.close();
    }
  });
});

describe("fevm", () => {
  test("--help names the subcommands, --version the version", async () => {
    const { code, stdout } = await fevm("--help");
    assert.equal(code, 0);
    for (const name of ["run", "node", "bundle", "address", "bench", "statetest"]) assert.match(stdout, new RegExp(`^  ${name} `, "m"));
    assert.match((await fevm("--version")).stdout, /^fevm \d+\.\d+\.\d+$/m);
    await refuses(/no-such-command/, "no-such-command");
  });
});
