//! k256 0.9 and 0.10: ids 0 and 1 only.

use std::env;

use adapter::{recover, Answer, Subject};

fn main() {
    let lock = include_str!("../Cargo.lock");
    match env::args().nth(1).as_deref() {
        Some("0.9") => {
            recover(&Subject { lock, name: "k256-0.9", package: "k256 0.9.", code: "k256 0.9." }, |signed| {
                use k256_0_9::ecdsa::recoverable::{Id, Signature};
                use k256_0_9::elliptic_curve::sec1::ToEncodedPoint;
                let signature = k256_0_9::ecdsa::Signature::try_from(&signed.rs()[..])?;
                let signature = Signature::new(&signature, Id::new(signed.recovery_id)?)?;
                let key = signature.recover_verify_key_from_digest_bytes(&signed.digest.into())?;
                Ok(Answer::Key(key.to_encoded_point(false).as_bytes().into()))
            });
        }
        Some("0.10") => {
            recover(
                &Subject { lock, name: "k256-0.10", package: "k256 0.10.", code: "k256 0.10." },
                |signed| {
                    use k256_0_10::ecdsa::recoverable::{Id, Signature};
                    use k256_0_10::elliptic_curve::sec1::ToEncodedPoint;
                    let signature = k256_0_10::ecdsa::Signature::try_from(&signed.rs()[..])?;
                    let signature = Signature::new(&signature, Id::new(signed.recovery_id)?)?;
                    let key = signature.recover_verify_key_from_digest_bytes(&signed.digest.into())?;
                    Ok(Answer::Key(key.to_encoded_point(false).as_bytes().into()))
                },
            );
        }
        _ => panic!("usage: k256-09 0.9|0.10"),
    }
}
