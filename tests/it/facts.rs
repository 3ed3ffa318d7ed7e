//! The facts of an input, exactly, on both sides of every boundary.
//!
//! Most inputs are EIP-155's example with one part changed. Its order n, half of it, p - n and the multiples
//! of G are SEC 2's; what a changed input recovers was computed apart from this crate.

use ecrecheck::generate::construct::{for_key, lift_x, lift_y, reduce};
use ecrecheck::input::bytes::{Bytes, Word};
use ecrecheck::input::{CallInput, Input, PrehashInput, ScalarInput};
use ecrecheck::judge::fact::{Fact, classify};
use ecrecheck::reference::answer::{Answer, Expectation};
use ecrecheck::reference::{Point, SECP256K1};
use ruint::aliases::U256;

const DIGEST: &str = "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53";
const R: &str = "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276";
const S: &str = "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";

const ZERO: &str = "0x0000000000000000000000000000000000000000000000000000000000000000";
const ONE: &str = "0x0000000000000000000000000000000000000000000000000000000000000001";
const N: &str = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const N_LESS_ONE: &str = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
const N_AND_ONE: &str = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142";
const LARGEST: &str = "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
const G_X: &str = "0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

fn facts_of(input: &Input) -> Vec<&'static str> {
    classify(input, &Answer::to(input)).into_iter().map(Fact::name).collect()
}

fn input(digest: &str, r: &str, s: &str, recovery_id: u8) -> Input {
    let [digest, r, s] = [digest, r, s].map(|word| word.parse::<Word>().unwrap());
    ScalarInput { digest, r, s, recovery_id }.into()
}

/// The facts of the example with these parts, in the order in which `list facts` has them.
fn facts(digest: &str, r: &str, s: &str, recovery_id: u8) -> Vec<&'static str> {
    facts_of(&input(digest, r, s, recovery_id))
}

#[test]
fn the_example_is_ordinary_with_both_parities() {
    assert_eq!(facts(DIGEST, R, S, 0), ["ordinary"]);
    assert_eq!(facts(DIGEST, R, S, 1), ["ordinary"]);
}

#[test]
fn s_is_high_above_half_of_n_and_below_n() {
    let s = |s: &str| facts(DIGEST, R, s, 0);
    assert_eq!(s("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b209f"), ["ordinary"]);
    assert_eq!(s("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"), ["s-boundary"]);
    let above = s("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1");
    assert_eq!(above, ["high-s", "s-boundary"]);
    // 2^255 is above half of n by the half of 2^256 - n.
    assert_eq!(s("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"), ["high-s"]);
    assert_eq!(s(&format!("0x8{}", "0".repeat(63))), ["high-s", "s-top-bit"]);
    assert_eq!(s("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a2"), ["high-s"]);
    assert_eq!(
        s("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd036413f"),
        ["high-s", "s-top-bit"]
    );
    assert_eq!(s(N_LESS_ONE), ["high-s", "s-top-bit", "s-boundary"]);
}

#[test]
fn s_that_is_n_or_more_is_that_and_not_high() {
    assert_eq!(facts(DIGEST, R, N, 0), ["s-ge-n", "s-mod-n-zero", "s-top-bit"]);
    for s in [N_AND_ONE, LARGEST] {
        assert_eq!(facts(DIGEST, R, s, 0), ["s-ge-n", "s-top-bit"], "{s}");
    }
}

#[test]
fn small_s_has_a_leading_zero_and_one_is_a_boundary() {
    assert_eq!(facts(DIGEST, R, ZERO, 0), ["s-zero", "leading-zero-s"]);
    assert_eq!(facts(DIGEST, R, ONE, 0), ["s-boundary", "leading-zero-s"]);
    let two = "0x0000000000000000000000000000000000000000000000000000000000000002";
    assert_eq!(facts(DIGEST, R, two, 0), ["leading-zero-s"]);
}

/// Points have x = 1, 2, p - n and 2^256 - 1 - p, and n, n + 2 and n + 7; none has 0, 5, 7, 2^256 - 1 - n, n + 1 or
/// n + 5.
#[test]
fn r_that_is_n_or_more_may_be_an_x_as_it_is_and_reduced() {
    assert_eq!(facts(DIGEST, ZERO, S, 0), ["r-zero", "leading-zero-r"]);
    let p = "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
    let n_and = |more: &str| format!("{}{more}", &N[..N.len() - 2]);
    for (r, expected) in [
        (N, vec!["r-ge-n", "r-mod-n-zero", "r-is-x"]),
        (N_AND_ONE, vec!["r-ge-n", "r-mod-n-is-x"]),
        (&n_and("43"), vec!["r-ge-n", "r-mod-n-is-x", "r-is-x"]),
        (&n_and("46"), vec!["r-ge-n"]),
        (&n_and("48"), vec!["r-ge-n", "r-is-x"]),
        (&format!("{}2e", &p[..64]), vec!["r-ge-n"]),
        (p, vec!["r-ge-n", "r-mod-n-is-x", "r-ge-p"]),
        (&format!("{}30", &p[..64]), vec!["r-ge-n", "r-mod-n-is-x", "r-mod-p-is-x", "r-ge-p"]),
        (LARGEST, vec!["r-ge-n", "r-mod-p-is-x", "r-ge-p"]),
    ] {
        for recovery_id in [0, 1] {
            assert_eq!(facts(DIGEST, r, S, recovery_id), expected, "{r}, {recovery_id}");
        }
    }
    // 2n + 1 - p is an x too.
    assert_eq!(facts(DIGEST, N_AND_ONE, S, 2), ["r-ge-n", "r-mod-n-is-x", "x-reduced", "r-plus-n-is-x"]);
}

/// With G's x as digest, r and s, s·R - z·G is the point at infinity where R is G, whose y is even.
#[test]
fn a_key_may_be_at_infinity_for_those_who_do_not_read_the_second_bit() {
    let gx = "0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    let with_id = |recovery_id| facts(gx, gx, gx, recovery_id);
    assert!(!with_id(0).contains(&"unreduced-q-infinity") && with_id(0).contains(&"q-infinity"));
    assert_eq!(with_id(2), ["x-ge-p", "unreduced-q-infinity", "x-reduced", "r-is-x"]);
    assert!(!with_id(1).contains(&"unreduced-equal-points") && with_id(1).contains(&"equal-points"));
    assert_eq!(with_id(3), ["x-ge-p", "unreduced-equal-points", "x-reduced", "r-is-x"]);
    assert!(with_id(6).contains(&"unreduced-q-infinity") && with_id(29).contains(&"unreduced-q-infinity"));
    assert_eq!(facts(DIGEST, gx, gx, 2), ["x-ge-p", "x-reduced", "r-is-x"]);
}

/// r + n is far above p for the example's r, which is itself the x of a point.
#[test]
fn x_is_reduced_for_recovery_ids_that_read_as_two_and_three() {
    let recovery_id = |recovery_id| facts(DIGEST, R, S, recovery_id);
    assert_eq!(recovery_id(2), ["x-ge-p", "x-reduced", "r-is-x"]);
    assert_eq!(recovery_id(3), ["x-ge-p", "x-reduced", "r-is-x"]);
    let ranges: [(&str, &[(u8, u8)]); 3] = [
        ("recovery-id-4-26", &[(4, 0), (5, 1), (6, 2), (7, 3), (25, 1), (26, 2)]),
        ("recovery-id-27-30", &[(27, 0), (28, 1), (29, 2), (30, 3)]),
        ("recovery-id-above-30", &[(31, 3), (32, 0), (33, 1), (34, 2), (35, 3), (36, 0), (254, 2), (255, 3)]),
    ];
    for (range, ids) in ranges {
        for (id, read) in ids {
            let mut expected = vec!["recovery-id-out-of-range", range];
            expected.extend((*id > 34).then_some("recovery-id-above-34"));
            expected.extend(
                [6, 7, 26, 27, 30, 31, 34, 35, 254, 255].contains(id).then_some("recovery-id-second-bit"),
            );
            if *read > 1 {
                expected.extend(["x-ge-p", "x-reduced", "r-is-x"]);
            }
            assert_eq!(recovery_id(*id), expected, "{id}");
        }
    }
}

/// p - n is 0x14551231950b75fc4402da1722fc9baee. No point has x = p - 1, and 2 have x = p - 3; points have
/// x = p - n and p - n - 3, and none has p - n - 1.
#[test]
fn r_and_n_reach_p_where_r_is_their_difference() {
    for recovery_id in [2, 3] {
        let r = |r: &str| facts(DIGEST, r, S, recovery_id);
        let p = r("0x000000000000000000000000000000014551231950b75fc4402da1722fc9baee");
        assert_eq!(p, ["x-ge-p", "x-reduced", "r-is-x", "leading-zero-r"]);
        let less_one = r("0x000000000000000000000000000000014551231950b75fc4402da1722fc9baed");
        assert_eq!(less_one, ["x-off-curve", "x-reduced", "r-plus-n-below-p", "leading-zero-r"]);
        let less_three = r("0x000000000000000000000000000000014551231950b75fc4402da1722fc9baeb");
        assert_eq!(less_three, ["x-reduced", "r-is-x", "r-plus-n-below-p", "leading-zero-r"]);
        // behaviour.md: r = 4, with 4 + n on the curve.
        let four = r("0x0000000000000000000000000000000000000000000000000000000000000004");
        assert_eq!(four, ["x-reduced", "r-is-x", "r-plus-n-below-p", "leading-zero-r"]);
        // n + 7 is on the curve, and 7 is not.
        let seven = r("0x0000000000000000000000000000000000000000000000000000000000000007");
        assert_eq!(seven, ["x-reduced", "r-plus-n-below-p", "leading-zero-r"]);
    }
}

/// Of the example's r and 6, both r and (r + n) mod p are an x; of r and 8 the sum alone, of r and 4 r alone.
#[test]
fn r_and_n_may_be_an_x_that_is_not_the_nonce_points() {
    let r_and = |more: u8| format!("{}{:02x}", &R[..R.len() - 2], 0x76 + more);
    for recovery_id in [2, 3] {
        let r = |more| facts(DIGEST, &r_and(more), S, recovery_id);
        assert_eq!(r(4), ["x-ge-p", "x-reduced", "r-is-x"]);
        assert_eq!(r(6), ["x-ge-p", "x-reduced", "r-is-x", "r-plus-n-is-x"]);
        assert_eq!(r(8), ["x-ge-p", "x-reduced", "r-plus-n-is-x"]);
    }
    assert_eq!(facts(DIGEST, &r_and(6), S, 1), ["ordinary"]);
    assert_eq!(facts(DIGEST, &r_and(8), S, 1), ["x-off-curve"]);
    let with_id = |r: &str, id| facts(DIGEST, r, S, id);
    let four = ["recovery-id-out-of-range", "recovery-id-4-26"];
    assert_eq!(with_id(&r_and(6), 4), [&four[..], &["r-plus-n-is-x"]].concat());
    // n + 7 is an x below p: the nonce point's, where the id reads as 2.
    let seven = "0x0000000000000000000000000000000000000000000000000000000000000007";
    let small = ["r-plus-n-below-p", "r-plus-n-is-x", "leading-zero-r"];
    assert_eq!(with_id(seven, 4), [&four[..], &["x-off-curve"], &small[..]].concat());
    assert!(!with_id(seven, 6).contains(&"r-plus-n-is-x"));
}

/// No point has x = 5, nor x = n + 5.
#[test]
fn x_off_the_curve_is_known_whatever_s_is() {
    let five = "0x0000000000000000000000000000000000000000000000000000000000000005";
    assert_eq!(facts(DIGEST, five, S, 0), ["x-off-curve", "r-plus-n-below-p", "leading-zero-r"]);
    assert_eq!(facts(DIGEST, five, S, 1), ["x-off-curve", "r-plus-n-below-p", "leading-zero-r"]);
    assert_eq!(facts(DIGEST, five, S, 2), ["x-off-curve", "x-reduced", "r-plus-n-below-p", "leading-zero-r"]);
    assert_eq!(
        facts(DIGEST, five, N, 0),
        ["s-ge-n", "s-mod-n-zero", "x-off-curve", "r-plus-n-below-p", "s-top-bit", "leading-zero-r"]
    );
    assert_eq!(
        facts(DIGEST, five, S, 28),
        [
            "recovery-id-out-of-range",
            "recovery-id-27-30",
            "x-off-curve",
            "r-plus-n-below-p",
            "leading-zero-r"
        ]
    );
    assert_eq!(
        facts(DIGEST, five, S, 6),
        [
            "recovery-id-out-of-range",
            "recovery-id-4-26",
            "recovery-id-second-bit",
            "x-off-curve",
            "x-reduced",
            "r-plus-n-below-p",
            "leading-zero-r"
        ]
    );
}

/// R = G and s = z: the key is at infinity for an even y, G's, and so for a recovery id that reads as 0. With s
/// a multiple of n it is -z/r·G, at infinity for a digest of 0, as long as there is a nonce point.
#[test]
fn the_key_at_infinity_is_known_whatever_is_out_of_range() {
    let infinite = |digest, r, s, recovery_id| facts(digest, r, s, recovery_id).contains(&"q-infinity");
    for (recovery_id, expected) in [(0, true), (1, false), (4, true), (5, false), (27, true), (28, false)] {
        assert_eq!(infinite(S, G_X, S, recovery_id), expected, "{recovery_id}");
    }
    for (recovery_id, expected) in [(0, false), (1, true), (4, false), (5, true), (27, false), (28, true)] {
        let equal = facts(S, G_X, S, recovery_id).contains(&"equal-points");
        assert_eq!(equal, expected, "u1·G = u2·R for {recovery_id}");
    }
    assert!(!infinite(S, G_X, S, 2), "x is another");
    // s = n + 1 is 1 modulo n.
    assert!(infinite(ONE, G_X, N_AND_ONE, 0));
    assert!(infinite(N_AND_ONE, G_X, N_AND_ONE, 4));
    assert!(!infinite(S, G_X, N_AND_ONE, 0));
    for s in [ZERO, N] {
        assert!(infinite(ZERO, R, s, 0) && infinite(N, R, s, 1) && infinite(ZERO, R, s, 252), "{s}");
        assert!(!infinite(ONE, R, s, 0), "{s}");
        assert!(!infinite(ZERO, R, s, 2), "{s}: r + n is no x");
        assert!(!infinite(ZERO, ZERO, s, 0) && !infinite(ZERO, N, s, 0), "{s}: r has no inverse");
        assert!(infinite(ZERO, N_AND_ONE, s, 0), "{s}: r is 1 modulo n");
    }
}

#[test]
fn a_digest_is_zero_modulo_n_at_zero_and_n() {
    let digest = |digest: &str| facts(digest, R, S, 0);
    assert_eq!(digest(ZERO), ["digest-zero", "leading-zero-digest"]);
    assert_eq!(digest(ONE), ["leading-zero-digest"]);
    assert_eq!(digest(N_LESS_ONE), ["ordinary"]);
    assert_eq!(digest(N), ["digest-zero", "digest-ge-n"]);
    assert_eq!(digest(N_AND_ONE), ["digest-ge-n"]);
    assert_eq!(digest(LARGEST), ["digest-ge-n"]);
}

#[test]
fn a_first_byte_leads_with_a_zero_only_where_all_its_bits_are() {
    let digest = |digest: &str| facts(digest, R, S, 0);
    let zero = digest("0x00f5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    assert_eq!(zero, ["leading-zero-digest"]);
    let one = digest("0x01f5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    assert_eq!(one, ["ordinary"]);

    // The last byte is one more than the example's, so that there is a point.
    let r = |r: &str| facts(DIGEST, r, S, 0);
    let zero = r("0x00ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636277");
    assert_eq!(zero, ["leading-zero-r"]);
    let one = r("0x01ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636277");
    assert_eq!(one, ["ordinary"]);

    let s = |s: &str| facts(DIGEST, R, s, 0);
    let zero = s("0x00cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
    assert_eq!(zero, ["leading-zero-s"]);
    let one = s("0x01cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
    assert_eq!(one, ["ordinary"]);
}

/// The example's digest, signed with a small private key and the nonce 12345.
#[test]
fn a_zero_leads_a_coordinate_of_the_key_or_the_address() {
    let r = "0xf01d6b9018ab421dd410404cb869072065522bf85734008f105cf385a023a80f";
    for (private_key, s, recovery_id, key, address, expected) in [
        (
            153,
            "0x13ca6d2e072f127878803959db1f8084d58d24c843784f2376083639fbd34694",
            1,
            "0x0200e3ae1974566ca06cc516d47e0fb165a674a3dabcfca15e722f0e3450f45889",
            "0x2798ba84d7830c5f60d750f37f87d93277106905",
            "leading-zero-x",
        ),
        (
            60,
            "0x75a5009e8a63786f499d07a8495752bce4fa2844a7e65f5a7de552cb0f94c3ff",
            1,
            "0x0301257e93a78a5b7d8fe0cf28ff1d8822350c778ac8a30e57d2acfc4d5fb8c192",
            "0xeb0e56f32246d043228fac8b63a71687d5199af1",
            "ordinary",
        ),
        (
            133,
            "0x7150e3f91668116878ceea1c28b3760e00250ce73443aac32251ec0c1fb5acf8",
            0,
            "0x020336581ea7bfbbb290c191a2f507a41cf5643842170e914faeab27c2c579f726",
            "0x0dc8b8ef8457b1e45ac277d65ac5987b547ba775",
            "ordinary",
        ),
        (
            // y = 00995e55…1472
            122,
            "0x20ecb701cd14cb8a9720d736aacde412b8de23b08025e0de1c9edfc49853a55e",
            0,
            "0x02139ae46a1133f1f9d23f25efba0f6dd87bf7ddaf568a5fb9e0a3bfda73176237",
            "0x872917cec8992487651ee633dba73bd3a9dca309",
            "leading-zero-y",
        ),
        (
            // y = 01fcabf2…3047
            459,
            "0x6eb92d37b2511dd07e21718115a1a38843828e1eea72c9a578c60da2d9197e84",
            1,
            "0x0315dea416fa34584fcc90e19d69825fae348d1ba1fd7ac821559aac2abc21dda8",
            "0x0a2eaa86ea890cf98dc30565be2a00863d188699",
            "ordinary",
        ),
        (
            300,
            "0x4d13318c1286d90566ad4ecf88c51e5831738dd086464b789ca1a7c5577b9a38",
            0,
            "0x0385a7b790fc9d962493788317e4874a4ab07f1e9c78c773c47f2f6c96df756f05",
            "0x00f47c27f86b20e1bd18a0caff71b2ec5e23389a",
            "leading-zero-address",
        ),
        (
            296,
            "0x014bdb60b20b79cbfd56bc4d8988e942de513f6424e8708ed4c5ef34a34e173a",
            0,
            "0x03f0d94b756288b707dad8e169c06514f03d7ceb47ea8d3ae9ebe186694c574c92",
            "0x0130c3d5e6bb374aca10f0026700c671ae82cd1b",
            "ordinary",
        ),
    ] {
        let input = input(DIGEST, r, s, recovery_id);
        let answer = Answer::to(&input).expectation;
        let Expectation::Recovered { address: a, public_key: k } = answer else { panic!("{answer}") };
        assert_eq!((k.to_string(), a.to_string().to_lowercase()), (key.to_owned(), address.to_owned()));
        assert_eq!(facts_of(&input), [expected], "private key {private_key}");
    }
}

/// The x of 1·G, 8·G and 9·G.
#[test]
fn a_nonce_is_small_up_to_eight() {
    let nonce = |r: &str, recovery_id| facts(DIGEST, r, S, recovery_id);
    assert_eq!(nonce(G_X, 0), ["small-nonce"]);
    assert_eq!(nonce(G_X, 1), ["small-nonce"]);
    let eight = "0x2f01e5e15cca351daff3843fb70f3c2f0a1bdd05e5af888a67784ef3e10a2a01";
    assert_eq!(nonce(eight, 0), ["small-nonce"]);
    let nine = "0xacd484e2f0c7f65309ad178a9f559abde09796974c57e714c35f110dfc27ccbe";
    assert_eq!(nonce(nine, 1), ["ordinary"]);
}

/// With R = G, Q is (s - z)/r·G: nothing for z = s, and 2·u1·G for z = n - s.
#[test]
fn equal_points_and_opposite_points_are_told_apart() {
    assert_eq!(facts(S, G_X, S, 0), ["q-infinity", "small-nonce"]);
    let n_less_s = "0x98341627668089e51348fccfb4c7ff31c55912f2d2e47ef09652acf665fad3be";
    assert_eq!(facts(n_less_s, G_X, S, 0), ["equal-points", "small-nonce"]);
}

#[test]
fn a_prehash_is_tiny_short_or_long_by_its_length() {
    let prehash = |length: usize| {
        let [r, s] = [R, S].map(|word| word.parse::<Word>().unwrap());
        let prehash = Bytes(vec![0xab; length]);
        facts_of(&Input::Prehash(PrehashInput { prehash, r, s, recovery_id: 0 }))
    };
    assert_eq!(prehash(0), ["digest-zero", "leading-zero-digest", "prehash-empty", "prehash-below-16"]);
    assert_eq!(prehash(1), ["leading-zero-digest", "prehash-below-16"]);
    // Fewer than 32 bytes are a number with zeros before it.
    assert_eq!(prehash(15), ["leading-zero-digest", "prehash-below-16"]);
    assert_eq!(prehash(16), ["leading-zero-digest", "prehash-below-32"]);
    assert_eq!(prehash(31), ["leading-zero-digest", "prehash-below-32"]);
    assert_eq!(prehash(32), ["ordinary"]);
    assert_eq!(prehash(33), ["prehash-above-32"]);
    assert_eq!(prehash(64), ["prehash-above-32"]);
}

/// The example as calldata with this v, a word.
fn calldata(v: [u8; 32]) -> Vec<u8> {
    let [digest, r, s] = [DIGEST, R, S].map(|word| word.parse::<Word>().unwrap().0);
    [digest, v, r, s].concat()
}

fn small_v(v: u8) -> [u8; 32] {
    let mut word = [0; 32];
    word[31] = v;
    word
}

fn call(calldata: Vec<u8>, gas: u64) -> Vec<&'static str> {
    facts_of(&Input::Call(CallInput { calldata: Bytes(calldata), gas }))
}

#[test]
fn calldata_is_short_below_128_bytes_and_long_above() {
    let whole = calldata(small_v(27));
    assert_eq!(call(whole[..127].to_vec(), 100_000), ["calldata-short"]);
    assert_eq!(call(whole.clone(), 100_000), ["ordinary"]);
    assert_eq!(call([&whole[..], &[0]].concat(), 100_000), ["calldata-long"]);
    assert_eq!(call(Vec::new(), 100_000), ["calldata-short", "v-recovery-id"]);
}

#[test]
fn gas_is_short_below_3000_and_exact_there() {
    let gas = |gas| call(calldata(small_v(27)), gas);
    assert_eq!(gas(0), ["gas-short"]);
    assert_eq!(gas(2_999), ["gas-short"]);
    assert_eq!(gas(3_000), ["gas-exact"]);
    assert_eq!(gas(3_001), ["ordinary"]);
    assert_eq!(gas(u64::MAX), ["ordinary"]);
    // Nothing is recovered then, so that nothing is said of the signature.
    let mut high_s = calldata(small_v(27));
    high_s[96..].copy_from_slice(&N_LESS_ONE.parse::<Word>().unwrap().0);
    assert_eq!(call(high_s.clone(), 2_999), ["gas-short"]);
    assert_eq!(call(high_s, 3_000), ["high-s", "s-top-bit", "s-boundary", "gas-exact"]);
}

#[test]
fn a_calls_v_has_at_most_one_class() {
    let class = |v| call(calldata(v), 100_000);
    for (v, expected) in [
        (0, "v-recovery-id"),
        (1, "v-recovery-id"),
        (8, "v-recovery-id"),
        (9, "ordinary"),
        (23, "ordinary"),
        (24, "v-near"),
        (26, "v-near"),
        (27, "ordinary"),
        (28, "ordinary"),
        (29, "v-near"),
        (34, "v-near"),
        (35, "v-eip155"),
        (37, "v-eip155"),
        (255, "v-eip155"),
    ] {
        assert_eq!(class(small_v(v)), [expected], "v = {v}");
    }
}

#[test]
fn v_above_255_is_dirty_where_its_last_byte_is_27_or_28() {
    // 256 more at the word's low end, and the highest bit of all.
    for (at, dirt) in [(30, 1), (23, 1), (0, 0x80)] {
        for (low, expected) in [
            (0, "ordinary"),
            (1, "ordinary"),
            (26, "ordinary"),
            (27, "v-dirty"),
            (28, "v-dirty"),
            (29, "ordinary"),
            (37, "ordinary"),
        ] {
            let mut v = small_v(low);
            v[at] = dirt;
            assert_eq!(call(calldata(v), 100_000), [expected], "byte {at} is {dirt}, v ends in {low}");
        }
    }
}

/// Keys next to n, in either coordinate; none of them has n itself.
#[test]
fn a_coordinate_of_the_key_counts_from_n_on() {
    let facts_of = |key| {
        let input = for_key(key, reduce(U256::from(13)), reduce(U256::from(17))).input.into();
        classify(&input, &Answer::to(&input))
    };
    let (n, one) = (SECP256K1.n, U256::ONE);
    let below = |mut number, lift: fn(U256) -> Option<Point>| loop {
        number -= one;
        if let Some(point) = lift(number) {
            break point;
        }
    };
    let even = |x| lift_x(x, false).filter(|point| coordinates(point).1 < SECP256K1.n);
    let by_y = |y| lift_y(y).filter(|point| coordinates(point).0 < SECP256K1.n);
    for (last_below, first_above) in
        [(below(n, even), below(n + U256::from(3), even)), (below(n, by_y), below(SECP256K1.p, by_y))]
    {
        assert!(!facts_of(last_below).contains(&Fact::KeyNotBelowN), "{last_below:?}");
        assert!(facts_of(first_above).contains(&Fact::KeyNotBelowN), "{first_above:?}");
    }
}

fn coordinates(point: &Point) -> (U256, U256) {
    match *point {
        Point::Affine { x, y } => (x, y),
        Point::Infinity => panic!("a lifted point is affine"),
    }
}
