// Sends every call that the execution APIs describe and that a development node can answer, and
// validates the answers. Prints a line for each call; the exit code is 1 if one is not as described.

import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import YAML from "yaml";

const [spec, url] = process.argv.slice(2);

// --- the schemas

function load(path) {
  if (!statSync(path).isDirectory()) {
    const document = JSON.parse(readFileSync(path, "utf8"));
    return {
      methods: document.methods,
      schemas: document.components.schemas,
    };
  }
  const read = (folder) =>
    readdirSync(join(path, "src", folder))
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => YAML.parse(readFileSync(join(path, "src", folder, name), "utf8")));
  const folders = readdirSync(join(path, "src")).filter((name) => !["engine", "schemas", "error-groups"].includes(name));
  return {
    methods: folders
      .filter((name) => statSync(join(path, "src", name)).isDirectory())
      .flatMap(read)
      .flat()
      .filter((method) => method?.name),
    schemas: Object.assign({}, ...read("schemas")),
  };
}

const { methods, schemas } = load(spec);
const ajv = new Ajv({ strict: false, allErrors: false });
addFormats(ajv);
ajv.addSchema({ $id: "spec", components: { schemas } });
const absolute = (value) =>
  JSON.parse(JSON.stringify(value).replaceAll('"#/components/schemas/', '"spec#/components/schemas/'));

function validator(name) {
  const method = methods.find((candidate) => candidate.name === name);
  if (!method) return null;
  const schema = method.result?.schema;
  return schema ? ajv.compile(absolute(schema)) : () => true;
}

// --- the node

let id = 0;
async function raw(method, params) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params }),
  });
  return response.json();
}

async function call(method, params = []) {
  const answer = await raw(method, params);
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}

const results = { as: 0, not: 0, refused: 0, unknown: 0 };
const asked = new Set();

async function check(method, params = [], { refused = false } = {}) {
  asked.add(method);
  const validate = validator(method);
  if (!validate) {
    results.unknown += 1;
    console.log(`?       ${method}: the schemas have no such method`);
    return null;
  }
  const answer = await raw(method, params);
  if (answer.error) {
    const kind = refused ? "refused" : "not";
    results[kind] += 1;
    console.log(`${kind.padEnd(7)} ${method}: ${answer.error.code} ${answer.error.message}`);
    return null;
  }
  if (validate(answer.result)) {
    results.as += 1;
    console.log(`ok      ${method}`);
  } else {
    results.not += 1;
    const error = validate.errors[0];
    console.log(`not     ${method}: ${error.instancePath || "/"} ${error.message} ${JSON.stringify(error.params)}`);
    console.log(`        ${JSON.stringify(answer.result).slice(0, 300)}`);
  }
  return answer.result;
}

// --- a chain to ask about

const [from, to] = await call("eth_accounts");
// Keeps the first word of the call data in slot 0 and logs it.
const runtime = "60003560005560003560005260aa60206000a1";
const init = `0x6013600c60003960136000f3${runtime}`;
const deployment = await call("eth_sendTransaction", [{ from, data: init }]);
const { contractAddress: contract } = await call("eth_getTransactionReceipt", [deployment]);
const word = `0x${"07".padStart(64, "0")}`;
const hash = await call("eth_sendTransaction", [{ from, to: contract, data: word }]);
const legacy = await call("eth_sendTransaction", [{ from, to, value: "0x1", gasPrice: await call("eth_gasPrice") }]);
const receipt = await call("eth_getTransactionReceipt", [hash]);
const block = receipt.blockHash;
const number = receipt.blockNumber;
const message = { from, to: contract, data: word };

// --- every method

for (const method of ["eth_chainId", "eth_syncing", "eth_coinbase", "eth_accounts", "eth_blockNumber", "net_version",
  "eth_gasPrice", "eth_maxPriorityFeePerGas", "eth_baseFee", "eth_config", "eth_capabilities",
  "txpool_status", "txpool_content", "txpool_inspect"]) {
  await check(method);
}
await check("txpool_contentFrom", [from]);
for (const full of [false, true]) {
  await check("eth_getBlockByHash", [block, full]);
  for (const tag of ["earliest", "latest", "pending", "safe", "finalized", number]) {
    await check("eth_getBlockByNumber", [tag, full]);
  }
}
await check("eth_getBlockByNumber", ["0xffffff", false]);
await check("eth_getHeaderByNumber", [number]);
await check("eth_getHeaderByHash", [block]);
await check("eth_getBlockTransactionCountByHash", [block]);
await check("eth_getBlockTransactionCountByNumber", [number]);
await check("eth_getUncleCountByBlockHash", [block]);
await check("eth_getUncleCountByBlockNumber", [number]);
await check("eth_getUncleByBlockHashAndIndex", [block, "0x0"]);
await check("eth_getUncleByBlockNumberAndIndex", [number, "0x0"]);
await check("eth_getBlockReceipts", [number]);
for (const transaction of [deployment, hash, legacy]) {
  await check("eth_getTransactionByHash", [transaction]);
  await check("eth_getTransactionReceipt", [transaction]);
}
await check("eth_getTransactionByHash", [`0x${"ab".repeat(32)}`]);
await check("eth_getTransactionReceipt", [`0x${"ab".repeat(32)}`]);
await check("eth_getTransactionByBlockHashAndIndex", [block, "0x0"]);
await check("eth_getTransactionByBlockNumberAndIndex", [number, "0x0"]);
await check("eth_getBalance", [from, "latest"]);
await check("eth_getCode", [contract, "latest"]);
await check("eth_getStorageAt", [contract, "0x0", "latest"]);
await check("eth_getStorageValues", [{ [contract]: [`0x${"0".repeat(64)}`] }, "latest"]);
await check("eth_getTransactionCount", [from, "latest"]);
await check("eth_call", [message, "latest"]);
await check("eth_estimateGas", [message]);
await check("eth_createAccessList", [message, "latest"]);
await check("eth_simulateV1", [{ blockStateCalls: [{ calls: [message, { from, to, value: "0x1" }] }], traceTransfers: true }, "latest"]);
await check("eth_simulateV1", [{ blockStateCalls: [{ calls: [{ from, data: "0xfe" }, { from, data: "0x60006000fd" }] }], returnFullTransactions: true }]);
await check("eth_feeHistory", ["0x3", "latest", [10, 50]]);
await check("eth_feeHistory", ["0x3", "latest", []]);
await check("eth_getLogs", [{ fromBlock: "0x0", toBlock: "latest" }]);
for (const [method, params] of [["eth_newFilter", [{ fromBlock: "0x0" }]], ["eth_newBlockFilter", []], ["eth_newPendingTransactionFilter", []]]) {
  const filter = await check(method, params);
  await call("evm_mine");
  await check("eth_getFilterChanges", [filter]);
  if (method === "eth_newFilter") await check("eth_getFilterLogs", [filter]);
  await check("eth_uninstallFilter", [filter]);
}
await check("eth_sign", [from, "0xdeadbeef"]);
await check("eth_signTransaction", [{ from, to, value: "0x1" }]);
await check("eth_fillTransaction", [{ from, to, value: "0x1" }]);
await check("eth_sendTransaction", [{ from, to, value: "0x1" }]);
const signed = await call("eth_signTransaction", [{ from, to, value: "0x1" }]);
await check("eth_sendRawTransaction", [signed.raw]);
const next = await call("eth_signTransaction", [{ from, to, value: "0x1" }]);
await check("eth_sendRawTransactionSync", [next.raw]);
for (const method of ["debug_getRawHeader", "debug_getRawBlock", "debug_getRawReceipts"]) await check(method, [number]);
await check("debug_getRawTransaction", [hash]);
await check("debug_traceBlockByNumber", [number, { tracer: "callTracer" }]);
await check("debug_traceBlockByHash", [block, { tracer: "callTracer" }]);
await check("eth_blobBaseFee", [], { refused: true });
await check("eth_getProof", [contract, ["0x0"], "latest"], { refused: true });

const rest = methods.map((method) => method.name).filter((name) => !asked.has(name) && !name.startsWith("engine_"));
if (rest.length > 0) console.log(`\nnot asked: ${rest.join(", ")}`);
console.log(`\n${results.as} as described, ${results.not} not, ${results.refused} refused for a reason, ${results.unknown} not in the schemas`);
process.exitCode = results.not > 0 ? 1 : 0;
