//! Parity's libsecp256k1, of which 0.3 reads every r and s modulo n, and later versions have two ways to read them.

use std::env;

use adapter::{recover, Answer, Subject};

fn main() {
    let lock = include_str!("../../Cargo.lock");
    match env::args().nth(1).as_deref() {
        Some("0.3") => {
            let package = "libsecp256k1 0.3.";
            recover(&Subject { lock, name: "parity-0.3", package, code: package }, |signed| {
                use libsecp256k1_0_3::{recover, Message, RecoveryId, Signature};
                let id = RecoveryId::parse(signed.recovery_id)?;
                let key = recover(&Message::parse(&signed.digest), &Signature::parse(&signed.rs()), &id)?;
                Ok(Answer::Key(key.serialize().into()))
            });
        }
        Some("0.5") => {
            let package = "libsecp256k1 0.5.";
            recover(&Subject { lock, name: "parity-0.5", package, code: package }, |signed| {
                use libsecp256k1_0_5::{recover, Message, RecoveryId, Signature};
                let signature = Signature::parse_standard(&signed.rs())?;
                let id = RecoveryId::parse(signed.recovery_id)?;
                let key = recover(&Message::parse(&signed.digest), &signature, &id)?;
                Ok(Answer::Key(key.serialize().into()))
            });
        }
        Some(subcommand @ ("0.7" | "0.7-overflowing")) => {
            use libsecp256k1_0_7::{recover, Message, RecoveryId, Signature};
            let (name, package) = (&format!("parity-{subcommand}"), "libsecp256k1 0.7.");
            adapter::recover(&Subject { lock, name, package, code: package }, |signed| {
                let signature = match subcommand {
                    "0.7" => Signature::parse_standard(&signed.rs())?,
                    _ => Signature::parse_overflowing(&signed.rs()),
                };
                let id = RecoveryId::parse(signed.recovery_id)?;
                let key = recover(&Message::parse(&signed.digest), &signature, &id)?;
                Ok(Answer::Key(key.serialize().into()))
            });
        }
        _ => panic!("usage: parity 0.3|0.5|0.7|0.7-overflowing"),
    }
}
