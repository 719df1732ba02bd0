// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// Logic behind a UUPS proxy, first version.
contract BoxV1 is UUPSUpgradeable {
    address public owner;
    uint256 public value;

    error NotOwner(address caller);
    error AlreadyInitialized();

    function initialize(address owner_) external {
        if (owner != address(0)) revert AlreadyInitialized();
        owner = owner_;
    }

    function set(uint256 value_) external virtual {
        value = value_;
    }

    function version() external pure virtual returns (uint256) {
        return 1;
    }

    function _authorizeUpgrade(address) internal view override {
        if (msg.sender != owner) revert NotOwner(msg.sender);
    }
}

/// Second version: keeps twice what it is told.
contract BoxV2 is BoxV1 {
    function set(uint256 value_) external override {
        value = 2 * value_;
    }

    function version() external pure override returns (uint256) {
        return 2;
    }
}

/// The proxy, by OpenZeppelin.
contract BoxProxy is ERC1967Proxy {
    constructor(address implementation, bytes memory data) ERC1967Proxy(implementation, data) {}
}

/// EIP-1167 minimal clones of one logic.
contract CloneFactory {
    event Cloned(address indexed at);

    function clone(address logic, bytes32 salt) external returns (address at) {
        at = Clones.cloneDeterministic(logic, salt);
        emit Cloned(at);
    }

    function predict(address logic, bytes32 salt) external view returns (address) {
        return Clones.predictDeterministicAddress(logic, salt);
    }
}
