//! How a preimage becomes the 32 bytes that are signed.

use sha2::Digest as _;
use sha2::Sha256;
use sha3::{Keccak256, Sha3_256};

use crate::format::{Expr, Function};
use crate::input::hash::{keccak256, sha256};

/// A way from preimage to digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wrapping {
    /// Keccak-256.
    Keccak256,
    /// EIP-191 around the preimage.
    Eip191,
    /// EIP-191 around the preimage's Keccak-256.
    Eip191OfKeccak256,
    /// The preimage itself, where it has 32 bytes.
    Itself,
    /// SHA-256.
    Sha256,
    /// Keccak-256, twice.
    Keccak256Twice,
    /// SHA-256, twice.
    Sha256d,
    /// SHA3-256 of FIPS 202.
    Sha3,
    /// EIP-191 around the preimage's SHA-256.
    Eip191OfSha256,
    /// Keccak-256 of SHA-256.
    Keccak256OfSha256,
}

impl Wrapping {
    /// Every one, those first that are seen most.
    pub const ALL: [Self; 10] = [
        Self::Keccak256,
        Self::Eip191,
        Self::Eip191OfKeccak256,
        Self::Itself,
        Self::Sha256,
        Self::Keccak256Twice,
        Self::Sha256d,
        Self::Sha3,
        Self::Eip191OfSha256,
        Self::Keccak256OfSha256,
    ];

    /// The digest's expression, over the preimage's.
    pub fn of(self, preimage: Expr) -> Expr {
        use Function as F;
        let functions: &[F] = match self {
            Self::Keccak256 => &[F::Keccak256],
            Self::Eip191 => &[F::Eip191],
            Self::Eip191OfKeccak256 => &[F::Keccak256, F::Eip191],
            Self::Itself => &[],
            Self::Sha256 => &[F::Sha256],
            Self::Keccak256Twice => &[F::Keccak256, F::Keccak256],
            Self::Sha256d => &[F::Sha256d],
            Self::Sha3 => &[F::Sha3_256],
            Self::Eip191OfSha256 => &[F::Sha256, F::Eip191],
            Self::Keccak256OfSha256 => &[F::Sha256, F::Keccak256],
        };
        functions.iter().fold(preimage, |expr, function| Expr::call(*function, [expr]))
    }
}

/// Hashes preimages that begin alike: what they share is absorbed once.
#[derive(Debug, Clone, Default)]
pub struct Hashers {
    prefix: Vec<u8>,
    keccak256: Keccak256,
    sha256: Sha256,
    sha3: Sha3_256,
}

impl Hashers {
    /// Begins anew with these bytes.
    pub fn begin<'a>(&mut self, prefix: impl Iterator<Item = &'a [u8]>) {
        self.prefix.clear();
        prefix.for_each(|part| self.prefix.extend_from_slice(part));
        self.keccak256 = Keccak256::new_with_prefix(&self.prefix);
        self.sha256 = Sha256::new_with_prefix(&self.prefix);
        self.sha3 = Sha3_256::new_with_prefix(&self.prefix);
    }

    /// The digests of the prefix and what follows it, by these wrappings and in their order; none where a
    /// wrapping does not apply.
    pub fn digests(&self, rest: &[u8], wrappings: &[Wrapping], mut found: impl FnMut(usize, [u8; 32])) {
        let keccak: [u8; 32] = self.keccak256.clone().chain_update(rest).finalize().into();
        let mut sha = None;
        let mut sha = || {
            *sha.get_or_insert_with(|| -> [u8; 32] {
                self.sha256.clone().chain_update(rest).finalize().into()
            })
        };
        for (at, wrapping) in wrappings.iter().enumerate() {
            let digest = match wrapping {
                Wrapping::Keccak256 => keccak,
                Wrapping::Eip191 => eip191([&self.prefix, rest]),
                Wrapping::Eip191OfKeccak256 => eip191([&keccak, &[]]),
                Wrapping::Itself if self.prefix.len() + rest.len() == 32 => {
                    let mut digest = [0; 32];
                    digest[..self.prefix.len()].copy_from_slice(&self.prefix);
                    digest[self.prefix.len()..].copy_from_slice(rest);
                    digest
                }
                Wrapping::Itself => continue,
                Wrapping::Sha256 => sha(),
                Wrapping::Keccak256Twice => keccak256(&keccak),
                Wrapping::Sha256d => sha256(&sha()),
                Wrapping::Sha3 => self.sha3.clone().chain_update(rest).finalize().into(),
                Wrapping::Eip191OfSha256 => eip191([&sha(), &[]]),
                Wrapping::Keccak256OfSha256 => keccak256(&sha()),
            };
            found(at, digest);
        }
    }
}

fn eip191(message: [&[u8]; 2]) -> [u8; 32] {
    let length = message[0].len() + message[1].len();
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut left = length;
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    let hasher = Keccak256::new_with_prefix(b"\x19Ethereum Signed Message:\n").chain_update(&digits[at..]);
    hasher.chain_update(message[0]).chain_update(message[1]).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Fields, Term};

    #[test]
    fn every_wrapping_is_its_expression_wherever_the_prefix_ends() {
        for length in [0, 1, 31, 32, 33, 64, 135, 136, 137, 300] {
            let preimage: Vec<u8> = (0..length).map(|at| (7 * at + 3) as u8).collect();
            for prefix in [0, 1, length / 2, length] {
                let prefix = prefix.min(length);
                let mut hashers = Hashers::default();
                hashers.begin([&preimage[..prefix / 2], &preimage[prefix / 2..prefix]].into_iter());
                let mut seen = 0;
                hashers.digests(&preimage[prefix..], &Wrapping::ALL, |at, digest| {
                    let expr = Wrapping::ALL[at].of(Term::Hex(preimage.clone()).into());
                    assert_eq!(expr.evaluate(&Fields::default()).unwrap(), digest, "{expr}");
                    seen += 1;
                });
                assert_eq!(seen, if length == 32 { 10 } else { 9 });
            }
        }
    }
}
