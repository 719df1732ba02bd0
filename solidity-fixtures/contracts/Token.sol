// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// An OpenZeppelin ERC-20 with a cap on what its owner may mint.
contract Token is ERC20 {
    /// The owner asked for `requested` new units where only `available` are left under the cap.
    error CapExceeded(uint256 requested, uint256 available);
    /// `caller` is not the owner.
    error NotOwner(address caller);

    address public immutable owner;
    uint256 public immutable cap;

    constructor(string memory name_, string memory symbol_, uint256 supply, uint256 cap_) ERC20(name_, symbol_) {
        owner = msg.sender;
        cap = cap_;
        _mint(msg.sender, supply);
    }

    function mint(address to, uint256 amount) external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        uint256 available = cap - totalSupply();
        if (amount > available) revert CapExceeded(amount, available);
        _mint(to, amount);
    }

    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }
}
