//! The reference against the definition, by brute force: on small curves every (z, r, s, recovery id). And its
//! twin against the reference.

use std::collections::BTreeSet;

use ecrecheck::corpus::Corpus;
use ecrecheck::generate::{STRATEGIES, generate};
use ecrecheck::input::ScalarInput;
use ecrecheck::reference::answer::Answer;
use ecrecheck::reference::{Curve, Point, Reason, SECP256K1, recover, twin};
use ecrecheck::run::fuzz::bytes;
use ruint::aliases::U256;

/// A curve y² = x³ + 7 over a small field, in machine integers, with all its points found by trying.
///
/// Nothing here is the reference's code: points are numbered by walking P, P+G, P+2G, …, with the addition
/// law over fractions found by trying every quotient.
struct Small {
    p: u64,
    /// `points[k]` is k·G; `points[0]` is the identity.
    points: Vec<Option<(u64, u64)>>,
}

impl Small {
    fn new(p: u64, generator: (u64, u64)) -> Self {
        let mut points = vec![None, Some(generator)];
        loop {
            match add(p, points[points.len() - 1].unwrap(), generator) {
                None => break,
                sum => points.push(sum),
            }
        }
        let by_trying = (0..p).flat_map(|x| (0..p).map(move |y| (x, y)));
        let by_trying = by_trying.filter(|(x, y)| y * y % p == (x * x * x + 7) % p).count();
        assert_eq!(points.len(), by_trying + 1, "the generator reaches every point");
        assert!((2..points.len()).all(|divisor| points.len() % divisor != 0), "the order is prime");
        Self { p, points }
    }

    fn order(&self) -> u64 {
        self.points.len() as u64
    }

    fn curve(&self) -> Curve {
        let (x, y) = self.points[1].unwrap();
        let [p, b, n, x, y] = [self.p, 7, self.order(), x, y].map(U256::from);
        Curve { p, b, n, g: Point::Affine { x, y } }
    }

    /// The definition: d is the key if a signer with the key d and the nonce k, k·G being the point that r
    /// and the recovery id name, gets (r, s) for z. That is s·k = z + r·d, tried for every d.
    fn by_definition(&self, z: u64, r: u64, s: u64, recovery_id: u8) -> Result<(u64, u64), Reason> {
        let n = self.order();
        if recovery_id > 3 {
            return Err(Reason::RecoveryIdOutOfRange);
        }
        for (number, zero, too_large) in
            [(r, Reason::RZero, Reason::RNotBelowN), (s, Reason::SZero, Reason::SNotBelowN)]
        {
            match number {
                0 => return Err(zero),
                number if number >= n => return Err(too_large),
                _ => {}
            }
        }
        let x = if recovery_id >= 2 { r + n } else { r };
        if x >= self.p {
            return Err(Reason::XNotBelowP);
        }
        let named = |point: &Option<(u64, u64)>| {
            point.is_some_and(|(px, py)| px == x && py % 2 == u64::from(recovery_id) % 2)
        };
        let k = self.points.iter().position(named).ok_or(Reason::XOffCurve)? as u64;
        let d = (0..n).find(|d| s * k % n == (z + r * d) % n).expect("r has an inverse");
        self.points[d as usize].ok_or(Reason::QInfinity)
    }
}

/// The sum of two points; none is the identity.
fn add(p: u64, (x1, y1): (u64, u64), (x2, y2): (u64, u64)) -> Option<(u64, u64)> {
    if x1 == x2 && (y1 + y2) % p == 0 {
        return None;
    }
    let (rise, run) = if x1 == x2 { (3 * x1 * x1, 2 * y1) } else { (p + y2 - y1, p + x2 - x1) };
    let slope = (0..p).find(|slope| slope * run % p == rise % p).expect("p is prime");
    let x3 = (slope * slope + 2 * p - x1 - x2) % p;
    Some((x3, (slope * (p + x1 - x3) + p - y1) % p))
}

/// Compares every z, r, s from 0 to a little beyond n and p, and every recovery id from 0 to 5.
fn compare_everything(p: u64, generator: (u64, u64), order: u64) {
    let small = Small::new(p, generator);
    assert_eq!(small.order(), order);
    let curve = small.curve();
    let mut counts = std::collections::BTreeMap::<_, usize>::new();
    for r in 0..=order + 1 {
        for s in 0..=order + 1 {
            for z in 0..=order + 1 {
                for recovery_id in 0..=5 {
                    let expected = small.by_definition(z, r, s, recovery_id);
                    let got = recover(&curve, U256::from(z), U256::from(r), U256::from(s), recovery_id);
                    let got = got.map(|recovered| match recovered.q {
                        Point::Affine { x, y } => (x.to::<u64>(), y.to::<u64>()),
                        Point::Infinity => panic!("infinity is no key"),
                    });
                    assert_eq!(got, expected, "p {p}, z {z}, r {r}, s {s}, recovery id {recovery_id}");
                    *counts.entry(expected.err()).or_default() += 1;
                }
            }
        }
    }
    let reached: Vec<_> = counts.keys().flatten().copied().collect();
    assert_eq!(reached, Reason::ALL, "every reason occurs on this curve");
    assert!(counts[&None] > 0, "some inputs have a key");
}

#[test]
fn p_43_n_31_is_recovered_as_defined() {
    compare_everything(43, (2, 12), 31);
}

#[test]
fn p_79_n_67_is_recovered_as_defined() {
    compare_everything(79, (1, 18), 67);
}

/// Here n > p, so that an r below n can be p or more, and no x is ever reduced.
#[test]
fn p_67_n_79_is_recovered_as_defined() {
    compare_everything(67, (2, 22), 79);
}

/// n - 1 = -1 (mod n): the point of the other parity, and n·G is the identity. With n prime that fixes G's order.
#[test]
fn secp256k1_is_the_curve_of_sec_2() {
    let Point::Affine { x, y } = SECP256K1.g else { panic!("G is affine") };
    assert!(SECP256K1.contains(x, y));
    assert_eq!(SECP256K1.multiply(SECP256K1.n, SECP256K1.g), Point::Infinity);
    let negative = SECP256K1.multiply(SECP256K1.n - U256::ONE, SECP256K1.g);
    assert_eq!(negative, Point::Affine { x, y: SECP256K1.p - y });
}

/// Numbers at the edges of everything, with those next to them.
fn edges() -> Vec<U256> {
    let (n, p) = (SECP256K1.n, SECP256K1.p);
    let powers = [1, 26, 52, 64, 128, 192, 255].map(|power| U256::ONE << power);
    let edges = [U256::ZERO, U256::from(3), n >> 1, p >> 1, p - n, n, p, U256::MAX].into_iter().chain(powers);
    edges.flat_map(|edge| [edge.wrapping_sub(U256::ONE), edge, edge.wrapping_add(U256::ONE)]).collect()
}

/// Answers and points: of the corpus, of every strategy, and with every edge as r, s and digest.
#[test]
fn the_twin_answers_as_the_reference() {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let of_corpus = Corpus::built_in().cases.iter().flat_map(|case| case.asked()).cloned();
    let generated = (0..2_000).map(|number| generate(&bytes(17, number), &strategies).input);
    let edges = edges();
    let at_edges = (0..edges.len()).flat_map(|at| {
        let [r, s, digest] = [at, at / 2, at * 7 + 3].map(|at| edges[at % edges.len()].into());
        (0..5).map(move |recovery_id| ScalarInput { digest, r, s, recovery_id }.into())
    });
    let mut refusals = BTreeSet::new();
    for input in of_corpus.chain(generated).chain(at_edges) {
        let answer = Answer::to(&input);
        assert_eq!(Answer::by(ScalarInput::recover_by_twin, &input), answer, "{input:?}");
        refusals.insert(answer.expectation.refusal());
    }
    // Every reason, the two of calls, and a key.
    assert_eq!(refusals.len(), Reason::ALL.len() + 3);
}

#[test]
fn the_twin_computes_as_the_curve() {
    let g = SECP256K1.g;
    let edges = edges();
    let mut points = vec![Point::Infinity];
    for edge in edges.iter().copied() {
        let multiple = SECP256K1.multiply(edge.reduce_mod(SECP256K1.n), g);
        assert_eq!(twin::multiples_of_g([edge, U256::ONE]), [multiple, g], "{edge}");
        assert_eq!(twin::multiply(edge, multiple), SECP256K1.multiply(edge, multiple), "{edge}");
        points.push(multiple);
        for y_is_odd in [false, true] {
            let lifted = Some(edge).filter(|x| *x < SECP256K1.p).and_then(|x| SECP256K1.lift_x(x, y_is_odd));
            assert_eq!(twin::lift_x(edge, y_is_odd), lifted, "{edge}");
            assert_eq!(twin::is_x(edge), lifted.is_some(), "{edge}");
        }
    }
    for left in &points {
        for right in points.iter().step_by(5) {
            assert_eq!(twin::add(*left, *right), SECP256K1.add(*left, *right), "{left:?} {right:?}");
        }
    }
}

/// By Euler's criterion for cubes, over big integers.
#[test]
fn the_twin_finds_points_by_their_y() {
    let p = SECP256K1.p;
    let mut found = 0;
    let small = (0..60).map(U256::from);
    for y in small.chain(edges()) {
        let cube = (y < p).then(|| y.mul_mod(y, p).add_mod(p - U256::from(7), p));
        let is_y = cube.is_some_and(|cube| cube.pow_mod((p - U256::ONE) / U256::from(3), p) == U256::ONE);
        let point = twin::lift_y(y);
        assert_eq!(point.is_some(), is_y, "{y}");
        if let Some(Point::Affine { x, y: of_point }) = point {
            assert!(SECP256K1.contains(x, of_point) && of_point == y, "{y}");
            found += 1;
        }
    }
    assert!((20..60).contains(&found), "{found}");
}
