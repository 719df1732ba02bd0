// Bad input over JSON-RPC: a clear error with geth's code each time; the node stays up and nothing changes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Transaction, Wallet, concat, encodeRlp, keccak256, parseEther } from "ethers";
import { devWallet } from "../../lib/ethers6.mjs";
import { CHAIN_ID, post, request, rpc, startNode } from "../../lib/node.mjs";

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
/** What geth answers for everything that a transaction or a state cannot do. */
const SERVER_ERROR = -32000;

let node, sender, receiver;

before(async () => {
  node = await startNode();
  sender = devWallet(0);
  receiver = devWallet(1).address;
});
after(() => node?.stop());

/** All that a refused request must leave as it was. */
async function fingerprint() {
  const accounts = await rpc(node.url, "eth_accounts");
  const of = (account) => ["eth_getBalance", "eth_getTransactionCount"].map((m) => rpc(node.url, m, [account, "latest"]));
  return JSON.stringify(await Promise.all([rpc(node.url, "eth_blockNumber"), ...accounts.flatMap(of)]));
}

async function unchanged(action) {
  const state = await fingerprint();
  await action();
  assert.ok(node.alive(), `the node ended:\n${node.log()}`);
  assert.equal(await fingerprint(), state);
}

/** Posts a body that is no good and gives the error of the answer. */
async function errorOf(body) {
  const { text } = await post(node.url, body);
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    assert.fail(`no JSON in answer to ${String(body).slice(0, 60)}: ${text}`);
  }
  assert.ok(answer.error, `an error is due to ${String(body).slice(0, 60)}: ${text}`);
  assert.ok(answer.error.message.length > 5, "the message says something");
  return answer;
}

/** Sends a raw transaction that must be refused with geth's code and words like these. */
async function refused(raw, words) {
  const { error } = await request(node.url, "eth_sendRawTransaction", [raw]);
  assert.ok(error, `accepted: ${String(raw).slice(0, 80)}`);
  assert.match(error.message, words);
  return error;
}

/** A transaction of the first account that would be good, changed by `changes`, signed. */
async function signed(changes = {}, wallet = sender) {
  const nonce = Number(await rpc(node.url, "eth_getTransactionCount", [wallet.address, "latest"]));
  const gasPrice = BigInt(await rpc(node.url, "eth_gasPrice"));
  const gas = await rpc(node.url, "eth_estimateGas", [{ from: sender.address, to: receiver, value: "0x1" }]);
  return wallet.signTransaction({
    type: 2,
    chainId: CHAIN_ID,
    nonce,
    to: receiver,
    value: 1n,
    gasLimit: BigInt(gas) * 2n,
    maxFeePerGas: gasPrice * 2n,
    maxPriorityFeePerGas: gasPrice < 1000n ? gasPrice : 1000n,
    ...changes,
  });
}

describe("malformed requests", () => {
  test("bodies that are no JSON", () =>
    unchanged(async () => {
      for (const body of ["{", "not json", '{"jsonrpc":"2.0",', "\u0000", '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"']) {
        assert.equal((await errorOf(body)).error.code, PARSE_ERROR, body);
      }
      assert.equal((await errorOf(new Uint8Array([0xff, 0xfe, 0x80]))).error.code, PARSE_ERROR);
    }));

  test("JSON that is no request", () =>
    unchanged(async () => {
      for (const body of ["42", '"eth_chainId"', "{}", '{"jsonrpc":"2.0","id":1}', '{"jsonrpc":"2.0","id":1,"method":7}', "[]"]) {
        assert.equal((await errorOf(body)).error.code, INVALID_REQUEST, body);
      }
    }));

  test("a batch with bad members answers each", () =>
    unchanged(async () => {
      const { text } = await post(node.url, [
        { jsonrpc: "2.0", id: 1, method: "eth_chainId" },
        7,
        { jsonrpc: "2.0", id: 3, method: "eth_getBalance", params: ["0x12"] },
      ]);
      const answers = JSON.parse(text);
      assert.equal(answers.length, 3);
      assert.equal(BigInt(answers.find((a) => a.id === 1).result), CHAIN_ID);
      assert.equal(answers.find((a) => a.id === 3).error.code, INVALID_PARAMS);
      assert.equal(answers.find((a) => a.id !== 1 && a.id !== 3).error.code, INVALID_REQUEST);
    }));

  test("deep nesting and an empty body do not take the node down", () =>
    unchanged(async () => {
      for (const body of ["[".repeat(200_000), '{"a":'.repeat(200_000), ""]) {
        const { status } = await post(node.url, body);
        assert.ok(status >= 200 && status < 600);
      }
    }));

  test("unknown methods are named", () =>
    unchanged(async () => {
      for (const method of ["eth_noSuchMethod", "foo", "", "eth_"]) {
        const { error } = await request(node.url, method);
        assert.equal(error.code, METHOD_NOT_FOUND);
        assert.ok(error.message.includes(method), error.message);
      }
    }));

  test("the id of the request comes back with the error", () =>
    unchanged(async () => {
      for (const id of [0, 77, "abc"]) {
        const { text } = await post(node.url, { jsonrpc: "2.0", id, method: "eth_noSuchMethod" });
        assert.deepEqual(JSON.parse(text).id, id);
      }
    }));
});

describe("bad parameters", () => {
  const address = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
  const cases = [
    ["eth_getBalance", [], "missing parameter"],
    ["eth_getBalance", [42, "latest"], "a number for an address"],
    ["eth_getBalance", ["0x1234", "latest"], "a short address"],
    ["eth_getBalance", [`${address}00`, "latest"], "a long address"],
    ["eth_getBalance", [`${address.slice(0, -2)}zz`, "latest"], "an address that is no hex"],
    ["eth_getBalance", [address, "newest"], "an unknown block tag"],
    ["eth_getBalance", [address, "-0x1"], "a negative block number"],
    ["eth_getBalance", [address, "0x10000000000000000"], "a block number above 64 bits"],
    ["eth_getStorageAt", [address, "0xzz", "latest"], "a slot that is no hex"],
    ["eth_call", ["0x", "latest"], "a string for a call object"],
    ["eth_call", [{ to: address, data: "0x123" }, "latest"], "data of odd length"],
    ["eth_call", [{ to: address, data: "0xgg" }, "latest"], "data that is no hex"],
    ["eth_call", [{ to: address, value: "-0x1" }, "latest"], "a negative value"],
    ["eth_call", [{ to: address, value: `0x1${"0".repeat(64)}` }, "latest"], "a value above 256 bits"],
    ["eth_estimateGas", [{ to: "nowhere" }], "a name for an address"],
    ["eth_getTransactionReceipt", ["0x1234"], "a short hash"],
    ["eth_getBlockByNumber", [], "no block"],
    ["eth_getBlockByNumber", ["latest", "yes"], "a string for a flag"],
    ["eth_getLogs", [{ address: "0x12" }], "a filter with a short address"],
    ["eth_getLogs", [{ topics: ["0x12"] }], "a short topic"],
    ["eth_sendRawTransaction", [], "no transaction"],
    ["eth_sendRawTransaction", ["hello"], "a transaction that is no hex"],
    ["eth_sendRawTransaction", ["0x123"], "a transaction of odd length"],
    ["eth_sendRawTransaction", [7], "a number for a transaction"],
  ];
  for (const [method, params, what] of cases) {
    test(`${method}: ${what}`, () =>
      unchanged(async () => {
        const { error } = await request(node.url, method, params);
        assert.ok(error, "an error is due");
        assert.equal(error.code, INVALID_PARAMS, error.message);
        assert.ok(error.message.length > 10, error.message);
      }));
  }

  test("a block that does not exist yet", () =>
    unchanged(async () => {
      const { error } = await request(node.url, "eth_getBalance", [address, "0xffffffff"]);
      assert.ok(error);
      assert.equal(error.code, SERVER_ERROR, error.message);
    }));
});

describe("transactions that cannot be", () => {
  test("garbage", () =>
    unchanged(async () => {
      const good = await signed();
      await refused("0x", /./);
      for (const raw of ["0x00", "0xc0", "0x02", "0x02c0", "0xdeadbeef", `${good}00`, good.slice(0, -2), good.slice(0, 60)]) {
        const error = await refused(raw, /.{5,}/);
        assert.ok([SERVER_ERROR, INVALID_PARAMS].includes(error.code), `${error.code} ${error.message}`);
      }
    }));

  test("unknown types", () =>
    unchanged(async () => {
      await refused(concat(["0x7f", "0xc0"]), /type/i);
    }));

  test("a wrong chain ID", () =>
    unchanged(async () => {
      await refused(await signed({ chainId: 1n }), /chain id/i);
      const legacy = { type: 0, chainId: 1n, gasPrice: 10n ** 9n, maxFeePerGas: undefined, maxPriorityFeePerGas: undefined };
      await refused(await signed(legacy), /chain id|replay/i);
    }));

  test("a nonce that is used", async () => {
    const raw = await signed();
    await rpc(node.url, "eth_sendRawTransaction", [raw]);
    await unchanged(async () => {
      await refused(raw, /already known|nonce too low/i);
      await refused(await signed({ nonce: 0, value: 2n }), /nonce too low/i);
    });
  });

  test("too little balance", () =>
    unchanged(async () => {
      await refused(await signed({}, Wallet.createRandom()), /insufficient funds/i);
      await refused(await signed({ value: parseEther("10001") }), /insufficient funds/i);
      await refused(await signed({ maxFeePerGas: 10n ** 20n }), /insufficient funds/i);
    }));

  test("too little and too much gas", () =>
    unchanged(async () => {
      await refused(await signed({ gasLimit: 1000n }), /gas/i);
      await refused(await signed({ gasLimit: 10n ** 11n }), /gas limit|exceeds/i);
    }));

  test("a tip above the fee cap", () =>
    unchanged(async () => {
      const { fields } = parts(Transaction.from(await signed()));
      [fields[2], fields[3]] = [integer(1001n), integer(1000n)];
      const { r, s, yParity } = sender.signingKey.sign(keccak256(concat(["0x02", encodeRlp(fields)])));
      await refused(encode(fields, yParity, BigInt(r), BigInt(s)), /priority fee/i);
    }));

  test("signatures that are none: high s (EIP-2), zeros, a parity of 2", () =>
    unchanged(async () => {
      const { fields, yParity, r, s } = parts(Transaction.from(await signed()));
      // The group order minus s signs the same with the other parity, but is not canonical.
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      await refused(encode(fields, 1 - yParity, r, order - s), /signature|sender/i);
      await refused(encode(fields, 0, 0n, 0n), /signature|sender/i);
      await refused(encode(fields, 2, r, s), /.{5,}/);
    }));
});

/** An integer as RLP wants it. */
function integer(x) {
  const hex = BigInt(x).toString(16);
  return BigInt(x) === 0n ? "0x" : `0x${hex.length % 2 ? "0" : ""}${hex}`;
}

/** The nine unsigned fields of a type 2 transaction (EIP-1559), and its signature. */
function parts({ chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, value, data, signature }) {
  const numbers = [chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit].map(integer);
  const { yParity, r, s } = signature;
  return { fields: [...numbers, to, integer(value), data, []], yParity, r: BigInt(r), s: BigInt(s) };
}

/** A type 2 transaction with any signature, as ethers would not encode it. */
function encode(fields, yParity, r, s) {
  return concat(["0x02", encodeRlp([...fields, integer(yParity), integer(r), integer(s)])]);
}
