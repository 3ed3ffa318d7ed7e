// digest = keccak256(a__b + a_b + a_b2 + a_b_2 + abi + abstract + address + after + alias + arguments + at + byte + bytes + bytes32 + common + concat + concat_of + def + digest + ecrecover + emit + err + eval + fallthrough + fixed128x18 + fmt + fn + gen + hashlib + hex + keccak + keccak256 + keccak256_of + lambda + len + main + match + minutes + nil + nonlocal + number_of + package + panic + partial + promise + recovered_address_of + recovered_signer + reference + sha256 + sha3 + signature + signature_parts + signer + type + type__value + type_value + uint256 + undefined + verify + wei + yield)
// Needs go-ethereum: go get github.com/ethereum/go-ethereum
package main

import (
	"bytes"
	"fmt"

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

func digest(aB, aB2, aB22, aB23, abi, abstract, addressValue, after, alias, arguments, at, byteValue, bytesValue, bytes32, commonValue, concat, concatOfValue, def, digestValue, ecrecover, emit, errValue, eval, fallthroughValue, fixed128x18, fmtValue, fn, gen, hashlib, hexValue, keccak, keccak256, keccak256OfValue, lambda, lenValue, mainValue, match, minutes, nilValue, nonlocal, numberOfValue, packageValue, panicValue, partial, promise, recoveredAddressOf, recoveredSignerValue, reference, sha256Value, sha3Value, signatureValue, signaturePartsValue, signerValue, typeValue, typeValue2, typeValue3, uint256, undefined, verifyValue, wei, yield []byte) []byte {
	return keccak256Of(concatOf(aB, aB2, aB22, aB23, abi, abstract, addressValue, after, alias, arguments, at, byteValue, bytesValue, bytes32, commonValue, concat, concatOfValue, def, digestValue, ecrecover, emit, errValue, eval, fallthroughValue, fixed128x18, fmtValue, fn, gen, hashlib, hexValue, keccak, keccak256, keccak256OfValue, lambda, lenValue, mainValue, match, minutes, nilValue, nonlocal, numberOfValue, packageValue, panicValue, partial, promise, recoveredAddressOf, recoveredSignerValue, reference, sha256Value, sha3Value, signatureValue, signaturePartsValue, signerValue, typeValue, typeValue2, typeValue3, uint256, undefined, verifyValue, wei, yield))
}

func verify(aB, aB2, aB22, aB23, abi, abstract, addressValue, after, alias, arguments, at, byteValue, bytesValue, bytes32, commonValue, concat, concatOfValue, def, digestValue, ecrecover, emit, errValue, eval, fallthroughValue, fixed128x18, fmtValue, fn, gen, hashlib, hexValue, keccak, keccak256, keccak256OfValue, lambda, lenValue, mainValue, match, minutes, nilValue, nonlocal, numberOfValue, packageValue, panicValue, partial, promise, recoveredAddressOf, recoveredSignerValue, reference, sha256Value, sha3Value, signatureValue, signaturePartsValue, signerValue, typeValue, typeValue2, typeValue3, uint256, undefined, verifyValue, wei, yield, signature []byte) bool {
	address, err := recoveredSigner(digest(aB, aB2, aB22, aB23, abi, abstract, addressValue, after, alias, arguments, at, byteValue, bytesValue, bytes32, commonValue, concat, concatOfValue, def, digestValue, ecrecover, emit, errValue, eval, fallthroughValue, fixed128x18, fmtValue, fn, gen, hashlib, hexValue, keccak, keccak256, keccak256OfValue, lambda, lenValue, mainValue, match, minutes, nilValue, nonlocal, numberOfValue, packageValue, panicValue, partial, promise, recoveredAddressOf, recoveredSignerValue, reference, sha256Value, sha3Value, signatureValue, signaturePartsValue, signerValue, typeValue, typeValue2, typeValue3, uint256, undefined, verifyValue, wei, yield), signature)
	return err == nil && address == signer
}

func main() {
	if !verify(
		// aB
		[]byte("a__b"),
		// aB2
		[]byte("a_b"),
		// aB22
		[]byte("a_b2"),
		// aB23
		[]byte("a_b_2"),
		// abi
		[]byte("abi"),
		// abstract
		[]byte("abstract"),
		// addressValue
		[]byte("address"),
		// after
		[]byte("after"),
		// alias
		[]byte("alias"),
		// arguments
		[]byte("arguments"),
		// at
		[]byte("at"),
		// byteValue
		[]byte("byte"),
		// bytesValue
		[]byte("bytes"),
		// bytes32
		[]byte("bytes32"),
		// commonValue
		[]byte("common"),
		// concat
		[]byte("concat"),
		// concatOfValue
		[]byte("concat_of"),
		// def
		[]byte("def"),
		// digestValue
		[]byte("digest"),
		// ecrecover
		[]byte("ecrecover"),
		// emit
		[]byte("emit"),
		// errValue
		[]byte("err"),
		// eval
		[]byte("eval"),
		// fallthroughValue
		[]byte("fallthrough"),
		// fixed128x18
		[]byte("fixed128x18"),
		// fmtValue
		[]byte("fmt"),
		// fn
		[]byte("fn"),
		// gen
		[]byte("gen"),
		// hashlib
		[]byte("hashlib"),
		// hexValue
		[]byte("hex"),
		// keccak
		[]byte("keccak"),
		// keccak256
		[]byte("keccak256"),
		// keccak256OfValue
		[]byte("keccak256_of"),
		// lambda
		[]byte("lambda"),
		// lenValue
		[]byte("len"),
		// mainValue
		[]byte("main"),
		// match
		[]byte("match"),
		// minutes
		[]byte("minutes"),
		// nilValue
		[]byte("nil"),
		// nonlocal
		[]byte("nonlocal"),
		// numberOfValue
		[]byte("number_of"),
		// packageValue
		[]byte("package"),
		// panicValue
		[]byte("panic"),
		// partial
		[]byte("partial"),
		// promise
		[]byte("promise"),
		// recoveredAddressOf
		[]byte("recovered_address_of"),
		// recoveredSignerValue
		[]byte("recovered_signer"),
		// reference
		[]byte("reference"),
		// sha256Value
		[]byte("sha256"),
		// sha3Value
		[]byte("sha3"),
		// signatureValue
		[]byte("signature"),
		// signaturePartsValue
		[]byte("signature_parts"),
		// signerValue
		[]byte("signer"),
		// typeValue
		[]byte("type"),
		// typeValue2
		[]byte("type__value"),
		// typeValue3
		[]byte("type_value"),
		// uint256
		[]byte("uint256"),
		// undefined
		[]byte("undefined"),
		// verifyValue
		[]byte("verify"),
		// wei
		[]byte("wei"),
		// yield
		[]byte("yield"),
		common.FromHex("0x1b438fe99c44edaa756582a7c2c94cc6758467123d6e8a63b848d50990fa70f61ca3a9bc0dcc091f9fa6f564b64d9e03b090795f964129f3aff8b2e294578d351c"),
	) {
		panic("not verified")
	}
	fmt.Println("verified")
}
