// Random Solidity: two contracts that call each other, and calls of the first. The same seed gives the same source.
//
// Programs use what real ones use: checked and unchecked arithmetic of many widths, packed storage, mappings, arrays,
// structs, transient variables, loops, internal and external calls, delegated and low-level ones, creations with and
// without salt, events, custom errors, try and catch, the ABI coder, hashes, and inline assembly. They never look at gas.

/** Random numbers from a seed (SplitMix64). */
export class Rng {
  #state;
  constructor(seed) {
    this.#state = BigInt(seed);
  }
  next() {
    const mask = (1n << 64n) - 1n;
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & mask;
    let z = this.#state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
    return z ^ (z >> 31n);
  }
  below(end) {
    return Number(this.next() % BigInt(end));
  }
  chance(percent) {
    return this.below(100) < percent;
  }
  pick(list) {
    return list[this.below(list.length)];
  }
}

export const MAIN = "0x1000000000000000000000000000000000001000";
export const OTHER = "0x2000000000000000000000000000000000002000";

/** Variables of the contracts, by type. */
const STORAGE = {
  uint256: ["total", "byKey[$K]", "nested[$K][$N]", "list[$K % list.length]", "item.amount", "items[$K].amount", "temporary"],
  uint64: ["small", "item.count", "packed[$K % 5]"],
  int128: ["signed", "items[$K].delta"],
  bool: ["flag", "item.open"],
  address: ["owner", "item.owner"],
  bytes32: ["digest", "digests[$K]"],
  uint8: ["tiny"],
};

const PREAMBLE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

struct Item { uint256 amount; uint64 count; bool open; int128 delta; address owner; }
error Refused(uint256 code, bytes32 why);
error Nothing();

contract Child {
    uint256 public value;
    constructor(uint256 start) payable {
        if (start % 7 == 3) revert Refused(start, keccak256(abi.encode(start)));
        value = start;
    }
    function add(uint256 by) external payable returns (uint256) { value += by; return value; }
    function end(address payable to) external { selfdestruct(to); }
}

abstract contract Base {
    uint256 internal total;
    uint64 internal small; int128 internal signed; bool internal flag; uint8 internal tiny;
    address internal owner;
    bytes32 internal digest;
    mapping(uint256 => uint256) internal byKey;
    mapping(uint256 => mapping(uint64 => uint256)) internal nested;
    mapping(uint256 => bytes32) internal digests;
    mapping(uint256 => Item) internal items;
    uint256[] internal list;
    uint64[5] internal packed;
    Item internal item;
    bytes internal blob;
    string internal text;
    uint256 transient temporary;

    event Happened(uint256 indexed what, bytes32 indexed why, int128 how, bytes data);
    event Plain(address a, uint64 b) anonymous;

    receive() external payable { total += msg.value; }

    /// A number that the compiler does not fold.
    function k(uint256 x) internal pure returns (uint256) { return x; }
    function whole(int128 x) internal pure returns (int128) { return x; }

    function zero(uint256 x) internal pure returns (bytes memory b) {
        b = new bytes(x % 70);
        for (uint256 i = 0; i < b.length; i++) b[i] = bytes1(uint8(x >> (i % 32)));
    }
`;

class Writer {
  constructor(rng, own, other, functions) {
    Object.assign(this, { rng, own, other, functions, locals: 0, unchecked: false });
    this.scope = { uint256: ["a", "b"], uint64: ["n"], int128: [], bool: [], address: [], bytes32: ["h"], uint8: [] };
  }

  place(type, readOnly = false) {
    const { rng } = this;
    const locals = this.scope[type];
    if (locals.length > 0 && rng.chance(readOnly ? 55 : 35)) return rng.pick(locals);
    const key = rng.pick(["a % 5", "n", "b & 3", "3"]);
    return rng.pick(STORAGE[type]).replaceAll("$K", `(${key})`).replaceAll("$N", "n");
  }

  constant(type) {
    const { rng } = this;
    switch (type) {
      case "uint256":
        return `k(${rng.pick(["0", "1", "2", "7", "255", "2**128 - 1", "type(uint256).max", "1 ether", `${rng.next()}`])})`;
      case "uint64":
        return `uint64(k(${rng.pick(["0", "1", "3", "type(uint64).max", `${rng.next() >> 33n}`])}))`;
      case "int128":
        return `whole(${rng.pick(["0", "-1", "5", "type(int128).min", "type(int128).max"])})`;
      case "bool":
        return rng.pick(["true", "false"]);
      case "address":
        return rng.pick(["msg.sender", "tx.origin", "address(this)", "address(0)", this.other, `address(uint160(${rng.next()}))`]);
      case "bytes32":
        return rng.pick(["bytes32(0)", `bytes32(uint256(${rng.next()}))`, 'bytes32("word")']);
      default:
        return `uint8(k(${rng.pick(["0", "1", "200"])}))`;
    }
  }

  /** An expression. */
  value(type, depth = 2) {
    const { rng } = this;
    if (depth === 0) return rng.chance(70) ? this.place(type, true) : this.constant(type);
    const of = (t) => this.value(t, depth - 1);
    const simple = () => of(type);
    switch (type) {
      case "uint256":
        return rng.pick([
          simple,
          simple,
          () => `(${of(type)} ${rng.pick(["+", "-", "*", "/", "%", "&", "|", "^"])} ${of(type)})`,
          () => `(${of(type)} ${rng.pick(["<<", ">>"])} (${of("uint64")} % 260))`,
          () => `(${of(type)} ** (${of("uint64")} % 5))`,
          () => `uint256(${of("uint64")})`,
          () => `uint256(${of("bytes32")})`,
          () => `uint256(int256(${of("int128")}))`,
          () => `uint256(uint160(${of("address")}))`,
          () => `(${of("bool")} ? ${of(type)} : ${of(type)})`,
          () => `addmod(${of(type)}, ${of(type)}, ${of(type)})`,
          () => `mulmod(${of(type)}, ${of(type)}, ${of(type)} | 1)`,
          () => `~${of(type)}`,
          () => rng.pick(["msg.value", "msg.data.length", "list.length", "blob.length", "address(this).balance", "block.number", "block.chainid"]),
          () => this.assembly(of),
        ])();
      case "uint64":
        return rng.pick([
          simple,
          simple,
          () => `uint64(${of("uint256")})`,
          () => `(${of(type)} ${rng.pick(["+", "-", "*", "/", "%", "^"])} ${of(type)})`,
          () => `uint64(${of("uint8")})`,
        ])();
      case "int128":
        return rng.pick([
          simple,
          simple,
          () => `int128(int256(${of("uint256")}))`,
          () => `(${of(type)} ${rng.pick(["+", "-", "*", "/", "%"])} ${of(type)})`,
          () => `(-${of(type)})`,
          () => `(${of(type)} >> (${of("uint64")} % 130))`,
        ])();
      case "bool":
        return rng.pick([
          simple,
          () => `(${of("uint256")} ${rng.pick(["<", ">", "==", "!=", "<=", ">="])} ${of("uint256")})`,
          () => `(${of("int128")} ${rng.pick(["<", ">=", "=="])} ${of("int128")})`,
          () => `(${of(type)} ${rng.pick(["&&", "||"])} ${of(type)})`,
          () => `!${of(type)}`,
          () => `(${of("address")} == ${of("address")})`,
        ])();
      case "address":
        return rng.pick([simple, simple, () => `address(uint160(${of("uint256")}))`])();
      case "bytes32":
        return rng.pick([
          simple,
          () => `bytes32(${of("uint256")})`,
          () => `keccak256(${this.data(depth - 1)})`,
          () => `sha256(${this.data(depth - 1)})`,
          () => `bytes32(ripemd160(${this.data(depth - 1)}))`,
          () => `(${of(type)} ^ ${of(type)})`,
          () => `(${of(type)} >> 8)`,
          () => `bytes32(uint256(uint160(ecrecover(${of(type)}, 27, ${of(type)}, ${of(type)}))))`,
          () => `address(${this.other}).codehash`,
        ])();
      default:
        return rng.pick([simple, () => `uint8(${of("uint256")})`, () => `uint8(${of("bytes32")}[${rng.below(32)}])`])();
    }
  }

  data(depth) {
    const { rng } = this;
    const of = (t) => this.value(t, Math.max(depth, 0));
    return rng.pick([
      () => `abi.encode(${of("uint256")}, ${of("int128")}, ${of("bool")})`,
      () => `abi.encodePacked(${of("uint64")}, ${of("bytes32")}, ${of("uint8")})`,
      () => `abi.encode(${of("address")}, blob, text)`,
      () => `bytes.concat(blob, abi.encode(${of("uint256")}))`,
      () => `zero(${of("uint256")})`,
      () => "msg.data",
      () => "bytes(text)",
    ])();
  }

  assembly(of) {
    const name = this.rng.pick(["mix", "peek", "signs", "copies"]);
    return `${name}(${of("uint256")}, ${of("uint256")})`;
  }

  /** A call of this contract, the other, or any function of either by another kind of call. */
  call() {
    const { rng } = this;
    const f = rng.pick(this.functions);
    const args = `(${this.value("uint256", 1)}, ${this.value("uint256", 1)}, ${this.value("uint64", 1)}, ${this.value("bytes32", 1)}, depth - 1)`;
    const target = rng.pick(["this", `${this.otherName}(payable(${this.other}))`]);
    const value = rng.chance(20) ? `{value: ${rng.pick(["1", "msg.value", "address(this).balance / 2", "2 ether"])}}` : "";
    const encoded = `abi.encodeCall(${this.otherName}.${f}, ${args})`;
    const result = this.place("uint256");
    return rng.pick([
      () => `${result} = ${f}${args};`,
      () => `${result} = ${target}.${f}${value}${args};`,
      () => `try ${target}.${f}${value}${args} returns (uint256 got) { ${result} = got; } catch Error(string memory why) { text = why; } catch Panic(uint256 code) { total ^= code; } catch (bytes memory why) { blob = why; }`,
      () => `{ (bool ok, bytes memory got) = ${this.other}.call${value}(${encoded}); flag = ok; digest ^= keccak256(got); }`,
      () => `{ (bool ok, bytes memory got) = ${this.other}.delegatecall(${encoded}); if (ok) ${result} = abi.decode(got, (uint256)); else blob = got; }`,
      () => `{ (bool ok, bytes memory got) = ${this.other}.staticcall(${encoded}); tiny = ok ? 1 : uint8(got.length); }`,
      () => `{ (bool ok, ) = payable(${this.value("address", 0)}).call{value: ${rng.pick(["0", "1", "3"])}}(""); flag = ok; }`,
    ])();
  }

  create() {
    const { rng } = this;
    const start = this.value("uint256", 1);
    const value = rng.chance(30) ? "value: 1, " : "";
    const result = this.place("uint256");
    return rng.pick([
      () => `{ Child made = new Child(${start}); ${result} = made.add(${this.value("uint256", 1)}); }`,
      () => `try new Child{${value}salt: ${this.value("bytes32", 1)}}(${start}) returns (Child made) { owner = address(made); } catch (bytes memory why) { blob = why; }`,
      () => `{ Child made = new Child{${value}salt: bytes32(uint256(${rng.below(3)}))}(7 * (a % 4)); owner = address(made); digest = address(made).codehash; total += address(made).code.length; }`,
    ])();
  }

  statement(depth) {
    const { rng } = this;
    const assign = () => {
      const type = rng.pick(["uint256", "uint256", "uint256", "uint64", "int128", "bool", "address", "bytes32", "uint8"]);
      return `${this.place(type)} = ${this.value(type)};`;
    };
    const block = (n) => {
      const kept = structuredClone(this.scope);
      const text = `{ ${Array.from({ length: 1 + rng.below(n) }, () => this.statement(depth - 1)).join(" ")} }`;
      this.scope = kept;
      return text;
    };
    const choices = [
      assign,
      assign,
      assign,
      () => {
        if (this.locals >= 2) return assign();
        const type = rng.pick(["uint256", "int128", "bytes32"]);
        const value = this.value(type);
        const name = `v${this.locals++}`;
        this.scope[type].push(name);
        return `${type} ${name} = ${value};`;
      },
      () => `list.push(${this.value("uint256")});`,
      () => "if (list.length > 1) list.pop();",
      () => `items[${this.value("uint256", 1)} % 5] = Item(${this.value("uint256", 1)}, n, flag, signed, owner);`,
      () => `delete ${rng.pick(["item", "packed", "items[a % 5]", "blob", "text", "byKey[b & 3]", "digests[n]"])};`,
      () => "item = items[b & 3];",
      () => `blob = ${this.data(1)};`,
      () => `text = string.concat(text, ${rng.pick(['"x"', '"a longer piece of text that needs more than one slot"'])});`,
      () => `emit Happened(${this.value("uint256", 1)}, ${this.value("bytes32", 1)}, signed, ${this.data(0)});`,
      () => `emit Plain(${this.value("address", 1)}, small);`,
      () => `require(${this.value("bool")}, "no");`,
      () => `if (${this.value("bool")}) revert Refused(${this.value("uint256", 1)}, digest);`,
    ];
    if (depth > 0) {
      choices.push(
        () => `if (${this.value("bool")}) ${block(3)} else ${block(2)}`,
        () => `for (uint256 i${depth} = 0; i${depth} < ${rng.pick(["2", "3", "a % 4", "n % 5"])}; i${depth}++) ${block(2)}`,
        () => {
          // These blocks do not nest.
          if (this.unchecked) return assign();
          this.unchecked = true;
          const text = `unchecked ${block(3)}`;
          this.unchecked = false;
          return text;
        },
        () => `if (depth > 0) { ${this.call()} }`,
        () => `if (depth > 0) { ${this.call()} }`,
        () => `if (depth > 0) { ${this.call()} }`,
        () => this.create(),
      );
    }
    return rng.pick(choices)();
  }

  body() {
    const statements = Array.from({ length: 3 + this.rng.below(5) }, () => this.statement(2));
    return `${statements.join("\n        ")}\n        return ${this.value("uint256", 1)};`;
  }
}

const HELPERS = `
    function mix(uint256 x, uint256 y) internal pure returns (uint256 z) {
        assembly { let p := mload(0x40) mstore(p, x) mstore8(add(p, 31), y) mstore(add(p, 32), byte(5, y)) z := keccak256(p, 64) mstore(0x40, add(p, 96)) }
    }
    function peek(uint256 x, uint256 y) internal view returns (uint256 z) {
        assembly { z := xor(add(calldataload(and(x, 0xff)), extcodesize(and(y, 0xffff))), add(calldatasize(), returndatasize())) z := add(z, extcodehash(address())) }
    }
    function signs(uint256 x, uint256 y) internal pure returns (uint256 z) {
        assembly { z := add(sdiv(x, y), smod(y, x)) z := xor(z, signextend(and(x, 31), y)) z := add(z, sar(and(y, 0x1ff), x)) z := add(z, sgt(x, y)) }
    }
    function copies(uint256 x, uint256 y) internal returns (uint256 z) {
        assembly { let p := mload(0x40) calldatacopy(p, and(x, 63), 96) codecopy(add(p, 96), and(y, 255), 64) mcopy(add(p, 16), p, 130) z := keccak256(p, 160) tstore(9, x) z := add(z, tload(9)) mstore(0x40, add(p, 192)) }
    }
`;

/** Source, and calls of contract \`Main\`: function, arguments, value. */
export function generate(seed) {
  const rng = new Rng(seed);
  const names = ["f0", "f1", "f2"];
  const contract = (name, otherName, other) => {
    const functions = names.map((f) => {
      const writer = new Writer(rng, name, other, names);
      writer.otherName = otherName;
      return `    function ${f}(uint256 a, uint256 b, uint64 n, bytes32 h, uint256 depth) public payable returns (uint256) {\n        ${writer.body()}\n    }`;
    });
    return `contract ${name} is Base {${HELPERS}\n${functions.join("\n")}\n}\n`;
  };
  const source = `${PREAMBLE}}\n\n${contract("Main", "Other", `address(${checksummed(OTHER)})`)}\n${contract("Other", "Main", `address(${checksummed(MAIN)})`)}`;
  const word = () => rng.pick([0n, 1n, 3n, 7n, 255n, rng.next(), (1n << 256n) - 1n, 1n << 255n, rng.next() << 100n]);
  const calls = names.map((name) => ({
    name,
    args: [word(), word(), rng.pick([0n, 1n, 5n, (1n << 64n) - 1n, rng.next() >> 40n]), word(), BigInt(rng.below(3))],
    value: rng.chance(40) ? BigInt(rng.below(1000)) : 0n,
  }));
  const settings = rng.pick([
    { optimizer: { enabled: true, runs: 200 } },
    { optimizer: { enabled: false } },
    { optimizer: { enabled: true, runs: 1 }, viaIR: true },
  ]);
  return { source, calls, settings };
}

/** Solidity takes addresses as numbers of 160 bits too, with no checksum to get right. */
function checksummed(address) {
  return `uint160(${BigInt(address)})`;
}
