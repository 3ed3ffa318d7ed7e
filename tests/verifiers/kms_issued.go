// digest = keccak256("dstack-kms-issued:" + app_id + compressed(app_key))
// Needs go-ethereum: go get github.com/ethereum/go-ethereum
package main

import (
	"bytes"
	"crypto/ecdsa"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

var signer = common.HexToAddress("0x8f2cF602C9695b23130367ed78d8F557554de7C5")

func concatOf(parts ...[]byte) []byte {
	return bytes.Join(parts, nil)
}

func keccak256Of(x []byte) []byte {
	return crypto.Keccak256(x)
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

func compressedOf(key []byte) []byte {
	return crypto.CompressPubkey(pointOf(key))
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

func digest(appId, appKey []byte) []byte {
	return keccak256Of(concatOf([]byte("dstack-kms-issued:"), appId, compressedOf(appKey)))
}

func verify(appId, appKey, signature []byte) bool {
	address, err := recoveredSigner(digest(appId, appKey), signature)
	return err == nil && address == signer
}

func main() {
	if !verify(
		// appId
		common.FromHex("0xea549f02e1a25fabd1cb788380e033ec5461b2ff"),
		// appKey
		common.FromHex("0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810"),
		common.FromHex("0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601"),
	) {
		panic("not verified")
	}
	fmt.Println("verified")
}
