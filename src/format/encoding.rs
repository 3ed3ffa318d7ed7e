//! How lengths, lists and numbers stand in bytes: Bitcoin's, Ethereum's and protobuf's.

use ruint::aliases::U256;

/// Bitcoin's length prefix: one byte, or a tag and 2 or 4 bytes, little-endian.
pub(super) fn compact_size(length: usize) -> Vec<u8> {
    match length {
        0..=0xfc => vec![length as u8],
        0xfd..=0xffff => [&[0xfd], &(length as u16).to_le_bytes()[..]].concat(),
        _ => [&[0xfe], &(length as u32).to_le_bytes()[..]].concat(), // values end far below 2^32 bytes
    }
}

/// A byte string in RLP.
pub(super) fn rlp(item: &[u8]) -> Vec<u8> {
    match item {
        [0..0x80] => item.to_vec(),
        _ => [rlp_prefix(0x80, item.len()), item.to_vec()].concat(),
    }
}

/// A list in RLP, of items that are encoded already.
pub(super) fn rlp_payload(items: &[u8]) -> Vec<u8> {
    [rlp_prefix(0xc0, items.len()), items.to_vec()].concat()
}

fn rlp_prefix(tag: u8, length: usize) -> Vec<u8> {
    if length < 56 {
        return vec![tag + length as u8];
    }
    let length = U256::from(length).to_be_bytes_trimmed_vec();
    [vec![tag + 55 + length.len() as u8], length].concat()
}

/// Seven bits a byte, the lowest first; the top bit of each byte but the last is set.
pub(super) fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
