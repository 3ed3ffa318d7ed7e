//! ziskos, off its guest: its own formula, and the C function of the zkVM standard, which is another there.

use std::env;

use adapter::{recover, Answer, Subject};
use ziskos::zisklib::ecdsa_recover_secp256k1;
use ziskos::zisklib::zkvm_accelerators::zkvm_secp256k1_ecrecover;

fn main() {
    let (lock, package) = (include_str!("../../Cargo.lock"), "ziskos 1.");
    match env::args().nth(1).as_deref() {
        Some("lib") => recover(&Subject { lock, name: "ziskos", package, code: package }, |signed| {
            let [r, s, digest] = [signed.r, signed.s, signed.digest].map(limbs);
            let key = ecdsa_recover_secp256k1(&r, &s, &digest, signed.recovery_id)?;
            let x_and_y =
                key.chunks(4).flat_map(|number| number.iter().rev().flat_map(|limb| limb.to_be_bytes()));
            Ok(Answer::Key(x_and_y.collect()))
        }),
        Some("c") => {
            let (name, code) = ("ziskos-c", "secp256k1-sys 0.11.");
            recover(&Subject { lock, name, package, code }, |signed| {
                let mut key = [0; 64];
                let (digest, signature) = (signed.digest, signed.rs());
                // SAFETY: the standard's sizes. The function reads and writes without regard to alignment.
                let status = unsafe {
                    zkvm_secp256k1_ecrecover(
                        digest.as_ptr().cast(),
                        signature.as_ptr().cast(),
                        signed.recovery_id,
                        key.as_mut_ptr().cast(),
                    )
                };
                if status == 0 {
                    Ok(Answer::Key(key.into()))
                } else {
                    Err("EFAIL".into())
                }
            });
        }
        _ => panic!("usage: zisk lib|c"),
    }
}

/// A number in 64 bits each, the lowest first.
fn limbs(bytes: [u8; 32]) -> [u64; 4] {
    let mut limbs = bytes.chunks(8).rev().map(|limb| u64::from_be_bytes(limb.try_into().expect("8 bytes")));
    [(); 4].map(|()| limbs.next().expect("32 bytes"))
}
