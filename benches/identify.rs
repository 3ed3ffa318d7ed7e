//! How fast `identify` turns candidate digests into addresses, beside a loop that calls libsecp256k1's
//! recovery for each, as a section of `docs/benchmarks.md`: `cargo bench --bench identify`. One thread each, in
//! turns, in one run.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a report, and one that cannot go on fails")]

mod page;

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use ecrecheck::generate::construct::lift_x;
use ecrecheck::identify::curve::{Engine, Nonce, Table};
use ecrecheck::input::hash::keccak256;
use ruint::aliases::U256;
use secp256k1::Message;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};

/// Rounds of each measurement; the middle one counts.
const ROUNDS: usize = 9;
/// Candidates a round.
const CANDIDATES: usize = 64 * Engine::BATCH;
/// Fewer for the slow loop.
const RECOVERIES: usize = CANDIDATES / 16;

const R: &str = "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d";
const S: &str = "0x2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a6";

fn main() {
    let [r, s] = [R, S].map(|word| ecrecheck::input::bytes::array_from_hex::<32>(word).unwrap());
    let digests: Vec<[u8; 32]> =
        (0..CANDIDATES as u64).map(|number| keccak256(&number.to_be_bytes())).collect();

    let libsecp256k1 = || {
        let signature = RecoverableSignature::from_compact(&[r, s].concat(), RecoveryId::One).unwrap();
        for digest in &digests[..RECOVERIES] {
            let key = signature.recover_ecdsa(Message::from_digest(*digest)).unwrap();
            black_box(keccak256(&key.serialize_uncompressed()[1..]));
        }
    };
    let begin = Instant::now();
    let table = Table::new(16);
    let making = begin.elapsed();
    let nonce = Nonce::new(&r).unwrap();
    let shift = nonce.shift(&s, lift_x(U256::from_be_bytes(r), true).unwrap()).unwrap();
    let engine = || {
        let mut engine = Engine::new(&table);
        for batch in digests.chunks(Engine::BATCH) {
            engine.terms(&nonce, batch);
            engine.addresses(shift).into_iter().flatten().for_each(|(_, address)| {
                black_box(address);
            });
        }
    };
    let terms = || {
        let mut engine = Engine::new(&table);
        for batch in digests.chunks(Engine::BATCH) {
            black_box(engine.terms(&nonce, batch));
        }
    };

    let widths = widths(&digests, &nonce);
    let mut times = [vec![], vec![], vec![]];
    for _ in 0..ROUNDS {
        times[0].push(time(libsecp256k1) * (CANDIDATES / RECOVERIES) as u32);
        times[1].push(time(engine));
        times[2].push(time(terms));
    }
    let times = times.map(median);
    let mut text = format!(
        "Candidates, one thread, median of {ROUNDS} rounds; the table of {} MiB was made in {:.0} ms.\n\n\
         | | candidates/s | µs each | ratio |\n|---|---:|---:|---:|\n",
        table.bytes() >> 20,
        making.as_secs_f64() * 1e3
    );
    let names = [
        "libsecp256k1, a recovery for each, one reading, address",
        "identify, both parities, address",
        "identify, both parities, public key",
    ];
    for (name, time) in names.into_iter().zip(times) {
        let each = time.as_secs_f64() / CANDIDATES as f64;
        let ratio = times[0].as_secs_f64() / time.as_secs_f64();
        writeln!(text, "| {name} | {:.0} | {:.2} | {ratio:.1} |", 1.0 / each, each * 1e6).unwrap();
    }
    page::replace("identify", &(text + "\n" + &widths));
}

/// The terms alone, by the width of the table's windows.
fn widths(digests: &[[u8; 32]], nonce: &Nonce) -> String {
    const WIDTHS: [usize; 7] = [8, 10, 11, 12, 13, 14, 16];
    let tables = WIDTHS.map(|width| {
        let begin = Instant::now();
        let table = Table::new(width);
        (table, begin.elapsed())
    });
    let mut times = WIDTHS.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for ((table, _), times) in tables.iter().zip(&mut times) {
            let mut engine = Engine::new(table);
            times.push(time(|| {
                for batch in digests.chunks(Engine::BATCH) {
                    black_box(engine.terms(nonce, batch));
                }
            }));
        }
    }
    let mut text = "A term alone, (z/r)·G, by the width of the table's windows:\n\n\
        | window, bits | table, KiB | made in, ms | µs a term |\n|---:|---:|---:|---:|\n"
        .to_owned();
    for ((width, (table, making)), times) in WIDTHS.into_iter().zip(&tables).zip(times) {
        let each = median(times).as_secs_f64() * 1e6 / digests.len() as f64;
        let (size, making) = (table.bytes() >> 10, making.as_secs_f64() * 1e3);
        writeln!(text, "| {width} | {size} | {making:.1} | {each:.2} |").unwrap();
    }
    text
}

fn time(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
