//! What a case costs, piece by piece: `cargo bench --bench cost`.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use divan::{Bencher, black_box};
use ecrecheck::generate::{Generated, STRATEGIES, generate};
use ecrecheck::judge::fact::classify;
use ecrecheck::reference::answer::Answer;
use ecrecheck::run::fuzz::bytes;
use ecrecheck::subject::{self, ask};

const CASES: u64 = 64;

fn main() {
    divan::main();
}

fn cases() -> Vec<Generated> {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    (0..CASES).map(|number| generate(&bytes(0, number), &strategies)).collect()
}

#[divan::bench]
fn generate_64_cases(bencher: Bencher<'_, '_>) {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    bencher.bench(|| {
        for number in 0..CASES {
            black_box(generate(&bytes(0, number), &strategies));
        }
    });
}

#[divan::bench]
fn reference_on_64_cases(bencher: Bencher<'_, '_>) {
    let cases = cases();
    bencher.bench(|| {
        for case in &cases {
            black_box(Answer::to(&case.input));
        }
    });
}

#[divan::bench]
fn classify_64_cases(bencher: Bencher<'_, '_>) {
    let cases: Vec<_> = cases().into_iter().map(|case| (Answer::to(&case.input), case.input)).collect();
    bencher.bench(|| {
        for (answer, input) in &cases {
            black_box(classify(input, answer));
        }
    });
}

#[divan::bench(args = ["k256-0.14", "k256-0.13", "libsecp256k1", "revm-libsecp256k1", "revm-k256", "evm-libsecp256k1", "evm-k256"])]
fn subject_on_64_cases(bencher: Bencher<'_, '_>, name: &str) {
    let cases = cases();
    let subject = subject::all().unwrap().iter().find(|subject| subject.identity().name == name).unwrap();
    bencher.bench(|| {
        for case in &cases {
            black_box(ask(subject.as_ref(), &case.input));
        }
    });
}
