// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// digest = keccak256("dstack-kms-issued:" + pad_right(drop(app_id, 1), 32) + address(recover(keccak256(purpose + ":" + hex0x(address(derived_key))), claim_signature)))
// For example:
//   appId 0xea549f02e1a25fabd1cb788380e033ec5461b2ff
//   purpose 0x657468657265756d
//   derivedKey 0x02d4ca795aa82a8819735390040bb88f4bbf7d9ca9ad492ba5b15f7d31c383fc08
//   claimSignature 0xcd52f120d5f44ecc3bb8e849969414742d4af40a318daf23b5a3f44d492cfe76209474009a0d0b95cd6d719946b74ea7ed418f95c5a4642b64d7fbb06b0f849b01
//   signature 0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601
contract Verifier {
    address public constant SIGNER = 0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec;

    function digest(bytes memory appId, bytes memory purpose, bytes memory derivedKey, bytes memory claimSignature) public view returns (bytes32) {
        return bytes32(keccak256Of(bytes.concat(bytes("dstack-kms-issued:"), padRightOf(dropOf(appId, 1), 32), recoveredAddressOf(keccak256Of(bytes.concat(purpose, bytes(":"), hex0xOf(addressOf(derivedKey)))), claimSignature))));
    }

    function verify(bytes memory appId, bytes memory purpose, bytes memory derivedKey, bytes memory claimSignature, bytes memory signature) public view returns (bool) {
        return recoveredSigner(digest(appId, purpose, derivedKey, claimSignature), signature) == SIGNER;
    }

    function keccak256Of(bytes memory x) internal pure returns (bytes memory) {
        return abi.encodePacked(keccak256(x));
    }

    function digitsOf(bytes memory x, bytes16 alphabet) internal pure returns (bytes memory digits) {
        digits = new bytes(2 * x.length);
        for (uint256 i = 0; i < x.length; i++) {
            digits[2 * i] = alphabet[uint8(x[i]) >> 4];
            digits[2 * i + 1] = alphabet[uint8(x[i]) & 15];
        }
    }

    function hexOf(bytes memory x) internal pure returns (bytes memory) {
        return digitsOf(x, "0123456789abcdef");
    }

    function hex0xOf(bytes memory x) internal pure returns (bytes memory) {
        return bytes.concat(bytes("0x"), hexOf(x));
    }

    /// x and y of a SEC 1 public key of 33 or 65 bytes.
    function xyOf(bytes memory key) internal view returns (bytes memory) {
        uint256 p = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;
        require(key.length == 33 || key.length == 65, "not a public key");
        uint256 x;
        uint256 y;
        for (uint256 i = 1; i < 33; i++) {
            x = (x << 8) | uint8(key[i]);
            y = (y << 8) | uint8(key[key.length - 33 + i]);
        }
        uint256 square = addmod(mulmod(mulmod(x, x, p), x, p), 7, p);
        if (key.length == 33) {
            require(key[0] == 0x02 || key[0] == 0x03, "not a public key");
            // y = square^((p + 1) / 4) by the precompile for modular exponentiation.
            (bool ok, bytes memory root) = address(5).staticcall(abi.encode(32, 32, 32, square, (p >> 2) + 1, p));
            require(ok && root.length == 32, "no modular exponentiation");
            y = abi.decode(root, (uint256));
            if (y % 2 != uint8(key[0]) % 2) {
                y = p - y;
            }
        } else {
            require(key[0] == 0x04, "not a public key");
        }
        require(x < p && y < p && mulmod(y, y, p) == square, "not on the curve");
        return abi.encodePacked(x, y);
    }

    function addressOf(bytes memory key) internal view returns (bytes memory) {
        return abi.encodePacked(address(uint160(uint256(keccak256(xyOf(key))))));
    }

    function padRightOf(bytes memory x, uint256 length) internal pure returns (bytes memory) {
        return bytes.concat(x, new bytes(length - x.length));
    }

    function dropOf(bytes memory x, uint256 count) internal pure returns (bytes memory rest) {
        rest = new bytes(x.length - count);
        for (uint256 i = 0; i < rest.length; i++) {
            rest[i] = x[count + i];
        }
    }

    function recoveredAddressOf(bytes memory digest_, bytes memory signature) internal pure returns (bytes memory) {
        return abi.encodePacked(recoveredSigner(bytes32(digest_), signature));
    }

    /// r, s, v; v is 0, 1, 27 or 28. Reverts where nobody signed.
    function recoveredSigner(bytes32 digest_, bytes memory signature) internal pure returns (address signer) {
        require(signature.length == 65, "not a signature");
        uint256 r;
        uint256 s;
        for (uint256 i = 0; i < 32; i++) {
            r = (r << 8) | uint8(signature[i]);
            s = (s << 8) | uint8(signature[32 + i]);
        }
        uint8 v = uint8(signature[64]);
        signer = ecrecover(digest_, v < 27 ? v + 27 : v, bytes32(r), bytes32(s));
        require(signer != address(0), "no key");
    }
}
