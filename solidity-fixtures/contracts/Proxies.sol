// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {BeaconProxy} from "@openzeppelin/contracts/proxy/beacon/BeaconProxy.sol";
import {UpgradeableBeacon} from "@openzeppelin/contracts/proxy/beacon/UpgradeableBeacon.sol";
import {TransparentUpgradeableProxy} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";
import {ProxyAdmin} from "@openzeppelin/contracts/proxy/transparent/ProxyAdmin.sol";
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

/// A proxy whose admin, a contract of its own, alone may change its logic.
contract TransparentBoxProxy is TransparentUpgradeableProxy {
    constructor(address logic, address owner, bytes memory data) TransparentUpgradeableProxy(logic, owner, data) {}
}

/// Where many proxies look their logic up.
contract BoxBeacon is UpgradeableBeacon {
    constructor(address logic, address owner) UpgradeableBeacon(logic, owner) {}
}

/// A proxy of a beacon.
contract BoxBeaconProxy is BeaconProxy {
    constructor(address beacon, bytes memory data) BeaconProxy(beacon, data) {}
}

/// OpenZeppelin's admin of transparent proxies, for its interface.
contract BoxProxyAdmin is ProxyAdmin {
    constructor(address owner) ProxyAdmin(owner) {}
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
