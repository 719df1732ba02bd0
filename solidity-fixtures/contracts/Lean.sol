// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "solady/src/tokens/ERC20.sol";
import {ERC6909} from "solady/src/tokens/ERC6909.sol";
import {Multicallable} from "solady/src/utils/Multicallable.sol";
import {LibClone} from "solady/src/utils/LibClone.sol";
import {SSTORE2} from "solady/src/utils/SSTORE2.sol";

/// Solady's hand-written assembly: a token, batches.
contract LeanToken is ERC20, Multicallable {
    function name() public pure override returns (string memory) {
        return "Lean";
    }

    function symbol() public pure override returns (string memory) {
        return "LEAN";
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// Clones with immutable arguments, and data kept as code.
contract LeanFactory {
    event Cloned(address clone);
    event Written(address pointer);

    function clone(address implementation, bytes calldata args, bytes32 salt) external {
        emit Cloned(LibClone.cloneDeterministic(implementation, args, salt));
    }

    function predict(address implementation, bytes calldata args, bytes32 salt) external view returns (address) {
        return LibClone.predictDeterministicAddress(implementation, args, salt, address(this));
    }

    function argsOf(address instance) external view returns (bytes memory) {
        return LibClone.argsOnClone(instance);
    }

    function write(bytes calldata data) external {
        emit Written(SSTORE2.write(data));
    }

    function read(address pointer) external view returns (bytes memory) {
        return SSTORE2.read(pointer);
    }
}

/// Many tokens in one contract.
contract LeanMulti is ERC6909 {
    function name(uint256) public pure override returns (string memory) {
        return "Multi";
    }

    function symbol(uint256) public pure override returns (string memory) {
        return "MUL";
    }

    function tokenURI(uint256) public pure override returns (string memory) {
        return "";
    }

    function mint(address to, uint256 id, uint256 amount) external {
        _mint(to, id, amount);
    }
}
