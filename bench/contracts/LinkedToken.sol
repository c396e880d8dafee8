// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721URIStorage} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// @title LinkedToken
/// @notice OpenZeppelin's way to a title with a link to its document: mint alone, in a batch, or against a Merkle proof.
contract LinkedToken is ERC721URIStorage {
    bytes32 private immutable ROOT;

    /// @param root Merkle root of the tokens that can be claimed.
    constructor(bytes32 root) ERC721("Linked", "LINK") {
        ROOT = root;
    }

    /// @notice Mints without a link.
    /// @param to New owner.
    /// @param tokenId New token.
    function mintPlain(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }

    /// @notice Mints with a link.
    /// @param to New owner.
    /// @param tokenId New token.
    /// @param uri Link.
    function mint(address to, uint256 tokenId, string calldata uri) external {
        _mintLinked(to, tokenId, uri);
    }

    /// @notice Mints several with a link each.
    /// @param to New owner.
    /// @param tokenIds New tokens.
    /// @param uris Links.
    function mintMany(address to, uint256[] calldata tokenIds, string[] calldata uris) external {
        for (uint256 i = 0; i < tokenIds.length; ++i) _mintLinked(to, tokenIds[i], uris[i]);
    }

    /// @notice Mints a token that stands in the tree.
    /// @param to New owner.
    /// @param tokenId New token.
    /// @param uri Link.
    /// @param proof Merkle proof of the leaf over the three.
    function claim(address to, uint256 tokenId, string calldata uri, bytes32[] calldata proof) external {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(to, tokenId, uri))));
        require(MerkleProof.verifyCalldata(proof, ROOT, leaf));
        _mintLinked(to, tokenId, uri);
    }

    function _mintLinked(address to, uint256 tokenId, string calldata uri) private {
        _mint(to, tokenId);
        _setTokenURI(tokenId, uri);
    }
}
