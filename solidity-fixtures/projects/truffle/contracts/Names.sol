// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// A library that is linked: deployed for itself, called by DELEGATECALL.
library Names {
    function key(string calldata name) external pure returns (bytes32) {
        return keccak256(bytes(name));
    }
}
