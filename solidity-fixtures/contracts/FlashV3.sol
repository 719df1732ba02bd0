// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

interface IPool {
    function flash(address recipient, uint256 amount0, uint256 amount1, bytes calldata data) external;
    function token0() external view returns (address);
}

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address, uint256) external returns (bool);
}

/// Borrows from a Uniswap V3 pool and pays back with the fee.
contract FlashV3 {
    uint256 public seen;
    uint256 public paid;

    function borrow(IPool pool, uint256 amount) external {
        pool.flash(address(this), amount, 0, abi.encode(pool, amount));
    }

    function uniswapV3FlashCallback(uint256 fee0, uint256, bytes calldata data) external {
        (IPool pool, uint256 amount) = abi.decode(data, (IPool, uint256));
        require(msg.sender == address(pool), "not the pool");
        IToken token = IToken(pool.token0());
        seen = token.balanceOf(address(this));
        paid = amount + fee0;
        token.transfer(msg.sender, paid);
    }
}
