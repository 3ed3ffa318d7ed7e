// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// digest = keccak256("dstack-kms-issued:" + app_id + compressed(app_key))
// For example:
//   appId 0xea549f02e1a25fabd1cb788380e033ec5461b2ff
//   appKey 0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810
//   signature 0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601
contract Verifier {
    address public constant SIGNER = 0x8f2cF602C9695b23130367ed78d8F557554de7C5;

    function digest(bytes memory appId, bytes memory appKey) public view returns (bytes32) {
        return bytes32(keccak256Of(bytes.concat(bytes("dstack-kms-issued:"), appId, compressedOf(appKey))));
    }

    function verify(bytes memory appId, bytes memory appKey, bytes memory signature) public view returns (bool) {
        return recoveredSigner(digest(appId, appKey), signature) == SIGNER;
    }

    function keccak256Of(bytes memory x) internal pure returns (bytes memory) {
        return abi.encodePacked(keccak256(x));
    }

    /// x and y of a SEC 1 public key of 33 or 65 bytes.
    function xyOf(bytes memory key) internal view returns (bytes memory) {
        uint256 p = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;
        if (key.length == 65) {
            require(key[0] == 0x04, "not a public key");
            bytes memory coordinates = new bytes(64);
            for (uint256 i = 0; i < 64; i++) {
                coordinates[i] = key[i + 1];
            }
            return coordinates;
        }
        require(key.length == 33 && (key[0] == 0x02 || key[0] == 0x03), "not a public key");
        uint256 x;
        for (uint256 i = 1; i < 33; i++) {
            x = (x << 8) | uint8(key[i]);
        }
        uint256 square = addmod(mulmod(mulmod(x, x, p), x, p), 7, p);
        // y = square^((p + 1) / 4) by the precompile for modular exponentiation.
        (bool ok, bytes memory root) = address(5).staticcall(abi.encode(32, 32, 32, square, (p >> 2) + 1, p));
        require(ok && root.length == 32, "no modular exponentiation");
        uint256 y = abi.decode(root, (uint256));
        require(x < p && mulmod(y, y, p) == square, "not on the curve");
        if (y % 2 != uint8(key[0]) % 2) {
            y = p - y;
        }
        return abi.encodePacked(x, y);
    }

    function compressedOf(bytes memory key) internal view returns (bytes memory) {
        (uint256 x, uint256 y) = abi.decode(xyOf(key), (uint256, uint256));
        return abi.encodePacked(uint8(2 + (y % 2)), x);
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
