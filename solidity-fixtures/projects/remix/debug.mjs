// Deploys a contract, and steps through a transaction of it with Remix's own debugger. Writes what the debugger shows
// as JSON. The compiler is the last whose output the debugger of npm reads.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import Web3 from "web3";

const require = createRequire(import.meta.url);
const solc = require("solc");
const remix = require("remix-lib");
const { EthDebugger } = require("remix-debug");
// The compiler takes every rejection on itself and prints all of its source.
process.removeAllListeners("unhandledRejection").removeAllListeners("uncaughtException");

const FILE = "Ledger.sol";
const content = readFileSync(new URL(FILE, import.meta.url), "utf8");
const output = JSON.parse(solc.compile(JSON.stringify({
  language: "Solidity",
  sources: { [FILE]: { content } },
  settings: { outputSelection: { "*": { "": ["legacyAST"], "*": ["abi", "evm.bytecode", "evm.deployedBytecode"] } } },
})));
if (output.errors) throw new Error(output.errors.map((error) => error.formattedMessage).join("\n"));
const { abi, evm } = output.contracts[FILE].Ledger;

const web3 = new Web3(process.env.FEVM_RPC_URL);
const [from, alice] = await web3.eth.getAccounts();
const ledger = await new web3.eth.Contract(abi).deploy({ data: evm.bytecode.object }).send({ from });
await ledger.methods.add(alice, 5).send({ from });
const { transactionHash } = await ledger.methods.add(alice, 37).send({ from });

remix.init.extendWeb3(web3);
const ethDebugger = new EthDebugger({ web3, compilationResult: () => ({ data: output }) });
const ask = (object, method, ...args) =>
  new Promise((resolve, reject) => object[method](...args, (error, result) => error ? reject(new Error(String(error))) : resolve(result)));
const built = new Promise((resolve, reject) => {
  ethDebugger.callTree.event.register("callTreeReady", resolve);
  ethDebugger.callTree.event.register("callTreeBuildFailed", (error) => reject(new Error(JSON.stringify(error))));
});
const transaction = await web3.eth.getTransaction(transactionHash);
ethDebugger.debug(transaction);
await built;

const { traceManager } = ethDebugger;
const { trace } = traceManager;
/** The last step whose source begins so, with what Remix's panels show there. */
async function at(source) {
  for (let step = trace.length - 1; step >= 0; step -= 1) {
    const location = await ask(ethDebugger, "sourceLocationFromVMTraceIndex", transaction.to, step);
    if (!content.slice(location.start, location.start + location.length).startsWith(source)) continue;
    const variables = await ask(ethDebugger, "extractStateAt", step);
    return {
      step,
      line: content.slice(0, location.start).split("\n").length,
      state: await ask(ethDebugger, "decodeStateAt", step, variables),
      locals: await ask(ethDebugger, "decodeLocalsAt", step, location),
      stack: await ask(traceManager, "getStackAt", step),
      memory: await ask(traceManager, "getMemoryAt", step),
    };
  }
  throw new Error(`no step of '${source}'`);
}
const seen = {
  alice,
  steps: trace.length,
  first: trace[0],
  calldata: await ask(traceManager, "getCallDataAt", 0),
  before: await at("balances[who] = sum"),
  after: await at("sum += i"),
};
console.log(JSON.stringify(seen));
process.exit(0);
