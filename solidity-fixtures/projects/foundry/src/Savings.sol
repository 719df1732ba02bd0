// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

contract Asset is ERC20 {
    constructor(uint256 supply, address holder) ERC20("Asset", "AST") {
        _mint(holder, supply);
    }
}

/// Shares in a pot of an asset (ERC-4626), at most so much of it.
contract Savings is ERC4626 {
    error PotFull(uint256 limit);

    uint256 public immutable limit;

    constructor(ERC20 asset_, uint256 limit_) ERC20("Savings", "SAV") ERC4626(asset_) {
        limit = limit_;
    }

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override {
        if (totalAssets() + assets > limit) revert PotFull(limit);
        super._deposit(caller, receiver, assets, shares);
    }
}
