//! What the harness finds and costs, as a section of `docs/benchmarks.md`: `cargo bench --bench report`. Every
//! figure of a table is from one run.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a report, and one that cannot go on fails")]

mod page;

use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use arbitrary::Unstructured;
use ecrecheck::corpus::Corpus;
use ecrecheck::generate::{self, Generated, STRATEGIES, generate};
use ecrecheck::input::bytes::{Bytes, Word};
use ecrecheck::input::{CallInput, Input, ScalarInput};
use ecrecheck::judge::law;
use ecrecheck::judge::law::Laws;
use ecrecheck::judge::matrix::Matrix;
use ecrecheck::judge::{Harness, judge_against, memory, verdict};
use ecrecheck::reference::answer::{Answer, Recovery};
use ecrecheck::run::fuzz::{self, FuzzPlan, FuzzProgress, bytes};
use ecrecheck::run::selftest::{self, Hunt};
use ecrecheck::subject::{self, Subject};

/// Rounds of each measurement; the middle one counts.
const ROUNDS: usize = 7;
/// Cases a round: so many that a run tries the law of memory once, as its share is.
const CASES: u64 = fuzz::MEMORY_EVERY;
/// Every how many cases of a round the law of memory is measured.
const MEMORY_SAMPLE: usize = 50;
/// Where the hunt with other generators gives up.
const GIVE_UP: u64 = 20_000;

fn main() {
    let corpus = Corpus::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap();
    let sections = [detection(), overhead(&corpus), scaling(&corpus)];
    page::replace("report", &sections.concat());
}

/// The harness (generate, classify, judge, count) beside the same subjects' bare calls on the same cases.
fn overhead(corpus: &Corpus) -> String {
    let subjects = subject::all().unwrap();
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let cases: Vec<_> = (0..CASES).map(|number| generate(&bytes(0, number), &strategies)).collect();
    let answers: Vec<_> = cases.iter().map(|case| Answer::to(&case.input)).collect();

    let examined_with = Harness::new(subjects, &corpus.divergences);
    let bare = || {
        for case in &cases {
            subjects.iter().for_each(|subject| bare_call(subject.as_ref(), &case.input));
        }
    };
    let harness = || {
        let mut matrix = Matrix::default();
        for (number, answer) in (0..).zip(&answers) {
            let case = generate(&bytes(0, number), &strategies);
            matrix.count(&judge_against(answer, &case.input, examined_with));
        }
        black_box(matrix);
    };
    let by = |recovery: Recovery| {
        for case in &cases {
            black_box(Answer::by(recovery, &case.input));
        }
    };
    let twin = || by(ScalarInput::recover_by_twin);
    let reference = || by(ScalarInput::recover_by_reference);
    let plan = FuzzPlan {
        seed: 0,
        strategies: strategies.clone(),
        seeds: Vec::new(),
        cases: Some(CASES),
        time: None,
        jobs: 1,
    };
    let run = || {
        let summary = fuzz::run(&plan, examined_with, &FuzzProgress::default());
        assert!(summary.findings.is_empty());
    };
    let laws = || {
        for (case, answer) in cases.iter().zip(&answers).step_by(fuzz::LAWS_EVERY as usize) {
            black_box(law::check(&case.input, &answer.expectation, Laws::Related, examined_with));
        }
    };
    // The law of memory is tried once in a round, and its cost depends on the case: a sample, scaled to one.
    let sample = cases.iter().step_by(MEMORY_SAMPLE);
    let memory = || {
        for case in sample.clone() {
            black_box(memory::check(&case.input, examined_with));
        }
    };
    let to_a_round = 1.0 / sample.clone().count() as f64;
    // In turns, so that whatever else the machine does hits all alike.
    let mut times = [const { vec![] }; 7];
    for _ in 0..ROUNDS {
        times[0].push(time(bare));
        times[1].push(time(harness));
        times[2].push(time(twin));
        times[3].push(time(laws));
        times[4].push(time(memory).mul_f64(to_a_round));
        times[5].push(time(run));
        times[6].push(time(reference));
    }
    let [bare, harness, twin, laws, memory, run, reference] = times.map(median);
    let a_case = |time: Duration| time.as_secs_f64() * 1e6 / CASES as f64;
    let ratio = |time: Duration| time.as_secs_f64() / bare.as_secs_f64();
    let rows = [
        ("bare calls of the subjects", bare),
        ("harness, its subjects' calls included", harness),
        ("the reference's twin, apart", twin),
        (&format!("laws on every {}th case, apart: more calls", fuzz::LAWS_EVERY), laws),
        (&format!("the law of memory on every {}th case, apart: two threads", fuzz::MEMORY_EVERY), memory),
        ("**a run: all of these, and the reference on a sample**", run),
        ("the reference on every case, for comparison", reference),
    ];
    let mut table = format!(
        "### Overhead\n\nWhat the harness costs (generate, classify, judge, count), beside the bare calls of the \
         same subjects on the same cases: {CASES} cases, {} subjects, one thread, median of {ROUNDS} rounds. What \
         makes more calls of its own is apart, and a run is all together.\n\n\
         | | µs a case | ratio |\n|---|---:|---:|\n",
        subjects.len()
    );
    for (name, time) in rows {
        writeln!(table, "| {name} | {:.0} | {:.2} |", a_case(time), ratio(time)).unwrap();
    }
    table + "\n"
}

/// A subject's call without the harness around it.
fn bare_call(subject: &dyn Subject, input: &Input) {
    // revm's functions panic on such an input, and a panic cannot be had bare.
    if matches!(input, Input::Scalar(ScalarInput { recovery_id: 4.., .. }))
        && subject.identity().name.starts_with("revm")
    {
        let _ = black_box(subject::ask(subject, input));
        return;
    }
    black_box(match input {
        Input::Scalar(input) => subject.recover(input),
        Input::Prehash(input) => subject.recover_prehash(input),
        Input::Call(input) => subject.call(input),
    });
}

/// The runner with one job and with two, beside two runs that share nothing: more than those, the machine has not.
fn scaling(corpus: &Corpus) -> String {
    let subjects = subject::all().unwrap();
    let run = |jobs, seed, cases| {
        let strategies = STRATEGIES.iter().collect();
        let plan = FuzzPlan { seed, strategies, seeds: Vec::new(), cases: Some(cases), time: None, jobs };
        let summary = fuzz::run(&plan, Harness::new(subjects, &corpus.divergences), &FuzzProgress::default());
        assert!(summary.findings.is_empty());
    };
    let apart = || {
        thread::scope(|scope| {
            for seed in 0..2 {
                scope.spawn(move || run(1, seed, CASES / 2));
            }
        });
    };
    let mut times = [const { vec![] }; 3];
    for _ in 0..ROUNDS {
        times[0].push(time(|| run(1, 0, CASES)));
        times[1].push(time(|| run(2, 0, CASES)));
        times[2].push(time(apart));
    }
    let [one, two, apart] = times.map(median);
    let mut table = format!(
        "### Scaling\n\n`fuzz --cases {CASES}`, median of {ROUNDS} rounds. Two runs of one job and half the cases, at once \
         and without anything in common, show what the machine gives to two threads.\n\n\
         | | cases/s | ratio |\n|---|---:|---:|\n"
    );
    for (name, time) in [("1 job", one), ("2 jobs", two), ("two runs of 1 job", apart)] {
        let rate = CASES as f64 / time.as_secs_f64();
        writeln!(table, "| {name} | {rate:.0} | {:.2} |", one.as_secs_f64() / time.as_secs_f64()).unwrap();
    }
    table + "\n"
}

/// How many cases each planted bug takes, with our generators and with others.
fn detection() -> String {
    let hunts = [
        ("our generators", selftest::run(0, selftest::WITHIN)),
        ("plain `arbitrary` of the struct", selftest::hunt(GIVE_UP, verdict, plain)),
        ("valid signatures", selftest::hunt(GIVE_UP, verdict, valid)),
        ("128 uniform bytes of calldata", selftest::hunt(GIVE_UP, verdict, uniform)),
    ];
    let bugs = hunts[0].1.bugs.len();
    let counts = |hunt: &Hunt| -> Vec<u64> {
        hunt.bugs.iter().filter_map(|bug| bug.found.as_ref().map(|(cases, _)| *cases)).collect()
    };

    let mut text = format!(
        "### Detection\n\nCases from each generator until each of {bugs} planted bugs was found; –: not in \
         {GIVE_UP} cases. The first column is `ecrecheck selftest`.\n\n| planted bug |"
    );
    hunts.iter().for_each(|(name, _)| write!(text, " {name} |").unwrap());
    text += "\n|---|---:|---:|---:|---:|\n| **found** |";
    hunts.iter().for_each(|(_, hunt)| write!(text, " **{}** |", counts(hunt).len()).unwrap());
    for index in 0..bugs {
        write!(text, "\n| {} |", hunts[0].1.bugs[index].name).unwrap();
        for (_, hunt) in &hunts {
            let cases = hunt.bugs[index].found.as_ref().map(|(cases, _)| cases.to_string());
            write!(text, " {} |", cases.as_deref().unwrap_or("–")).unwrap();
        }
    }

    let within: Vec<u64> = (0..=14).map(|power| 1 << power).collect();
    text += "\n\nIn the plot, from the top: our generators";
    hunts[1..].iter().for_each(|(name, _)| write!(text, ", {name}").unwrap());
    write!(
        text,
        ".\n\n```mermaid\nxychart-beta\n  title \"Planted bugs found within so many cases\"\n  x-axis \"cases\" \
         {within:?}\n  y-axis \"found, of {bugs}\" 0 --> {bugs}\n"
    )
    .unwrap();
    for (_, hunt) in &hunts {
        let counts = counts(hunt);
        let line = within.iter().map(|limit| counts.iter().filter(|cases| *cases <= limit).count());
        writeln!(text, "  line {:?}", line.collect::<Vec<_>>()).unwrap();
    }
    text + "```\n\n"
}

/// 128 uniform bytes as calldata.
fn uniform(number: u64) -> Generated {
    let calldata = Bytes(bytes(1, number)[..128].to_vec());
    let input = Input::Call(CallInput { calldata, gas: 100_000 });
    Generated { strategy: "uniform", input, known: None, message: None }
}

/// Valid low-s signatures, as scalars and as calls, in turns.
fn valid(number: u64) -> Generated {
    let mut generated = generate(&bytes(2, number), &[generate::named("valid").unwrap()]);
    if let (Input::Scalar(scalar), 0) = (&generated.input, number % 2) {
        let calldata = ecrecheck::report::emit::calldata(&Input::from(*scalar)).unwrap();
        generated.input = Input::Call(CallInput { calldata: Bytes(calldata), gas: 100_000 });
    }
    generated
}

/// What `#[derive(Arbitrary)]` would make of the struct's fields.
fn plain(number: u64) -> Generated {
    let bytes = bytes(3, number);
    let mut u = Unstructured::new(&bytes);
    let mut word = || Word(u.arbitrary().unwrap());
    let (digest, r, s) = (word(), word(), word());
    let input = Input::from(ScalarInput { digest, r, s, recovery_id: u.arbitrary().unwrap() });
    Generated { strategy: "plain", input, known: None, message: None }
}

fn time(work: impl Fn()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
