//! k256 0.11: ids 0 and 1 only.

use adapter::{recover, Answer, Subject};
use k256::ecdsa::recoverable::{Id, Signature};
use k256::elliptic_curve::sec1::ToEncodedPoint;

fn main() {
    let lock = include_str!("../../Cargo.lock");
    recover(&Subject { lock, name: "k256-0.11", package: "k256 0.11.", code: "k256 0.11." }, |signed| {
        let signature = k256::ecdsa::Signature::try_from(&signed.rs()[..])?;
        let signature = Signature::new(&signature, Id::new(signed.recovery_id)?)?;
        let key = signature.recover_verifying_key_from_digest_bytes(&signed.digest.into())?;
        Ok(Answer::Key(key.to_encoded_point(false).as_bytes().into()))
    });
}
