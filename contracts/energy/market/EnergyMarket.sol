// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Signature} from "../../authority/ISigned.sol";
import {Signed} from "../../authority/Signed.sol";
import {PaymentAuthorization} from "../../finance/Payments.sol";
import {IIdentities} from "../../identity/IIdentities.sol";
import {EnergyAccounts} from "./EnergyAccounts.sol";
import {EnergyAgreements} from "./EnergyAgreements.sol";
import {EnergyClearing} from "./EnergyClearing.sol";
import {EnergyCorrection} from "./EnergyCorrection.sol";
import {EnergyLedger, LedgerKeys, MarketFrame} from "./EnergyLedger.sol";
import {EnergyMessages} from "./EnergyMessages.sol";
import {EnergyMoney} from "./EnergyMoney.sol";
import {EnergyOrders} from "./EnergyOrders.sol";
import {EnergySettlement} from "./EnergySettlement.sol";
import {EnergyViews} from "./EnergyViews.sol";
import {EnergyVoid} from "./EnergyVoid.sol";
import {
    AccountView,
    Agreement,
    BookClass,
    Delegate,
    FeederRow,
    IEnergyMarket,
    IntervalState,
    MarketSettings,
    Position,
    PostedBatch,
    Round,
    Share,
    SignedOrder,
    StandingOrder,
    Step
} from "./IEnergyMarket.sol";
import {IEnergyRegistry} from "../registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../readings/IMeterReadings.sol";

/// @title EnergyMarket
/// @notice Neighbours' market for electricity: a double auction for every interval, settled against the meter.
/// @dev This contract is the door: it takes signatures, checks roles and holds the money. What happens behind it is in
/// parts that work on the {EnergyLedger}: {EnergyAccounts}, {EnergyMoney}, {EnergyOrders}, {EnergyAgreements}, {EnergyClearing},
/// {EnergySettlement}, {EnergyCorrection}, {EnergyVoid} and {EnergyViews}. {UniformPriceAuction} has the formulas.
///
/// Trust: the registrar registers meters that exist and the tariff is what supplier and grid operator agreed; of meter,
/// operator and grid operator at most one lies about a reading; the settlement token moves what it is asked to move
/// (checked). The guardian can stop new orders and nothing else. Nobody can move, freeze or redirect the free money of an
/// account; clearing and settlement need nobody's consent and follow from what was posted alone.
///
/// Orders are checked by ECDSA directly, without nonce and deadline: an order counts once in its interval, and an interval
/// ends. Everything rarer takes the way of {Signed}.
contract EnergyMarket is IEnergyMarket, Signed, AccessManaged, Pausable, ReentrancyGuardTransient {
    /// @dev Decimals below which a money unit per Wh would be too coarse a price.
    uint8 private constant MIN_DECIMALS = 6;
    uint256 private constant DECIMALS_FIELD = 5;

    /// @inheritdoc IEnergyMarket
    IERC20 public immutable token;
    /// @inheritdoc IEnergyMarket
    IEnergyRegistry public immutable registry;
    /// @inheritdoc IEnergyMarket
    IMeterReadings public immutable readings;
    /// @inheritdoc IEnergyMarket
    IIdentities public immutable identities;
    /// @inheritdoc IEnergyMarket
    address public immutable supplier;
    /// @inheritdoc IEnergyMarket
    address public immutable gridOperator;
    /// @inheritdoc IEnergyMarket
    address public immutable community;

    uint64 private immutable _moneyUnit;
    uint32 private immutable _minimumWh;
    uint64 private immutable _supplierFloor;
    uint32 private immutable _intervalLength;
    uint32 private immutable _horizon;
    uint32 private immutable _gateLead;
    uint32 private immutable _longStop;
    uint32 private immutable _ring;

    EnergyLedger private _ledger;

    /// @param authority The city's AccessManager.
    /// @param token_ Settlement token, of at least 6 decimals.
    /// @param readings_ What the meters measured; names the registry and the identities as well.
    /// @param supplier_ Identity of the supplier.
    /// @param gridOperator_ Identity of the grid operator.
    /// @param community_ Identity that the community pot belongs to.
    /// @param settings_ What does not change.
    constructor(
        address authority,
        IERC20 token_,
        IMeterReadings readings_,
        address supplier_,
        address gridOperator_,
        address community_,
        MarketSettings memory settings_
    ) EIP712("Civitas Energy Market", "1") AccessManaged(authority) {
        uint8 decimals = IERC20Metadata(address(token_)).decimals();
        if (decimals < MIN_DECIMALS) revert EnergyMarketInvalidSetting(DECIMALS_FIELD, decimals, MIN_DECIMALS);
        token = token_;
        readings = readings_;
        registry = readings_.registry();
        identities = readings_.identities();
        supplier = supplier_;
        gridOperator = gridOperator_;
        community = community_;
        _intervalLength = registry.intervalLength();
        _horizon = registry.horizon();
        EnergyAccounts.checkSettings(settings_, _intervalLength, _horizon, readings_.window());
        _moneyUnit = settings_.moneyUnit;
        _gateLead = settings_.gateLead;
        _longStop = settings_.longStop;
        _minimumWh = settings_.minimumWh;
        _supplierFloor = settings_.supplierFloor;
        _ring = EnergyAccounts.ringFor(_intervalLength, _horizon, settings_.longStop);
    }

    // --- accounts

    /// @inheritdoc IEnergyMarket
    function openAccount(
        uint32 account,
        address signer,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external {
        address owner = registry.ownerOf(account);
        bytes32 message = EnergyMessages.accountOpening(account, signer, nonce, deadline);
        _authorizeOrSender(owner, message, nonce, deadline, signature);
        EnergyAccounts.open(_ledger, registry.meterOf(account), account, owner, signer);
    }

    /// @inheritdoc IEnergyMarket
    function refreshAccount(uint32 account) external {
        EnergyAccounts.refresh(_ledger, registry, account);
    }

    /// @inheritdoc IEnergyMarket
    function setSigner(
        uint32 account,
        address signer,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external {
        bytes32 message = EnergyMessages.signerChange(account, signer, nonce, deadline);
        _authorizeOrSender(_ownerOf(account), message, nonce, deadline, signature);
        EnergyAccounts.setSigner(_ledger, account, signer);
    }

    /// @inheritdoc IEnergyMarket
    function bumpEpoch(uint32 account, uint256 nonce, uint256 deadline, Signature calldata signature) external {
        if (!_isSigner(account)) {
            bytes32 message = EnergyMessages.epochBump(account, nonce, deadline);
            _authorizeOrSender(_ownerOf(account), message, nonce, deadline, signature);
        }
        EnergyAccounts.bumpEpoch(_ledger, account);
    }

    /// @inheritdoc IEnergyMarket
    function setDelegate(
        uint32 account,
        address key,
        Delegate calldata delegate,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external {
        bytes32 message = EnergyMessages.delegateGrant(account, key, delegate, nonce, deadline);
        _authorizeOrSender(_ownerOf(account), message, nonce, deadline, signature);
        EnergyAccounts.setDelegate(_ledger, account, key, delegate);
    }

    /// @inheritdoc IEnergyMarket
    function placeStandingOrder(
        StandingOrder calldata order,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external {
        if (!_isSigner(order.account)) {
            bytes32 message = EnergyMessages.standingOrder(order, nonce, deadline);
            _authorizeOrSender(_ownerOf(order.account), message, nonce, deadline, signature);
        }
        EnergyAccounts.placeStandingOrder(_ledger, order, registry.currentInterval());
    }

    /// @inheritdoc IEnergyMarket
    function deposit(uint32 account, uint256 amount) external nonReentrant {
        EnergyMoney.deposit(_ledger, token, _moneyUnit, account, amount);
    }

    /// @inheritdoc IEnergyMarket
    function depositWithAuthorization(
        uint32 account,
        address from,
        uint256 amount,
        uint256 salt,
        PaymentAuthorization calldata authorization
    ) external nonReentrant {
        bytes32 nonce = EnergyMessages.depositNonce(account, _ownerOf(account), from, amount, salt);
        EnergyMoney.depositAuthorized(_ledger, token, _moneyUnit, account, from, amount, nonce, authorization);
    }

    /// @inheritdoc IEnergyMarket
    function withdraw(
        uint32 account,
        uint256 amount,
        address to,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external nonReentrant {
        bytes32 message = EnergyMessages.withdrawal(account, amount, to, nonce, deadline);
        _authorizeOrSender(_ownerOf(account), message, nonce, deadline, signature);
        EnergyMoney.withdraw(_ledger, token, _moneyUnit, account, amount, to);
    }

    /// @inheritdoc IEnergyMarket
    function payClaim(uint32 account) external returns (uint256 paid) {
        return EnergyMoney.payClaim(_ledger, account);
    }

    // --- supplier, grid operator, pot, former owners

    /// @inheritdoc IEnergyMarket
    function topUpSupplier(uint256 amount) external nonReentrant {
        EnergyMoney.topUpSupplier(_ledger, token, _moneyUnit, amount);
    }

    /// @inheritdoc IEnergyMarket
    function withdrawSupplier(uint256 amount, address to) external nonReentrant {
        _requireBody(supplier);
        EnergyMoney.withdrawSupplier(_ledger, token, _moneyUnit, _supplierFloor, amount, to);
    }

    /// @inheritdoc IEnergyMarket
    function withdrawGridFees(address to) external nonReentrant returns (uint256 amount) {
        _requireBody(gridOperator);
        return EnergyMoney.withdrawGridFees(_ledger, token, _moneyUnit, to);
    }

    /// @inheritdoc IEnergyMarket
    function withdrawPot(address to) external nonReentrant returns (uint256 amount) {
        _requireBody(community);
        return EnergyMoney.withdrawPot(_ledger, token, _moneyUnit, to);
    }

    /// @inheritdoc IEnergyMarket
    function withdrawFormer(
        address owner,
        address to,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external nonReentrant returns (uint256 amount) {
        bytes32 message = EnergyMessages.formerWithdrawal(owner, to, nonce, deadline);
        _authorizeOrSender(owner, message, nonce, deadline, signature);
        return EnergyMoney.withdrawFormer(_ledger, token, _moneyUnit, owner, to);
    }

    /// @inheritdoc IEnergyMarket
    function payFormerDebt(address owner, uint256 amount) external nonReentrant {
        EnergyMoney.payFormerDebt(_ledger, token, _moneyUnit, owner, amount);
    }

    // --- orders

    /// @inheritdoc IEnergyMarket
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc IEnergyMarket
    function unpause() external restricted {
        _unpause();
    }

    /// @inheritdoc IEnergyMarket
    function postOrders(
        uint32 interval,
        bytes calldata records,
        bytes calldata signatures
    ) external whenNotPaused returns (uint256 accepted) {
        return EnergyOrders.postMany(_ledger, _frame(), _domainSeparatorV4(), interval, records, signatures);
    }

    /// @inheritdoc IEnergyMarket
    function postOrder(uint32 interval, uint32 account, uint8 flags, Step[] calldata steps) external whenNotPaused {
        EnergyOrders.postOwn(_ledger, _frame(), interval, account, flags, steps);
    }

    /// @inheritdoc IEnergyMarket
    function postSignedOrder(SignedOrder calldata order) external whenNotPaused {
        bytes32 digest = _hashTypedDataV4(EnergyMessages.order(order));
        EnergyOrders.postSigned(_ledger, _frame(), order, digest);
    }

    /// @inheritdoc IEnergyMarket
    function postStandingOrders(
        uint32 interval,
        bytes calldata accounts
    ) external whenNotPaused returns (uint256 accepted) {
        return EnergyOrders.postStanding(_ledger, _frame(), interval, accounts);
    }

    /// @inheritdoc IEnergyMarket
    function agree(
        Agreement calldata agreement,
        uint256 buyerNonce,
        uint256 sellerNonce,
        uint256 deadline,
        Signature calldata buyerSignature,
        Signature calldata sellerSignature
    ) external whenNotPaused returns (bytes32 agreementId) {
        bytes32 message = EnergyMessages.agreement(agreement, buyerNonce, deadline);
        _authorizeOrSender(_ownerOf(agreement.buyer), message, buyerNonce, deadline, buyerSignature);
        message = EnergyMessages.agreement(agreement, sellerNonce, deadline);
        _authorizeOrSender(_ownerOf(agreement.seller), message, sellerNonce, deadline, sellerSignature);
        return EnergyAgreements.agree(_ledger, agreement, registry.currentInterval());
    }

    /// @inheritdoc IEnergyMarket
    function endAgreement(bytes32 agreementId, uint32 fromInterval) external {
        EnergyAgreements.end(_ledger, agreementId, fromInterval, registry.firstChangeable());
    }

    /// @inheritdoc IEnergyMarket
    function postAgreements(
        uint32 interval,
        bytes32[] calldata agreementIds
    ) external whenNotPaused returns (uint256 accepted) {
        return EnergyAgreements.post(_ledger, _frame(), interval, agreementIds);
    }

    // --- clearing and settlement

    /// @inheritdoc IEnergyMarket
    function clear(uint32 interval, uint256 maxBooks) external returns (bool done) {
        return EnergyClearing.clear(_ledger, _frame(), interval, maxBooks);
    }

    /// @inheritdoc IEnergyMarket
    function confirmReadings(uint32 interval, uint256 maxFeeders) external returns (bool done) {
        return EnergySettlement.confirmReadings(_ledger, readings, registry.lastFeeder(), interval, maxFeeders);
    }

    /// @inheritdoc IEnergyMarket
    function splitBatch(uint32 interval, PostedBatch calldata batch, uint256 offset) external {
        EnergySettlement.splitBatch(_ledger, interval, batch, offset);
    }

    /// @inheritdoc IEnergyMarket
    function settle(uint32 interval, PostedBatch[] calldata batches, FeederRow[] calldata rows) external {
        EnergySettlement.settle(_ledger, readings, interval, batches, rows);
    }

    /// @inheritdoc IEnergyMarket
    function settlePositions(uint32 interval, bytes calldata accounts, FeederRow[] calldata rows) external {
        EnergySettlement.settlePositions(_ledger, readings, interval, accounts, rows);
    }

    /// @inheritdoc IEnergyMarket
    function correct(
        uint32 interval,
        uint256 index,
        bytes calldata group,
        uint256 position,
        bytes32[] calldata proof
    ) external {
        EnergyCorrection.correct(_ledger, readings, interval, index, group, position, proof);
    }

    /// @inheritdoc IEnergyMarket
    function voidInterval(uint32 interval) external {
        EnergyVoid.voidInterval(_ledger, _frame(), interval);
    }

    /// @inheritdoc IEnergyMarket
    function refund(uint32 interval, PostedBatch[] calldata batches) external {
        EnergyVoid.refund(_ledger, interval, batches);
    }

    /// @inheritdoc IEnergyMarket
    function refundPositions(uint32 interval, bytes calldata accounts) external {
        EnergyVoid.refundPositions(_ledger, interval, accounts);
    }

    // --- views

    /// @inheritdoc IEnergyMarket
    function settings() external view returns (MarketSettings memory) {
        return
            MarketSettings({
                moneyUnit: _moneyUnit,
                gateLead: _gateLead,
                longStop: _longStop,
                minimumWh: _minimumWh,
                supplierFloor: _supplierFloor
            });
    }

    /// @inheritdoc IEnergyMarket
    function depositNonce(
        uint32 account,
        address from,
        uint256 amount,
        uint256 salt
    ) external view returns (bytes32 nonce) {
        return EnergyMessages.depositNonce(account, _ownerOf(account), from, amount, salt);
    }

    /// @inheritdoc IEnergyMarket
    function accountOf(uint32 account) external view returns (AccountView memory) {
        return EnergyViews.accountOf(_ledger, account);
    }

    /// @inheritdoc IEnergyMarket
    function delegateOf(uint32 account, address key) external view returns (Delegate memory) {
        return _ledger.delegates[account][LedgerKeys.delegate(key, _ledger.accounts[account].epoch())];
    }

    /// @inheritdoc IEnergyMarket
    function standingOrderOf(uint32 account) external view returns (StandingOrder memory) {
        return EnergyViews.standingOrderOf(_ledger, account);
    }

    /// @inheritdoc IEnergyMarket
    function agreementOf(bytes32 agreementId) external view returns (Agreement memory) {
        return _ledger.agreements[agreementId];
    }

    /// @inheritdoc IEnergyMarket
    function positionOf(uint32 interval, uint32 account) external view returns (Position memory) {
        return _ledger.positions[interval][account];
    }

    /// @inheritdoc IEnergyMarket
    function stateOf(uint32 interval) external view returns (IntervalState) {
        return EnergyViews.stateOf(_ledger, _frame(), interval);
    }

    /// @inheritdoc IEnergyMarket
    function chainOf(uint32 interval) external view returns (bytes32) {
        return _ledger.chains[interval];
    }

    /// @inheritdoc IEnergyMarket
    function feedersOf(uint32 interval, uint256 word) external view returns (uint256 bits) {
        return _ledger.feeders[interval][word];
    }

    /// @inheritdoc IEnergyMarket
    function levelsOf(
        uint32 interval,
        uint16 feeder,
        BookClass bookClass
    ) external view returns (uint64[256] memory levels) {
        return EnergyViews.levelsOf(_ledger, _frame(), interval, feeder, bookClass);
    }

    /// @inheritdoc IEnergyMarket
    function shareOf(
        uint32 interval,
        uint16 feeder,
        BookClass bookClass,
        Round round
    ) external view returns (Share memory) {
        return EnergyViews.shareOf(_ledger, interval, feeder, bookClass, round);
    }

    /// @inheritdoc IEnergyMarket
    function resultRoot(uint32 interval, uint256 index) external view returns (bytes32) {
        return _ledger.results[interval][index];
    }

    /// @inheritdoc IEnergyMarket
    function balances() external view returns (uint256 supplierBalance, uint256 gridFees, uint256 pot, uint256 held) {
        return EnergyViews.balances(_ledger);
    }

    /// @inheritdoc IEnergyMarket
    function formerOf(address owner) external view returns (uint256 balance, uint256 debt, uint256 claim) {
        return EnergyViews.formerOf(_ledger, owner);
    }

    // --- internals

    function _frame() private view returns (MarketFrame memory) {
        return
            MarketFrame({
                registry: registry,
                intervalLength: _intervalLength,
                horizon: _horizon,
                gateLead: _gateLead,
                longStop: _longStop,
                ring: _ring,
                minimumWh: _minimumWh,
                supplierFloor: _supplierFloor
            });
    }

    function _ownerOf(uint32 account) private view returns (address owner) {
        owner = _ledger.details[account].owner;
        if (owner == address(0)) revert EnergyMarketUnknownAccount(account);
    }

    function _isSigner(uint32 account) private view returns (bool) {
        return _ledger.accounts[account].signer() == msg.sender;
    }

    function _requireBody(address identity) private view {
        if (identities.identityOwner(identity) != msg.sender) revert EnergyMarketNotBody(identity, msg.sender);
    }
}
