// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// The other side of the calls below.
contract Callee {
    uint256 public stored;
    address public lastSender;

    function store(uint256 value) external payable returns (uint256 old) {
        old = stored;
        stored = value;
        lastSender = msg.sender;
    }

    function depth(uint256 n) external returns (uint256) {
        return n == 0 ? 0 : 1 + Callee(msg.sender).depth(n - 1);
    }
}

/// CALL, STATICCALL and DELEGATECALL, with what comes of them.
contract Caller {
    uint256 public stored;
    address public lastSender;

    function call(address to, uint256 value) external returns (bool ok, bytes memory data) {
        (ok, data) = to.call(abi.encodeCall(Callee.store, (value)));
    }

    function callWithValue(address to, uint256 value) external payable returns (bool ok, bytes memory data) {
        (ok, data) = to.call{value: msg.value}(abi.encodeCall(Callee.store, (value)));
    }

    /// A write below a STATICCALL: must fail.
    function staticWrite(address to, uint256 value) external view returns (bool ok) {
        (ok,) = to.staticcall(abi.encodeCall(Callee.store, (value)));
    }

    /// Writes our own slots by the other's code.
    function delegate(address to, uint256 value) external returns (bool ok, bytes memory data) {
        (ok, data) = to.delegatecall(abi.encodeCall(Callee.store, (value)));
    }

    function callWithGas(address to, uint256 gas_, uint256 value) external returns (bool ok) {
        (ok,) = to.call{gas: gas_}(abi.encodeCall(Callee.store, (value)));
    }

    /// To and fro between two contracts, `n` calls deep.
    function depth(uint256 n) external returns (uint256) {
        return n == 0 ? 0 : 1 + Callee(msg.sender).depth(n - 1);
    }

    function startDepth(Callee other, uint256 n) external returns (uint256) {
        return other.depth(n);
    }
}
