// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Agreement, Delegate, OrderFlags, SignedOrder, StandingOrder, Step} from "./IEnergyMarket.sol";

/// @title EnergyMessages
/// @notice Hashes of the messages that {EnergyMarket} takes, as EIP-712 has them.
library EnergyMessages {
    bytes32 internal constant STEP_TYPE = keccak256("Step(uint8 tick,uint32 wh)");
    bytes32 private constant ACCOUNT_OPENING_TYPE = keccak256(
        "AccountOpening(uint32 account,address signer,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant SIGNER_CHANGE_TYPE = keccak256(
        "SignerChange(uint32 account,address signer,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant EPOCH_BUMP_TYPE = keccak256("EpochBump(uint32 account,uint256 nonce,uint256 deadline)");
    bytes32 private constant DELEGATION_TYPE = keccak256(
        "OrderDelegation(uint32 account,address key,uint24 minPrice,uint24 maxPrice,uint32 maxWh,uint40 until,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant STANDING_ORDER_TYPE = keccak256(
        "StandingOrder(uint32 account,uint16 epoch,uint32 fromInterval,uint32 toInterval,uint24 basePrice,uint16 tickSize,uint8 flags,Step[] steps,uint256 nonce,uint256 deadline)Step(uint8 tick,uint32 wh)"
    );
    bytes32 private constant WITHDRAWAL_TYPE = keccak256(
        "Withdrawal(uint32 account,uint256 amount,address to,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant FORMER_WITHDRAWAL_TYPE = keccak256(
        "FormerWithdrawal(address owner,address to,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant AGREEMENT_TYPE = keccak256(
        "Agreement(uint32 buyer,uint32 seller,uint32 fromInterval,uint32 toInterval,uint24 price,uint32 wh,uint64 salt,uint256 nonce,uint256 deadline)"
    );
    /// @notice Of an order that posts once.
    bytes32 internal constant ORDER_TYPE = keccak256(
        "Order(uint32 interval,uint32 account,uint16 epoch,uint8 flags,Step[] steps)Step(uint8 tick,uint32 wh)"
    );

    /// @dev A nonce is the upper 192 bits of a hash, which tokens with keyed nonces read as a key at sequence 0.
    uint256 private constant NONCE_KEY_MASK = ~uint256(type(uint64).max);

    /// @notice Hash of an order; the number of steps in its flags counts as zero.
    /// @param signed The order.
    /// @return hash Struct hash.
    function order(SignedOrder calldata signed) internal pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encode(
                    ORDER_TYPE,
                    signed.interval,
                    signed.account,
                    signed.epoch,
                    signed.flags & ~(OrderFlags.STEPS_MASK << OrderFlags.STEPS_SHIFT),
                    stepsHash(signed.steps)
                )
            );
    }

    /// @notice Hash of the opening of an account.
    /// @param account Account, which is its meter's number.
    /// @param signer Key that signs orders.
    /// @param nonce Nonce of the message.
    /// @param deadline Last second at which the message counts.
    /// @return hash EIP-712 hash of the struct.
    function accountOpening(
        uint32 account,
        address signer,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(ACCOUNT_OPENING_TYPE, account, signer, nonce, deadline));
    }

    /// @notice Hash of a change of the signing key.
    /// @param account Account, which is its meter's number.
    /// @param signer New signing key.
    /// @param nonce Nonce of the signature.
    /// @param deadline Last second at which the signature counts, Unix time.
    /// @return hash Struct hash.
    function signerChange(
        uint32 account,
        address signer,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(SIGNER_CHANGE_TYPE, account, signer, nonce, deadline));
    }

    /// @notice Hash of a new epoch.
    /// @param account Account, which is its meter's number.
    /// @param nonce Nonce of the signature.
    /// @param deadline Last second at which the signature counts, Unix time.
    /// @return hash Struct hash.
    function epochBump(uint32 account, uint256 nonce, uint256 deadline) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(EPOCH_BUMP_TYPE, account, nonce, deadline));
    }

    /// @notice Hash of a delegate's appointment.
    /// @param account Account, which is its meter's number.
    /// @param key Public address of the delegate.
    /// @param delegate Its limits.
    /// @param nonce Nonce of the signature.
    /// @param deadline Last second at which the signature counts, Unix time.
    /// @return hash Struct hash.
    function delegateGrant(
        uint32 account,
        address key,
        Delegate calldata delegate,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encode(
                    DELEGATION_TYPE,
                    account,
                    key,
                    delegate.minPrice,
                    delegate.maxPrice,
                    delegate.maxWh,
                    delegate.until,
                    nonce,
                    deadline
                )
            );
    }

    /// @notice Hash of a standing order.
    /// @param standing The standing order.
    /// @param nonce Nonce of the signature.
    /// @param deadline Last second at which the signature counts, Unix time.
    /// @return hash Struct hash.
    function standingOrder(
        StandingOrder calldata standing,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encode(
                    STANDING_ORDER_TYPE,
                    standing.account,
                    standing.epoch,
                    standing.fromInterval,
                    standing.toInterval,
                    standing.basePrice,
                    standing.tickSize,
                    standing.flags,
                    stepsHash(standing.steps),
                    nonce,
                    deadline
                )
            );
    }

    /// @notice Hash of a withdrawal.
    /// @param account Account, which is its meter's number.
    /// @param amount Amount of the token.
    /// @param to Who is paid.
    /// @param nonce Nonce of the signature.
    /// @param deadline Last second at which the signature counts, Unix time.
    /// @return hash Struct hash.
    function withdrawal(
        uint32 account,
        uint256 amount,
        address to,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(WITHDRAWAL_TYPE, account, amount, to, nonce, deadline));
    }

    /// @notice Hash of a withdrawal of what a takeover left.
    /// @param owner Former owner.
    /// @param to Who is paid.
    /// @param nonce Nonce of the signature.
    /// @param deadline Last second at which the signature counts, Unix time.
    /// @return hash Struct hash.
    function formerWithdrawal(
        address owner,
        address to,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return keccak256(abi.encode(FORMER_WITHDRAWAL_TYPE, owner, to, nonce, deadline));
    }

    /// @notice Hash of an agreement as one party signs it.
    /// @param agreed What both parties sign.
    /// @param nonce Nonce of the signature.
    /// @param deadline Last second at which the signature counts, Unix time.
    /// @return hash Struct hash.
    function agreement(
        Agreement calldata agreed,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encode(
                    AGREEMENT_TYPE,
                    agreed.buyer,
                    agreed.seller,
                    agreed.fromInterval,
                    agreed.toInterval,
                    agreed.price,
                    agreed.wh,
                    agreed.salt,
                    nonce,
                    deadline
                )
            );
    }

    /// @notice Nonce of the ERC-3009 transfer that pays into an account.
    /// @param account Account, which is its meter's number.
    /// @param owner The account's owner, so that the payment does not go to the next one.
    /// @param from Who pays.
    /// @param amount Amount of the token.
    /// @param salt Number that the payer chooses.
    /// @return nonce Nonce to sign the transfer with.
    function depositNonce(
        uint32 account,
        address owner,
        address from,
        uint256 amount,
        uint256 salt
    ) internal pure returns (bytes32 nonce) {
        return bytes32(uint256(keccak256(abi.encode(account, owner, from, amount, salt))) & NONCE_KEY_MASK);
    }

    /// @notice Hash of steps, as EIP-712 has it of an array of structs.
    /// @param steps Steps, 1 to 4.
    /// @return hash Hash of the array.
    function stepsHash(Step[] calldata steps) internal pure returns (bytes32 hash) {
        bytes32[] memory hashes = new bytes32[](steps.length);
        for (uint256 i = 0; i < steps.length; ++i) {
            hashes[i] = keccak256(abi.encode(STEP_TYPE, steps[i].tick, steps[i].wh));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
