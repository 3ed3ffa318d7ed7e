// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev A sound verifier of another shape than our registry: its root is set after the deployment, it knows
/// one purpose, takes keys in SEC 1's form and signatures in parts, v as ecrecover has it, high s too, and
/// says yes by returning true.
contract Foreign {
    struct Signature {
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    uint256 internal constant P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F;

    address public root;

    function initialize(address kmsRoot) external {
        require(root == address(0), "already initialized");
        require(kmsRoot != address(0), "no root");
        root = kmsRoot;
    }

    function isGenuine(
        bytes20 appId,
        bytes calldata appKey,
        bytes calldata derivedKey,
        Signature[2] calldata chain
    ) external view returns (bool) {
        require(appKey.length == 65 && appKey[0] == 0x04, "not an app key");
        require(derivedKey.length == 65 && derivedKey[0] == 0x04, "not a derived key");
        (uint256 x, uint256 y) = (uint256(bytes32(derivedKey[1:33])), uint256(bytes32(derivedKey[33:])));
        bool onCurve = mulmod(y, y, P) == addmod(mulmod(mulmod(x, x, P), x, P), 7, P);
        if (x >= P || y >= P || !onCurve) return false;

        bytes32 claim = keccak256(abi.encodePacked("ethereum:", hexOf(compressed(derivedKey))));
        bytes32 issued = keccak256(abi.encodePacked("dstack-kms-issued:", appId, compressed(appKey)));
        return signer(claim, chain[0]) == address(uint160(uint256(keccak256(appKey[1:]))))
            && signer(issued, chain[1]) == root;
    }

    function signer(bytes32 digest, Signature calldata signature) internal pure returns (address recovered) {
        recovered = ecrecover(digest, signature.v, signature.r, signature.s);
        require(recovered != address(0), "no key");
    }

    function compressed(bytes calldata key) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(2 + (uint8(key[64]) & 1)), key[1:33]);
    }

    function hexOf(bytes memory data) internal pure returns (bytes memory text) {
        bytes16 digits = "0123456789abcdef";
        text = new bytes(2 * data.length);
        for (uint256 i = 0; i < data.length; i++) {
            text[2 * i] = digits[uint8(data[i]) >> 4];
            text[2 * i + 1] = digits[uint8(data[i]) & 0x0f];
        }
    }
}
