//! Go: go-ethereum's crypto and common, and the standard library.

use super::{Dialect, Frame, Helper, Language, quoted};

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Go,
    camel: true,
    reserved: RESERVED,
    helpers: HELPERS,
    literal,
    concat,
    frame,
};

/// Keywords, predeclared names, imports, and what stands around the parameters.
const RESERVED: &str = "address any append base64 big binary bool break byte bytes cap case chan clear \
     close common comparable complex complex128 complex64 const continue copy crypto default defer delete \
     digest ecdsa else err error fallthrough false float32 float64 fmt for func go goto hex if imag import \
     init int int16 int32 int64 int8 interface iota len main make map max min new nil package panic print \
     println range real recover recoveredSigner return rune select sha256 sha3 signature signatureParts \
     signer slices string struct switch true type uint uint16 uint32 uint64 uint8 uintptr var verify";

fn literal(bytes: &[u8]) -> String {
    match quoted(bytes) {
        Some(text) => format!("[]byte({text})"),
        None => format!("common.FromHex(\"0x{}\")", const_hex::encode(bytes)),
    }
}

fn concat(parts: &[String]) -> String {
    format!("concatOf({})", parts.join(", "))
}

fn frame(frame: &Frame) -> String {
    let parameters: String = frame.fields.iter().map(|(name, _)| format!("{name}, ")).collect();
    let declared = if parameters.is_empty() {
        String::new()
    } else {
        format!("{} []byte", parameters.trim_end_matches(", "))
    };
    let values: String = frame
        .fields
        .iter()
        .map(|(name, value)| format!("\t\t// {name}\n\t\t{},\n", literal(value)))
        .collect();
    let (helpers, format, signer, digest) = (&frame.helpers, &frame.format, frame.signer, &frame.digest);
    let signature = const_hex::encode(&frame.signature);
    let mut imports: Vec<&str> = frame.imports.clone();
    imports.extend(["fmt", "github.com/ethereum/go-ethereum/common"]);
    imports.sort_unstable();
    imports.dedup();
    // The standard library's first, as gofmt has it.
    let (others, own): (Vec<&str>, Vec<&str>) = imports.iter().partition(|import| import.contains('.'));
    let group =
        |imports: &[&str]| imports.iter().map(|import| format!("\t\"{import}\"\n")).collect::<String>();
    let imports = [group(&own), group(&others)].join("\n");
    format!(
        r#"// digest = {format}
// Needs go-ethereum: go get github.com/ethereum/go-ethereum
package main

import (
{imports})

var signer = common.HexToAddress("{signer}")

{helpers}
func digest({declared}) []byte {{
	return {digest}
}}

func verify({parameters}signature []byte) bool {{
	address, err := recoveredSigner(digest({}), signature)
	return err == nil && address == signer
}}

func main() {{
	if !verify(
{values}		common.FromHex("0x{signature}"),
	) {{
		panic("not verified")
	}}
	fmt.Println("verified")
}}
"#,
        parameters.trim_end_matches(", ")
    )
}

const fn helper(
    name: &'static str,
    uses: &'static [&'static str],
    imports: &'static [&'static str],
    source: &'static str,
) -> Helper {
    Helper { name, uses, imports, source }
}

const CRYPTO: &str = "github.com/ethereum/go-ethereum/crypto";

const HELPERS: &[Helper] = &[
    helper(
        "concat",
        &[],
        &["bytes"],
        "func concatOf(parts ...[]byte) []byte {\n\treturn bytes.Join(parts, nil)\n}\n",
    ),
    helper(
        "keccak256",
        &[],
        &[CRYPTO],
        "func keccak256Of(x []byte) []byte {\n\treturn crypto.Keccak256(x)\n}\n",
    ),
    helper(
        "sha256",
        &[],
        &["crypto/sha256"],
        "func sha256Of(x []byte) []byte {\n\thash := sha256.Sum256(x)\n\treturn hash[:]\n}\n",
    ),
    helper(
        "sha256d",
        &["sha256"],
        &[],
        "func sha256dOf(x []byte) []byte {\n\treturn sha256Of(sha256Of(x))\n}\n",
    ),
    helper(
        "sha3_256",
        &[],
        &["golang.org/x/crypto/sha3"],
        "func sha3256Of(x []byte) []byte {\n\thash := sha3.Sum256(x)\n\treturn hash[:]\n}\n",
    ),
    helper(
        "eip191",
        &["keccak256"],
        &["fmt"],
        "func eip191Of(x []byte) []byte {\n\treturn keccak256Of(append([]byte(fmt.Sprintf(\"\\x19Ethereum Signed Message:\\n%d\", len(x))), x...))\n}\n",
    ),
    helper(
        "hex",
        &[],
        &["encoding/hex"],
        "func hexOf(x []byte) []byte {\n\treturn []byte(hex.EncodeToString(x))\n}\n",
    ),
    helper(
        "hex0x",
        &[],
        &["encoding/hex"],
        "func hex0xOf(x []byte) []byte {\n\treturn []byte(\"0x\" + hex.EncodeToString(x))\n}\n",
    ),
    helper(
        "hex_upper",
        &[],
        &["fmt"],
        "func hexUpperOf(x []byte) []byte {\n\treturn []byte(fmt.Sprintf(\"%X\", x))\n}\n",
    ),
    helper(
        "base64",
        &[],
        &["encoding/base64"],
        "func base64Of(x []byte) []byte {\n\treturn []byte(base64.StdEncoding.EncodeToString(x))\n}\n",
    ),
    helper(
        "point",
        &[],
        &["crypto/ecdsa", CRYPTO],
        "func pointOf(key []byte) *ecdsa.PublicKey {\n\tpoint, err := crypto.UnmarshalPubkey(key)\n\tif len(key) == 33 {\n\t\tpoint, err = crypto.DecompressPubkey(key)\n\t}\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\treturn point\n}\n",
    ),
    helper(
        "compressed",
        &["point"],
        &[CRYPTO],
        "func compressedOf(key []byte) []byte {\n\treturn crypto.CompressPubkey(pointOf(key))\n}\n",
    ),
    helper(
        "uncompressed",
        &["point"],
        &[CRYPTO],
        "func uncompressedOf(key []byte) []byte {\n\treturn crypto.FromECDSAPub(pointOf(key))\n}\n",
    ),
    helper(
        "xy",
        &["uncompressed"],
        &[],
        "func xyOf(key []byte) []byte {\n\treturn uncompressedOf(key)[1:]\n}\n",
    ),
    helper(
        "address",
        &["point"],
        &[CRYPTO],
        "func addressOf(key []byte) []byte {\n\treturn crypto.PubkeyToAddress(*pointOf(key)).Bytes()\n}\n",
    ),
    helper(
        "checksum_address",
        &[],
        &[],
        "func checksumAddressOf(address []byte) []byte {\n\treturn []byte(common.BytesToAddress(address).Hex())\n}\n",
    ),
    helper(
        "pad_left",
        &[],
        &[],
        "func padLeftOf(x []byte, length int) []byte {\n\treturn common.LeftPadBytes(x, length)\n}\n",
    ),
    helper(
        "pad_right",
        &[],
        &[],
        "func padRightOf(x []byte, length int) []byte {\n\treturn common.RightPadBytes(x, length)\n}\n",
    ),
    helper("drop", &[], &[], "func dropOf(x []byte, count int) []byte {\n\treturn x[count:]\n}\n"),
    helper("take", &[], &[], "func takeOf(x []byte, count int) []byte {\n\treturn x[:count]\n}\n"),
    helper(
        "reverse",
        &[],
        &["slices"],
        "func reverseOf(x []byte) []byte {\n\treversed := slices.Clone(x)\n\tslices.Reverse(reversed)\n\treturn reversed\n}\n",
    ),
    helper(
        "number",
        &[],
        &["math/big"],
        "func numberOf(digits []byte, bits int) *big.Int {\n\tnumber, ok := new(big.Int).SetString(string(digits), 10)\n\tif !ok || digits[0] < '0' || number.BitLen() > bits {\n\t\tpanic(fmt.Sprintf(\"not decimal digits of %d bits\", bits))\n\t}\n\treturn number\n}\n",
    ),
    helper(
        "u32be",
        &["number"],
        &[],
        "func u32beOf(digits []byte) []byte {\n\treturn numberOf(digits, 32).FillBytes(make([]byte, 4))\n}\n",
    ),
    helper(
        "u64be",
        &["number"],
        &[],
        "func u64beOf(digits []byte) []byte {\n\treturn numberOf(digits, 64).FillBytes(make([]byte, 8))\n}\n",
    ),
    helper(
        "uint",
        &["number"],
        &[],
        "func uintOf(digits []byte) []byte {\n\treturn numberOf(digits, 256).Bytes()\n}\n",
    ),
    helper(
        "varstr",
        &[],
        &["encoding/binary"],
        "func varstrOf(x []byte) []byte {\n\tlength := []byte{byte(len(x))}\n\tif len(x) > 0xffff {\n\t\tlength = binary.LittleEndian.AppendUint32([]byte{0xfe}, uint32(len(x)))\n\t} else if len(x) >= 0xfd {\n\t\tlength = binary.LittleEndian.AppendUint16([]byte{0xfd}, uint16(len(x)))\n\t}\n\treturn append(length, x...)\n}\n",
    ),
    helper(
        "len_prefixed",
        &[],
        &["encoding/binary"],
        "func lenPrefixedOf(x []byte) []byte {\n\treturn append(binary.BigEndian.AppendUint32(nil, uint32(len(x))), x...)\n}\n",
    ),
    helper(
        "decimal_length",
        &[],
        &["fmt"],
        "func decimalLengthOf(x []byte) []byte {\n\treturn []byte(fmt.Sprint(len(x)))\n}\n",
    ),
    helper(
        "signature_parts",
        &[],
        &[],
        "func signatureParts(signature []byte) []byte {\n\tparts := append([]byte{}, signature...)\n\tif len(parts) == 65 && parts[64] >= 27 {\n\t\tparts[64] -= 27\n\t}\n\treturn parts\n}\n",
    ),
    helper(
        "recover",
        &["signature_parts"],
        &[CRYPTO],
        "func recoverOf(digest, signature []byte) []byte {\n\tkey, err := crypto.SigToPub(digest, signatureParts(signature))\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\treturn crypto.CompressPubkey(key)\n}\n",
    ),
    helper(
        "recovered_signer",
        &["signature_parts"],
        &[CRYPTO],
        "func recoveredSigner(digest, signature []byte) (common.Address, error) {\n\tkey, err := crypto.SigToPub(digest, signatureParts(signature))\n\tif err != nil {\n\t\treturn common.Address{}, err\n\t}\n\treturn crypto.PubkeyToAddress(*key), nil\n}\n",
    ),
];
