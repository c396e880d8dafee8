// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {EnergySharing} from "../../../../contracts/energy/sharing/EnergySharing.sol";
import {
    IEnergySharing,
    SharedInterval,
    SharingKey,
    Terms
} from "../../../../contracts/energy/sharing/IEnergySharing.sol";
import {CityEuro} from "../../../../contracts/finance/CityEuro.sol";
import {IIdentities} from "../../../../contracts/identity/IIdentities.sol";
import {Identities} from "../../../../contracts/identity/Identities.sol";
import {SharingFixture} from "./SharingFixture.sol";

/// @notice What a hostile reading of sharing found.
contract SharingFindingsTest is SharingFixture {
    CityEuro private _token;
    address private _friend = address(0xf71e);
    address private _victim = address(0x71c7);

    function setUp() external {
        buildGrid();
        _token = new CityEuro(address(new AccessManager(address(this))));
        sharing = new EnergySharing(_token, UNIT, readings, IIdentities(address(new Identities())), gridOperator);
    }

    /// @dev The organiser founds with a ruinous price, announces a fair one, and lets the victim join on the fair terms.
    /// The victim must not pay the ruinous price in the day until the fair terms hold.
    function test_MembersPayOnlyOnTermsTheyJoinedOn() external {
        uint32 roof = addMember(_friend);
        uint32 flat = addMember(_victim);
        Terms memory ruinous = termsOf(SharingKey.ProRata, type(uint24).max, hex"000000010000");
        Terms memory fair = termsOf(SharingKey.ProRata, 1, hex"000000010000");
        uint32 community = found(ruinous);
        join(community, roof, ruinous);
        vm.prank(organiser);
        sharing.setTerms(community, fair);

        uint256 units = 1_000_000_000;
        _token.mint(address(this), units * UNIT);
        _token.approve(address(sharing), units * UNIT);
        sharing.deposit(_victim, units * UNIT);
        bytes32 hash = sharing.termsHash(fair);
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingTermsPending.selector, community));
        vm.prank(_victim);
        sharing.joinCommunity(community, flat, hash, 0, 0, noSignature());
        // In the interval before the fair terms begin it can join, for the first interval of them.
        uint32 first = registry.firstChangeable();
        vm.warp((uint256(first) - 1) * 900 - 1);
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingTermsPending.selector, community));
        vm.prank(_victim);
        sharing.joinCommunity(community, flat, hash, 0, 0, noSignature());
        vm.warp((uint256(first) - 1) * 900);
        join(community, flat, fair);
        assertEq(sharing.memberOf(community, flat, first - 1), address(0), "not before");
        assertEq(sharing.memberOf(community, flat, first), _victim, "from the first");

        uint32 interval = first - 1;
        measured[roof][interval] = -50;
        measured[flat][interval] = 50;
        vm.warp((uint256(interval) / PER_DAY + 1) * 1 days);
        finish(interval / PER_DAY);
        sharing.share(community, ruinous, sharedInterval(interval));
        assertEq(sharing.balanceOf(_victim), units, "the victim paid a price that it never agreed to");
    }

    /// @dev Signed for one community, kept back, and used in the next.
    function test_RevertWhen_AnotherCommunityIsLeftThanWasSigned() external {
        (address owner, uint256 key) = actor("owner");
        uint32 meter = addMember(owner);
        Terms memory terms = termsOf(SharingKey.ProRata, 1, hex"000000");
        uint32 first = found(terms);
        uint32 second = found(terms);
        join(first, meter, terms);
        uint256 deadline = block.timestamp + 1 days;
        Signature memory signature = _leaving(key, first, meter, deadline);
        vm.prank(owner);
        sharing.leaveCommunity(meter, 0, 0, noSignature());
        join(second, meter, terms);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", _domain(), _leave(second, meter, deadline)));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, owner, digest));
        sharing.leaveCommunity(meter, 7, deadline, signature);
        sharing.leaveCommunity(meter, 7, deadline, _leaving(key, second, meter, deadline));
        assertEq(sharing.membershipOf(meter), 0, "left");
    }

    /// @dev Somebody shares one interval of a day just before the rest of the day is brought. The day must not be lost for
    /// it, however often that is done.
    function test_GettingThereFirstDoesNotStopTheRest() external {
        uint32 roof = addMember(_friend);
        uint32 flat = addMember(_victim);
        Terms memory terms = termsOf(SharingKey.ProRata, 3, hex"000000010000");
        uint32 community = found(terms);
        join(community, roof, terms);
        join(community, flat, terms);
        _token.mint(address(this), 1_000_000 * UNIT);
        _token.approve(address(sharing), 1_000_000 * UNIT);
        sharing.deposit(_victim, 1_000_000 * UNIT);

        uint32 first = (DAY + 2) * PER_DAY;
        for (uint32 n = 0; n < 4; ++n) {
            measured[roof][first + n] = -50;
            measured[flat][first + n] = int32(10 + n);
        }
        vm.warp(uint256(DAY + 3) * 1 days);
        finish(DAY + 2);
        SharedInterval[] memory list = new SharedInterval[](4);
        for (uint32 n = 0; n < 4; ++n) list[n] = sharedInterval(first + n)[0];
        vm.prank(_friend);
        sharing.share(community, terms, sharedInterval(first + 3));
        assertEq(sharing.balanceOf(_friend), 13 * 3, "the last one");
        sharing.share(community, terms, list);
        assertEq(sharing.balanceOf(_friend), (10 + 11 + 12 + 13) * 3, "each once");
        for (uint32 n = 0; n < 4; ++n) assertTrue(sharing.isShared(community, first + n), "shared");
        vm.expectRevert(abi.encodeWithSelector(IEnergySharing.EnergySharingAlreadyShared.selector, community, first));
        sharing.share(community, terms, list);
    }

    function _leaving(
        uint256 key,
        uint32 community,
        uint32 meter,
        uint256 deadline
    ) private view returns (Signature memory signature) {
        return signTyped(key, _domain(), _leave(community, meter, deadline));
    }

    function _leave(uint32 community, uint32 meter, uint256 deadline) private pure returns (bytes32 hash) {
        bytes32 typeHash = keccak256("CommunityLeave(uint32 community,uint32 meter,uint256 nonce,uint256 deadline)");
        return keccak256(abi.encode(typeHash, community, meter, uint256(7), deadline));
    }

    function _domain() private view returns (bytes32 separator) {
        return domainOf("Civitas Energy Sharing", address(sharing));
    }
}
