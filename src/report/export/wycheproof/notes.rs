//! What is known of each fact: what sort of bug it finds, what a wrong implementation does, and where that was seen.

use super::WycheproofNote;
use crate::judge::fact::Fact;

// Sorts of bug, in Wycheproof's words.
const BASIC: &str = "BASIC";
const EDGE: &str = "EDGE_CASE";
const KNOWN: &str = "KNOWN_BUG";
const STEP: &str = "MISSING_STEP";
const MALLEABLE: &str = "SIGNATURE_MALLEABILITY";

/// Sort of bug, effect, threads (owner/repository#number), and numbers of advisories.
type Known = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

pub(super) fn note(fact: Fact) -> WycheproofNote {
    let (bug_type, effect, threads, cves) = known(fact);
    // GitHub leads from an issue's address to the pull request of that number.
    let link = |thread: &&str| format!("https://github.com/{}", thread.replacen('#', "/issues/", 1));
    WycheproofNote {
        bug_type: bug_type.to_owned(),
        description: fact.about().to_owned(),
        effect: (!effect.is_empty()).then(|| effect.to_owned()),
        links: threads.iter().map(link).collect(),
        cves: cves.iter().map(|cve| (*cve).to_owned()).collect(),
    }
}

fn known(fact: Fact) -> Known {
    const ID: &[&str] =
        &["indutny/elliptic#301", "randombit/botan#2698", "ACINQ/secp256k1-kmp#91", "succinctlabs/sp1#1797"];
    const REDUCED: &[&str] = &["paritytech/libsecp256k1#67", "kkrt-labs/kakarot#1565"];
    const ADVISORY: &[&str] = &["RUSTSEC-2021-0076"];
    const POINTS: &[&str] =
        &["succinctlabs/sp1#1680", "ethereum/execution-specs#3458", "0xPolygon/zkevm-prover#527"];
    match fact {
        Fact::Ordinary => (BASIC, "A wrong key, or none, for an ordinary signature.", &[], &[]),
        Fact::RecoveryIdOutOfRange | Fact::RecoveryId4To26 | Fact::RecoveryIdAbove30 => (
            STEP,
            "The id is masked or not looked at, so that one signature has many forms; or it aborts the process.",
            ID,
            &[],
        ),
        Fact::RecoveryId27To30 => (
            MALLEABLE,
            "27 is subtracted where the interface takes the bare id, so that one signature has two forms.",
            ID,
            &[],
        ),
        Fact::RecoveryIdAbove34 => {
            (MALLEABLE, "The id is read as EIP-155's v, so that one signature has many forms.", ID, &[])
        }
        Fact::RecoveryIdSecondBit => (
            STEP,
            "An id out of range is masked, and its second bit is taken for the reduction of x.",
            ID,
            &[],
        ),
        Fact::RZero | Fact::RModNZero => (
            STEP,
            "An r of 0 modulo n has no inverse: the key of nobody's signature, or an abort.",
            REDUCED,
            ADVISORY,
        ),
        Fact::RNotBelowN | Fact::RModNIsX | Fact::RModPIsX | Fact::RNotBelowP => (
            MALLEABLE,
            "r is reduced in place of being refused, so that one signature has several forms.",
            REDUCED,
            ADVISORY,
        ),
        Fact::SZero | Fact::SModNZero => (
            STEP,
            "s is not checked: the key depends on the digest and r alone, so that anybody can make the signature.",
            &["randombit/botan#2698", "ethereum/execution-specs#1533"],
            &[],
        ),
        Fact::SNotBelowN => (
            MALLEABLE,
            "s is reduced in place of being refused, so that one signature has several forms.",
            &["randombit/botan#2698", "paritytech/libsecp256k1#67", "kkrt-labs/keth#940"],
            ADVISORY,
        ),
        Fact::XNotBelowP | Fact::RPlusNIsX => (
            STEP,
            "r + n is reduced modulo p in place of being refused: a key where there is none.",
            &["richardkiss/pycoin#315", "RustCrypto/signatures#680"],
            &[],
        ),
        Fact::XOffCurve => (
            STEP,
            "A point off the curve is computed with, or the failure is returned as a result.",
            &["PegaSysEng/pantheon#227", "ethereum/aleth#2128", "0xPolygon/zkevm-proverjs#213"],
            &[],
        ),
        Fact::QInfinity => (
            KNOWN,
            "The point at infinity is given as a key, whose address is 0x3f17f1962b36e491b30a40b2405849e597ba5fb5.",
            &[
                "bitcoin-core/secp256k1#109",
                "ethereum/aleth#2544",
                "ethereum/eth-keys#76",
                "PegaSysEng/pantheon#9",
                "0xPolygonZero/plonky2#1057",
            ],
            &[],
        ),
        Fact::XReduced
        | Fact::RPlusNBelowP
        | Fact::RIsX
        | Fact::UnreducedInfinity
        | Fact::UnreducedEqualPoints => (
            KNOWN,
            "Recovery ids 2 and 3 are taken for 0 and 1: another key; or they are refused.",
            &["richardkiss/pycoin#315", "RustCrypto/elliptic-curves#584", "RustCrypto/signatures#680"],
            &[],
        ),
        Fact::HighS => (
            KNOWN,
            "A rule of verification is applied to recovery, and a signature is refused; or s is normalised and the \
             recovery id is kept, which gives another key.",
            &[
                "RustCrypto/elliptic-curves#988",
                "bluealloy/revm#870",
                "bluealloy/revm#886",
                "foundry-rs/foundry#6966",
            ],
            &[],
        ),
        Fact::STopBit => (
            EDGE,
            "The highest bit of s is taken for a sign, or for EIP-2098's parity.",
            &["OpenZeppelin/openzeppelin-contracts#3610"],
            &[],
        ),
        Fact::SBoundary => (EDGE, "A comparison with n or n/2 is off by one.", &[], &[]),
        Fact::DigestZero => (
            EDGE,
            "u1·G is the point at infinity: its addition goes wrong, or a digest of 0 is refused.",
            &[
                "Verified-zkEVM/evm-asm#9659",
                "starkware-libs/cairo_native#817",
                "paulmillr/noble-secp256k1#72",
            ],
            &[],
        ),
        Fact::DigestNotBelowN => (
            EDGE,
            "A digest of n or more is refused, or not reduced.",
            &["openethereum/parity-ethereum#11623"],
            &[],
        ),
        Fact::EqualPoints => (EDGE, "An addition that does not double: another key, or none.", POINTS, &[]),
        Fact::SmallNonce => {
            (EDGE, "A table of multiples of G meets its own points in an addition.", POINTS, &[])
        }
        Fact::LeadingZeroDigest | Fact::LeadingZeroR | Fact::LeadingZeroS => (
            KNOWN,
            "A leading zero byte is dropped on the way, and what follows is shifted: another key, or none.",
            &["indutny/elliptic#322"],
            &["CVE-2024-48948", "CVE-2024-42461"],
        ),
        Fact::LeadingZeroX | Fact::LeadingZeroY | Fact::LeadingZeroAddress => {
            (EDGE, "A leading zero byte of the result is dropped.", &["argotorg/solidity#5109"], &[])
        }
        Fact::KeyNotBelowN => (EDGE, "A coordinate is taken for a number below n.", &[], &[]),
        // Facts of prehashes and of calls, which this format does not hold.
        Fact::PrehashEmpty
        | Fact::PrehashTiny
        | Fact::PrehashShort
        | Fact::PrehashLong
        | Fact::GasShort
        | Fact::GasExact
        | Fact::CalldataShort
        | Fact::CalldataLong
        | Fact::VRecoveryId
        | Fact::VNear
        | Fact::VEip155
        | Fact::VDirty => (EDGE, "", &[], &[]),
    }
}
