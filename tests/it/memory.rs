//! The law of memory: what a subject was asked before, or is asked by another thread, changes no answer.

use std::fs;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use ecrecheck::corpus::{Corpus, load_cases};
use ecrecheck::generate::{STRATEGIES, generate};
use ecrecheck::input::bytes::Word;
use ecrecheck::input::{Input, ScalarInput};
use ecrecheck::judge::finding::{Asked, Culprit, Fault, Finding};
use ecrecheck::judge::law::Laws;
use ecrecheck::judge::{Harness, examine, memory};
use ecrecheck::report::reproducer::Reproducer;
use ecrecheck::run::fuzz::{self, Discovery, FuzzPlan, FuzzProgress, bytes};
use ecrecheck::run::planted::{self, Planted};
use ecrecheck::run::{check, conformance};
use ecrecheck::subject::{self, Identity, Outcome, Subject, ask};
use tempfile::TempDir;

use crate::support::corpus_folder;

/// As many cases as `fuzz` judges before it tries the laws of the first: none of them is about memory but that.
const CASES: u64 = 32;

fn corpus() -> Corpus {
    Corpus::load(&corpus_folder()).unwrap()
}

fn plan(seed: u64) -> FuzzPlan {
    FuzzPlan {
        seed,
        strategies: STRATEGIES.iter().collect(),
        seeds: Vec::new(),
        cases: Some(CASES),
        time: None,
        jobs: 1,
    }
}

fn names() -> Vec<&'static str> {
    planted::with_state().map(|bug| bug.identity().name).collect()
}

/// A planted bug that was asked nothing.
fn fresh(name: &str) -> Vec<Box<dyn Subject>> {
    vec![Box::new(planted::with_state().find(|bug| bug.identity().name == name).unwrap())]
}

fn is_of_threads(name: &str) -> bool {
    name.starts_with("threads-")
}

/// Whether a finding says how this bug remembers.
fn says_how(finding: &Finding, name: &str) -> bool {
    let Fault::Memory { asked, .. } = &finding.fault else { return false };
    let at_once = matches!(asked, Asked::AtOnce { .. });
    finding.culprit == Culprit::Subject(name.to_owned()) && at_once == is_of_threads(name)
}

fn fuzzed(subjects: &[Box<dyn Subject>], plan: &FuzzPlan) -> Vec<Discovery> {
    fuzz::run(plan, Harness::new(subjects, &[]), &FuzzProgress::default()).findings
}

fn example() -> ScalarInput {
    let word = |text: &str| text.parse::<Word>().unwrap();
    ScalarInput {
        digest: word("0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53"),
        r: word("0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"),
        s: word("0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"),
        recovery_id: 0,
    }
}

#[test]
fn fuzz_finds_every_subject_that_remembers_with_its_first_cases() {
    for name in names() {
        for seed in [0, 1] {
            let found = fuzzed(&fresh(name), &plan(seed));
            let found: Vec<_> = found.into_iter().map(|found| found.finding).collect();
            assert!(found.iter().any(|finding| says_how(finding, name)), "{name}, seed {seed}: {found:#?}");
        }
    }
}

#[test]
fn conformance_finds_every_subject_that_remembers() {
    for name in names() {
        let bug = planted::with_state().find(|bug| bug.identity().name == name).unwrap();
        let report = conformance::check(bug, 0).unwrap();
        let mut found = report.findings.iter().map(|found| &found.first);
        assert!(found.any(|finding| says_how(finding, name)), "{report}");
    }
}

#[test]
fn an_honest_cache_is_no_finding() {
    for control in planted::controls() {
        let name = control.identity().name;
        let control = Arc::new(control);
        let report = conformance::check(Arc::clone(&control), 600).unwrap();
        assert!(report.passes(), "{report}");
        let subjects: [Box<dyn Subject>; 1] = [Box::new(control)];
        let plan = FuzzPlan { cases: Some(600), jobs: 2, ..plan(3) };
        let found = fuzzed(&subjects, &plan);
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}

#[test]
fn subjects_that_panic_or_diverge_as_documented_are_no_finding() {
    let harness = Harness::built_in().unwrap();
    for strategy in STRATEGIES {
        let input = generate(&bytes(8, 0), &[strategy]).input;
        assert_eq!(memory::check(&input, harness), [], "{}", strategy.name);
    }
    for recovery_id in [2, 3, 4, 200] {
        let input = Input::from(ScalarInput { recovery_id, ..example() });
        assert_eq!(memory::check(&input, harness), [], "{input:?}");
    }
}

#[test]
fn a_bug_without_a_memory_is_not_said_to_have_one() {
    let remembers = |bug: &Planted| names().contains(&bug.identity().name);
    let bugs = planted::subjects().into_iter().filter(|bug| !remembers(bug));
    let bugs: Vec<Box<dyn Subject>> = bugs.map(|bug| Box::new(bug) as Box<dyn Subject>).collect();
    assert!(bugs.len() > 40);
    let mut wrong = 0;
    for strategy in STRATEGIES {
        let input = generate(&bytes(2, 0), &[strategy]).input;
        for finding in memory::check(&input, Harness::new(&bugs, &[])) {
            assert!(!matches!(finding.fault, Fault::Memory { .. }), "{}: {finding}", strategy.name);
            wrong += 1;
        }
    }
    assert!(wrong > 100, "many of them are wrong on some relative: {wrong}");
}

#[test]
fn a_case_file_asks_in_the_order_that_shows_the_memory() {
    let corpus = corpus();
    for name in names() {
        let subjects = fresh(name);
        let discoveries = fuzzed(&subjects, &plan(0));
        let found = discoveries.iter().find(|found| says_how(&found.finding, name)).expect(name);
        let folder = TempDir::new().unwrap();
        let reproducer =
            Reproducer::of(found, &plan(0), Harness::new(&subjects, &[]), &AtomicBool::new(false));
        let file = reproducer.write(folder.path()).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        let cases = load_cases(&file, &corpus.formats).unwrap();

        // The file is right about what is right.
        let sound = check::cases(&cases, Harness::new(subject::all().unwrap(), &corpus.divergences));
        assert_eq!(sound.failures, [], "{name}");
        let anew = fresh(name);
        let anew = Harness::new(&anew, &[]);
        if is_of_threads(name) {
            assert!(text.contains(": breaks the law memory: asked by 2 threads at once, "), "{text}");
            assert_eq!(check::cases(&cases, anew).failures, [], "{name} asked by one thread");
            let laws = examine(cases[0].asked().next().unwrap(), None, Laws::All, anew).findings;
            assert!(laws.iter().any(|finding| says_how(finding, name)), "{name}: {laws:?}");
        } else {
            assert!(text.contains(": breaks the law memory: asked after "), "{text}");
            assert!(cases.len() > 1, "{text}");
            let failures = check::cases(&cases, anew).failures;
            let failed: Vec<_> = failures.iter().map(|failure| failure.id.as_str()).collect();
            assert_eq!(failed, [cases.last().unwrap().id.as_str()], "{name}: {text}");
            // Alone, the last is right.
            let anew = fresh(name);
            let last = &cases[cases.len() - 1..];
            assert_eq!(check::cases(last, Harness::new(&anew, &[])).failures, [], "{name}");
        }
    }
}

/// A subject that answers for ever what it answered first.
struct First(Identity, OnceLock<Outcome>);

impl Subject for First {
    fn identity(&self) -> &Identity {
        &self.0
    }

    fn recover(&self, input: &ScalarInput) -> Outcome {
        self.1.get_or_init(|| ask(&planted::controls()[0], &Input::from(*input))).clone()
    }
}

#[test]
fn a_subject_that_always_gives_its_first_answer_is_told_what_is_right() {
    let subjects: [Box<dyn Subject>; 1] =
        [Box::new(First(Identity::new("first", "1.0.0", "first"), OnceLock::new()))];
    let input = Input::from(example());
    let findings = memory::check(&input, Harness::new(&subjects, &[]));
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    let Fault::Memory { asked, otherwise: None, .. } = &finding.fault else { panic!("{finding:?}") };
    assert_eq!(asked, &Asked::After(vec![input]));
    let said = finding.to_string();
    assert!(
        said.starts_with("first: breaks the law memory: asked after Scalar(ScalarInput { digest: 0xdaf5"),
        "{said}"
    );
    // EIP-155's example is signed by this address; the other recovery id has another key.
    let gives = " gives 0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F (key 0x024bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382), but 0x";
    assert!(said.contains(gives) && said.ends_with(" is right"), "{said}");
    assert_eq!(said.lines().count(), 1);
}
