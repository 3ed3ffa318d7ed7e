// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// digest = eip191(sha256(xy(from)) + len_prefixed(who) + reverse(u64be(long)) + checksum_address(address(from)) + hex_upper(take(id, 4)) + uint(most) + pad_left(id, 32) + decimal_length(who) + varstr(who) + compressed(uncompressed(from)) + u32be(time) + hex(id) + "\"\\\n" + 0x00ff + sha256d(ripemd160(drop(id, 5))) + base64(id) + base64(from) + base64(take(id, 4)) + uncompressed(from) + rlp_list(id, who, uint(most), 5) + rlp_list(0x7f, 0x80, 0x) + rlp_payload(rlp(id) + rlp(who) + rlp(0x7f)) + proto_bytes(who, 1) + proto_uint(time, 16) + proto_uint(0, 1) + u256be(most))
// For example:
//   id 0x00112233445566778899aabbccddeeff00112233
//   fromValue 0x03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7
//   time 0x31373533303030303030
//   long 0x31373533303030303030313233343536373839
//   most 0x313135373932303839323337333136313935343233353730393835303038363837393037383533323639393834363635363430353634303339343537353834303037393133313239363339393335
//   who 0x616c696365
//   signature 0xcd5d9fb67a78c7b415282ef708a06d2fd3face55b3f87ff4c5e6cd22c9e635d54273b73ae4f05da90550a6e47c9889af2ae7bf6c0d3d360f232d4aa874910d211b
contract Verifier {
    address public constant SIGNER = 0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516;

    function digest(bytes memory id, bytes memory fromValue, bytes memory time, bytes memory long, bytes memory most, bytes memory who) public view returns (bytes32) {
        return bytes32(eip191Of(bytes.concat(bytes.concat(bytes.concat(bytes.concat(bytes.concat(bytes.concat(bytes.concat(bytes.concat(bytes.concat(sha256Of(xyOf(fromValue)), lenPrefixedOf(who), reverseOf(u64beOf(long)), checksumAddressOf(addressOf(fromValue))), hexUpperOf(takeOf(id, 4)), uintOf(most), padLeftOf(id, 32)), decimalLengthOf(who), varstrOf(who), compressedOf(uncompressedOf(fromValue))), u32beOf(time), hexOf(id), bytes("\"\\\n")), bytes(hex"00ff"), sha256dOf(ripemd160Of(dropOf(id, 5))), base64Of(id)), base64Of(fromValue), base64Of(takeOf(id, 4)), uncompressedOf(fromValue)), rlpPayloadOf(bytes.concat(rlpOf(id), rlpOf(who), rlpOf(uintOf(most)), rlpOf(bytes("5")))), rlpPayloadOf(bytes.concat(rlpOf(bytes(hex"7f")), rlpOf(bytes(hex"80")), rlpOf(bytes("")))), rlpPayloadOf(bytes.concat(rlpOf(id), rlpOf(who), rlpOf(bytes(hex"7f"))))), protoBytesOf(who, 1), protoUintOf(time, 16), protoUintOf(bytes("0"), 1)), u256beOf(most))));
    }

    function verify(bytes memory id, bytes memory fromValue, bytes memory time, bytes memory long, bytes memory most, bytes memory who, bytes memory signature) public view returns (bool) {
        return recoveredSigner(digest(id, fromValue, time, long, most, who), signature) == SIGNER;
    }

    function keccak256Of(bytes memory x) internal pure returns (bytes memory) {
        return abi.encodePacked(keccak256(x));
    }

    function sha256Of(bytes memory x) internal pure returns (bytes memory) {
        return abi.encodePacked(sha256(x));
    }

    function sha256dOf(bytes memory x) internal pure returns (bytes memory) {
        return sha256Of(sha256Of(x));
    }

    function ripemd160Of(bytes memory x) internal pure returns (bytes memory) {
        return abi.encodePacked(ripemd160(x));
    }

    function eip191Of(bytes memory x) internal pure returns (bytes memory) {
        return keccak256Of(bytes.concat(bytes("\x19Ethereum Signed Message:\n"), decimalLengthOf(x), x));
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

    function hexUpperOf(bytes memory x) internal pure returns (bytes memory) {
        return digitsOf(x, "0123456789ABCDEF");
    }

    function base64Of(bytes memory x) internal pure returns (bytes memory text) {
        bytes memory alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        text = new bytes(4 * ((x.length + 2) / 3));
        for (uint256 i = 0; i < text.length; i++) {
            // Six bits from here on are a digit; they may reach into the next byte.
            (uint256 at, uint256 bit) = ((6 * i) / 8, (6 * i) % 8);
            uint256 pair = at < x.length ? uint256(uint8(x[at])) << 8 : 0;
            if (at + 1 < x.length) {
                pair |= uint8(x[at + 1]);
            }
            text[i] = at < x.length ? alphabet[(pair >> (10 - bit)) & 63] : bytes1("=");
        }
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

    function compressedOf(bytes memory key) internal view returns (bytes memory) {
        (uint256 x, uint256 y) = abi.decode(xyOf(key), (uint256, uint256));
        return abi.encodePacked(uint8(2 + (y % 2)), x);
    }

    function uncompressedOf(bytes memory key) internal view returns (bytes memory) {
        return bytes.concat(hex"04", xyOf(key));
    }

    function addressOf(bytes memory key) internal view returns (bytes memory) {
        return abi.encodePacked(address(uint160(uint256(keccak256(xyOf(key))))));
    }

    function checksumAddressOf(bytes memory account) internal pure returns (bytes memory) {
        bytes memory digits = hexOf(account);
        bytes32 hash = keccak256(digits);
        for (uint256 i = 0; i < digits.length; i++) {
            uint8 nibble = (i % 2 == 0 ? uint8(hash[i / 2]) >> 4 : uint8(hash[i / 2])) & 15;
            if (nibble >= 8 && digits[i] >= "a") {
                digits[i] = bytes1(uint8(digits[i]) - 32);
            }
        }
        return bytes.concat(bytes("0x"), digits);
    }

    function padLeftOf(bytes memory x, uint256 length) internal pure returns (bytes memory) {
        return bytes.concat(new bytes(length - x.length), x);
    }

    function dropOf(bytes memory x, uint256 count) internal pure returns (bytes memory rest) {
        rest = new bytes(x.length - count);
        for (uint256 i = 0; i < rest.length; i++) {
            rest[i] = x[count + i];
        }
    }

    function takeOf(bytes memory x, uint256 count) internal pure returns (bytes memory first) {
        first = new bytes(count);
        for (uint256 i = 0; i < count; i++) {
            first[i] = x[i];
        }
    }

    function reverseOf(bytes memory x) internal pure returns (bytes memory reversed) {
        reversed = new bytes(x.length);
        for (uint256 i = 0; i < x.length; i++) {
            reversed[i] = x[x.length - 1 - i];
        }
    }

    function numberOf(bytes memory digits) internal pure returns (uint256 number) {
        require(digits.length > 0, "not a number");
        for (uint256 i = 0; i < digits.length; i++) {
            require(digits[i] >= "0" && digits[i] <= "9", "not a number");
            number = number * 10 + (uint8(digits[i]) - 48);
        }
    }

    function u32beOf(bytes memory digits) internal pure returns (bytes memory) {
        uint256 number = numberOf(digits);
        require(number <= type(uint32).max, "more than 32 bits");
        return abi.encodePacked(uint32(number));
    }

    function u64beOf(bytes memory digits) internal pure returns (bytes memory) {
        uint256 number = numberOf(digits);
        require(number <= type(uint64).max, "more than 64 bits");
        return abi.encodePacked(uint64(number));
    }

    function u256beOf(bytes memory digits) internal pure returns (bytes memory) {
        return abi.encodePacked(numberOf(digits));
    }

    function uintOf(bytes memory digits) internal pure returns (bytes memory trimmed) {
        uint256 number = numberOf(digits);
        while (number > 0) {
            trimmed = bytes.concat(bytes1(uint8(number)), trimmed);
            number >>= 8;
        }
    }

    function varstrOf(bytes memory x) internal pure returns (bytes memory) {
        if (x.length < 0xfd) {
            return bytes.concat(bytes1(uint8(x.length)), x);
        }
        bytes2 low = bytes2(bytes.concat(bytes1(uint8(x.length)), bytes1(uint8(x.length >> 8))));
        if (x.length <= 0xffff) {
            return bytes.concat(hex"fd", low, x);
        }
        return bytes.concat(hex"fe", low, bytes1(uint8(x.length >> 16)), bytes1(uint8(x.length >> 24)), x);
    }

    function lenPrefixedOf(bytes memory x) internal pure returns (bytes memory) {
        return bytes.concat(bytes4(uint32(x.length)), x);
    }

    function decimalLengthOf(bytes memory x) internal pure returns (bytes memory digits) {
        uint256 left = x.length;
        do {
            digits = bytes.concat(bytes1(uint8(48 + (left % 10))), digits);
            left /= 10;
        } while (left > 0);
    }

    function rlpPayloadOf(bytes memory items) internal pure returns (bytes memory) {
        return bytes.concat(rlpLengthOf(items.length, 0xc0), items);
    }

    function rlpOf(bytes memory x) internal pure returns (bytes memory) {
        return x.length == 1 && x[0] < 0x80 ? x : bytes.concat(rlpLengthOf(x.length, 0x80), x);
    }

    function rlpLengthOf(uint256 length, uint256 kind) internal pure returns (bytes memory digits) {
        if (length < 56) {
            return bytes.concat(bytes1(uint8(kind + length)));
        }
        for (; length > 0; length >>= 8) {
            digits = bytes.concat(bytes1(uint8(length)), digits);
        }
        return bytes.concat(bytes1(uint8(kind + 55 + digits.length)), digits);
    }

    function protoBytesOf(bytes memory x, uint256 field) internal pure returns (bytes memory) {
        return x.length == 0 ? x : bytes.concat(varintOf((field << 3) | 2), varintOf(x.length), x);
    }

    function protoUintOf(bytes memory digits, uint256 field) internal pure returns (bytes memory) {
        uint256 number = numberOf(digits);
        require(number <= type(uint64).max, "more than 64 bits");
        return number == 0 ? new bytes(0) : bytes.concat(varintOf(field << 3), varintOf(number));
    }

    function varintOf(uint256 number) internal pure returns (bytes memory digits) {
        for (; number > 127; number >>= 7) {
            digits = bytes.concat(digits, bytes1(uint8(number) | 0x80));
        }
        return bytes.concat(digits, bytes1(uint8(number)));
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
