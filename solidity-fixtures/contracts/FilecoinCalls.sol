// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// Filecoin's own precompiles (FIP-0054, FIP-0055): addresses, native actors, randomness.
contract FilecoinCalls {
    address private constant RESOLVE_ADDRESS = 0xFE00000000000000000000000000000000000001;
    address private constant LOOKUP_DELEGATED_ADDRESS = 0xfE00000000000000000000000000000000000002;
    address private constant CALL_ACTOR = 0xfe00000000000000000000000000000000000003;
    address private constant CALL_ACTOR_ID = 0xfe00000000000000000000000000000000000005;
    address private constant GET_RANDOMNESS = 0xfE00000000000000000000000000000000000006;

    error UnknownAddress(bytes filAddress);
    error PrecompileFailed(address precompile);

    /// The ID of the actor behind a Filecoin address in bytes (protocol ‖ payload).
    function resolve(bytes memory filAddress) public view returns (uint64 id) {
        (bool ok, bytes memory out) = RESOLVE_ADDRESS.staticcall(filAddress);
        if (!ok) revert PrecompileFailed(RESOLVE_ADDRESS);
        if (out.length == 0) revert UnknownAddress(filAddress);
        return abi.decode(out, (uint64));
    }

    /// The f410 address (0x04 ‖ 0x0a ‖ 20 bytes) of an Ethereum address.
    function f410(address a) public pure returns (bytes memory) {
        return abi.encodePacked(hex"040a", a);
    }

    function idOf(address a) external view returns (uint64) {
        return resolve(f410(a));
    }

    /// The delegated address of an ID in bytes; empty if it has none.
    function delegatedAddress(uint64 id) external view returns (bytes memory out) {
        bool ok;
        (ok, out) = LOOKUP_DELEGATED_ADDRESS.staticcall(abi.encode(uint256(id)));
        if (!ok) revert PrecompileFailed(LOOKUP_DELEGATED_ADDRESS);
    }

    /// The beacon's randomness of an epoch.
    function randomness(uint256 epoch) external view returns (bytes32) {
        (bool ok, bytes memory out) = GET_RANDOMNESS.staticcall(abi.encode(epoch));
        if (!ok) revert PrecompileFailed(GET_RANDOMNESS);
        return abi.decode(out, (bytes32));
    }

    /// A native method by address; must be a DELEGATECALL to the precompile.
    function callActor(bytes memory filAddress, uint64 method, uint256 value, uint64 codec, bytes memory params)
        external
        payable
        returns (int256 exitCode, uint64 returnCodec, bytes memory data)
    {
        (bool ok, bytes memory out) =
            CALL_ACTOR.delegatecall(abi.encode(method, value, uint64(0), codec, params, filAddress));
        if (!ok) revert PrecompileFailed(CALL_ACTOR);
        return abi.decode(out, (int256, uint64, bytes));
    }

    /// A native method by actor ID.
    function callActorId(uint64 id, uint64 method, uint256 value, uint64 codec, bytes memory params)
        external
        payable
        returns (int256 exitCode, uint64 returnCodec, bytes memory data)
    {
        (bool ok, bytes memory out) =
            CALL_ACTOR_ID.delegatecall(abi.encode(method, value, uint64(0), codec, params, id));
        if (!ok) revert PrecompileFailed(CALL_ACTOR_ID);
        return abi.decode(out, (int256, uint64, bytes));
    }

    /// What goes wrong most often: a plain CALL to call_actor, which it refuses.
    function callActorByCall(uint64 id) external returns (bool ok) {
        (ok,) = CALL_ACTOR_ID.call(abi.encode(uint64(0), uint256(0), uint64(0), uint64(0), bytes(""), id));
    }

    event NativeCall(uint64 method, uint64 codec, bytes params);

    /// Where native actors call in (FRC-42 methods): answers exit code 0 and the parameters as they came.
    function handle_filecoin_method(uint64 method, uint64 codec, bytes calldata params)
        external
        returns (uint32, uint64, bytes memory)
    {
        emit NativeCall(method, codec, params);
        return (0, codec, params);
    }
}
