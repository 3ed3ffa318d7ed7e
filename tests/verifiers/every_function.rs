// digest = eip191(sha256(xy(from)) + len_prefixed(who) + reverse(u64be(time)) + checksum_address(address(from)) + hex_upper(take(id, 4)) + uint(time) + pad_left(id, 32) + decimal_length(who) + varstr(who) + uncompressed(from) + u32be(time) + hex(id) + "\"\\\n" + 0x00ff)
// Needs k256 (ecdsa), sha3, sha2, hex and base64.

/// 0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516
const SIGNER: &str = "5e5132f15a9aa4aa91a6bcae35adf34e27a13516";

fn keccak256_of(x: &[u8]) -> Vec<u8> {
    <sha3::Keccak256 as sha3::Digest>::digest(x).to_vec()
}

fn sha256_of(x: &[u8]) -> Vec<u8> {
    <sha2::Sha256 as sha2::Digest>::digest(x).to_vec()
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

fn point_of(key: &[u8]) -> k256::ecdsa::VerifyingKey {
    k256::ecdsa::VerifyingKey::from_sec1_bytes(key).expect("a public key")
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

fn take_of(x: &[u8], count: usize) -> Vec<u8> {
    x[..count].to_vec()
}

fn reverse_of(x: &[u8]) -> Vec<u8> {
    x.iter().rev().copied().collect()
}

fn number_of(digits: &[u8]) -> u128 {
    std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).expect("decimal digits")
}

fn u32be_of(digits: &[u8]) -> Vec<u8> {
    u32::try_from(number_of(digits)).expect("32 bits").to_be_bytes().to_vec()
}

fn u64be_of(digits: &[u8]) -> Vec<u8> {
    u64::try_from(number_of(digits)).expect("64 bits").to_be_bytes().to_vec()
}

fn uint_of(digits: &[u8]) -> Vec<u8> {
    number_of(digits).to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect()
}

fn varstr_of(x: &[u8]) -> Vec<u8> {
    match x.len() {
        length @ 0..=0xfc => [&[length as u8], x].concat(),
        length => [&[0xfd], &(length as u16).to_le_bytes()[..], x].concat(),
    }
}

fn len_prefixed_of(x: &[u8]) -> Vec<u8> {
    [&(x.len() as u32).to_be_bytes(), x].concat()
}

fn decimal_length_of(x: &[u8]) -> Vec<u8> {
    x.len().to_string().into()
}

fn recovered_key(digest: &[u8], signature: &[u8]) -> Option<k256::ecdsa::VerifyingKey> {
    let (rs, v) = (signature.get(..64)?, *signature.get(64)?);
    let id = k256::ecdsa::RecoveryId::from_byte(if v >= 27 { v - 27 } else { v })?;
    let signature = k256::ecdsa::Signature::from_slice(rs).ok()?;
    k256::ecdsa::VerifyingKey::recover_from_prehash(digest, &signature, id).ok()
}

fn recovered_signer(digest: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    let key = recovered_key(digest, signature)?.to_sec1_point(false);
    Some(keccak256_of(&key.as_bytes()[1..])[12..].to_vec())
}

pub fn digest(id: &[u8], from_value: &[u8], time: &[u8], who: &[u8]) -> [u8; 32] {
    <[u8; 32]>::try_from(&eip191_of(&[&sha256_of(&xy_of(&from_value[..])[..])[..], &len_prefixed_of(&who[..])[..], &reverse_of(&u64be_of(&time[..])[..])[..], &checksum_address_of(&address_of(&from_value[..])[..])[..], &hex_upper_of(&take_of(&id[..], 4)[..])[..], &uint_of(&time[..])[..], &pad_left_of(&id[..], 32)[..], &decimal_length_of(&who[..])[..], &varstr_of(&who[..])[..], &uncompressed_of(&from_value[..])[..], &u32be_of(&time[..])[..], &hex_of(&id[..])[..], &b"\"\\\n"[..], &b"\x00\xff"[..]].concat()[..])[..]).expect("a digest has 32 bytes")
}

pub fn verify(id: &[u8], from_value: &[u8], time: &[u8], who: &[u8], signature: &[u8]) -> bool {
    recovered_signer(&digest(id, from_value, time, who), signature).is_some_and(|address| hex::encode(address) == SIGNER)
}

pub fn main() {
    let id = b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x00\x11\x22\x33";
    let from_value = b"\x03\xb7\x6a\xb2\x05\x70\x7f\xf1\xfb\x4e\x56\xc0\x07\xa1\xc2\x5f\x48\x54\x62\x6f\xe9\xfb\xec\x70\x8c\x72\x2e\x6d\xd9\xbc\xf7\xf0\xe7";
    let time = b"1753000000";
    let who = b"alice";
    let signature = b"\x0b\x7e\xf1\xd3\xa8\x26\x8b\xa6\x46\xae\xfc\xad\xd7\x51\x5b\xe5\x4e\xee\x83\xe8\x62\x9f\x90\x98\x66\xcb\x7d\xa7\x52\xc9\x33\x61\x06\xdf\x82\x81\x67\xce\xad\x36\x94\xcb\xbe\x88\x3b\x88\x16\xb9\x44\x4a\x39\xf3\x65\xde\xab\x05\x85\x93\x80\x73\x0d\x58\x2e\x15\x1b";
    assert!(verify(id, from_value, time, who, signature));
    println!("verified");
}
