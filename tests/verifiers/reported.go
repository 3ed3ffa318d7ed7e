// digest = keccak256("dstack-kms-issued:" + pad_right(drop(app_id, 1), 32) + address(recover(keccak256(purpose + ":" + hex0x(address(derived_key))), claim_signature)))
// Needs go-ethereum: go get github.com/ethereum/go-ethereum
package main

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/hex"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

var signer = common.HexToAddress("0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec")

func concatOf(parts ...[]byte) []byte {
	return bytes.Join(parts, nil)
}

func keccak256Of(x []byte) []byte {
	return crypto.Keccak256(x)
}

func hex0xOf(x []byte) []byte {
	return []byte("0x" + hex.EncodeToString(x))
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

func addressOf(key []byte) []byte {
	return crypto.PubkeyToAddress(*pointOf(key)).Bytes()
}

func padRightOf(x []byte, length int) []byte {
	return common.RightPadBytes(x, length)
}

func dropOf(x []byte, count int) []byte {
	return x[count:]
}

func signatureParts(signature []byte) []byte {
	parts := append([]byte{}, signature...)
	if len(parts) == 65 && parts[64] >= 27 {
		parts[64] -= 27
	}
	return parts
}

func recoverOf(digest, signature []byte) []byte {
	key, err := crypto.SigToPub(digest, signatureParts(signature))
	if err != nil {
		panic(err)
	}
	return crypto.CompressPubkey(key)
}

func recoveredSigner(digest, signature []byte) (common.Address, error) {
	key, err := crypto.SigToPub(digest, signatureParts(signature))
	if err != nil {
		return common.Address{}, err
	}
	return crypto.PubkeyToAddress(*key), nil
}

func digest(appId, purpose, derivedKey, claimSignature []byte) []byte {
	return keccak256Of(concatOf([]byte("dstack-kms-issued:"), padRightOf(dropOf(appId, 1), 32), addressOf(recoverOf(keccak256Of(concatOf(purpose, []byte(":"), hex0xOf(addressOf(derivedKey)))), claimSignature))))
}

func verify(appId, purpose, derivedKey, claimSignature, signature []byte) bool {
	address, err := recoveredSigner(digest(appId, purpose, derivedKey, claimSignature), signature)
	return err == nil && address == signer
}

func main() {
	if !verify(
		// appId
		common.FromHex("0xea549f02e1a25fabd1cb788380e033ec5461b2ff"),
		// purpose
		[]byte("ethereum"),
		// derivedKey
		common.FromHex("0x02d4ca795aa82a8819735390040bb88f4bbf7d9ca9ad492ba5b15f7d31c383fc08"),
		// claimSignature
		common.FromHex("0xcd52f120d5f44ecc3bb8e849969414742d4af40a318daf23b5a3f44d492cfe76209474009a0d0b95cd6d719946b74ea7ed418f95c5a4642b64d7fbb06b0f849b01"),
		common.FromHex("0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601"),
	) {
		panic("not verified")
	}
	fmt.Println("verified")
}
