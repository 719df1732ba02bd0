// Starts a real node for a test on a free port, and stops it.
//
// FEVM_NODE   the command that starts a node, default `<target>/release/fevm node`; ` --port N` is appended
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;

/** Chain ID of a node that was started without one. */
export const CHAIN_ID = 31415926n;
/** The mnemonic of the prefunded accounts. */
export const MNEMONIC = "test test test test test test test test test test test junk";
/** FIL of each prefunded account. */
export const FUNDS = 10_000n;

/** The command line program, as the build leaves it. */
export const FEVM = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "release", "fevm");

function nodeCommand() {
  return process.env.FEVM_NODE ? process.env.FEVM_NODE.split(" ") : [FEVM, "node"];
}

/** A TCP port that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Posts `body` (a string as it is, else as JSON) and gives HTTP status, headers and text. */
export async function post(url, body, headers = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** One JSON-RPC call; the whole answer, with `result` or `error`. */
export async function request(url, method, params = []) {
  const { text } = await post(url, { jsonrpc: "2.0", id: 1, method, params });
  return JSON.parse(text);
}

/** One JSON-RPC call; its result, or an exception with the error's code and data. */
export async function rpc(url, method, params = []) {
  const answer = await request(url, method, params);
  if (answer.error) throw Object.assign(new Error(`${method}: ${answer.error.message}`), answer.error);
  return answer.result;
}

/**
 * Starts a node and waits until it answers.
 * @param {string[]} args further arguments of `fevm node`
 * @returns {Promise<{url: string, port: number, pid: number, log: () => string, alive: () => boolean, stop: () => Promise<void>, kill: () => Promise<void>}>}
 * `stop` asks it to end; `kill` ends it at this instant, as a crash would.
 */
export async function startNode(args = []) {
  const [program, ...first] = nodeCommand();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(program, [...first, "--port", String(port), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  let ended = null;
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log += chunk));
  const exit = new Promise((resolve) => {
    child.once("error", (error) => resolve((ended = `cannot be started: ${error.message}`)));
    child.once("exit", (code, signal) => resolve((ended = `ended with ${signal ?? `exit code ${code}`}`)));
  });
  // A test that dies must not leave a node behind.
  const killChild = () => child.kill("SIGKILL");
  process.once("exit", killChild);

  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (ended) throw new Error(`${program} ${ended}\n${log}`);
    if (Date.now() > deadline) {
      killChild();
      throw new Error(`${program} gave no answer on ${url} within ${START_LIMIT_MS / 1000} s\n${log}`);
    }
    try {
      await rpc(url, "eth_chainId");
      break;
    } catch {
      await sleep(25);
    }
  }
  return {
    url,
    port,
    log: () => log,
    pid: child.pid,
    alive: () => ended === null,
    async kill() {
      process.removeListener("exit", killChild);
      killChild();
      await exit;
    },
    async stop() {
      process.removeListener("exit", killChild);
      if (ended) throw new Error(`the node ${ended} during the test\n${log}`);
      child.kill("SIGTERM");
      const limit = new AbortController();
      await Promise.race([exit, sleep(STOP_LIMIT_MS, null, { signal: limit.signal }).catch(() => {})]);
      limit.abort();
      if (!ended) {
        killChild();
        throw new Error(`the node did not stop within ${STOP_LIMIT_MS / 1000} s of SIGTERM\n${log}`);
      }
    },
  };
}
