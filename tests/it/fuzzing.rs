//! Generated cases: the same from the same bytes, right by construction, reaching every class; and the
//! harness notices every planted bug.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ecrecheck::corpus::{Corpus, load_cases};
use ecrecheck::generate::class::{self, CLASSES};
use ecrecheck::generate::{Generated, STRATEGIES, generate};
use ecrecheck::input::bytes::{Bytes, from_hex};
use ecrecheck::input::{CallInput, Input};
use ecrecheck::judge::fact::{Fact, classify};
use ecrecheck::judge::finding::{Culprit, Fault, Finding};
use ecrecheck::judge::law::{self, Laws};
use ecrecheck::judge::{Harness, Verdict, examine, judge, verdict};
use ecrecheck::reference::answer::Answer;
use ecrecheck::report::reproducer::Reproducer;
use ecrecheck::run::check;
use ecrecheck::run::fuzz::{self, Discovery, FuzzPlan, FuzzProgress, bytes};
use ecrecheck::run::planted;
use ecrecheck::run::selftest;
use ecrecheck::subject::{self, Outcome, Subject};
use tempfile::TempDir;

fn corpus() -> Corpus {
    Corpus::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap()
}

fn plan(seed: u64, cases: u64, jobs: usize) -> FuzzPlan {
    let strategies = STRATEGIES.iter().collect();
    FuzzPlan {
        seed,
        strategies,
        seeds: Vec::new(),
        cases: Some(cases),
        time: Some(Duration::from_secs(120)),
        jobs,
    }
}

/// A planted bug as the only subject.
fn only(name: &str) -> Vec<Box<dyn Subject>> {
    let bug = planted::subjects().into_iter().find(|bug| bug.identity().name == name).unwrap();
    vec![Box::new(bug)]
}

fn findings(subjects: &[Box<dyn Subject>], plan: &FuzzPlan) -> Vec<Discovery> {
    fuzz::run(plan, Harness::new(subjects, &[]), &FuzzProgress::default()).findings
}

fn minimised(found: &Discovery, plan: &FuzzPlan, subjects: &[Box<dyn Subject>]) -> Reproducer {
    Reproducer::of(found, plan, Harness::new(subjects, &[]), &AtomicBool::new(false))
}

/// A run of every subject under the corpus's divergences.
fn run(plan: &FuzzPlan, progress: &FuzzProgress) -> fuzz::Summary {
    fuzz::run(plan, Harness::new(subject::all().unwrap(), &corpus().divergences), progress)
}

/// Whether a finding is of this subject.
fn is_of(found: &Discovery, name: &str) -> bool {
    found.finding.culprit == Culprit::Subject(name.to_owned())
}

#[test]
fn the_subjects_agree_on_generated_cases_and_every_class_is_reached() {
    let summary = run(&plan(7, 4_000, 2), &FuzzProgress::default());
    assert_eq!(summary.findings.iter().map(|found| &found.finding).collect::<Vec<_>>(), [] as [&Finding; 0]);
    assert_eq!(summary.missed, []);
    assert_eq!(summary.cases, 4_000);
    assert_eq!(summary.matrix.rows().map(|(fact, _)| fact).collect::<Vec<_>>(), Fact::ALL);
    assert_eq!(summary.strategies.len(), STRATEGIES.len());
}

#[test]
fn the_same_seed_gives_the_same_cases_whatever_the_jobs() {
    let cases = |seed| -> Vec<Input> {
        let strategies: Vec<_> = STRATEGIES.iter().collect();
        (0..300).map(|number| generate(&bytes(seed, number), &strategies).input).collect()
    };
    assert_eq!(cases(1), cases(1));
    assert_ne!(cases(1), cases(2));

    let found = |jobs| -> Vec<(u64, Finding)> {
        let findings = findings(&only("s-reduced"), &plan(3, 300, jobs));
        findings.into_iter().map(|found| (found.number, found.finding)).collect()
    };
    assert_ne!(found(1), [] as [(u64, Finding); 0]);
    assert_eq!(found(1), found(3));
}

#[test]
fn every_strategy_takes_any_bytes_and_knows_its_answers() {
    for strategy in STRATEGIES {
        let mut known = 0;
        for length in [0, 1, 7, 31, 32, 33, 64, 100, 200, 400] {
            for number in 0..12 {
                let generated = generate(&bytes(5, number)[..length], &[strategy]);
                let answer = Answer::to(&generated.input).expectation;
                if let Some(constructed) = generated.known {
                    assert_eq!(constructed, answer, "{}: {:?}", strategy.name, generated.input);
                    known += 1;
                }
            }
        }
        // Where nobody knows the nonce's logarithm, a construction could only repeat what the twin computes.
        let computed = ["boundary", "neighbour", "leading-zeros", "reduced"].contains(&strategy.name);
        assert_eq!(known == 0, computed, "{}: {known} answers are known", strategy.name);
    }
}

#[test]
fn each_strategy_reaches_what_it_is_there_for() {
    for strategy in STRATEGIES {
        let mut missing: Vec<_> = strategy.reaches.to_vec();
        for number in 0..3_000 {
            if missing.is_empty() {
                break;
            }
            let input = generate(&bytes(11, number), &[strategy]).input;
            let facts = classify(&input, &Answer::to(&input));
            missing.retain(|fact| !facts.contains(fact));
        }
        assert_eq!(missing, [], "{} in 3000 cases", strategy.name);
    }
}

#[test]
fn each_strategy_reaches_its_classes_and_all_together_reach_all() {
    let mut families = BTreeSet::new();
    for strategy in STRATEGIES.iter().filter(|strategy| !strategy.classes.is_empty()) {
        let own = |family| strategy.classes.contains(&family);
        let reached = class::reached(own, 2_000, |number| generate(&bytes(11, number), &[strategy]).input);
        let own = CLASSES.iter().enumerate().filter(|(_, class)| own(class.family));
        let missing: Vec<_> = own.filter(|(class, _)| !reached.contains_key(class)).collect();
        let missing: Vec<_> = missing.into_iter().map(|(_, class)| &class.name).collect();
        assert_eq!(missing, [] as [&String; 0], "{} in 2000 cases", strategy.name);
        families.extend(strategy.classes);
    }
    assert_eq!(families, CLASSES.iter().map(|class| class.family).collect(), "each family has a strategy");

    let reach = selftest::reach(42, selftest::CLASSES_WITHIN);
    assert_eq!(reach.unreached, [] as [&str; 0]);
    assert_eq!(reach.classes, CLASSES.len());
    // With too few cases, what is not reached is named.
    let few = selftest::reach(42, 5);
    assert!(
        few.unreached.contains(&"shamir-sum-cancels") && few.unreached.len() > 400,
        "{}",
        few.unreached.len()
    );
}

#[test]
fn a_class_that_is_not_reached_fails_the_run() {
    let summary = run(&plan(0, 1, 1), &FuzzProgress::default());
    assert!(!summary.missed.is_empty() && !summary.is_clean());
}

#[test]
fn every_planted_bug_is_found() {
    let hunt = selftest::run(42, selftest::WITHIN);
    let unfound: Vec<_> = hunt.bugs.iter().filter(|bug| bug.found.is_none()).map(|bug| bug.name).collect();
    assert_eq!(unfound, Vec::<&str>::new());
    assert!(hunt.bugs.len() >= 113 && hunt.found_all());
}

#[test]
fn a_harness_that_compares_nothing_finds_nothing_by_comparing() {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let broken = selftest::hunt(
        300,
        |_, _, _, _, _| Verdict::Agreed,
        |number| generate(&bytes(0, number), &strategies),
    );
    assert!(!broken.found_all());
    // What remains is what laws find without the comparison (what is wrong alike each time, as a cache that keeps
    // all, needs it), and what the sample shows of a wrong twin.
    let found: Vec<_> = broken.bugs.iter().filter(|bug| bug.found.is_some()).map(|bug| bug.name).collect();
    let by_laws = [
        "signing-parity-kept",
        "last-by-r",
        "last-by-digest",
        "last-by-r-s",
        "failure-fails-next",
        "threads-share-digest",
        "threads-share-r-s",
        "threads-share-recovery-id",
        "eip155-parity-flipped",
        "compact-and-65-bytes",
        "twin-infinity-accepted",
        "twin-point-swapped",
    ];
    assert_eq!(found, by_laws);
}

#[test]
fn uniform_calldata_misses_nearly_all_planted_bugs() {
    let uniform = |number| {
        let calldata = ecrecheck::input::bytes::Bytes(bytes(9, number)[..128].to_vec());
        let input = Input::Call(CallInput { calldata, gas: 100_000 });
        Generated { strategy: "uniform", input, known: None, message: None }
    };
    let hunt = selftest::hunt(2_000, verdict, uniform);
    let found: Vec<_> = hunt.bugs.iter().filter(|bug| bug.found.is_some()).map(|bug| bug.name).collect();
    // Only those that show in any failed call, or that look at v's last byte alone; and those that remember, for
    // which the law makes its own inputs.
    let few = ["v-unchecked", "v-one-byte", "failure-gives-zeros", "failure-fails-call"];
    let remember: Vec<_> = planted::with_state().map(|bug| bug.identity().name).collect();
    assert_eq!(found, [&few[..], &remember].concat(), "of {}", hunt.bugs.len());
}

#[test]
fn a_reproducer_shows_the_same_finding() {
    let corpus = corpus();
    for (name, small) in [
        ("x-wraps", "recovery_id = 2"),
        ("recovery-id-4-accepted", "recovery_id = 4"),
        ("infinity-gives-address", "rejected = \"q-infinity\""),
        ("prehash-padded-right", "prehash = \"0x"),
        ("call-short-refused", "calldata = \"0x"),
        ("v-one-byte", "rejected = \"v-not-27-28\""),
    ] {
        let (subjects, plan) = (only(name), plan(0, 2_000, 2));
        let findings = findings(&subjects, &plan);
        let finding = findings.iter().find(|found| is_of(found, name)).expect(name);
        let reproducer = minimised(finding, &plan, &subjects);
        let folder = TempDir::new().unwrap();
        let file = reproducer.write(folder.path()).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(small), "{name}: {text}");

        let cases = load_cases(&file, &corpus.formats).unwrap();
        let report = check::cases(&cases, Harness::new(&subjects, &[]));
        let shown: Vec<_> = report.failures.iter().filter_map(|failure| failure.finding.as_ref()).collect();
        let again = shown.iter().any(|shown| shown.class() == finding.finding.class());
        assert!(again, "{name}: {shown:?} from {text}");
        // The file holds what is right, and so is a case for the subjects of this build.
        let sound = check::cases(&cases, Harness::new(subject::all().unwrap(), &corpus.divergences));
        assert_eq!(sound.failures, [], "{name}");
    }
}

#[test]
fn minimising_moves_values_to_the_boundary() {
    let (subjects, plan) = (only("s-reduced"), plan(0, 300, 1));
    let findings = findings(&subjects, &plan);
    let Input::Scalar(scalar) = minimised(&findings[0], &plan, &subjects).input else { panic!("a scalar") };
    // s = n + 1 is the least that is wrong when it is reduced: n itself reduces to 0.
    let n_plus_1 = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142";
    assert_eq!(scalar.s.to_string(), n_plus_1);
    assert_eq!(scalar.digest.to_string(), format!("0x{}", "0".repeat(64)));
}

/// The x of the generator (SEC 2, 2.4.1) as r.
const GENERATOR_X: &str = "0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

/// A call with this digest, v = 27 and s = 2, and so many bytes after them.
fn long_call(digest: [u8; 32], rest: &[u8]) -> Input {
    let number = |last| [&[0; 31][..], &[last]].concat();
    let r = from_hex(GENERATOR_X).unwrap();
    let calldata = [digest.as_slice(), &number(27), &r, &number(2), rest].concat();
    Input::Call(CallInput { calldata: Bytes(calldata), gas: 100_000 })
}

/// What a planted bug does with a call that it refuses for its length.
fn refused_for_its_length(call: Input) -> (Vec<Box<dyn Subject>>, FuzzPlan, Discovery) {
    let (subjects, plan) = (only("call-long-refused"), plan(0, 1, 1));
    let generated = Generated::literal(call);
    let finding =
        examine(&generated.input, None, Laws::Skip, Harness::new(&subjects, &[])).findings.remove(0);
    (subjects, plan, Discovery { number: 0, bytes: bytes(0, 0), generated, finding })
}

#[test]
fn a_call_of_a_megabyte_is_made_small() {
    let (subjects, plan, found) = refused_for_its_length(long_call([0xff; 32], &[0xff; 1 << 20]));
    let reproducer = minimised(&found, &plan, &subjects);
    assert_eq!(reproducer.input, long_call([0; 32], &[0]));
    assert!(!reproducer.cut_short && !reproducer.toml().contains("cut short"));
}

#[test]
fn minimising_stops_when_it_is_told_to_and_says_so() {
    let (subjects, plan, found) = refused_for_its_length(long_call([0xff; 32], &[0xff; 256]));
    let reproducer = Reproducer::of(&found, &plan, Harness::new(&subjects, &[]), &AtomicBool::new(true));
    assert_eq!(reproducer.input, found.generated.input);
    assert_eq!(reproducer.finding, Some(found.finding));
    let head: Vec<_> = reproducer.toml().lines().take(4).map(str::to_owned).collect();
    assert_eq!(head[2..], ["# may be made smaller: minimising was cut short", "version = 1"]);
}

#[test]
fn a_reference_that_differs_from_the_construction_is_a_finding() {
    let strategies: Vec<_> = STRATEGIES.iter().filter(|strategy| strategy.name == "valid").collect();
    let generated = generate(&bytes(0, 0), &strategies);
    let wrong = Generated { known: generate(&bytes(0, 1), &strategies).known, ..generated.clone() };
    let harness = Harness::new(subject::all().unwrap(), &[]);
    let culprits = |generated: &Generated| -> Vec<Culprit> {
        let examined = examine(&generated.input, generated.known.as_ref(), Laws::Skip, harness);
        examined.findings.into_iter().map(|finding| finding.culprit).collect()
    };
    assert_eq!(culprits(&generated), []);
    assert_eq!(culprits(&wrong), [Culprit::Reference]);
}

#[test]
fn a_broken_law_is_a_finding() {
    let findings = findings(&only("signing-parity-kept"), &plan(0, 2_000, 2));
    let signing = |found: &Discovery| {
        is_of(found, "signing-parity-kept") && matches!(found.finding.fault, Fault::Signing { .. })
    };
    assert!(findings.iter().any(signing), "{findings:?}");
}

#[test]
fn every_wrong_subject_is_among_the_findings() {
    let subjects: Vec<_> =
        ["s-reduced", "high-s-rejected", "v-one-byte"].into_iter().flat_map(only).collect();
    let findings = findings(&subjects, &plan(0, 1_500, 2));
    for name in ["s-reduced", "high-s-rejected", "v-one-byte"] {
        assert!(findings.iter().any(|found| is_of(found, name)), "{name}");
    }
    let numbers: Vec<_> = findings.iter().map(|finding| finding.number).collect();
    assert!(numbers.is_sorted(), "the earliest come first");
}

#[test]
fn a_run_that_is_told_to_stop_stops() {
    let progress = FuzzProgress::default();
    progress.stop.store(true, Ordering::Relaxed);
    let summary = run(&plan(0, 1_000_000, 2), &progress);
    assert_eq!(summary.cases, 0);
    assert!(!summary.is_clean(), "no case is no pass");
}

#[test]
fn a_harness_that_finds_fault_with_everything_fails_the_selftest() {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let suspicious = |_: &_, _: &_, _: &_, _: &_, _: &[_]| Verdict::Finding {
        fault: Box::new(Fault::Property("everything".into())),
    };
    let hunt = selftest::hunt(100, suspicious, |number| generate(&bytes(0, number), &strategies));
    assert!(hunt.false_alarm.is_some() && !hunt.found_all());
}

#[test]
fn findings_of_laws_and_of_the_reference_are_reproduced_too() {
    let (subjects, corpus) = (only("signing-parity-kept"), corpus());
    let plan = plan(0, 2_000, 1);
    let finding = findings(&subjects, &plan).remove(0);
    let folder = TempDir::new().unwrap();
    let file = minimised(&finding, &plan, &subjects).write(folder.path()).unwrap();
    let case = load_cases(&file, &corpus.formats).unwrap().remove(0);
    let input = case.inputs.unwrap().remove(0);
    let again = examine(&input, None, Laws::OfInput, Harness::new(&subjects, &[])).findings;
    assert!(again.iter().any(|again| again.class() == finding.finding.class()), "{again:?}");

    // Where the construction and the reference differ, the file holds the construction's word, and so fails.
    let valid: Vec<_> = STRATEGIES.iter().filter(|strategy| strategy.name == "valid").collect();
    let known = generate(&bytes(0, 1), &valid).known;
    let generated = Generated { known, ..generate(&bytes(0, 0), &valid) };
    let none = Harness::new(&[], &[]);
    let differs = examine(&generated.input, known.as_ref(), Laws::Skip, none).findings.remove(0);
    assert!(matches!(differs.fault, Fault::Construction { .. }), "{differs:?}");
    let finding = Discovery { generated, finding: differs, ..finding };
    let file = minimised(&finding, &plan, &subjects).write(folder.path()).unwrap();
    let cases = load_cases(&file, &corpus.formats).unwrap();
    assert_eq!(
        check::cases(&cases, Harness::new(subject::all().unwrap(), &corpus.divergences)).failures.len(),
        1
    );
}

#[test]
fn a_finding_on_what_a_law_made_of_a_case_is_kept_and_made_small_from_there() {
    // A call of 128 bytes that this subject answers, and the law's longer one, that it refuses.
    let (subjects, plan) = (only("call-long-refused"), plan(0, 1, 1));
    let calls: Vec<_> = STRATEGIES.iter().filter(|strategy| strategy.name == "call").collect();
    let broken_by = |number: u64| {
        let generated = generate(&bytes(0, number), &calls);
        let Input::Call(call) = &generated.input else { return None };
        let broken = examine(&generated.input, None, Laws::All, Harness::new(&subjects, &[])).findings;
        let longer = broken.into_iter().find(|broken| broken.input.as_ref() != Some(&generated.input))?;
        (call.calldata.0.len() == 128).then_some((number, generated, longer))
    };
    let (number, generated, longer) = (0..2_000).find_map(broken_by).unwrap();
    let plan = FuzzPlan { strategies: calls.clone(), ..plan };
    let finding = Discovery { number, bytes: bytes(0, number).to_vec(), generated, finding: longer };
    let made = minimised(&finding, &plan, &subjects);
    let judged = judge(&made.input, Harness::new(&subjects, &[]));
    assert!(matches!(judged.subjects[0].2, Verdict::Finding { .. }), "{:?}", made.input);
}

#[test]
fn two_subjects_with_one_bug_and_messages_of_many_lines_make_files_that_can_be_read() {
    let (subjects, plan) = (only("recovery-id-panics"), plan(0, 300, 1));
    let mut finding = findings(&subjects, &plan).remove(0);
    let message = "left\n right: \u{1b}[31m \"1\"".to_owned();
    let Fault::Outcome { outcome, .. } = &mut finding.finding.fault else { panic!("an outcome") };
    *outcome = Outcome::Panicked { message };
    let folder = TempDir::new().unwrap();
    let first =
        Reproducer { finding: Some(finding.finding.clone()), ..minimised(&finding, &plan, &subjects) };
    let by = |culprit| Some(Finding { culprit, ..finding.finding.clone() });
    let second = Reproducer { finding: by(Culprit::Subject("another subject".into())), ..first.clone() };
    let law = Reproducer { finding: by(Culprit::Component("x:\ny".into())), ..first.clone() };
    let files: Vec<_> = [first, second, law].iter().map(|one| one.write(folder.path()).unwrap()).collect();
    assert_eq!(files.len(), 3);
    assert_eq!(load_cases(folder.path(), &corpus().formats).unwrap().len(), 3);
}

#[test]
fn strategies_that_no_fact_counts_do_what_they_say() {
    let of = |name: &str| -> Vec<Generated> {
        let strategies: Vec<_> = STRATEGIES.iter().filter(|strategy| strategy.name == name).collect();
        (0..1_000).map(|number| generate(&bytes(4, number), &strategies)).collect()
    };
    let messages = of("message");
    assert!(messages.iter().all(|case| case.message.is_some()));
    let known = messages.iter().filter(|case| case.message.as_ref().unwrap().format.is_some()).count();
    assert!((300..700).contains(&known), "{known} of a thousand are of known formats");

    // Only a broken copy that can still be taken apart has no known answer.
    let broken = of("encoding").iter().filter(|case| case.known.is_none()).count();
    assert!((50..500).contains(&broken), "{broken} of a thousand are broken and still taken apart");

    let scalars = of("scalars");
    let hunt = selftest::hunt(1_000, verdict, |number| scalars[number as usize].clone());
    for name in ["glv-lambda", "wnaf-carry"] {
        let bug = hunt.bugs.iter().find(|bug| bug.name == name).unwrap();
        assert!(bug.found.is_some(), "{name}");
    }
}

#[test]
fn each_law_is_broken_by_a_wrong_answer() {
    let answers: Vec<_> =
        (0..400).map(|number| generate(&bytes(6, number), &STRATEGIES.iter().collect::<Vec<_>>())).collect();
    let mut who = std::collections::BTreeSet::new();
    for pair in answers.windows(2) {
        let (input, wrong) = (&pair[0].input, Answer::to(&pair[1].input).expectation);
        if Answer::to(input).expectation != wrong {
            let broken = law::check(input, &wrong, Laws::All, Harness::new(&[], &[]));
            who.extend(broken.into_iter().map(|broken| match broken.fault {
                Fault::Relation { law, .. } => law.name(),
                Fault::Verification { .. } => "verification",
                other => panic!("{other:?}"),
            }));
        }
    }
    let expected = [
        "calldata-padded",
        "calldata-trailing",
        "calldata-trimmed",
        "digest-modulo-n",
        "negated-s",
        "prehash-leftmost",
        "verification",
    ];
    assert_eq!(who.into_iter().collect::<Vec<_>>(), expected);
}
