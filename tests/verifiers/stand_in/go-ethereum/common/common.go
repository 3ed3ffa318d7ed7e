// Package common has what the emitted Go uses, for where go-ethereum cannot be had.
package common

import "encoding/hex"

type Address [20]byte

func FromHex(text string) []byte {
	bytes, err := hex.DecodeString(text[2:])
	if err != nil {
		panic(err)
	}
	return bytes
}

func BytesToAddress(bytes []byte) Address { return Address(*(*[20]byte)(bytes)) }

func HexToAddress(text string) Address { return BytesToAddress(FromHex(text)) }

func (address Address) Bytes() []byte { return address[:] }
