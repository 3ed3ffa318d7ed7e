//! Planted bugs of the arithmetic below a recovery: complete implementations that are wrong only where an
//! intermediate value is rare.

use std::cell::RefCell;
use std::rc::Rc;

use ruint::aliases::U256;

use super::scalar::{address, hashed, is_high};
use super::{OnScalar, Plant, plant, sound};
use crate::generate::construct::{Scalar, word};
use crate::generate::coordinates::{Form, Of};
use crate::generate::halves::{Special, split};
use crate::generate::middle::Meets;
use crate::generate::pattern::{Pattern, SLACK};
use crate::generate::steps::{Kin, Place, Steps};
use crate::input::ScalarInput;
use crate::reference::SECP256K1;
use crate::subject::Outcome;

const LAZY: &str = "class: a coordinate that is not fully reduced";
const LIMB: &str = "class: a carry or borrow lost between limbs";
const REDUCED: &str = "class: recovery ids 2 and 3 with what else is rare";
const SPECIAL: &str = "class: a special addition in the middle of a double multiplication";
const ENDOMORPHISM: &str = "class: points that the endomorphism relates";
const SPLIT: &str = "class: a scalar that is split for the endomorphism at its edge";
const MONTGOMERY: &str = "class: a side of the curve's equation that is not fully reduced";

const X: Form = Form { of: Of::X, bits: 0 };
const Y: Form = Form { of: Of::Y, bits: 0 };

pub(super) static BUGS: &[Plant<OnScalar>] = &[
    plant("parity-of-unreduced-root", "takes the parity of a y that may have p added", LAZY, |input| {
        let either = |y: U256| lazy(y) || lazy(SECP256K1.p - y);
        let wrong = value(input, Place::Nonce, Y).is_some_and(either);
        let recovery_id = if wrong { input.recovery_id ^ 1 } else { input.recovery_id };
        sound(&ScalarInput { recovery_id, ..*input })
    }),
    plant("address-of-unreduced-x", "hashes an x that may have p added", LAZY, |input| {
        hashed(input, |key| address(&[plus_p(key.x), key.y].concat()))
    }),
    plant("address-of-unreduced-y", "hashes a y that may have p added", LAZY, |input| {
        hashed(input, |key| address(&[key.x, plus_p(key.y)].concat()))
    }),
    plant("product-unreduced", "adds a u2·R whose x may have p added, as if it was another", LAZY, |input| {
        other_key_if(input, value(input, Place::U2R, X).is_some_and(lazy))
    }),
    plant("nonce-carry-lost", "loses the carry out of a 52-bit limb of ones in R's x", LIMB, |input| {
        let ones = (0..4).map(|index| Pattern::Limb { bits: 52, index, ones: true });
        other_key_if(input, value(input, Place::Nonce, X).is_some_and(|x| any(ones, x)))
    }),
    plant("key-limb-skipped", "loses the borrow from a 52-bit limb of zeros in Q's y", LIMB, |input| {
        let zeros = (1..4).map(|index| Pattern::Limb { bits: 52, index, ones: false });
        other_key_if(input, value(input, Place::Key, Y).is_some_and(|y| any(zeros, y)))
    }),
    plant(
        "product-limb-skipped",
        "loses the borrow from a 26-bit limb of zeros in the y of u2·R",
        LIMB,
        |input| {
            let zeros = (3..7).map(|index| Pattern::Limb { bits: 26, index, ones: false });
            other_key_if(input, value(input, Place::U2R, Y).is_some_and(|y| any(zeros, y)))
        },
    ),
    plant("negation-borrow-lost", "negates a u1 with a zero limb in its middle wrongly", LIMB, |input| {
        let zeros = [1, 2].map(|index| Pattern::Limb { bits: 64, index, ones: false });
        other_key_if(input, scalars(input).is_some_and(|[u1, _]| any(zeros, word(u1).number())))
    }),
    plant(
        "product-carry-lost",
        "multiplies with a u2 that has a limb of ones in its middle wrongly",
        LIMB,
        |input| {
            let ones = [1, 2].map(|index| Pattern::Limb { bits: 64, index, ones: true });
            other_key_if(input, scalars(input).is_some_and(|[_, u2]| any(ones, word(u2).number())))
        },
    ),
    plant(
        "s-compared-by-top-limb",
        "takes an s whose highest limb is that of n for n or more",
        LIMB,
        |input| {
            if input.s.0[..8] == [0xff; 8] { Outcome::rejected("s") } else { sound(input) }
        },
    ),
    plant("digest-limb-signed", "takes a 26-bit limb of ones in the digest for -1", LIMB, |input| {
        let ones = (4..7).map(|index| Pattern::Limb { bits: 26, index, ones: true });
        other_key_if(input, any(ones, input.digest.number()))
    }),
    plant(
        "equation-not-reduced",
        "rejects a nonce point whose y² is tiny in Montgomery form",
        MONTGOMERY,
        |input| {
            let forms = [256, 260].map(|bits| Form { of: Of::Square, bits });
            let mut tiny = forms.into_iter().filter_map(|form| value(input, Place::Nonce, form));
            if tiny.any(|square| square.bit_len() <= 40) {
                Outcome::rejected("off the curve")
            } else {
                sound(input)
            }
        },
    ),
    plant(
        "cube-not-reduced",
        "rejects a nonce point whose x³ is nearly p, as it adds 7 and does not reduce",
        MONTGOMERY,
        |input| {
            let near = |cube: U256| SECP256K1.p - cube < U256::ONE << 40;
            let forms = [0, 256, 260].map(|bits| Form { of: Of::Cube, bits });
            let mut cubes = forms.into_iter().filter_map(|form| value(input, Place::Nonce, form));
            if cubes.any(near) { Outcome::rejected("off the curve") } else { sound(input) }
        },
    ),
    plant("reduced-and-high-s", "forgets that x was reduced where it normalises s", REDUCED, |input| {
        let forgets = input.recovery_id < 4 && is_high(input.s);
        let recovery_id = if forgets { input.recovery_id & 1 } else { input.recovery_id };
        sound(&ScalarInput { recovery_id, ..*input })
    }),
    plant("reduced-and-digest-zero", "forgets that x was reduced where the digest is 0", REDUCED, |input| {
        let forgets = input.recovery_id < 4 && input.digest.number().is_zero();
        let recovery_id = if forgets { input.recovery_id & 1 } else { input.recovery_id };
        sound(&ScalarInput { recovery_id, ..*input })
    }),
    plant("shamir-doubles", "adds a point to itself in the middle of Shamir's trick", SPECIAL, |input| {
        other_key_if(input, steps(input).met()[0].contains(&Meets::Equal))
    }),
    plant(
        "shamir-cancels",
        "loses the point at infinity in the middle of Shamir's trick",
        SPECIAL,
        |input| other_key_if(input, steps(input).met()[0].contains(&Meets::Opposite)),
    ),
    plant(
        "strauss-doubles",
        "adds a point to itself in the middle of Strauss's method with halves",
        SPECIAL,
        |input| other_key_if(input, steps(input).met()[1].contains(&Meets::Equal)),
    ),
    plant(
        "strauss-cancels",
        "loses the point at infinity in the middle of Strauss's method with halves",
        SPECIAL,
        |input| other_key_if(input, steps(input).met()[1].contains(&Meets::Opposite)),
    ),
    plant(
        "table-sum-at-infinity",
        "fails where G + R, which its table holds, is the point at infinity",
        SPECIAL,
        |input| other_key_if(input, kin(input, Place::Generator, Place::Nonce, Kin::Same, true)),
    ),
    plant("sum-compares-y", "takes u1·G and u2·R for equal where their y are", ENDOMORPHISM, |input| {
        other_key_if(input, kin(input, Place::U1G, Place::U2R, Kin::Image, false))
    }),
    plant(
        "sum-is-minus-image",
        "takes u1·G and u2·R for opposite where their y are",
        ENDOMORPHISM,
        |input| {
            if kin(input, Place::U1G, Place::U2R, Kin::Image, true) {
                Outcome::rejected("infinity")
            } else {
                sound(input)
            }
        },
    ),
    plant("nonce-is-image-of-generator", "fails where R is an image of G or of -G", ENDOMORPHISM, |input| {
        let image = |opposite| kin(input, Place::Generator, Place::Nonce, Kin::Image, opposite);
        other_key_if(input, image(false) || image(true))
    }),
    plant("split-rounds-ties", "rounds a quotient next to a tie the other way", SPLIT, |input| {
        other_key_if(
            input,
            any_scalar(input, |scalar| [0, 1].iter().any(|which| Special::Tie(*which).holds(scalar))),
        )
    }),
    plant("half-overflows", "keeps halves in too few bits for the longest", SPLIT, |input| {
        let longest = |scalar| [0, 1].iter().any(|which| Special::Extreme(*which).holds(scalar));
        other_key_if(input, any_scalar(input, longest))
    }),
    plant("half-zero", "fails where a u2 of more than 128 bits has a half that is 0", SPLIT, |input| {
        let zero = |scalar: Scalar| {
            word(scalar).number().bit_len() > 128 && split(scalar).iter().any(|half| half.size.is_zero())
        };
        other_key_if(input, scalars(input).is_some_and(|[_, u2]| zero(u2)))
    }),
    plant(
        "short-beside-long",
        "cuts a scalar of 129 to 132 bits to 128 where the other is small",
        "class: a loop as long as the first scalar",
        |input| {
            let lengths = scalars(input).map(|scalars| scalars.map(|scalar| word(scalar).number().bit_len()));
            let cuts = |one: usize, other: usize| (1..=8).contains(&one) && (129..=132).contains(&other);
            other_key_if(input, lengths.is_some_and(|[one, two]| cuts(one, two) || cuts(two, one)))
        },
    ),
];

/// The values of a recovery. The last are kept, as a hunt asks every bug the same.
fn steps(input: &ScalarInput) -> Rc<Steps> {
    thread_local! {
        static LAST: RefCell<Option<Rc<Steps>>> = const { RefCell::new(None) };
    }
    LAST.with_borrow_mut(|last| match last {
        Some(steps) if steps.input == *input => Rc::clone(steps),
        _ => Rc::clone(last.insert(Rc::new(Steps::of(input)))),
    })
}

fn value(input: &ScalarInput, place: Place, form: Form) -> Option<U256> {
    steps(input).point(place).map(|point| form.value(point))
}

fn scalars(input: &ScalarInput) -> Option<[Scalar; 2]> {
    steps(input).scalars
}

fn any_scalar(input: &ScalarInput, is: impl Fn(Scalar) -> bool) -> bool {
    scalars(input).is_some_and(|scalars| scalars.into_iter().any(is))
}

fn any(patterns: impl IntoIterator<Item = Pattern>, number: U256) -> bool {
    patterns.into_iter().any(|pattern| pattern.holds(number, SECP256K1.p))
}

fn kin(input: &ScalarInput, one: Place, other: Place, kin: Kin, opposite: bool) -> bool {
    let steps = steps(input);
    steps.point(one).zip(steps.point(other)).is_some_and(|(one, other)| kin.holds(one, other, opposite))
}

/// Whether a coordinate with p added fits in 256 bits.
fn lazy(coordinate: U256) -> bool {
    coordinate < U256::from(SLACK)
}

fn plus_p(coordinate: [u8; 32]) -> [u8; 32] {
    let number = U256::from_be_bytes(coordinate);
    if lazy(number) { (number + SECP256K1.p).to_be_bytes() } else { coordinate }
}

/// Another key, where that is what is wrong: that of a digest with another bit.
fn other_key_if(input: &ScalarInput, wrong: bool) -> Outcome {
    let mut digest = input.digest;
    digest.0[26] ^= if wrong { 4 } else { 0 };
    sound(&ScalarInput { digest, ..*input })
}
