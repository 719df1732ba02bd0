// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20FlashMint} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20FlashMint.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721Enumerable} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721Enumerable.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";

/// OpenZeppelin's ERC-721, enumerable.
contract Nft is ERC721Enumerable {
    constructor() ERC721("Fixture NFT", "NFT") {}

    function mint(address to, uint256 tokenId) external {
        _safeMint(to, tokenId);
    }
}

/// OpenZeppelin's ERC-1155.
contract MultiToken is ERC1155("ipfs://{id}") {
    function mintBatch(address to, uint256[] calldata ids, uint256[] calldata amounts) external {
        _mintBatch(to, ids, amounts, "");
    }
}

/// OpenZeppelin's ERC-4626 pot of a token.
contract Pot is ERC4626 {
    constructor(ERC20 asset_) ERC20("Pot", "POT") ERC4626(asset_) {}
}

/// OpenZeppelin's ERC-3156 lender, at a fee of one per mille.
contract FlashToken is ERC20FlashMint {
    constructor() ERC20("Flash", "FLA") {
        _mint(msg.sender, 1_000_000);
    }

    function _flashFee(address, uint256 value) internal pure override returns (uint256) {
        return value / 1000;
    }
}

/// Borrows, looks at what it has, and pays back if it is honest.
contract FlashBorrower is IERC3156FlashBorrower {
    bytes32 private constant DONE = keccak256("ERC3156FlashBorrower.onFlashLoan");
    uint256 public seen;
    bool public honest = true;

    function setHonest(bool honest_) external {
        honest = honest_;
    }

    function borrow(FlashToken lender, uint256 amount) external {
        lender.flashLoan(this, address(lender), amount, "");
    }

    function onFlashLoan(address, address token, uint256 amount, uint256 fee, bytes calldata) external returns (bytes32) {
        seen = ERC20(token).balanceOf(address(this));
        if (honest) ERC20(token).approve(token, amount + fee);
        return DONE;
    }
}
