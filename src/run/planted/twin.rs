//! Planted bugs of the reference's twin: a run must find them, and blame no subject.

use super::PlantedTwin;
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::reference::{Point, Reason, Recovered};

const TWIN: &str = "class: an authority that is wrong itself";

pub(super) static BUGS: &[PlantedTwin] = &[
    PlantedTwin {
        name: "twin-x-reduced-rejected",
        about: "the twin rejects recovery ids 2 and 3",
        thread: TWIN,
        recover: |input| match input.recovery_id {
            2 | 3 => Err(Reason::XNotBelowP),
            _ => input.recover_by_twin(),
        },
    },
    PlantedTwin {
        name: "twin-equal-points-rejected",
        about: "the twin adds equal points with the formula for different ones",
        thread: TWIN,
        recover: |input| {
            let equal = |recovered: &Recovered| recovered.u1_g == recovered.u2_r;
            let answer = input.recover_by_twin();
            if answer.as_ref().is_ok_and(equal) { Err(Reason::QInfinity) } else { answer }
        },
    },
    PlantedTwin {
        name: "twin-infinity-accepted",
        about: "the twin gives G where the key is at infinity",
        thread: TWIN,
        recover: |input| match input.recover_by_twin() {
            Err(Reason::QInfinity) => ScalarInput { s: Word([1; 32]), ..*input }.recover_by_twin(),
            answer => answer,
        },
    },
    PlantedTwin {
        name: "twin-point-swapped",
        about: "the twin's key is right, and its intermediate points are not",
        thread: TWIN,
        recover: |input| {
            let Recovered { q, u1_g, u2_r } = input.recover_by_twin()?;
            let swapped = Recovered { q, u1_g: u2_r, u2_r: u1_g };
            Ok(if u1_g == Point::Infinity { Recovered { q, u1_g, u2_r } } else { swapped })
        },
    },
];
