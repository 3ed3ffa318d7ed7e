//! A signature in DER: a sequence of the integers r and s (RFC 3279, 2.2.3), read strictly.

use der::asn1::UintRef;
use der::{Encode as _, Reader as _, SliceReader};

use crate::input::bytes::Word;

/// r and s, or what there is instead, in words.
pub(super) fn decode(bytes: &[u8]) -> Result<[Word; 2], String> {
    let integers = integers(bytes).map_err(|error| error.to_string())?;
    let [r, s] = integers.map(|integer| {
        let bytes = integer.as_bytes();
        let mut word = [0; 32];
        let start = 32usize.checked_sub(bytes.len()).ok_or(bytes.len())?;
        word[start..].copy_from_slice(bytes);
        Ok(Word(word))
    });
    let too_long = |length: usize| format!("an integer of {length} bytes, more than 32");
    Ok([r.map_err(too_long)?, s.map_err(too_long)?])
}

fn integers(bytes: &[u8]) -> Result<[UintRef<'_>; 2], der::Error> {
    let mut reader = SliceReader::new(bytes)?;
    let integers = reader.sequence(|reader| Ok::<_, der::Error>([reader.decode()?, reader.decode()?]))?;
    reader.finish()?;
    Ok(integers)
}

pub(super) fn encode(r: &Word, s: &Word) -> Vec<u8> {
    let integer = |word: &Word| UintRef::new(&word.0).and_then(|integer| integer.to_der());
    let integers = integer(r).and_then(|r| Ok([r, integer(s)?].concat()));
    let content = integers.unwrap_or_else(|error| unreachable!("{error}: 32 bytes are an integer"));
    // Two integers have 70 bytes at most: a length of one byte.
    [&[0x30, content.len() as u8], content.as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(low: &[u8]) -> Word {
        let mut word = Word([0; 32]);
        word.0[32 - low.len()..].copy_from_slice(low);
        word
    }

    #[test]
    fn integers_are_as_short_as_they_can_be_and_never_negative() {
        assert_eq!(encode(&word(&[0]), &word(&[0x80])), [0x30, 7, 2, 1, 0, 2, 2, 0, 0x80]);
        assert_eq!(decode(&[0x30, 7, 2, 1, 0, 2, 2, 0, 0x80]), Ok([word(&[0]), word(&[0x80])]));
        let longest = encode(&Word([0xff; 32]), &Word([0xff; 32]));
        assert_eq!((longest.len(), &longest[..5]), (72, &[0x30, 70, 2, 33, 0][..]));
        assert_eq!(decode(&longest), Ok([Word([0xff; 32]); 2]));
    }

    #[test]
    fn what_is_not_strictly_der_is_refused() {
        let refused = |bytes: &[u8]| decode(bytes).unwrap_err();
        assert_eq!(decode(&[0x30, 6, 2, 1, 5, 2, 1, 7]), Ok([word(&[5]), word(&[7])]));
        for bytes in [
            [].as_slice(),
            &[0x30, 6, 2, 1, 5, 2, 1],             // cut off
            &[0x30, 6, 2, 1, 5, 2, 1, 7, 0],       // something behind it
            &[0x30, 8, 2, 1, 5, 2, 1, 7, 5, 0],    // a third element
            &[0x30, 0x81, 6, 2, 1, 5, 2, 1, 7],    // a length in the long form
            &[0x30, 0x80, 2, 1, 5, 2, 1, 7, 0, 0], // an indefinite length
            &[0x30, 7, 2, 2, 0, 5, 2, 1, 7],       // a leading zero
            &[0x30, 6, 2, 1, 0x85, 2, 1, 7],       // negative
            &[0x30, 5, 2, 0, 2, 1, 7],             // no bytes
            &[0x30, 6, 2, 1, 5, 3, 1, 7],          // another type
            &[0x31, 6, 2, 1, 5, 2, 1, 7],          // a set
        ] {
            assert!(decode(bytes).is_err(), "{bytes:02x?}");
        }
        let long = [&[0x30, 38, 2, 33, 1][..], &[0; 32], &[2, 1, 7]].concat();
        assert_eq!(refused(&long), "an integer of 33 bytes, more than 32");
    }
}
