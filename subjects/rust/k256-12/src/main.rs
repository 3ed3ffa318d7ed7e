//! k256 0.12, the first with today's interface.

use adapter::{recover, Answer, Subject};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

fn main() {
    let lock = include_str!("../Cargo.lock");
    recover(&Subject { lock, name: "k256-0.12", package: "k256 0.12.", code: "k256 0.12." }, |signed| {
        let signature = Signature::try_from(&signed.rs()[..])?;
        let id = RecoveryId::try_from(signed.recovery_id)?;
        let key = VerifyingKey::recover_from_prehash(&signed.digest, &signature, id)?;
        Ok(Answer::Key(key.to_encoded_point(false).as_bytes().into()))
    });
}
