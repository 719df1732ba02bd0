// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// Logs of every shape.
contract Events {
    event Zero(uint256 value) anonymous;
    event One(uint256 value);
    event Two(address indexed who, uint256 value);
    event Three(address indexed who, uint256 indexed id, bytes data);
    event Four(address indexed who, uint256 indexed id, string indexed name, bytes32 note);
    event Empty();

    function all(uint256 id, string calldata name) external {
        emit Zero(id);
        emit One(id);
        emit Two(msg.sender, id);
        emit Three(msg.sender, id, bytes(name));
        emit Four(msg.sender, id, name, keccak256("note"));
        emit Empty();
    }

    function many(uint256 n) external {
        for (uint256 i = 0; i < n; i++) emit Two(msg.sender, i);
    }

    /// One log with `size` bytes of data and no topic.
    function sized(uint256 size) external {
        assembly {
            log0(mload(0x40), size)
        }
    }

    function emitThenRevert() external {
        emit One(1);
        revert("Events: undone");
    }

    /// The inner call's log is dropped, the outer ones stay.
    function emitAroundFailure() external {
        emit One(1);
        try this.emitThenRevert() {} catch {}
        emit One(2);
    }
}
