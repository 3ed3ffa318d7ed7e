//! k256 0.7: ids 0 and 1 only.

use adapter::{recover, Answer, Subject};
use k256::ecdsa::recoverable::{Id, Signature};
use k256::elliptic_curve::sec1::ToEncodedPoint;

fn main() {
    let lock = include_str!("../Cargo.lock");
    recover(&Subject { lock, name: "k256-0.7", package: "k256 0.7.", code: "k256 0.7." }, |signed| {
        let signature = k256::ecdsa::Signature::try_from(&signed.rs()[..])?;
        let signature = Signature::new(&signature, Id::new(signed.recovery_id)?)?;
        let key = signature.recover_verify_key_from_digest_bytes(&signed.digest.into())?;
        Ok(Answer::Key(key.to_encoded_point(false).as_bytes().into()))
    });
}
