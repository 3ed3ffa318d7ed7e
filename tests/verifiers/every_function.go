// digest = eip191(sha256(xy(from)) + len_prefixed(who) + reverse(u64be(time)) + checksum_address(address(from)) + hex_upper(take(id, 4)) + uint(most) + pad_left(id, 32) + decimal_length(who) + varstr(who) + uncompressed(from) + u32be(time) + hex(id) + "\"\\\n" + 0x00ff)
// Needs go-ethereum: go get github.com/ethereum/go-ethereum
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

var signer = common.HexToAddress("0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516")

func concatOf(parts ...[]byte) []byte {
	return bytes.Join(parts, nil)
}

func keccak256Of(x []byte) []byte {
	return crypto.Keccak256(x)
}

func sha256Of(x []byte) []byte {
	hash := sha256.Sum256(x)
	return hash[:]
}

func eip191Of(x []byte) []byte {
	return keccak256Of(append([]byte(fmt.Sprintf("\x19Ethereum Signed Message:\n%d", len(x))), x...))
}

func hexOf(x []byte) []byte {
	return []byte(hex.EncodeToString(x))
}

func hexUpperOf(x []byte) []byte {
	return []byte(fmt.Sprintf("%X", x))
}

func pointOf(key []byte) *ecdsa.PublicKey {
	point, err := crypto.UnmarshalPubkey(key)
	if len(key) == 33 {
		point, err = crypto.DecompressPubkey(key)
	}
	if err != nil {
		panic(err)
	}
	return point
}

func uncompressedOf(key []byte) []byte {
	return crypto.FromECDSAPub(pointOf(key))
}

func xyOf(key []byte) []byte {
	return uncompressedOf(key)[1:]
}

func addressOf(key []byte) []byte {
	return crypto.PubkeyToAddress(*pointOf(key)).Bytes()
}

func checksumAddressOf(address []byte) []byte {
	return []byte(common.BytesToAddress(address).Hex())
}

func padLeftOf(x []byte, length int) []byte {
	return common.LeftPadBytes(x, length)
}

func takeOf(x []byte, count int) []byte {
	return x[:count]
}

func reverseOf(x []byte) []byte {
	reversed := slices.Clone(x)
	slices.Reverse(reversed)
	return reversed
}

func numberOf(digits []byte, bits int) *big.Int {
	number, ok := new(big.Int).SetString(string(digits), 10)
	if !ok || digits[0] < '0' || number.BitLen() > bits {
		panic(fmt.Sprintf("not decimal digits of %d bits", bits))
	}
	return number
}

func u32beOf(digits []byte) []byte {
	return numberOf(digits, 32).FillBytes(make([]byte, 4))
}

func u64beOf(digits []byte) []byte {
	return numberOf(digits, 64).FillBytes(make([]byte, 8))
}

func uintOf(digits []byte) []byte {
	return numberOf(digits, 256).Bytes()
}

func varstrOf(x []byte) []byte {
	length := []byte{byte(len(x))}
	if len(x) > 0xffff {
		length = binary.LittleEndian.AppendUint32([]byte{0xfe}, uint32(len(x)))
	} else if len(x) >= 0xfd {
		length = binary.LittleEndian.AppendUint16([]byte{0xfd}, uint16(len(x)))
	}
	return append(length, x...)
}

func lenPrefixedOf(x []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(x))), x...)
}

func decimalLengthOf(x []byte) []byte {
	return []byte(fmt.Sprint(len(x)))
}

func signatureParts(signature []byte) []byte {
	parts := append([]byte{}, signature...)
	if len(parts) == 65 && parts[64] >= 27 {
		parts[64] -= 27
	}
	return parts
}

func recoveredSigner(digest, signature []byte) (common.Address, error) {
	key, err := crypto.SigToPub(digest, signatureParts(signature))
	if err != nil {
		return common.Address{}, err
	}
	return crypto.PubkeyToAddress(*key), nil
}

func digest(id, from, time, most, who []byte) []byte {
	return eip191Of(concatOf(sha256Of(xyOf(from)), lenPrefixedOf(who), reverseOf(u64beOf(time)), checksumAddressOf(addressOf(from)), hexUpperOf(takeOf(id, 4)), uintOf(most), padLeftOf(id, 32), decimalLengthOf(who), varstrOf(who), uncompressedOf(from), u32beOf(time), hexOf(id), []byte("\"\\\n"), common.FromHex("0x00ff")))
}

func verify(id, from, time, most, who, signature []byte) bool {
	address, err := recoveredSigner(digest(id, from, time, most, who), signature)
	return err == nil && address == signer
}

func main() {
	if !verify(
		// id
		common.FromHex("0x00112233445566778899aabbccddeeff00112233"),
		// from
		common.FromHex("0x03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7"),
		// time
		[]byte("1753000000"),
		// most
		[]byte("115792089237316195423570985008687907853269984665640564039457584007913129639935"),
		// who
		[]byte("alice"),
		common.FromHex("0x9926569e06d2f2c31d44000e0c540363f1bcf644f633ce8ffb484ee4c4327a287a66a6d34b72bc29aaa2b341d55c2ac631e2b5b81f8f9ffb4ee457b4a645f2da1b"),
	) {
		panic("not verified")
	}
	fmt.Println("verified")
}
