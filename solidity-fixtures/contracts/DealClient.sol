// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// A contract that has data stored: it pays into Filecoin's storage market, and the market asks it whether it wants a
/// deal (AuthenticateMessage) and tells it when one was published (MarketNotifyDeal).
contract DealClient {
    address private constant CALL_ACTOR_ID = 0xfe00000000000000000000000000000000000005;
    /// The market, f05, as a contract sees it.
    address private constant MARKET = 0xff00000000000000000000000000000000000005;
    uint64 private constant MARKET_ID = 5;
    uint64 private constant ADD_BALANCE = 822473126;
    uint64 private constant AUTHENTICATE_MESSAGE = 2643134072;
    uint64 private constant MARKET_NOTIFY_DEAL = 4186741094;
    uint64 private constant CBOR = 0x51;

    error NotTheMarket(address who);
    error UnknownMethod(uint64 method);
    error MarketFailed(int256 exitCode);

    event Published(bytes32 indexed params, uint256 length);

    address public immutable owner = msg.sender;
    bytes32 public wanted;
    uint256 public published;

    /// Only deals whose proposal hashes to this are wanted.
    function want(bytes32 proposal) external {
        require(msg.sender == owner, "not the owner");
        wanted = proposal;
    }

    /// Pays into the market. `own` is this contract's address as the market wants it, CBOR.
    function deposit(bytes calldata own) external payable {
        (bool ok, bytes memory out) =
            CALL_ACTOR_ID.delegatecall(abi.encode(ADD_BALANCE, msg.value, uint64(0), CBOR, own, MARKET_ID));
        require(ok, "call_actor refused its input");
        (int256 exitCode,,) = abi.decode(out, (int256, uint64, bytes));
        if (exitCode != 0) revert MarketFailed(exitCode);
    }

    /// Messages of native actors.
    function handle_filecoin_method(uint64 method, uint64, bytes calldata params)
        external
        returns (uint32, uint64, bytes memory)
    {
        if (msg.sender != MARKET) revert NotTheMarket(msg.sender);
        if (method == AUTHENTICATE_MESSAGE) {
            // The market asks by a read-only call. CBOR true or false.
            return (0, CBOR, keccak256(params) == wanted ? bytes(hex"f5") : bytes(hex"f4"));
        }
        if (method == MARKET_NOTIFY_DEAL) {
            published++;
            emit Published(keccak256(params), params.length);
            return (0, 0, "");
        }
        revert UnknownMethod(method);
    }
}
