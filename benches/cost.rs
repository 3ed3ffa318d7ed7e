//! What a case costs, piece by piece: `cargo bench --bench cost`.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use ecrecheck::generate::{Generated, STRATEGIES, generate, named};
use ecrecheck::input::bytes::Word;
use ecrecheck::input::{Input, ScalarInput};
use ecrecheck::judge::fact::classify;
use ecrecheck::outsider::protocol::{Question, Request};
use ecrecheck::outsider::{Place, Settings, Spec};
use ecrecheck::reference::answer::Answer;
use ecrecheck::run::fuzz::bytes;
use ecrecheck::subject::{self, Subject as _, ask};

const CASES: u64 = 64;
/// Makes this program one that answers at once.
const ANSWER: &str = "ECRECHECK_BENCH_ANSWERS";

fn main() {
    if env::var_os(ANSWER).is_some() {
        return answer_at_once();
    }
    divan::main();
}

/// A subject that says no to everything, and spends no time on it.
fn answer_at_once() {
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(b"{\"ecrecheck\":1,\"name\":\"x\",\"version\":\"1.0.0\",\"operations\":[\"recover\"]}\n")
        .unwrap();
    stdout.flush().unwrap();
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (id, _) = line.strip_prefix("{\"id\":").unwrap().split_once(',').unwrap();
        stdout.write_all(format!("{{\"id\":{id},\"rejected\":\"\"}}\n").as_bytes()).unwrap();
        stdout.flush().unwrap();
    }
}

fn question() -> Input {
    let word = Word([0xa5; 32]);
    ScalarInput { digest: word, r: word, s: word, recovery_id: 0 }.into()
}

/// The lower bound of `program_asked`: the same bytes through the same pipes, and nothing else.
#[divan::bench(args = [1, 32])]
fn bare_pipe(bencher: Bencher<'_, '_>, in_flight: usize) {
    let mut command = Command::new(env::current_exe().unwrap());
    let command = command.env(ANSWER, "1").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut stdout = BufReader::new(stdout);
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let requests = Request { id: 1, question: Question::from(&question()) }.line().repeat(in_flight);
    bencher.counter(ItemsCount::new(in_flight)).bench_local(|| {
        stdin.write_all(&requests).unwrap();
        for _ in 0..in_flight {
            line.clear();
            stdout.read_line(&mut line).unwrap();
        }
    });
    drop(stdin);
    child.wait().unwrap();
}

/// A program that answers at once, asked so many questions at a time.
#[divan::bench(args = [1, 32])]
fn program_asked(bencher: Bencher<'_, '_>, in_flight: usize) {
    let program = env::current_exe().unwrap().to_str().unwrap().to_owned();
    let words = vec!["env".to_owned(), format!("{ANSWER}=1"), program];
    let program = Spec { name: None, place: Place::Program(words) }.open(&Settings::default()).unwrap();
    let question = question();
    let questions = vec![&question; in_flight];
    bencher.counter(ItemsCount::new(in_flight)).bench_local(|| black_box(program.answer_all(&questions)));
}

fn cases() -> Vec<Generated> {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    (0..CASES).map(|number| generate(&bytes(0, number), &strategies)).collect()
}

/// Of all strategies: more cases, as 64 are no fair sample of them.
#[divan::bench(sample_count = 20)]
fn generate_4096_cases(bencher: Bencher<'_, '_>) {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    bencher.counter(ItemsCount::new(64 * CASES)).bench(|| {
        for number in 0..64 * CASES {
            black_box(generate(&bytes(0, number), &strategies));
        }
    });
}

/// What each strategy takes for so many cases.
#[divan::bench(args = STRATEGIES.iter().map(|strategy| strategy.name))]
fn generate_64_cases_by(bencher: Bencher<'_, '_>, strategy: &str) {
    let strategy = [named(strategy).unwrap()];
    bencher.bench(|| {
        for number in 0..CASES {
            black_box(generate(&bytes(0, number), &strategy));
        }
    });
}

#[divan::bench]
fn twin_on_64_cases(bencher: Bencher<'_, '_>) {
    let cases = cases();
    bencher.bench(|| {
        for case in &cases {
            black_box(Answer::by(ScalarInput::recover_by_twin, &case.input));
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
