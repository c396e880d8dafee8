// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {ICredentialRegistry} from "../../../contracts/identity/ICredentialRegistry.sol";
import {IERC1056} from "../../../contracts/identity/IERC1056.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {Commissioning, DeviceChange, IIdentities} from "../../../contracts/identity/IIdentities.sol";
import {MockCredentialRegistry} from "../../../contracts/mocks/MockCredentialRegistry.sol";
import {IdentitiesFixture} from "./IdentitiesFixture.sol";

/// @notice Devices: how they enter service, and how their changes get into the log.
contract IdentitiesDevicesTest is IdentitiesFixture {
    bytes32 private constant MAKE = "make/acme-meter-7";
    bytes32 private constant FIRMWARE = "device/firmware";
    bytes private constant IMAGE = hex"c0ffee";
    uint256 private constant VALIDITY = 365 days;
    uint256 private constant NONCE = 3;

    MockCredentialRegistry private registry;
    address private meter;
    uint256 private meterKey;
    /// @dev Operator of the devices.
    address private operator;
    uint256 private operatorKey;

    function setUp() external {
        buildIdentities();
        registry = new MockCredentialRegistry();
        (meter, meterKey) = actor("meter");
        (operator, operatorKey) = actor("grid operator");
        registry.set(MAKE, meter, true);
    }

    // commission
    // ├─ the device is retired ............................ IdentitiesRetired
    // ├─ it does not own itself ........................... IdentitiesAlreadyCommissioned
    // ├─ no operator, or the device itself ................ IdentitiesBadCommissioning
    // ├─ no validity ...................................... IdentitiesBadCommissioning
    // ├─ registry without make, make without registry ..... IdentitiesBadCommissioning
    // ├─ the make is not vouched for ...................... IdentitiesUnvouchedDevice
    // ├─ the registry has no code ......................... IdentitiesUnvouchedDevice
    // ├─ the device's signature is late, used, or not its . the errors of Signed
    // ├─ the operator's is late, used, or not its ......... the errors of Signed
    // ├─ the end lies beyond 2^256 ........................ panic
    // └─ both agree
    //    ├─ a make vouched for ............................ in service
    //    ├─ no make ....................................... in service
    //    ├─ the operator calls ............................ in service without its signature
    //    └─ either is ERC-1271 or ERC-7913 ................ in service

    function test_DeviceEntersServiceThroughARelayer() external {
        Commissioning memory message = _commissioning();
        bytes memory call = _commissionCall(message, meterKey, operatorKey);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDOwnerChanged(meter, operator, 0);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDDelegateChanged(meter, VERI_KEY, meter, EPOCH + VALIDITY, START_BLOCK);
        vm.expectEmit(address(identities));
        emit IIdentities.DeviceCommissioned(meter, operator, registry, MAKE);
        relay(call);

        assertEq(identities.identityOwner(meter), operator, "owner");
        assertEq(identities.ownerVersion(meter), 1, "version");
        assertEq(identities.changed(meter), START_BLOCK, "changed");
        assertTrue(identities.validDelegate(meter, VERI_KEY, meter), "the device's key is a delegate");
        assertTrue(identities.isNonceUsed(meter, NONCE), "the device's nonce");
        assertTrue(identities.isNonceUsed(operator, NONCE), "the operator's nonce");
        vm.warp(EPOCH + VALIDITY);
        assertFalse(identities.validDelegate(meter, VERI_KEY, meter), "which expires");
    }

    function test_DeviceWithoutAMakeEntersService() external {
        Commissioning memory message = _commissioning();
        (message.registry, message.make) = (ICredentialRegistry(address(0)), 0);
        bytes memory call = _commissionCall(message, meterKey, operatorKey);
        vm.expectEmit(address(identities));
        emit IIdentities.DeviceCommissioned(meter, operator, ICredentialRegistry(address(0)), 0);
        relay(call);
        assertEq(identities.identityOwner(meter), operator, "owner");
    }

    function test_OperatorsOwnCallNeedsNoSignature() external {
        Commissioning memory message = _commissioning();
        Signature memory signature = signHash(meterKey, hashOf(message));
        vm.prank(operator);
        identities.commission(message, signature, none());
        assertEq(identities.identityOwner(meter), operator, "owner");
        assertTrue(identities.isNonceUsed(meter, NONCE), "the device's nonce");
        assertFalse(identities.isNonceUsed(operator, NONCE), "no nonce for a call");
    }

    function test_SecureElementEntersServiceForAContractAccount() external {
        Commissioning memory message = _commissioning();
        (message.device, message.operator) = (p256Account(), address(account));
        registry.set(MAKE, message.device, true);
        bytes32 structHash = hashOf(message);
        relay(abi.encodeCall(identities.commission, (message, p256Sign(structHash), signHash(aliceKey, structHash))));
        assertEq(identities.identityOwner(p256Account()), address(account), "owner");
        assertTrue(identities.validDelegate(p256Account(), VERI_KEY, p256Account()), "delegate");
    }

    /// @dev What the design is for: who steals the device's key cannot take the identity.
    function test_DeviceKeyHasNoPowerOverTheIdentity() external {
        _commission();
        vm.startPrank(meter);
        vm.expectRevert(notOwner(meter, meter, operator));
        identities.changeOwner(meter, carol);
        vm.expectRevert(notOwner(meter, meter, operator));
        identities.addDelegate(meter, VERI_KEY, carol, 1);
        vm.stopPrank();
        vm.prank(operator);
        identities.revokeDelegate(meter, VERI_KEY, meter);
        assertFalse(identities.validDelegate(meter, VERI_KEY, meter), "the operator turns it off");
    }

    function test_DeviceThatGotItsIdentityBackEntersServiceAgain() external {
        _commission();
        vm.prank(operator);
        identities.changeOwner(meter, meter);
        Commissioning memory message = _commissioning();
        (message.operator, message.nonce) = (bob, NONCE + 1);
        relay(_commissionCall(message, meterKey, bobKey));
        assertEq(identities.identityOwner(meter), bob, "owner");
    }

    function test_RevertWhen_DeviceIsRetired() external {
        bytes memory call = _commissionCall(_commissioning(), meterKey, operatorKey);
        vm.prank(meter);
        identities.changeOwner(meter, address(0));
        assertRefused(call, retired(meter), "retired");
    }

    function test_RevertWhen_DeviceIsClaimed() external {
        _commission();
        Commissioning memory message = _commissioning();
        (message.operator, message.nonce) = (bob, NONCE + 1);
        assertRefused(
            _commissionCall(message, meterKey, bobKey),
            abi.encodeWithSelector(IIdentities.IdentitiesAlreadyCommissioned.selector, meter, operator),
            "claimed"
        );
    }

    function test_RevertWhen_CommissioningIsUnsound() external {
        Commissioning memory message = _commissioning();
        message.operator = address(0);
        _assertUnsound(message);
        message.operator = meter;
        _assertUnsound(message);
        message = _commissioning();
        message.validity = 0;
        _assertUnsound(message);
        message = _commissioning();
        message.make = 0;
        _assertUnsound(message);
        message = _commissioning();
        message.registry = ICredentialRegistry(address(0));
        _assertUnsound(message);
    }

    function test_RevertWhen_NobodyVouchesForTheMake() external {
        registry.set(MAKE, meter, false);
        // Vouching for another device or another make is not enough.
        registry.set(MAKE, bob, true);
        registry.set("make/other", meter, true);
        assertRefused(_commissionCall(_commissioning(), meterKey, operatorKey), _unvouched(registry), "unvouched");
    }

    function test_RevertWhen_RegistryHasNoCode() external {
        Commissioning memory message = _commissioning();
        message.registry = ICredentialRegistry(bob);
        assertRefused(_commissionCall(message, meterKey, operatorKey), _unvouched(message.registry), "no code");
    }

    function test_RevertWhen_CommissioningIsLate() external {
        Commissioning memory message = _commissioning();
        bytes memory call = _commissionCall(message, meterKey, operatorKey);
        vm.warp(uint256(message.deadline) + 1);
        assertRefused(call, expired(message.deadline), "late");
    }

    function test_RevertWhen_CommissioningIsUsed() external {
        bytes memory call = _commissionCall(_commissioning(), meterKey, operatorKey);
        relay(call);
        // The device owns itself again, so that nothing but the nonce stands in the way.
        vm.prank(operator);
        identities.changeOwner(meter, meter);
        assertRefused(call, nonceUsed(meter, NONCE), "the second time");
    }

    function test_RevertWhen_OperatorsNonceIsVoid() external {
        bytes memory call = _commissionCall(_commissioning(), meterKey, operatorKey);
        vm.prank(operator);
        identities.voidNonces(0, 1 << NONCE);
        assertRefused(call, nonceUsed(operator, NONCE), "void");
    }

    function test_RevertWhen_DeviceDidNotSign() external {
        Commissioning memory message = _commissioning();
        bytes memory fault = invalid(meter, hashOf(message));
        assertRefused(_commissionCall(message, operatorKey, operatorKey), fault, "the operator for the device");
        assertRefused(_commissionCall(message, bobKey, operatorKey), fault, "a stranger");
        // The device's own call is not its signature.
        Signature memory signature = signHash(operatorKey, hashOf(message));
        vm.expectRevert(fault);
        vm.prank(meter);
        identities.commission(message, none(), signature);
    }

    function test_RevertWhen_OperatorDidNotSign() external {
        Commissioning memory message = _commissioning();
        bytes memory fault = invalid(operator, hashOf(message));
        assertRefused(_commissionCall(message, meterKey, meterKey), fault, "the device for the operator");
        assertRefused(_commissionCall(message, meterKey, bobKey), fault, "a stranger");
    }

    function test_RevertWhen_CommissioningIsForAnotherChainOrContract() external {
        Commissioning memory message = _commissioning();
        bytes memory call = _commissionCall(message, meterKey, operatorKey);
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        assertRefused(call, invalid(meter, hashOf(message)), "another chain");
        vm.chainId(chain);
        identities = new Identities();
        assertRefused(call, invalid(meter, hashOf(message)), "another contract");
    }

    function test_RevertWhen_AnyFieldOfACommissioningDiffers() external {
        Commissioning memory message = _commissioning();
        Signature memory device = signHash(meterKey, hashOf(message));
        Signature memory signature = signHash(operatorKey, hashOf(message));
        message.operator = bob;
        _assertForged(message, device, signature);
        message = _commissioning();
        ++message.validity;
        _assertForged(message, device, signature);
        message = _commissioning();
        MockCredentialRegistry other = new MockCredentialRegistry();
        other.set(MAKE, meter, true);
        message.registry = other;
        _assertForged(message, device, signature);
        message = _commissioning();
        message.make = "make/other";
        registry.set(message.make, meter, true);
        _assertForged(message, device, signature);
        message = _commissioning();
        ++message.nonce;
        _assertForged(message, device, signature);
        message = _commissioning();
        ++message.deadline;
        _assertForged(message, device, signature);
    }

    function test_RevertWhen_DelegateEndsBeyondTheCalendar() external {
        Commissioning memory message = _commissioning();
        message.validity = type(uint256).max;
        assertRefused(_commissionCall(message, meterKey, operatorKey), overflow(), "beyond the calendar");
    }

    // changeDevice
    // ├─ the device is retired ............................ IdentitiesRetired
    // ├─ the key is no veriKey delegate of it now ......... IdentitiesNotDeviceKey
    // ├─ the key's signature is late, used, or not its .... the errors of Signed
    // ├─ the operator's is late, used, or not its ......... the errors of Signed
    // ├─ the end lies beyond 2^256 ........................ panic
    // └─ both agree
    //    ├─ through a relayer ............................. on the log
    //    └─ the operator calls ............................ on the log without its signature

    function test_ChangeOfADeviceIsLogged() external {
        _commission();
        vm.roll(START_BLOCK + 4);
        DeviceChange memory change = _change();
        bytes memory call = _changeCall(change, meterKey, operatorKey);
        vm.expectEmit(address(identities));
        emit IERC1056.DIDAttributeChanged(meter, FIRMWARE, IMAGE, EPOCH + VALIDITY, START_BLOCK);
        vm.expectEmit(address(identities));
        emit IIdentities.DeviceChanged(meter, meter, operator, FIRMWARE, IMAGE);
        relay(call);
        assertEq(identities.changed(meter), START_BLOCK + 4, "changed");
        assertTrue(identities.isNonceUsed(meter, change.nonce), "the device's nonce");
        assertTrue(identities.isNonceUsed(operator, change.nonce), "the operator's nonce");
    }

    function test_OperatorsOwnCallChangesADevice() external {
        _commission();
        DeviceChange memory change = _change();
        Signature memory signature = signHash(meterKey, hashOf(change));
        vm.expectEmit(address(identities));
        emit IERC1056.DIDAttributeChanged(meter, FIRMWARE, IMAGE, EPOCH + VALIDITY, START_BLOCK);
        vm.prank(operator);
        identities.changeDevice(change, signature, none());
        assertFalse(identities.isNonceUsed(operator, change.nonce), "no nonce for a call");
    }

    /// @dev A repaired device has a new key, which its operator named.
    function test_SecondKeyOfADeviceSigns() external {
        _commission();
        vm.prank(operator);
        identities.addDelegate(meter, VERI_KEY, p256Account(), 1 days);
        DeviceChange memory change = _change();
        change.key = p256Account();
        bytes32 structHash = hashOf(change);
        bytes memory call = abi.encodeCall(
            identities.changeDevice,
            (change, p256Sign(structHash), signHash(operatorKey, structHash))
        );
        vm.expectEmit(address(identities));
        emit IERC1056.DIDAttributeChanged(meter, FIRMWARE, IMAGE, EPOCH + VALIDITY, START_BLOCK);
        vm.expectEmit(address(identities));
        emit IIdentities.DeviceChanged(meter, p256Account(), operator, FIRMWARE, IMAGE);
        relay(call);
    }

    function test_RevertWhen_ChangedDeviceIsRetired() external {
        _commission();
        bytes memory call = _changeCall(_change(), meterKey, operatorKey);
        vm.prank(operator);
        identities.changeOwner(meter, address(0));
        assertRefused(call, retired(meter), "retired");
    }

    function test_RevertWhen_KeyIsNotTheDevices() external {
        DeviceChange memory change = _change();
        assertRefused(_changeCall(change, meterKey, meterKey), _notKey(meter), "never commissioned");
        _commission();
        change.key = bob;
        assertRefused(_changeCall(change, bobKey, operatorKey), _notKey(bob), "a stranger's");
        vm.prank(operator);
        identities.addDelegate(meter, "sigAuth", bob, 1 days);
        assertRefused(_changeCall(change, bobKey, operatorKey), _notKey(bob), "a delegate of another type");
    }

    function test_RevertWhen_KeyIsRevokedOrExpired() external {
        _commission();
        DeviceChange memory change = _change();
        change.deadline = type(uint48).max;
        bytes memory call = _changeCall(change, meterKey, operatorKey);
        vm.warp(EPOCH + VALIDITY);
        assertRefused(call, _notKey(meter), "expired");
        vm.warp(EPOCH + VALIDITY - 1);
        vm.prank(operator);
        identities.revokeDelegate(meter, VERI_KEY, meter);
        assertRefused(call, _notKey(meter), "revoked");
    }

    function test_RevertWhen_ChangeIsNotOfBoth() external {
        _commission();
        DeviceChange memory change = _change();
        bytes32 structHash = hashOf(change);
        assertRefused(_changeCall(change, bobKey, operatorKey), invalid(meter, structHash), "not the device");
        assertRefused(_changeCall(change, operatorKey, operatorKey), invalid(meter, structHash), "operator twice");
        assertRefused(_changeCall(change, meterKey, bobKey), invalid(operator, structHash), "not the operator");
        assertRefused(_changeCall(change, meterKey, meterKey), invalid(operator, structHash), "device twice");
        vm.expectRevert(invalid(meter, structHash));
        vm.prank(operator);
        identities.changeDevice(change, none(), none());
        Signature memory signature = signHash(meterKey, structHash);
        vm.expectRevert(invalid(operator, structHash));
        vm.prank(meter);
        identities.changeDevice(change, signature, none());
    }

    function test_RevertWhen_ChangeIsLateUsedOrVoid() external {
        _commission();
        DeviceChange memory change = _change();
        bytes memory call = _changeCall(change, meterKey, operatorKey);
        relay(call);
        assertRefused(call, nonceUsed(meter, change.nonce), "the second time");

        ++change.nonce;
        call = _changeCall(change, meterKey, operatorKey);
        vm.prank(operator);
        identities.voidNonces(0, 1 << change.nonce);
        assertRefused(call, nonceUsed(operator, change.nonce), "void");

        ++change.nonce;
        call = _changeCall(change, meterKey, operatorKey);
        vm.warp(uint256(change.deadline) + 1);
        assertRefused(call, expired(change.deadline), "late");
    }

    function test_RevertWhen_ChangeIsForAnotherChain() external {
        _commission();
        DeviceChange memory change = _change();
        bytes memory call = _changeCall(change, meterKey, operatorKey);
        vm.chainId(block.chainid + 1);
        assertRefused(call, invalid(meter, hashOf(change)), "another chain");
    }

    function test_RevertWhen_AnyFieldOfAChangeDiffers() external {
        _commission();
        DeviceChange memory change = _change();
        Signature memory device = signHash(meterKey, hashOf(change));
        Signature memory signature = signHash(operatorKey, hashOf(change));
        change.name = "device/other";
        _assertForged(change, device, signature);
        change = _change();
        change.value = hex"bad0";
        _assertForged(change, device, signature);
        change = _change();
        ++change.validity;
        _assertForged(change, device, signature);
        change = _change();
        ++change.nonce;
        _assertForged(change, device, signature);
        change = _change();
        ++change.deadline;
        _assertForged(change, device, signature);
        // Another device of the same operator that has the same key.
        vm.startPrank(bob);
        identities.addDelegate(bob, VERI_KEY, meter, 1 days);
        identities.changeOwner(bob, operator);
        vm.stopPrank();
        change = _change();
        change.device = bob;
        _assertForged(change, device, signature);
    }

    function test_RevertWhen_ChangeHoldsBeyondTheCalendar() external {
        _commission();
        DeviceChange memory change = _change();
        change.validity = type(uint256).max;
        assertRefused(_changeCall(change, meterKey, operatorKey), overflow(), "beyond the calendar");
    }

    // --- fuzz

    function testFuzz_AnyDeviceEntersService(uint256 deviceKey, uint256 ownerKey, uint256 validity) external {
        deviceKey = bound(deviceKey, 1, SECP256K1_ORDER - 1);
        ownerKey = bound(ownerKey, 1, SECP256K1_ORDER - 1);
        if (deviceKey == ownerKey) ownerKey = deviceKey == 1 ? 2 : deviceKey - 1;
        Commissioning memory message = _commissioning();
        message.device = vm.addr(deviceKey);
        message.operator = vm.addr(ownerKey);
        message.validity = bound(validity, 1, type(uint256).max - EPOCH);
        registry.set(MAKE, message.device, true);
        relay(_commissionCall(message, deviceKey, ownerKey));
        assertEq(identities.identityOwner(message.device), message.operator, "owner");
        assertEq(
            identities.delegates(message.device, keccak256(abi.encode(VERI_KEY)), message.device),
            EPOCH + message.validity,
            "end of the key"
        );
    }

    function _commission() private {
        relay(_commissionCall(_commissioning(), meterKey, operatorKey));
    }

    function _commissioning() private view returns (Commissioning memory message) {
        return
            Commissioning({
                device: meter,
                operator: operator,
                validity: VALIDITY,
                registry: registry,
                make: MAKE,
                nonce: NONCE,
                deadline: uint48(EPOCH + 1 hours)
            });
    }

    function _commissionCall(
        Commissioning memory message,
        uint256 deviceKey,
        uint256 ownerKey
    ) private view returns (bytes memory call) {
        bytes32 structHash = hashOf(message);
        return
            abi.encodeCall(
                identities.commission,
                (message, signHash(deviceKey, structHash), signHash(ownerKey, structHash))
            );
    }

    function _change() private view returns (DeviceChange memory change) {
        return
            DeviceChange({
                device: meter,
                key: meter,
                name: FIRMWARE,
                value: IMAGE,
                validity: VALIDITY,
                nonce: NONCE + 100,
                deadline: uint48(EPOCH + 1 hours)
            });
    }

    function _changeCall(
        DeviceChange memory change,
        uint256 deviceKey,
        uint256 ownerKey
    ) private view returns (bytes memory call) {
        bytes32 structHash = hashOf(change);
        return
            abi.encodeCall(
                identities.changeDevice,
                (change, signHash(deviceKey, structHash), signHash(ownerKey, structHash))
            );
    }

    function _assertUnsound(Commissioning memory message) private {
        assertRefused(
            _commissionCall(message, meterKey, operatorKey),
            abi.encodeWithSelector(IIdentities.IdentitiesBadCommissioning.selector, meter, message.operator),
            "unsound"
        );
    }

    function _assertForged(Commissioning memory message, Signature memory device, Signature memory signature) private {
        bytes memory call = abi.encodeCall(identities.commission, (message, device, signature));
        assertRefused(call, invalid(meter, hashOf(message)), "another commissioning");
    }

    function _assertForged(DeviceChange memory change, Signature memory device, Signature memory signature) private {
        bytes memory call = abi.encodeCall(identities.changeDevice, (change, device, signature));
        assertRefused(call, invalid(meter, hashOf(change)), "another change");
    }

    function _unvouched(ICredentialRegistry asked) private view returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesUnvouchedDevice.selector, meter, asked, MAKE);
    }

    function _notKey(address key) private view returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesNotDeviceKey.selector, meter, key);
    }
}
