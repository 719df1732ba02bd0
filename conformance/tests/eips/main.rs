//! One file an EIP: undefined before its fork, works after, edges, cost.

mod world;

mod eip1153;
mod eip2537;
mod eip2929;
mod eip3541;
mod eip3607;
mod eip3651;
mod eip3855;
mod eip3860;
mod eip4399;
mod eip4844;
mod eip5656;
mod eip6780;
mod eip7516;
mod eip7610;
mod eip7623;
mod eip7702;
mod eip7823;
mod eip7825;
mod eip7883;
mod eip7939;
mod eip7951;
