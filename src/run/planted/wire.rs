//! Planted bugs of decoders of wire layouts.

use super::PlantedDecoder;
use crate::input::signature::{Signature, Wire};

pub(super) static BUGS: &[PlantedDecoder] = &[
    PlantedDecoder {
        name: "eip155-parity-flipped",
        about: "takes an odd EIP-155 v for an odd y",
        thread: "wevm/viem#2191",
        decode: |wire, bytes, apart| {
            let signature = wire.decode(bytes, apart)?;
            let eip155 = wire.mark(bytes).is_some() && matches!(wire, Wire::RsEip155 | Wire::Eip155Rs);
            let flip = u8::from(eip155);
            Ok(Signature { recovery_id: signature.recovery_id ^ flip, ..signature })
        },
    },
    PlantedDecoder {
        name: "compact-and-65-bytes",
        about: "takes EIP-2098's 64 bytes where 65 are asked for: one signature in two forms",
        thread: "OpenZeppelin/openzeppelin-contracts#3610 (GHSA-4h98-2769-gh6h)",
        decode: |wire, bytes, apart| match wire {
            Wire::RsV27 if bytes.len() == 64 => Wire::Eip2098.decode(bytes, None),
            _ => wire.decode(bytes, apart),
        },
    },
];
