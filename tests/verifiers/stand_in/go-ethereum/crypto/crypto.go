// Package crypto has go-ethereum's signatures and no cryptography: what needs it compiles, and panics when run.
package crypto

import (
	"crypto/ecdsa"

	"github.com/ethereum/go-ethereum/common"
)

func Keccak256(parts ...[]byte) []byte { panic("a stand-in") }

func SigToPub(digest, signature []byte) (*ecdsa.PublicKey, error) { panic("a stand-in") }

func PubkeyToAddress(key ecdsa.PublicKey) common.Address { panic("a stand-in") }
