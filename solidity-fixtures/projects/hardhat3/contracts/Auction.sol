// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import "hardhat/console.sol";

/// One lot, sold to the highest bidder at a fixed time.
contract Auction is ERC721 {
    event Bid(address indexed bidder, uint256 amount);
    event Settled(address indexed winner, uint256 amount);

    error TooLow(uint256 offered, uint256 atLeast);
    error Open(uint256 closesAt);

    uint256 public constant LOT = 1;
    uint256 public immutable closesAt;
    address payable public immutable seller;
    address public leader;
    uint256 public highest;
    mapping(address => uint256) public refunds;

    constructor(uint256 seconds_) ERC721("Lot", "LOT") {
        seller = payable(msg.sender);
        closesAt = block.timestamp + seconds_;
        _mint(address(this), LOT);
    }

    function bid() external payable {
        require(block.timestamp < closesAt, "auction is closed");
        if (msg.value <= highest) revert TooLow(msg.value, highest + 1);
        console.log("bid of %d by %s", msg.value, msg.sender);
        if (leader != address(0)) refunds[leader] += highest;
        (leader, highest) = (msg.sender, msg.value);
        emit Bid(msg.sender, msg.value);
    }

    function withdraw() external returns (uint256 amount) {
        amount = refunds[msg.sender];
        delete refunds[msg.sender];
        payable(msg.sender).transfer(amount);
    }

    function settle() external {
        if (block.timestamp < closesAt) revert Open(closesAt);
        emit Settled(leader, highest);
        _transfer(address(this), leader, LOT);
        seller.transfer(highest);
    }
}
