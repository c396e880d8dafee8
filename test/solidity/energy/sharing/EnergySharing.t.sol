// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {EnergySharing} from "../../../../contracts/energy/sharing/EnergySharing.sol";
import {
    EnergySource,
    IEnergyRegistry,
    MeterClass,
    MeterStatus
} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {
    Community,
    IEnergySharing,
    SharedInterval,
    SharingKey,
    Terms
} from "../../../../contracts/energy/sharing/IEnergySharing.sol";
import {CityEuro} from "../../../../contracts/finance/CityEuro.sol";
import {PaymentAuthorization} from "../../../../contracts/finance/Payments.sol";
import {IIdentities} from "../../../../contracts/identity/IIdentities.sol";
import {Identities} from "../../../../contracts/identity/Identities.sol";
import {FeeToken, HookToken, IMoveHook} from "../../../../contracts/mocks/AwkwardTokens.sol";
import {SharingFixture} from "./SharingFixture.sol";

/// @notice A token of two decimals.
contract Cents {
    uint8 public constant decimals = 2;
}

contract EnergySharingTest is SharingFixture, IMoveHook {
    uint32 internal constant SHARED_DAY = DAY + 2;
    uint32 internal constant X = SHARED_DAY * PER_DAY + 5;
    uint24 internal constant PRICE = 100;
    uint24 internal constant FEE = 20;
    bytes32 internal constant JOIN_TYPE = keccak256(
        "CommunityJoin(uint32 community,uint32 meter,bytes32 termsHash,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant LEAVE_TYPE = keccak256(
        "CommunityLeave(uint32 community,uint32 meter,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant WITHDRAWAL_TYPE = keccak256(
        "SharingWithdrawal(address account,uint256 amount,address to,uint256 nonce,uint256 deadline)"
    );

    CityEuro internal token;
    Identities internal identities;
    address internal roof;
    uint256 internal roofKey;
    address internal flat;
    address internal shop;
    uint32 internal roofMeter;
    uint32 internal flatMeter;
    uint32 internal shopMeter;
    uint32 internal tradingMeter;
    uint32 internal community;
    Terms internal terms;

    /// @dev What the hook of a token does; empty: nothing.
    bytes private _reaction;
    address private _reactor;
    /// @dev What {_share} expects of the event; empty: nothing.
    bytes private _expected;

    function setUp() external {
        buildGrid();
        (roof, roofKey) = actor("roof");
        (flat, ) = actor("flat");
        (shop, ) = actor("shop");
        roofMeter = addMember(roof);
        flatMeter = addMember(flat);
        shopMeter = addMember(shop);
        tradingMeter = addMeter(roof, MeterClass.Connection, EnergySource.Solar, MeterStatus.Trading);
        token = new CityEuro(address(new AccessManager(address(this))));
        identities = new Identities();
        sharing = new EnergySharing(token, UNIT, readings, IIdentities(address(identities)), gridOperator);
        terms = termsOf(SharingKey.ProRata, PRICE, hex"000000010000020000030000");
        community = found(terms);
        vm.prank(gridOperator);
        sharing.setGridFee(FEE);
        join(community, roofMeter, terms);
        join(community, flatMeter, terms);
        join(community, shopMeter, terms);
        _fund(flat, 1_000_000);
        _fund(shop, 1_000_000);
    }

    // constructor
    // ├── no money unit, token of too few decimals, no grid operator: refused
    // └── else: fixed

    function test_RevertWhen_SettingsAreOutOfRange() external {
        IIdentities who = IIdentities(address(identities));
        _expectInvalidSetting(0, 0, 1);
        new EnergySharing(token, 0, readings, who, gridOperator);
        IERC20 cents = IERC20(address(new Cents()));
        _expectInvalidSetting(1, 2, 6);
        new EnergySharing(cents, 1, readings, who, gridOperator);
        _expectInvalidSetting(2, 0, 1);
        new EnergySharing(token, 1, readings, who, address(0));
    }

    function test_SettingsAreFixed() external view {
        assertEq(address(sharing.token()), address(token), "token");
        assertEq(sharing.moneyUnit(), UNIT, "unit");
        assertEq(address(sharing.readings()), address(readings), "readings");
        assertEq(address(sharing.registry()), address(registry), "registry");
        assertEq(address(sharing.identities()), address(identities), "identities");
        assertEq(sharing.gridOperator(), gridOperator, "grid operator");
    }

    // found
    // ├── caller does not own the organiser's identity: refused
    // ├── unknown feeder: as the registry says
    // ├── terms
    // │   ├── no key: refused
    // │   ├── list of broken entries, or of more than 256: refused
    // │   ├── a member twice: refused
    // │   └── parts above the whole, or any where the key is not static: refused
    // └── else: founded, terms from the next interval

    function test_RevertWhen_FounderIsNotTheOrganiser() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingNotBody.selector, organiser, relayer));
        vm.prank(relayer);
        sharing.found(organiser, FEEDER, terms);
        // Who owns the identity acts for it.
        vm.prank(organiser);
        identities.changeOwner(organiser, relayer);
        vm.prank(relayer);
        assertEq(sharing.found(organiser, FEEDER, terms), 2, "second");
    }

    function test_RevertWhen_FeederIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryUnknownFeeder.selector, uint16(8)));
        vm.prank(organiser);
        sharing.found(organiser, 8, terms);
    }

    function test_RevertWhen_TermsAreBad() external {
        vm.startPrank(organiser);
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingInvalidKey.selector, SharingKey.None));
        sharing.found(organiser, FEEDER, termsOf(SharingKey.None, PRICE, ""));
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingBadMembers.selector, uint256(4), 768));
        sharing.found(organiser, FEEDER, termsOf(SharingKey.ProRata, PRICE, hex"00000001"));
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingBadMembers.selector, uint256(771), 768));
        sharing.found(organiser, FEEDER, termsOf(SharingKey.ProRata, PRICE, new bytes(771)));
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingDuplicateMember.selector, uint8(1)));
        sharing.found(organiser, FEEDER, termsOf(SharingKey.Priority, PRICE, hex"010000020000010000"));
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingTooManyParts.selector, uint256(10_001), 10_000)
        );
        sharing.found(organiser, FEEDER, termsOf(SharingKey.Static, PRICE, hex"000001_012710"));
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingTooManyParts.selector, uint256(1), 0));
        sharing.found(organiser, FEEDER, termsOf(SharingKey.ProRata, PRICE, hex"000001"));
        vm.stopPrank();
    }

    function test_ACommunityIsFounded() external {
        Terms memory fresh = termsOf(SharingKey.Static, 0, hex"001388_011388");
        bytes32 hash = keccak256(abi.encode(fresh));
        vm.expectEmit(address(sharing));
        emit IEnergySharing.CommunityFounded(2, organiser, FEEDER);
        vm.expectEmit(address(sharing));
        emit IEnergySharing.TermsSet(2, hash, 0, present() + 1, fresh);
        assertEq(found(fresh), 2, "number");
        assertEq(sharing.communityCount(), 2, "count");
        Community memory founded = sharing.communityOf(2);
        assertEq(founded.organiser, organiser, "organiser");
        assertEq(founded.feeder, FEEDER, "feeder");
        assertEq(sharing.termsHash(fresh), hash, "hash");
        assertEq(sharing.termsHashOf(2, present()), 0, "not yet");
        assertEq(sharing.termsHashOf(2, present() + 1), hash, "from the next");
    }

    function test_AWholeFeederFits() external {
        bytes memory members = new bytes(768);
        for (uint256 i = 0; i < 256; ++i) members[3 * i] = bytes1(uint8(255 - i));
        assertEq(found(termsOf(SharingKey.Priority, PRICE, members)), 2, "256 members");
    }

    // communityOf: unknown community refused, see setTerms

    // setTerms
    // ├── unknown community, not the organiser: refused
    // ├── bad terms: as in found
    // ├── those set last: refused
    // └── else: from the first interval that is not open; those before hold until then
    //     └── again in the same interval: in their place

    function test_RevertWhen_TermsMayNotBeSet() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingUnknownCommunity.selector, uint32(9)));
        sharing.setTerms(9, terms);
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingNotBody.selector, organiser, address(this)));
        sharing.setTerms(community, terms);
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingInvalidKey.selector, SharingKey.None));
        vm.prank(organiser);
        sharing.setTerms(community, termsOf(SharingKey.None, 0, ""));
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingUnchanged.selector));
        vm.prank(organiser);
        sharing.setTerms(community, terms);
    }

    function test_NewTermsHoldWhenIntervalsOpen() external {
        bytes32 first = sharing.termsHash(terms);
        Terms memory second = termsOf(SharingKey.Priority, PRICE, "");
        Terms memory third = termsOf(SharingKey.Priority, PRICE + 1, "");
        uint32 from = registry.firstChangeable();
        vm.expectEmit(address(sharing));
        emit IEnergySharing.TermsSet(community, sharing.termsHash(second), first, from, second);
        vm.prank(organiser);
        assertEq(sharing.setTerms(community, second), from, "from");
        assertEq(sharing.termsHashOf(community, from - 1), first, "before");
        assertEq(sharing.termsHashOf(community, from), sharing.termsHash(second), "after");
        // The second never held, so it is not what was before.
        vm.expectEmit(address(sharing));
        emit IEnergySharing.TermsSet(community, sharing.termsHash(third), first, from, third);
        vm.prank(organiser);
        sharing.setTerms(community, third);
        assertEq(sharing.termsHashOf(community, from), sharing.termsHash(third), "in their place");
        assertEq(sharing.termsHashOf(community, from - 1), first, "still before");
        vm.warp(block.timestamp + 900);
        vm.expectEmit(address(sharing));
        emit IEnergySharing.TermsSet(community, sharing.termsHash(second), sharing.termsHash(third), from + 1, second);
        vm.prank(organiser);
        sharing.setTerms(community, second);
        assertEq(sharing.termsHashOf(community, from), sharing.termsHash(third), "third");
        assertEq(sharing.termsHashOf(community, from + 1), sharing.termsHash(second), "second again");
    }

    // setGridFee
    // ├── not the grid operator: refused
    // ├── as it is: refused
    // └── else: from the first interval that is not open
    //     └── again in the same interval: in its place

    function test_RevertWhen_GridFeeMayNotBeSet() external {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingNotBody.selector, gridOperator, address(this))
        );
        sharing.setGridFee(1);
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingUnchanged.selector));
        vm.prank(gridOperator);
        sharing.setGridFee(FEE);
    }

    function test_TheGridOperatorSetsItsFee() external {
        vm.warp(block.timestamp + 900);
        uint32 from = registry.firstChangeable();
        vm.expectEmit(address(sharing));
        emit IEnergySharing.GridFeeSet(FEE, 7, from);
        vm.prank(gridOperator);
        assertEq(sharing.setGridFee(7), from, "from");
        assertEq(sharing.gridFeeOf(from), 7, "after");
        assertEq(sharing.gridFeeOf(from - 1), FEE, "before");
        assertEq(sharing.gridFeeOf(from - 2), 0, "at first");
        // The 7 never held, so it is not what was before.
        vm.expectEmit(address(sharing));
        emit IEnergySharing.GridFeeSet(FEE, 9, from);
        vm.prank(gridOperator);
        sharing.setGridFee(9);
        assertEq(sharing.gridFeeOf(from), 9, "in its place");
        assertEq(sharing.gridFeeOf(from - 1), FEE, "still before");
    }

    // joinCommunity
    // ├── unknown community, other feeder, unknown meter, status other than Sharing, member already: refused
    // ├── not the latest terms: refused
    // ├── neither owner nor signed: refused; signed twice, late, for other terms: refused
    // └── else: member from the next interval

    function test_RevertWhen_MeterCannotJoin() external {
        bytes32 hash = sharing.termsHash(terms);
        vm.startPrank(roof);
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingUnknownCommunity.selector, uint32(9)));
        sharing.joinCommunity(9, roofMeter, hash, 0, 0, noSignature());
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingOtherFeeder.selector, roofMeter + 256, FEEDER)
        );
        sharing.joinCommunity(community, roofMeter + 256, hash, 0, 0, noSignature());
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryUnknownMeter.selector, FIRST_METER + 100));
        sharing.joinCommunity(community, FIRST_METER + 100, hash, 0, 0, noSignature());
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingNotSharing.selector, tradingMeter, MeterStatus.Trading)
        );
        sharing.joinCommunity(community, tradingMeter, hash, 0, 0, noSignature());
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingAlreadyMember.selector, roofMeter, community)
        );
        sharing.joinCommunity(community, roofMeter, hash, 0, 0, noSignature());
        vm.stopPrank();
    }

    function test_RevertWhen_JoiningOnOtherTerms() external {
        uint32 meter = addMember(roof);
        Terms memory announced = termsOf(SharingKey.Priority, PRICE, "");
        vm.prank(organiser);
        sharing.setTerms(community, announced);
        (bytes32 hash, bytes32 latest) = (sharing.termsHash(terms), sharing.termsHash(announced));
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingWrongTerms.selector, community, hash, latest)
        );
        vm.prank(roof);
        sharing.joinCommunity(community, meter, hash, 0, 0, noSignature());
    }

    function test_JoiningBySignature() external {
        uint32 meter = addMember(roof);
        bytes32 hash = sharing.termsHash(terms);
        bytes32 message = keccak256(abi.encode(JOIN_TYPE, community, meter, hash, 5, block.timestamp));
        Signature memory signature = _sign(message);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, block.timestamp - 1, block.timestamp));
        sharing.joinCommunity(community, meter, hash, 5, block.timestamp - 1, signature);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISigned.SignedInvalidSignature.selector,
                roof,
                _digest(keccak256(abi.encode(JOIN_TYPE, community, meter, hash, 6, block.timestamp)))
            )
        );
        sharing.joinCommunity(community, meter, hash, 6, block.timestamp, signature);
        vm.expectEmit(address(sharing));
        emit IEnergySharing.MemberJoined(community, meter, roof, present() + 1);
        vm.prank(relayer);
        sharing.joinCommunity(community, meter, hash, 5, block.timestamp, signature);
        assertEq(sharing.membershipOf(meter), community, "member");
        assertEq(sharing.memberOf(community, meter, present()), address(0), "not yet");
        assertEq(sharing.memberOf(community, meter, present() + 1), roof, "from the next");
        vm.prank(roof);
        sharing.leaveCommunity(meter, 0, 0, noSignature());
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, roof, uint256(5)));
        sharing.joinCommunity(community, meter, hash, 5, block.timestamp, signature);
    }

    // leaveCommunity
    // ├── no member: refused
    // ├── neither the account nor signed, or signed for another community: refused
    // └── else: out from the next interval; can join elsewhere from then

    function test_RevertWhen_LeavingIsNotAllowed() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingNotMember.selector, tradingMeter));
        sharing.leaveCommunity(tradingMeter, 0, 0, noSignature());
        vm.expectRevert(
            abi.encodeWithSelector(
                ISigned.SignedInvalidSignature.selector,
                roof,
                _digest(keccak256(abi.encode(LEAVE_TYPE, community, roofMeter, 0, block.timestamp)))
            )
        );
        sharing.leaveCommunity(roofMeter, 0, block.timestamp, noSignature());
    }

    function test_MembersLeaveFromTheNextInterval() external {
        vm.warp(block.timestamp + 9_000);
        uint32 next = present() + 1;
        vm.expectEmit(address(sharing));
        emit IEnergySharing.MemberLeft(community, roofMeter, roof, next, false);
        vm.prank(relayer);
        sharing.leaveCommunity(
            roofMeter,
            1,
            block.timestamp,
            _sign(keccak256(abi.encode(LEAVE_TYPE, community, roofMeter, 1, block.timestamp)))
        );
        assertEq(sharing.memberOf(community, roofMeter, next - 1), roof, "still in this one");
        assertEq(sharing.memberOf(community, roofMeter, next), address(0), "out");
        assertEq(sharing.membershipOf(roofMeter), 0, "free");
        uint32 other = found(terms);
        join(other, roofMeter, terms);
        assertEq(sharing.memberOf(other, roofMeter, next), roof, "elsewhere");
        vm.prank(roof);
        sharing.leaveCommunity(roofMeter, 0, 0, noSignature());
        join(community, roofMeter, terms);
        assertEq(sharing.memberOf(other, roofMeter, next), address(0), "not there");
        assertEq(sharing.memberOf(community, roofMeter, next), roof, "back");
    }

    // dismiss
    // ├── no member: refused
    // ├── owner and status as they should be: refused
    // └── other owner, or other status: out from the next interval

    function test_RevertWhen_NothingSpeaksAgainstAMember() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingNotMember.selector, tradingMeter));
        sharing.dismiss(tradingMeter);
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingStillSound.selector, roofMeter, roof));
        sharing.dismiss(roofMeter);
    }

    function test_MembersAreDismissed() external {
        registry.setOwner(roofMeter, relayer);
        registry.setStatus(flatMeter, MeterStatus.Trading);
        vm.warp(block.timestamp + 900);
        vm.expectEmit(address(sharing));
        emit IEnergySharing.MemberLeft(community, roofMeter, roof, present() + 1, true);
        sharing.dismiss(roofMeter);
        sharing.dismiss(flatMeter);
        assertEq(sharing.memberOf(community, flatMeter, present()), flat, "this one");
        assertEq(sharing.memberOf(community, flatMeter, present() + 1), address(0), "out");
        join(community, roofMeter, terms);
        assertEq(sharing.memberOf(community, roofMeter, present() + 1), relayer, "new owner");
    }

    // deposit, depositWithAuthorization
    // ├── nothing, or part of a money unit: refused
    // ├── for nobody: refused
    // ├── token that takes a fee: refused
    // ├── token that calls back: no money from nothing
    // └── else: counted in money units

    function test_RevertWhen_DepositIsBad() external {
        _expectInvalidAmount(0);
        sharing.deposit(roof, 0);
        _expectInvalidAmount(UNIT + 1);
        sharing.deposit(roof, UNIT + 1);
        token.mint(address(this), UNIT);
        token.approve(address(sharing), UNIT);
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingInvalidAccount.selector, address(0)));
        sharing.deposit(address(0), UNIT);
    }

    function test_RevertWhen_TokenTakesAFee() external {
        FeeToken fee = new FeeToken();
        EnergySharing other = new EnergySharing(fee, UNIT, readings, IIdentities(address(identities)), gridOperator);
        fee.mint(address(this), 1_000);
        fee.approve(address(other), 1_000);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingTokenMismatch.selector, uint256(1_000), 990)
        );
        other.deposit(roof, 1_000);
    }

    function test_RevertWhen_TokenCallsBack() external {
        HookToken hook = new HookToken();
        EnergySharing other = new EnergySharing(hook, UNIT, readings, IIdentities(address(identities)), gridOperator);
        hook.mint(address(this), 1_000);
        hook.approve(address(other), 1_000);
        other.deposit(address(this), 500);
        hook.setHook(this);
        _reactor = address(other);
        _reaction = abi.encodeCall(other.withdraw, (address(this), 200, address(this), 0, 0, noSignature()));
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingTokenMismatch.selector, uint256(400), 200));
        other.deposit(address(this), 400);
        _reaction = abi.encodeCall(other.deposit, (address(this), 100));
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingTokenMismatch.selector, uint256(400), 500));
        other.deposit(address(this), 400);
        // Paying out writes first, so a second call finds what is left.
        _reaction = abi.encodeCall(other.withdraw, (address(this), 500, address(this), 0, 0, noSignature()));
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingBalanceTooSmall.selector, uint256(10), 50));
        other.withdraw(address(this), 400, address(this), 0, 0, noSignature());
    }

    /// @inheritdoc IMoveHook
    function onMove(address, address) external {
        bytes memory reaction = _reaction;
        if (reaction.length == 0) return;
        delete _reaction;
        (bool ok, bytes memory data) = _reactor.call(reaction);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(data, 32), mload(data))
            }
        }
    }

    function test_DepositsAreCounted() external {
        token.mint(relayer, 50);
        vm.prank(relayer);
        token.approve(address(sharing), 50);
        (, uint256 heldBefore) = sharing.balances();
        vm.expectEmit(address(sharing));
        emit IEnergySharing.Deposited(roof, relayer, 50);
        vm.prank(relayer);
        sharing.deposit(roof, 50);
        assertEq(sharing.balanceOf(roof), 5, "money units");
        assertEq(token.balanceOf(relayer), 0, "paid");
        (, uint256 held) = sharing.balances();
        assertEq(held, heldBefore + 5, "held");
        assertEq(token.balanceOf(address(sharing)), held * UNIT, "tokens");
    }

    function test_DepositsByAuthorisation() external {
        token.mint(roof, 70);
        bytes32 nonce = sharing.depositNonce(flat, roof, 70, 3);
        PaymentAuthorization memory payment = _authorisation(70, nonce);
        uint256 before = sharing.balanceOf(flat);
        vm.expectEmit(address(sharing));
        emit IEnergySharing.Deposited(flat, roof, 70);
        vm.prank(relayer);
        sharing.depositWithAuthorization(flat, roof, 70, 3, payment);
        assertEq(sharing.balanceOf(flat), before + 7, "money units");
        _expectInvalidAmount(5);
        sharing.depositWithAuthorization(flat, roof, 5, 3, payment);
    }

    // withdraw
    // ├── nothing, or part of a money unit: refused
    // ├── more than there is, to nobody or to the contract: refused
    // ├── neither the account nor signed: refused
    // └── else: paid out

    function test_RevertWhen_WithdrawalIsBad() external {
        vm.startPrank(flat);
        _expectInvalidAmount(0);
        sharing.withdraw(flat, 0, flat, 0, 0, noSignature());
        _expectInvalidAmount(15);
        sharing.withdraw(flat, 15, flat, 0, 0, noSignature());
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingBalanceTooSmall.selector, uint256(1_000_000), 1_000_001)
        );
        sharing.withdraw(flat, 1_000_001 * UNIT, flat, 0, 0, noSignature());
        _expectInvalidReceiver(address(0));
        sharing.withdraw(flat, UNIT, address(0), 0, 0, noSignature());
        _expectInvalidReceiver(address(sharing));
        sharing.withdraw(flat, UNIT, address(sharing), 0, 0, noSignature());
        vm.stopPrank();
        vm.expectRevert(
            abi.encodeWithSelector(
                ISigned.SignedInvalidSignature.selector,
                flat,
                _digest(keccak256(abi.encode(WITHDRAWAL_TYPE, flat, UNIT, relayer, 0, block.timestamp)))
            )
        );
        vm.prank(relayer);
        sharing.withdraw(flat, UNIT, relayer, 0, block.timestamp, noSignature());
    }

    function test_Withdrawals() external {
        vm.expectEmit(address(sharing));
        emit IEnergySharing.Withdrawn(flat, relayer, 30);
        vm.prank(flat);
        sharing.withdraw(flat, 30, relayer, 0, 0, noSignature());
        assertEq(token.balanceOf(relayer), 30, "paid");
        assertEq(sharing.balanceOf(flat), 999_997, "left");
        (, uint256 held) = sharing.balances();
        assertEq(held, 1_999_997, "held");
        _fund(roof, 9);
        bytes32 message = keccak256(abi.encode(WITHDRAWAL_TYPE, roof, 90, flat, 2, block.timestamp));
        Signature memory signature = _sign(message);
        vm.prank(relayer);
        sharing.withdraw(roof, 90, flat, 2, block.timestamp, signature);
        assertEq(token.balanceOf(flat), 90, "by signature");
        _fund(roof, 9);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, roof, uint256(2)));
        sharing.withdraw(roof, 90, flat, 2, block.timestamp, signature);
    }

    // withdrawGridFees
    // ├── not the grid operator, none, to the contract: refused
    // └── else: paid out

    function test_GridFeesArePaidOut() external {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingNotBody.selector, gridOperator, address(this))
        );
        sharing.withdrawGridFees(relayer);
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingUnchanged.selector));
        vm.prank(gridOperator);
        sharing.withdrawGridFees(relayer);
        _measure(-300, 100, 0);
        _share();
        _expectInvalidReceiver(address(sharing));
        vm.prank(gridOperator);
        sharing.withdrawGridFees(address(sharing));
        _expectInvalidReceiver(address(0));
        vm.prank(gridOperator);
        sharing.withdrawGridFees(address(0));
        vm.expectEmit(address(sharing));
        emit IEnergySharing.GridFeesWithdrawn(relayer, 100 * FEE * UNIT);
        vm.prank(gridOperator);
        assertEq(sharing.withdrawGridFees(relayer), 100 * FEE * UNIT, "amount");
        assertEq(token.balanceOf(relayer), 100 * FEE * UNIT, "paid");
        (uint256 gridFees, uint256 held) = sharing.balances();
        assertEq(gridFees, 0, "fees");
        assertEq(held * UNIT, token.balanceOf(address(sharing)), "held");
    }

    // share
    // ├── unknown community; none or more than 256 intervals: refused
    // ├── other terms than those of the interval, or none: refused
    // ├── all shared before: refused
    // ├── some shared before, twice in one call: passed over, the others count once
    // ├── readings not accepted, not final: refused
    // ├── row of another interval or value: refused
    // ├── generation less than need: shared by the key; price to who fed in, fee to the grid operator
    // ├── generation above need: who fed in is paid pro rata for what was used
    // ├── member without enough money: gets what it can pay, the rest goes on
    // │   └── two meters of one account: together
    // ├── not joined, left, not named: takes no part
    // ├── no reading: nothing; replaced value: that; meter younger than the row: nothing
    // ├── price and fee zero: without money
    // ├── nothing fed in: nothing is shared, once
    // └── several intervals: each

    function test_RevertWhen_CallIsBad() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingUnknownCommunity.selector, uint32(9)));
        sharing.share(9, terms, new SharedInterval[](1));
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingBadLength.selector, uint256(0), 256));
        sharing.share(community, terms, new SharedInterval[](0));
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingBadLength.selector, uint256(257), 256));
        sharing.share(community, terms, new SharedInterval[](257));
    }

    function test_RevertWhen_TermsAreOthers() external {
        Terms memory other = termsOf(SharingKey.Priority, PRICE, "");
        vm.prank(organiser);
        uint32 from = sharing.setTerms(community, other);
        (bytes32 hash, bytes32 otherHash) = (sharing.termsHash(terms), sharing.termsHash(other));
        SharedInterval[] memory list = sharedInterval(from);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingWrongTerms.selector, community, hash, otherHash)
        );
        sharing.share(community, terms, list);
        list[0].interval = FIRST;
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingWrongTerms.selector, community, hash, bytes32(0))
        );
        sharing.share(community, terms, list);
    }

    function test_RevertWhen_IntervalIsSharedAgain() external {
        _measure(-300, 100, 0);
        SharedInterval[] memory list = _final();
        assertFalse(sharing.isShared(community, X), "not yet");
        sharing.share(community, terms, list);
        assertTrue(sharing.isShared(community, X), "shared");
        _expectAlreadyShared();
        sharing.share(community, terms, list);
        SharedInterval[] memory twice = new SharedInterval[](2);
        (twice[0], twice[1]) = (list[0], list[0]);
        _expectAlreadyShared();
        sharing.share(community, terms, twice);
        assertEq(sharing.balanceOf(roof), 100 * PRICE, "paid once");
    }

    function test_AnIntervalNamedTwiceIsSharedOnce() external {
        _measure(-300, 100, 0);
        SharedInterval[] memory list = _final();
        SharedInterval[] memory twice = new SharedInterval[](2);
        (twice[0], twice[1]) = (list[0], list[0]);
        sharing.share(community, terms, twice);
        assertEq(sharing.balanceOf(roof), 100 * PRICE, "roof");
        assertEq(sharing.balanceOf(flat), 1_000_000 - 100 * (PRICE + FEE), "flat");
        (uint256 gridFees, ) = sharing.balances();
        assertEq(gridFees, 100 * FEE, "grid fees");
    }

    function test_RevertWhen_ReadingsAreNotFinal() external {
        _measure(-300, 100, 0);
        SharedInterval[] memory list = sharedInterval(X);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingNotFinal.selector, community, X, uint256(0))
        );
        sharing.share(community, terms, list);
        vm.warp(uint256(SHARED_DAY + 1) * 1 days);
        accept(SHARED_DAY);
        uint256 finalAt = block.timestamp + 1 days;
        vm.warp(finalAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingNotFinal.selector, community, X, finalAt));
        sharing.share(community, terms, list);
        vm.warp(finalAt);
        sharing.share(community, terms, list);
    }

    function test_RevertWhen_RowIsWrong() external {
        _measure(-300, 100, 0);
        SharedInterval[] memory list = _final();
        list[0].interval = X + 1;
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingWrongRow.selector, community, X + 1));
        sharing.share(community, terms, list);
        list[0].interval = X;
        list[0].row[15] = 0x01;
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingWrongRow.selector, community, X));
        sharing.share(community, terms, list);
    }

    function test_LittleIsSharedByTheKey() external {
        _measure(-300, 400, 200);
        SharedInterval[] memory list = _final();
        bytes memory shares = abi.encodePacked(roofMeter, int32(-300), flatMeter, int32(200), shopMeter, int32(100));
        vm.expectEmit(address(sharing));
        emit IEnergySharing.IntervalShared(community, X, 300, 300, PRICE, FEE, shares);
        vm.prank(relayer);
        sharing.share(community, terms, list);
        assertEq(sharing.balanceOf(roof), 300 * PRICE, "roof");
        assertEq(sharing.balanceOf(flat), 1_000_000 - 200 * (PRICE + FEE), "flat");
        assertEq(sharing.balanceOf(shop), 1_000_000 - 100 * (PRICE + FEE), "shop");
        (uint256 gridFees, uint256 held) = sharing.balances();
        assertEq(gridFees, 300 * FEE, "grid fees");
        assertEq(held, 2_000_000, "held");
    }

    function test_MuchIsPaidForProRata() external {
        _measure(-300, 40, -600);
        SharedInterval[] memory list = _final();
        // 40 Wh of 900: 13.3 and 26.7.
        bytes memory shares = abi.encodePacked(roofMeter, int32(-13), flatMeter, int32(40), shopMeter, int32(-27));
        vm.expectEmit(address(sharing));
        emit IEnergySharing.IntervalShared(community, X, 900, 40, PRICE, FEE, shares);
        sharing.share(community, terms, list);
        assertEq(sharing.balanceOf(roof), 13 * PRICE, "roof");
        assertEq(sharing.balanceOf(shop), 1_000_000 + 27 * PRICE, "shop");
        assertEq(sharing.balanceOf(flat), 1_000_000 - 40 * (PRICE + FEE), "flat");
    }

    function test_WhoCannotPayLeavesMoreToOthers() external {
        // Leaves enough for 50 Wh, and a bit.
        vm.prank(flat);
        sharing.withdraw(flat, (1_000_000 - 50 * (PRICE + FEE) - 119) * UNIT, flat, 0, 0, noSignature());
        _measure(-300, 400, 280);
        _expectShares(300, 300, abi.encodePacked(roofMeter, int32(-300), flatMeter, int32(45), shopMeter, int32(255)));
        _share();
        assertEq(sharing.balanceOf(flat), 5 * (PRICE + FEE) + 119, "flat");
    }

    function test_MetersOfOneAccountPayTogether() external {
        uint32 second = addMember(flat);
        terms.members = hex"000000010000040000";
        uint32 other = found(terms);
        vm.prank(flat);
        sharing.leaveCommunity(flatMeter, 0, 0, noSignature());
        vm.prank(roof);
        sharing.leaveCommunity(roofMeter, 0, 0, noSignature());
        join(other, flatMeter, terms);
        join(other, roofMeter, terms);
        join(other, second, terms);
        vm.prank(flat);
        sharing.withdraw(flat, (1_000_000 - 100 * (PRICE + FEE)) * UNIT, flat, 0, 0, noSignature());
        _measure(-300, 70, 0);
        measured[second][X] = 70;
        community = other;
        _expectShares(300, 100, abi.encodePacked(roofMeter, int32(-100), flatMeter, int32(70), second, int32(30)));
        _share();
        assertEq(sharing.balanceOf(flat), 0, "spent");
    }

    function test_WhoIsNoMemberTakesNoPart() external {
        vm.prank(shop);
        sharing.leaveCommunity(shopMeter, 0, 0, noSignature());
        _measure(-300, 100, 100);
        // The terms name it, but it never joined.
        measured[tradingMeter][X] = 500;
        _expectShares(300, 100, abi.encodePacked(roofMeter, int32(-100), flatMeter, int32(100)));
        _share();
        assertEq(sharing.balanceOf(shop), 1_000_000, "shop");
    }

    function test_WhoIsNotNamedTakesNoPart() external {
        uint32 late = addMember(relayer);
        join(community, late, terms);
        _measure(-300, 100, 0);
        measured[late][X] = -100;
        _expectShares(300, 100, abi.encodePacked(roofMeter, int32(-100), flatMeter, int32(100)));
        _share();
    }

    function test_ReadingsCountAsTheyStand() external {
        _measure(-300, MISSING, 100);
        dayReadings.replace(roofMeter, X, -90);
        _expectShares(90, 90, abi.encodePacked(roofMeter, int32(-90), shopMeter, int32(90)));
        _share();
    }

    function test_AMeterYoungerThanTheRowHasNothing() external {
        _measure(-300, 100, 0);
        vm.warp(uint256(SHARED_DAY + 1) * 1 days);
        meterCount = 1;
        finish(SHARED_DAY);
        SharedInterval[] memory list = sharedInterval(X);
        vm.expectEmit(address(sharing));
        emit IEnergySharing.IntervalShared(community, X, 300, 0, PRICE, FEE, "");
        sharing.share(community, terms, list);
    }

    function test_GivenForNothing() external {
        terms.price = 0;
        terms.key = SharingKey.Priority;
        vm.prank(gridOperator);
        sharing.setGridFee(0);
        vm.prank(flat);
        sharing.withdraw(flat, 1_000_000 * UNIT, flat, 0, 0, noSignature());
        vm.prank(organiser);
        sharing.setTerms(community, terms);
        _measure(-300, 400, 100);
        SharedInterval[] memory list = _final();
        bytes memory shares = abi.encodePacked(roofMeter, int32(-300), flatMeter, int32(300));
        vm.expectEmit(address(sharing));
        emit IEnergySharing.IntervalShared(community, X, 300, 300, 0, 0, shares);
        sharing.share(community, terms, list);
        assertEq(sharing.balanceOf(roof), 0, "roof");
        assertEq(sharing.balanceOf(flat), 0, "flat");
    }

    function test_WithoutGenerationNothingIsShared() external {
        _measure(0, 400, 100);
        _expectShares(0, 0, "");
        _share();
        assertEq(sharing.balanceOf(flat), 1_000_000, "paid back");
        assertTrue(sharing.isShared(community, X), "once");
    }

    function test_StaticKeysUseTheParts() external {
        terms.key = SharingKey.Static;
        terms.members = hex"000000_0107d0_021f40";
        vm.prank(organiser);
        sharing.setTerms(community, terms);
        _measure(-1_000, 900, 300);
        // 200 and 800 by parts; the shop leaves 500 to the flat.
        SharedInterval[] memory list = _final();
        bytes memory shares = abi.encodePacked(roofMeter, int32(-1_000), flatMeter, int32(700), shopMeter, int32(300));
        vm.expectEmit(address(sharing));
        emit IEnergySharing.IntervalShared(community, X, 1_000, 1_000, PRICE, FEE, shares);
        sharing.share(community, terms, list);
    }

    function test_SeveralIntervalsAtOnce() external {
        SharedInterval[] memory list = new SharedInterval[](PER_DAY - 1);
        for (uint32 n = 0; n < PER_DAY; ++n) {
            measured[roofMeter][SHARED_DAY * PER_DAY + n] = -60;
            measured[flatMeter][SHARED_DAY * PER_DAY + n] = 40;
        }
        vm.warp(uint256(SHARED_DAY + 1) * 1 days);
        finish(SHARED_DAY);
        for (uint32 n = 1; n < PER_DAY; ++n) list[n - 1] = sharedInterval(SHARED_DAY * PER_DAY + n)[0];
        uint256 gasBefore = gasleft();
        sharing.share(community, terms, list);
        assertLe(gasBefore - gasleft(), 16_777_216, "a day in a transaction");
        assertEq(sharing.balanceOf(roof), 95 * 40 * PRICE, "roof");
        assertEq(sharing.balanceOf(flat), 1_000_000 - 95 * 40 * (PRICE + FEE), "flat");
    }

    // --- helpers

    function _fund(address account, uint256 units) private {
        token.mint(address(this), units * UNIT);
        token.approve(address(sharing), units * UNIT);
        sharing.deposit(account, units * UNIT);
    }

    function _measure(int32 roofWh, int32 flatWh, int32 shopWh) private {
        measured[roofMeter][X] = roofWh;
        measured[flatMeter][X] = flatWh;
        measured[shopMeter][X] = shopWh;
    }

    function _final() private returns (SharedInterval[] memory list) {
        vm.warp(uint256(SHARED_DAY + 1) * 1 days);
        finish(SHARED_DAY);
        return sharedInterval(X);
    }

    function _share() private {
        SharedInterval[] memory list = _final();
        if (_expected.length > 0) {
            vm.expectEmit(address(sharing));
            (uint256 generated, uint256 shared, bytes memory shares) = abi.decode(_expected, (uint256, uint256, bytes));
            emit IEnergySharing.IntervalShared(community, X, generated, shared, PRICE, FEE, shares);
        }
        sharing.share(community, terms, list);
    }

    function _expectShares(uint256 generated, uint256 shared, bytes memory shares) private {
        _expected = abi.encode(generated, shared, shares);
    }

    function _sign(bytes32 structHash) private view returns (Signature memory signature) {
        return signTyped(roofKey, domainOf("Civitas Energy Sharing", address(sharing)), structHash);
    }

    function _digest(bytes32 structHash) private view returns (bytes32 digest) {
        bytes32 domain = domainOf("Civitas Energy Sharing", address(sharing));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _authorisation(
        uint256 amount,
        bytes32 nonce
    ) private view returns (PaymentAuthorization memory authorization) {
        bytes32 message = keccak256(
            abi.encode(
                keccak256(
                    "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
                ),
                roof,
                address(sharing),
                amount,
                0,
                type(uint256).max,
                nonce
            )
        );
        Signature memory signature = signTyped(roofKey, domainOf("City Euro", address(token)), message);
        return PaymentAuthorization({validAfter: 0, validBefore: type(uint256).max, signature: signature.data});
    }

    function _expectInvalidSetting(uint256 field, uint256 value, uint256 limit) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingInvalidSetting.selector, field, value, limit)
        );
    }

    function _expectInvalidReceiver(address to) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingInvalidReceiver.selector, to));
    }

    function _expectInvalidAmount(uint256 amount) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergySharing.EnergySharingInvalidAmount.selector, amount, uint256(UNIT))
        );
    }

    function _expectAlreadyShared() private {
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingAlreadyShared.selector, community, X));
    }
}
