// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Step} from "../../../contracts/energy/IEnergyMarket.sol";
import {EnergyCity, Home} from "./EnergyFixture.sol";

contract EnergyOrdersGasTest is EnergyCity {
    event Gas(string what, uint256 gas);

    uint32 private constant RING = 1024;
    bytes private records;
    bytes private signatures;
    Home[] private homes;

    function setUp() public {
        buildEnergyCity(0);
        uint256 n = 1000;
        for (uint16 f = 3; f < 6; ++f) {
            vm.prank(registrar);
            registry.registerFeeder(f, operator, grid, address(0));
        }
        for (uint256 i = 0; i < n; ++i) homes.push(newHome(uint16(i / 250) + 1));
        _make(n, INTERVAL, 1);
        market.postOrders(INTERVAL, records, signatures);
        vm.warp(EPOCH + RING * LENGTH);
        _make(n, INTERVAL + RING, 2);
    }

    function _make(uint256 n, uint32 interval, uint256 salt) private {
        bytes memory recs = new bytes(n * 10);
        bytes memory sigs = new bytes(n * 64);
        for (uint256 i = 0; i < n; ++i) {
            uint8 tick = uint8(uint256(keccak256(abi.encode(i, salt))) % 221);
            uint8 flags = uint8(i & 1);
            Step[] memory list = steps(tick, uint32(1000 + i));
            (bytes32 r, bytes32 vs) = signDigest(homes[i].signerKey, digestOf(interval, homes[i].account, 0, flags, list));
            bytes memory rec = recordOf(homes[i].account, flags, list);
            for (uint256 j = 0; j < 10; ++j) recs[i * 10 + j] = rec[j];
            assembly {
                mstore(add(add(sigs, 0x20), mul(i, 64)), r)
                mstore(add(add(sigs, 0x40), mul(i, 64)), vs)
            }
        }
        records = recs;
        signatures = sigs;
    }

    function _intrinsic(bytes memory data) private pure returns (uint256 gas) {
        gas = 21_000;
        for (uint256 i = 0; i < data.length; ++i) gas += data[i] == 0 ? 4 : 16;
    }

    function _cut(bytes memory data, uint256 length) private pure returns (bytes memory) {
        assembly {
            mstore(data, length)
        }
        return data;
    }

    function _batch(uint256 n, string memory what) private {
        bytes memory recs = _cut(records, n * 10);
        bytes memory sigs = _cut(signatures, n * 64);
        bytes memory data = abi.encodeCall(market.postOrders, (INTERVAL + RING, recs, sigs));
        uint256 intrinsic = _intrinsic(data);
        uint256 before = gasleft();
        (bool ok, bytes memory ret) = address(market).call(data);
        uint256 used = before - gasleft();
        assertTrue(ok, "ok");
        assertEq(abi.decode(ret, (uint256)), n, "accepted");
        emit Gas(what, (used + intrinsic) / n);
        emit Gas("execution each", used / n);
    }

    function test_Gas1000() external {
        _batch(1000, "1000 each");
    }

    function test_Gas100() external {
        _batch(100, "100 each");
    }

    function test_Gas10() external {
        _batch(10, "10 each");
    }

    function test_GasDirect() external {
        _first();
        Home memory home = homes[2];
        Step[] memory list = steps(60, 1000);
        bytes memory data = abi.encodeCall(market.postOrder, (INTERVAL + RING, home.account, 0, list));
        vm.prank(home.signer);
        uint256 before = gasleft();
        (bool ok, ) = address(market).call(data);
        uint256 used = before - gasleft();
        assertTrue(ok, "ok");
        emit Gas("direct", used + _intrinsic(data));
    }

    function _first() private {}
}
