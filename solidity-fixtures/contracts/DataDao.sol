// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// A DAO that pays storage providers for keeping its data. Providers are Filecoin actors: their addresses are resolved
/// and their bounties paid by Filecoin's precompiles.
contract DataDao {
    address private constant RESOLVE_ADDRESS = 0xFE00000000000000000000000000000000000001;
    address private constant LOOKUP_DELEGATED_ADDRESS = 0xfE00000000000000000000000000000000000002;
    address private constant CALL_ACTOR_ID = 0xfe00000000000000000000000000000000000005;
    uint64 private constant METHOD_SEND = 0;

    event Proposed(uint256 indexed id, bytes cid, uint64 provider, uint256 bounty);
    event Paid(uint256 indexed id, uint64 provider, uint256 bounty);

    error UnknownProvider(bytes filAddress);
    error NotMember(address who);
    error AlreadyVoted();
    error NoMajority(uint256 votes, uint256 needed);
    error PaymentFailed(int256 exitCode);

    struct Proposal {
        bytes cid;
        uint64 provider;
        uint256 bounty;
        uint256 votes;
        bool paid;
    }

    mapping(address => bool) public isMember;
    mapping(uint256 => mapping(address => bool)) private voted;
    uint256 public immutable members;
    Proposal[] public proposals;

    modifier onlyMember() {
        if (!isMember[msg.sender]) revert NotMember(msg.sender);
        _;
    }

    constructor(address[] memory members_) payable {
        for (uint256 i; i < members_.length; ++i) isMember[members_[i]] = true;
        members = members_.length;
    }

    /// Proposes a bounty for a provider, a Filecoin address in bytes (protocol and payload).
    function propose(bytes calldata cid, bytes calldata provider, uint256 bounty) external onlyMember {
        (bool ok, bytes memory id) = RESOLVE_ADDRESS.staticcall(provider);
        if (!ok || id.length == 0) revert UnknownProvider(provider);
        uint64 actor = abi.decode(id, (uint64));
        proposals.push(Proposal(cid, actor, bounty, 0, false));
        emit Proposed(proposals.length - 1, cid, actor, bounty);
    }

    function vote(uint256 id) external onlyMember {
        if (voted[id][msg.sender]) revert AlreadyVoted();
        voted[id][msg.sender] = true;
        proposals[id].votes++;
    }

    /// Pays an accepted bounty, once.
    function pay(uint256 id) external {
        Proposal storage proposal = proposals[id];
        uint256 needed = members / 2 + 1;
        if (proposal.votes < needed) revert NoMajority(proposal.votes, needed);
        require(!proposal.paid, "paid already");
        proposal.paid = true;
        (bool ok, bytes memory out) = CALL_ACTOR_ID.delegatecall(
            abi.encode(METHOD_SEND, proposal.bounty, uint64(0), uint64(0), bytes(""), proposal.provider)
        );
        require(ok, "call_actor refused its input");
        (int256 exitCode,,) = abi.decode(out, (int256, uint64, bytes));
        if (exitCode != 0) revert PaymentFailed(exitCode);
        emit Paid(id, proposal.provider, proposal.bounty);
    }

    /// The f410 address of a provider, empty for one that has none.
    function delegatedAddress(uint256 id) external view returns (bytes memory out) {
        bool ok;
        (ok, out) = LOOKUP_DELEGATED_ADDRESS.staticcall(abi.encode(uint256(proposals[id].provider)));
        require(ok, "lookup failed");
    }
}
