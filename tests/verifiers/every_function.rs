// digest = eip191(sha256(xy(from)) + len_prefixed(who) + reverse(u64be(long)) + checksum_address(address(from)) + hex_upper(take(id, 4)) + uint(most) + pad_left(id, 32) + decimal_length(who) + varstr(who) + compressed(uncompressed(from)) + u32be(time) + hex(id) + "\"\\\n" + 0x00ff + sha256d(ripemd160(drop(id, 5))) + base64(id) + base64(from) + base64(take(id, 4)) + uncompressed(from) + rlp_list(id, who, uint(most), 5) + rlp_list(0x7f, 0x80, 0x) + rlp_payload(rlp(id) + rlp(who) + rlp(0x7f)) + proto_bytes(who, 1) + proto_uint(time, 16) + proto_uint(0, 1) + u256be(most) + sha3_256(text(who)) + blake2b_256(who))
// Needs k256 (ecdsa), hex, sha3, sha2, ripemd, blake2, base64.

/// 0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516
const SIGNER: &str = "5e5132f15a9aa4aa91a6bcae35adf34e27a13516";

fn keccak256_of(x: &[u8]) -> Vec<u8> {
    <sha3::Keccak256 as sha3::Digest>::digest(x).to_vec()
}

fn sha256_of(x: &[u8]) -> Vec<u8> {
    <sha2::Sha256 as sha2::Digest>::digest(x).to_vec()
}

fn sha256d_of(x: &[u8]) -> Vec<u8> {
    sha256_of(&sha256_of(x))
}

fn sha3_256_of(x: &[u8]) -> Vec<u8> {
    <sha3::Sha3_256 as sha3::Digest>::digest(x).to_vec()
}

fn ripemd160_of(x: &[u8]) -> Vec<u8> {
    <ripemd::Ripemd160 as ripemd::Digest>::digest(x).to_vec()
}

fn blake2b_256_of(x: &[u8]) -> Vec<u8> {
    <blake2::Blake2b256 as blake2::Digest>::digest(x).to_vec()
}

fn eip191_of(x: &[u8]) -> Vec<u8> {
    keccak256_of(&[b"\x19Ethereum Signed Message:\n", x.len().to_string().as_bytes(), x].concat())
}

fn hex_of(x: &[u8]) -> Vec<u8> {
    hex::encode(x).into()
}

fn hex_upper_of(x: &[u8]) -> Vec<u8> {
    hex::encode_upper(x).into()
}

fn text_of(x: &[u8]) -> Vec<u8> {
    std::str::from_utf8(x).expect("UTF-8").into()
}

fn base64_of(x: &[u8]) -> Vec<u8> {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, x).into()
}

fn point_of(key: &[u8]) -> k256::ecdsa::VerifyingKey {
    assert!(matches!(key, [2..=4, ..]), "compressed or uncompressed");
    k256::ecdsa::VerifyingKey::from_sec1_bytes(key).expect("a public key")
}

fn compressed_of(key: &[u8]) -> Vec<u8> {
    point_of(key).to_sec1_point(true).as_bytes().to_vec()
}

fn uncompressed_of(key: &[u8]) -> Vec<u8> {
    point_of(key).to_sec1_point(false).as_bytes().to_vec()
}

fn xy_of(key: &[u8]) -> Vec<u8> {
    uncompressed_of(key)[1..].to_vec()
}

fn address_of(key: &[u8]) -> Vec<u8> {
    keccak256_of(&xy_of(key))[12..].to_vec()
}

fn checksum_address_of(address: &[u8]) -> Vec<u8> {
    let digits = hex::encode(address);
    let hash = hex::encode(keccak256_of(digits.as_bytes()));
    let cased = digits.chars().zip(hash.chars()).map(|(digit, nibble)| {
        if nibble >= '8' { digit.to_ascii_uppercase() } else { digit }
    });
    "0x".chars().chain(cased).collect::<String>().into()
}

fn pad_left_of(x: &[u8], length: usize) -> Vec<u8> {
    [vec![0; length - x.len()], x.to_vec()].concat()
}

fn drop_of(x: &[u8], count: usize) -> Vec<u8> {
    x[count..].to_vec()
}

fn take_of(x: &[u8], count: usize) -> Vec<u8> {
    x[..count].to_vec()
}

fn reverse_of(x: &[u8]) -> Vec<u8> {
    x.iter().rev().copied().collect()
}

fn number_of(digits: &[u8], bits: usize) -> Vec<u8> {
    assert!(!digits.is_empty() && digits.iter().all(u8::is_ascii_digit), "decimal digits");
    let mut number = vec![0; bits / 8];
    for digit in digits {
        let mut carry = u32::from(digit - b'0');
        for byte in number.iter_mut().rev() {
            carry += 10 * u32::from(*byte);
            *byte = carry as u8;
            carry >>= 8;
        }
        assert_eq!(carry, 0, "{bits} bits");
    }
    number
}

fn u32be_of(digits: &[u8]) -> Vec<u8> {
    number_of(digits, 32)
}

fn u64be_of(digits: &[u8]) -> Vec<u8> {
    number_of(digits, 64)
}

fn u256be_of(digits: &[u8]) -> Vec<u8> {
    number_of(digits, 256)
}

fn uint_of(digits: &[u8]) -> Vec<u8> {
    number_of(digits, 256).into_iter().skip_while(|byte| *byte == 0).collect()
}

fn varstr_of(x: &[u8]) -> Vec<u8> {
    match x.len() {
        length @ 0..=0xfc => [&[length as u8], x].concat(),
        length @ 0xfd..=0xffff => [&[0xfd], &(length as u16).to_le_bytes()[..], x].concat(),
        length => [&[0xfe], &(length as u32).to_le_bytes()[..], x].concat(),
    }
}

fn len_prefixed_of(x: &[u8]) -> Vec<u8> {
    [&(x.len() as u32).to_be_bytes(), x].concat()
}

fn decimal_length_of(x: &[u8]) -> Vec<u8> {
    x.len().to_string().into()
}

fn rlp_list_of(items: &[&[u8]]) -> Vec<u8> {
    rlp_payload_of(&items.iter().flat_map(|item| rlp_of(item)).collect::<Vec<u8>>())
}

fn rlp_of(x: &[u8]) -> Vec<u8> {
    match x {
        [0..=0x7f] => x.to_vec(),
        _ => [rlp_length_of(x.len(), 0x80), x.to_vec()].concat(),
    }
}

fn rlp_payload_of(items: &[u8]) -> Vec<u8> {
    [rlp_length_of(items.len(), 0xc0), items.to_vec()].concat()
}

fn rlp_length_of(length: usize, kind: u8) -> Vec<u8> {
    if length < 56 {
        return vec![kind + length as u8];
    }
    let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    [vec![kind + 55 + digits.len() as u8], digits].concat()
}

fn proto_bytes_of(x: &[u8], field: u64) -> Vec<u8> {
    if x.is_empty() {
        return Vec::new();
    }
    [varint_of(field << 3 | 2), varint_of(x.len() as u64), x.to_vec()].concat()
}

fn proto_uint_of(digits: &[u8], field: u64) -> Vec<u8> {
    let number = u64::from_be_bytes(number_of(digits, 64).try_into().expect("8 bytes"));
    if number == 0 { Vec::new() } else { [varint_of(field << 3), varint_of(number)].concat() }
}

fn varint_of(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn recovered_key(digest: &[u8], signature: &[u8]) -> Option<k256::ecdsa::VerifyingKey> {
    if signature.len() != 65 {
        return None;
    }
    let (rs, v) = (signature.get(..64)?, *signature.get(64)?);
    let id = k256::ecdsa::RecoveryId::from_byte(if v >= 27 { v - 27 } else { v })?;
    let signature = k256::ecdsa::Signature::from_slice(rs).ok()?;
    k256::ecdsa::VerifyingKey::recover_from_prehash(digest, &signature, id).ok()
}

fn recovered_signer(digest: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    let key = recovered_key(digest, signature)?.to_sec1_point(false);
    Some(keccak256_of(&key.as_bytes()[1..])[12..].to_vec())
}

pub fn digest(id: &[u8], from: &[u8], time: &[u8], long: &[u8], most: &[u8], who: &[u8]) -> [u8; 32] {
    <[u8; 32]>::try_from(&eip191_of(&[&sha256_of(&xy_of(&from[..])[..])[..], &len_prefixed_of(&who[..])[..], &reverse_of(&u64be_of(&long[..])[..])[..], &checksum_address_of(&address_of(&from[..])[..])[..], &hex_upper_of(&take_of(&id[..], 4)[..])[..], &uint_of(&most[..])[..], &pad_left_of(&id[..], 32)[..], &decimal_length_of(&who[..])[..], &varstr_of(&who[..])[..], &compressed_of(&uncompressed_of(&from[..])[..])[..], &u32be_of(&time[..])[..], &hex_of(&id[..])[..], &b"\"\\\n"[..], &b"\x00\xff"[..], &sha256d_of(&ripemd160_of(&drop_of(&id[..], 5)[..])[..])[..], &base64_of(&id[..])[..], &base64_of(&from[..])[..], &base64_of(&take_of(&id[..], 4)[..])[..], &uncompressed_of(&from[..])[..], &rlp_list_of(&[&id[..], &who[..], &uint_of(&most[..])[..], &b"5"[..]])[..], &rlp_list_of(&[&b"\x7f"[..], &b"\x80"[..], &b""[..]])[..], &rlp_payload_of(&[&rlp_of(&id[..])[..], &rlp_of(&who[..])[..], &rlp_of(&b"\x7f"[..])[..]].concat()[..])[..], &proto_bytes_of(&who[..], 1)[..], &proto_uint_of(&time[..], 16)[..], &proto_uint_of(&b"0"[..], 1)[..], &u256be_of(&most[..])[..], &sha3_256_of(&text_of(&who[..])[..])[..], &blake2b_256_of(&who[..])[..]].concat()[..])[..]).expect("a digest has 32 bytes")
}

pub fn verify(id: &[u8], from: &[u8], time: &[u8], long: &[u8], most: &[u8], who: &[u8], signature: &[u8]) -> bool {
    recovered_signer(&digest(id, from, time, long, most, who), signature).is_some_and(|address| hex::encode(address) == SIGNER)
}

pub fn main() {
    let id = b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x00\x11\x22\x33";
    let from = b"\x03\xb7\x6a\xb2\x05\x70\x7f\xf1\xfb\x4e\x56\xc0\x07\xa1\xc2\x5f\x48\x54\x62\x6f\xe9\xfb\xec\x70\x8c\x72\x2e\x6d\xd9\xbc\xf7\xf0\xe7";
    let time = b"1753000000";
    let long = b"1753000000123456789";
    let most = b"115792089237316195423570985008687907853269984665640564039457584007913129639935";
    let who = b"alice";
    let signature = b"\x06\xa6\xd5\xd4\x9b\x09\x25\x56\xb8\xbd\x7c\x02\x57\xf2\x54\x8c\x48\x9c\x34\xa3\x3b\x4c\xe3\xfa\xa3\xd2\x34\x84\xf7\xa8\x2e\xae\x57\x0a\x31\x05\xaf\x2b\x75\x8d\x4b\x19\x0e\x38\xdb\xf6\xe9\x77\xe2\xae\x49\xee\x31\xe8\x18\x9b\xf9\x46\xd5\x37\x3f\x78\xb0\xb7\x1b";
    assert!(verify(id, from, time, long, most, who, signature));
    println!("verified");
}
