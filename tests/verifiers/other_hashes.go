// digest = sha3_256(base64(id) + sha256d(who))
// Needs go-ethereum: go get github.com/ethereum/go-ethereum
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"golang.org/x/crypto/sha3"
)

var signer = common.HexToAddress("0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516")

func concatOf(parts ...[]byte) []byte {
	return bytes.Join(parts, nil)
}

func sha256Of(x []byte) []byte {
	hash := sha256.Sum256(x)
	return hash[:]
}

func sha256dOf(x []byte) []byte {
	return sha256Of(sha256Of(x))
}

func sha3256Of(x []byte) []byte {
	hash := sha3.Sum256(x)
	return hash[:]
}

func base64Of(x []byte) []byte {
	return []byte(base64.StdEncoding.EncodeToString(x))
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

func digest(id, who []byte) []byte {
	return sha3256Of(concatOf(base64Of(id), sha256dOf(who)))
}

func verify(id, who, signature []byte) bool {
	address, err := recoveredSigner(digest(id, who), signature)
	return err == nil && address == signer
}

func main() {
	if !verify(
		// id
		common.FromHex("0x00112233445566778899aabbccddeeff00112233"),
		// who
		[]byte("alice"),
		common.FromHex("0x61ba938906709293b6d9102f86203dc02ad3fdb08e7771dbdbb05f6b7372b8003248a306a9ef44c643e11bc00a0c98f05e90e20a9867b84d0791301eeabaa96a1c"),
	) {
		panic("not verified")
	}
	fmt.Println("verified")
}
