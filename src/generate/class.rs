//! Classes: what the intermediate values of a recovery look like, or how a call is misread. Unlike a
//! fact, no divergence speaks of it: where a library answers otherwise there, a fact is made of it.
//!
//! Strategies say which [`Family`] they must reach; `ecrecheck selftest` counts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ruint::aliases::U256;

use super::call_reading::VReading;
use super::construct::word;
use super::coordinates::{Form, Of};
use super::halves::Special;
use super::middle::Meets;
use super::neighbour::BOUNDS;
use super::pattern::{Pattern, SLACK};
use super::steps::{Kin, Place, Steps};
use crate::input::Input;
use crate::reference::SECP256K1;
use crate::reference::answer::ECRECOVER_GAS;

/// A rare kind of input.
pub struct Class {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub family: Family,
    /// All of them hold.
    conditions: Vec<Condition>,
}

/// Classes that one strategy is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Digest, s, u1 and u2 by their patterns.
    Numbers,
    /// r by its patterns.
    R,
    /// The nonce point's coordinates.
    Nonce,
    /// The key's coordinates.
    Key,
    /// The coordinates of u2·R.
    Product,
    /// Recovery ids 2 and 3 with what else is rare.
    Reduced,
    /// One of G, R, Q, u1·G and u2·R beside another.
    Relations,
    /// How u1 and u2 are split, and how long they are.
    Scalars,
    /// Special additions in the middle of a double multiplication.
    Middle,
    /// One bit from a bound.
    Neighbours,
    /// Calls as they are misread.
    Calls,
    /// Long prehashes.
    Prehashes,
}

/// A number of a recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Digest,
    R,
    S,
    U1,
    U2,
    Of(Place, Form),
}

impl Value {
    fn name(self) -> String {
        match self {
            Self::Digest => "digest".into(),
            Self::R => "r".into(),
            Self::S => "s".into(),
            Self::U1 => "u1".into(),
            Self::U2 => "u2".into(),
            Self::Of(place, form) => format!("{}-{}", place.name(), form.name()),
        }
    }

    fn modulus(self) -> U256 {
        if matches!(self, Self::Of(..)) { SECP256K1.p } else { SECP256K1.n }
    }

    fn of(self, steps: &Steps) -> Option<U256> {
        let scalar = |which: usize| Some(word(steps.scalars?[which]).number());
        match self {
            Self::Digest => Some(steps.input.digest.number()),
            Self::R => Some(steps.input.r.number()),
            Self::S => Some(steps.input.s.number()),
            Self::U1 => scalar(0),
            Self::U2 => scalar(1),
            Self::Of(place, form) => Some(form.value(steps.point(place)?)),
        }
    }
}

/// Something that an input has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Is(Value, Pattern),
    Zero(Value),
    /// The recovery id is 2 or 3, and there is a nonce point.
    Reduced,
    HighS,
    /// A point and another, and whether one is negated.
    Kin(Place, Place, Kin, bool),
    /// u1 or u2 is split so.
    Split(usize, Special),
    /// u1 or u2 has 8 bits at most, the other this many.
    SmallBeside(usize, usize, usize),
    Meets(usize, Meets),
    /// One bit more or less than a bound.
    Beside(Value, usize),
    Misread(VReading),
    /// Not shorter than the second number, and with no more bits than the first shorter than 128.
    CalldataCutTo(u32),
    /// More gas than so many bits can say.
    GasAbove(u32),
    /// As much, and what is left in so many bits is less than a call costs.
    GasCutTo(u32),
    PrehashAbove(usize),
    /// What 8 bits say of its length is less than 32.
    PrehashCut,
}

impl Condition {
    fn name(self) -> String {
        match self {
            Self::Is(value, pattern) => format!("{}-{pattern}", value.name()),
            Self::Zero(value) => format!("{}-0", value.name()),
            Self::Reduced => "recovery-id-2-3".into(),
            Self::HighS => "s-high".into(),
            Self::Kin(one, other, kin, opposite) => {
                let kin = match kin {
                    Kin::Same => "is",
                    Kin::Image => "is-image-of",
                    Kin::Double => "is-double-or-half-of",
                };
                let negated = if opposite { "minus-" } else { "" };
                format!("{}-{kin}-{negated}{}", one.name(), other.name())
            }
            Self::Split(which, special) => format!("u{}-{}", which + 1, special.name()),
            Self::SmallBeside(which, least, most) => {
                format!("u{}-small-beside-{least}-to-{most}-bits", which + 1)
            }
            Self::Meets(method, meets) => {
                let meets = match meets {
                    Meets::Equal => "doubles",
                    Meets::Opposite => "cancels",
                };
                format!("{}-sum-{meets}", ["shamir", "strauss-halves"][method])
            }
            Self::Beside(value, bound) => format!("{}-one-bit-from-{}", value.name(), BOUNDS[bound].0),
            Self::Misread(reading) => format!("v-{}", reading.name()),
            Self::CalldataCutTo(bits) => format!("calldata-length-cut-to-{bits}-bits"),
            Self::GasAbove(bits) => format!("gas-above-{bits}-bits"),
            Self::GasCutTo(bits) => format!("gas-cut-to-{bits}-bits"),
            Self::PrehashAbove(length) => format!("prehash-above-{length}"),
            Self::PrehashCut => "prehash-length-cut-to-8-bits".into(),
        }
    }

    fn holds(self, input: &Input, steps: Option<&Steps>) -> bool {
        match (self, input, steps) {
            (Self::Misread(reading), Input::Call(call), _) => {
                let right = |v: U256| v == U256::from(27) || v == U256::from(28);
                let v = call.words()[1].number();
                !right(v) && right(reading.read(v))
            }
            (Self::CalldataCutTo(bits), Input::Call(call), _) => {
                call.calldata.0.len() >> bits != 0 && call.calldata.0.len() & ((1 << bits) - 1) < 128
            }
            (Self::GasAbove(bits), Input::Call(call), _) => call.gas >> bits != 0,
            (Self::GasCutTo(bits), Input::Call(call), _) => {
                call.gas >> bits != 0 && call.gas & ((1 << bits) - 1) < ECRECOVER_GAS
            }
            (Self::PrehashAbove(length), Input::Prehash(input), _) => input.prehash.0.len() > length,
            (Self::PrehashCut, Input::Prehash(input), _) => {
                input.prehash.0.len() > 255 && input.prehash.0.len() % 256 < 32
            }
            (_, _, Some(steps)) => self.holds_of(steps),
            (_, _, None) => false,
        }
    }

    fn holds_of(self, steps: &Steps) -> bool {
        let scalar = |which: usize| steps.scalars.map(|scalars| scalars[which]);
        match self {
            Self::Is(value, pattern) => {
                value.of(steps).is_some_and(|number| pattern.holds(number, value.modulus()))
            }
            Self::Zero(value) => value.of(steps).is_some_and(|number| number.is_zero()),
            Self::Reduced => steps.input.recovery_id > 1 && steps.points.is_some(),
            Self::HighS => steps.scalars.is_some() && steps.input.s.number() > SECP256K1.n >> 1,
            Self::Kin(one, other, kin, opposite) => {
                let points = steps.point(one).zip(steps.point(other));
                points.is_some_and(|(one, other)| kin.holds(one, other, opposite))
            }
            Self::Split(which, special) => scalar(which).is_some_and(|scalar| special.holds(scalar)),
            Self::SmallBeside(which, least, most) => {
                let length = |which| scalar(which).map(|scalar| word(scalar).number().bit_len());
                let lengths = length(which).zip(length(1 - which));
                lengths
                    .is_some_and(|(small, other)| (1..=8).contains(&small) && (least..=most).contains(&other))
            }
            Self::Meets(method, meets) => steps.met()[method].contains(&meets),
            Self::Beside(value, bound) => {
                let number = value.of(steps);
                number.is_some_and(|number| (number ^ BOUNDS[bound].1).count_ones() == 1)
            }
            Self::Misread(_)
            | Self::CalldataCutTo(_)
            | Self::GasAbove(_)
            | Self::GasCutTo(_)
            | Self::PrehashAbove(_)
            | Self::PrehashCut => false,
        }
    }
}

/// Every class.
pub static CLASSES: LazyLock<Vec<Class>> = LazyLock::new(|| {
    let mut classes = Vec::new();
    numbers(&mut classes);
    points(&mut classes);
    reduced(&mut classes);
    relations(&mut classes);
    scalars(&mut classes);
    calls_and_prehashes(&mut classes);
    classes
});

impl Class {
    fn new(family: Family, conditions: impl Into<Vec<Condition>>) -> Self {
        let conditions = conditions.into();
        let names: Vec<_> = conditions.iter().map(|condition| condition.name()).collect();
        Self { name: names.join("-and-"), family, conditions }
    }
}

fn numbers(classes: &mut Vec<Class>) {
    for (family, value) in [
        (Family::Numbers, Value::Digest),
        (Family::R, Value::R),
        (Family::Numbers, Value::S),
        (Family::Numbers, Value::U1),
        (Family::Numbers, Value::U2),
    ] {
        let of_digest = (value == Value::Digest).then_some(Pattern::NotBelowN);
        let patterns = Pattern::of_numbers().chain(of_digest);
        classes.extend(patterns.map(|pattern| Class::new(family, [Condition::Is(value, pattern)])));
    }
    for value in [Value::Digest, Value::R, Value::S] {
        classes.extend(
            (0..BOUNDS.len()).map(|bound| Class::new(Family::Neighbours, [Condition::Beside(value, bound)])),
        );
    }
}

fn points(classes: &mut Vec<Class>) {
    /// How small a value counts as tiny that no coordinate is: y² and x³ are both, or neither.
    const TINY: u64 = 1 << 40;
    for (family, place) in
        [(Family::Nonce, Place::Nonce), (Family::Key, Place::Key), (Family::Product, Place::U2R)]
    {
        for of in [Of::X, Of::Y] {
            let value = Value::Of(place, Form { of, bits: 0 });
            let patterns = Pattern::of_numbers().chain([Pattern::NotBelowN]);
            classes.extend(patterns.map(|pattern| Class::new(family, [Condition::Is(value, pattern)])));
        }
        for form in Form::DERIVED {
            classes.extend(
                [Pattern::Below(TINY), Pattern::NearModulus(TINY)]
                    .map(|pattern| Class::new(family, [Condition::Is(Value::Of(place, form), pattern)])),
            );
        }
    }
}

fn reduced(classes: &mut Vec<Class>) {
    let zero = Condition::Zero(Value::Digest);
    let with: Vec<_> = [Value::Digest, Value::S, Value::U1, Value::U2]
        .into_iter()
        .flat_map(|value| {
            let patterns = Pattern::of_numbers().filter(|pattern| match pattern {
                Pattern::Limb { bits, .. } => *bits == 64,
                _ => true,
            });
            patterns.map(move |pattern| Condition::Is(value, pattern))
        })
        .chain([Condition::Is(Value::Digest, Pattern::NotBelowN), Condition::HighS, zero])
        .chain(
            [Pattern::Below(SLACK), Pattern::NearPowerOfTwo].map(|pattern| Condition::Is(Value::R, pattern)),
        )
        .chain([
            Condition::Is(Value::Of(Place::Nonce, Form { of: Of::X, bits: 0 }), Pattern::NearModulus(SLACK)),
            Condition::Kin(Place::U2R, Place::Nonce, Kin::Same, false),
            Condition::Kin(Place::U2R, Place::Nonce, Kin::Same, true),
            Condition::Kin(Place::U2R, Place::Nonce, Kin::Image, false),
            Condition::Kin(Place::U2R, Place::Nonce, Kin::Double, false),
            Condition::Kin(Place::U1G, Place::Generator, Kin::Same, false),
            Condition::Kin(Place::U1G, Place::Generator, Kin::Same, true),
        ])
        .collect();
    classes.extend(with.into_iter().map(|with| Class::new(Family::Reduced, [Condition::Reduced, with])));
}

fn relations(classes: &mut Vec<Class>) {
    for (at, one) in Place::ALL.into_iter().enumerate() {
        for other in Place::ALL.into_iter().skip(at + 1) {
            for kin in [Kin::Same, Kin::Image, Kin::Double] {
                for opposite in [false, true] {
                    // Q = u1·G asks for u2 = 0.
                    if (one, other, kin, opposite) != (Place::Key, Place::U1G, Kin::Same, false) {
                        let condition = Condition::Kin(one, other, kin, opposite);
                        classes.push(Class::new(Family::Relations, [condition]));
                    }
                }
            }
        }
    }
    for method in [0, 1] {
        for meets in [Meets::Equal, Meets::Opposite] {
            classes.push(Class::new(Family::Middle, [Condition::Meets(method, meets)]));
        }
    }
}

fn scalars(classes: &mut Vec<Class>) {
    for which in [0, 1] {
        let split = Special::ALL.map(|special| Condition::Split(which, special));
        let lengths = [(1, 16), (17, 64), (65, 127), (128, 132), (133, 256)];
        let beside = lengths.map(|(least, most)| Condition::SmallBeside(which, least, most));
        classes.extend(
            split.into_iter().chain(beside).map(|condition| Class::new(Family::Scalars, [condition])),
        );
    }
}

fn calls_and_prehashes(classes: &mut Vec<Class>) {
    let calls = VReading::ALL
        .into_iter()
        .map(Condition::Misread)
        .chain([8, 16].map(Condition::CalldataCutTo))
        .chain([16, 31, 32, 63].map(Condition::GasAbove))
        .chain([16, 32].map(Condition::GasCutTo));
    classes.extend(calls.map(|condition| Class::new(Family::Calls, [condition])));
    let prehashes = [Condition::PrehashAbove(256), Condition::PrehashCut];
    classes.extend(prehashes.map(|condition| Class::new(Family::Prehashes, [condition])));
    classes.push(Class::new(Family::Prehashes, [Condition::PrehashAbove(256), Condition::Reduced]));
}

/// The classes of an input, by their place in [`CLASSES`].
///
/// Those of a call's signature are left out: a call asks nothing of a recovery that a scalar input does not.
pub fn classes_of(input: &Input) -> Vec<usize> {
    let steps = match input {
        Input::Scalar(scalar) => Some(Steps::of(scalar)),
        Input::Prehash(prehash) => Some(Steps::of(&prehash.leftmost())),
        Input::Call(_) => None,
    };
    let holds =
        |class: &Class| class.conditions.iter().all(|condition| condition.holds(input, steps.as_ref()));
    (0..).zip(CLASSES.iter()).filter(|(_, class)| holds(class)).map(|(number, _)| number).collect()
}

/// How many cases it took to reach each class of some families, by its place in [`CLASSES`]; not those that were
/// not reached within so many.
pub fn reached(
    families: impl Fn(Family) -> bool,
    within: u64,
    mut make: impl FnMut(u64) -> Input,
) -> BTreeMap<usize, u64> {
    let wanted = |class: usize| families(CLASSES[class].family);
    let all = (0..CLASSES.len()).filter(|class| wanted(*class)).count();
    let mut reached = BTreeMap::new();
    for number in 0..within {
        if reached.len() == all {
            break;
        }
        for class in classes_of(&make(number)).into_iter().filter(|class| wanted(*class)) {
            reached.entry(class).or_insert(number + 1);
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::construct::reduce;
    use super::*;
    use crate::input::bytes::{Bytes, Word};
    use crate::input::{CallInput, PrehashInput, ScalarInput};
    use crate::reference::Point;

    fn names(input: &Input) -> BTreeSet<&'static str> {
        classes_of(input).into_iter().map(|class| CLASSES[class].name.as_str()).collect()
    }

    fn has(input: &Input, expected: &[&str]) {
        let names = names(input);
        let missing: Vec<_> = expected.iter().filter(|name| !names.contains(*name)).collect();
        assert!(missing.is_empty(), "{missing:?} not in {names:?}");
    }

    #[test]
    fn each_class_has_a_name_of_its_own() {
        let names: BTreeSet<_> = CLASSES.iter().map(|class| &class.name).collect();
        assert_eq!(names.len(), CLASSES.len());
        assert!(names.len() > 700);
    }

    #[test]
    fn an_input_is_in_the_classes_of_its_values() {
        // R = G, and s = r makes u2 = 1; the digest 0 makes u1 = 0: Q, R and u2·R are G.
        let Point::Affine { x, .. } = SECP256K1.g else { unreachable!() };
        let zero = Word([0; 32]);
        let g = ScalarInput { digest: zero, r: Word::from(x), s: Word::from(x), recovery_id: 0 };
        let same = ["generator-is-nonce", "generator-is-key", "nonce-is-u2-r", "key-is-u2-r", "u2-tiny"];
        has(&g.into(), &same);
        // With the other parity R is -G.
        let minus_g = ScalarInput { recovery_id: 1, ..g };
        has(&minus_g.into(), &["generator-is-minus-nonce", "generator-is-minus-key", "nonce-is-key"]);
        // Twice the s doubles the key.
        let double = ScalarInput { s: Word::from(x.add_mod(x, SECP256K1.n)), ..g };
        has(&double.into(), &["generator-is-double-or-half-of-key", "nonce-is-double-or-half-of-u2-r"]);
        // u2 = λ: the key is the image of G.
        let lambda = super::super::halves::lambda() * reduce(x);
        let image = ScalarInput { s: word(lambda), ..g };
        has(&image.into(), &["generator-is-image-of-key", "u2-half-1-zero", "u2-half-2-tiny"]);
        assert!(!names(&image.into()).contains("generator-is-key"));
        // r = 4 with recovery id 2 is n + 4: an x of the curve.
        let reduced =
            ScalarInput { r: Word::from(U256::from(4)), s: Word::from(U256::ONE), recovery_id: 2, ..g };
        has(&reduced.into(), &["recovery-id-2-3-and-digest-0", "nonce-x-ge-n", "r-tiny", "s-tiny"]);
        // Without a nonce point only the numbers count.
        let off_curve = ScalarInput { r: Word::from(U256::from(5)), ..g };
        has(&off_curve.into(), &["r-tiny", "r-limb-1-of-64-bits-zero"]);
        assert!(names(&off_curve.into()).iter().all(|name| !name.contains("nonce")));
        let n_and_a_bit = SECP256K1.n ^ (U256::ONE << 77);
        has(&ScalarInput { s: Word::from(n_and_a_bit), ..g }.into(), &["s-one-bit-from-n"]);
    }

    #[test]
    fn calls_and_prehashes_have_classes_of_their_own() {
        let call = |length: usize, v: U256, gas| {
            let mut calldata = vec![0; length];
            calldata[32..64].copy_from_slice(&v.to_be_bytes::<32>());
            Input::Call(CallInput { calldata: Bytes(calldata), gas })
        };
        let right = U256::from(27);
        assert_eq!(names(&call(128, right, 3_000)), BTreeSet::new());
        has(&call(257, right, 3_000), &["calldata-length-cut-to-8-bits"]);
        assert_eq!(names(&call(255 + 256, right, 3_000)), BTreeSet::new());
        has(&call(65_600, right, 3_000), &["calldata-length-cut-to-16-bits"]);
        has(&call(128, right, 65_536 + 2_999), &["gas-above-16-bits", "gas-cut-to-16-bits"]);
        assert!(!names(&call(128, right, 65_536 + 3_000)).contains("gas-cut-to-16-bits"));
        has(&call(128, right << 248, 3_000), &["v-swapped-256-bits"]);
        let prehash = |length| {
            let (r, s) = (Word([0; 32]), Word([0; 32]));
            Input::Prehash(PrehashInput { prehash: Bytes(vec![1; length]), r, s, recovery_id: 0 })
        };
        has(&prehash(257), &["prehash-above-256", "prehash-length-cut-to-8-bits"]);
        assert!(!names(&prehash(256)).contains("prehash-above-256"));
    }
}
