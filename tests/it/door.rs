//! The door for other implementations: what is wrong with one is in the report, whatever it does, and what it was
//! not asked is there too.

use std::collections::HashSet;
use std::env;
use std::io::{self, Write as _};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ecrecheck::Corpus;
use ecrecheck::input::bytes::Word;
use ecrecheck::input::signature::Signature;
use ecrecheck::judge::AnswerKind;
use ecrecheck::run::conformance::{CaseName, End};
use ecrecheck::subject::OutcomeKind;
use ecrecheck::{
    CallInput, Check, ConformanceReport, Culprit, Divergence, Fact, Fault, Harness, Identity, Input, Laws,
    Outcome, PrehashInput, ScalarInput, Subject, Surface, check, check_crypto, examine, subjects,
};
use revm::precompile::{Crypto, DefaultCrypto, PrecompileHalt, install_crypto};

/// What it does instead of the right thing, if anything.
type Bend = Box<dyn Fn(&Input) -> Option<Outcome> + Send + Sync>;

/// A sound implementation of all three surfaces, but for what it is bent to do.
struct Bent {
    identity: Identity,
    bend: Bend,
}

fn bent(bend: impl Fn(&Input) -> Option<Outcome> + Send + Sync + 'static) -> Bent {
    Bent { identity: Identity::new("mine", "1.2.0", "mine"), bend: Box::new(bend) }
}

fn ours(name: &str) -> &'static dyn Subject {
    let mut ours = subjects().unwrap().iter();
    ours.find(|subject| subject.identity().name == name).unwrap().as_ref()
}

impl Subject for Bent {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn recover(&self, input: &ScalarInput) -> Outcome {
        (self.bend)(&Input::Scalar(*input)).unwrap_or_else(|| ours("libsecp256k1").recover(input))
    }

    fn recover_prehash(&self, input: &PrehashInput) -> Outcome {
        (self.bend)(&Input::Prehash(input.clone()))
            .unwrap_or_else(|| ours("k256-0.14").recover_prehash(input))
    }

    fn call(&self, input: &CallInput) -> Outcome {
        (self.bend)(&Input::Call(input.clone())).unwrap_or_else(|| ours("evm-libsecp256k1").call(input))
    }
}

/// Whether it is a scalar input with a high s.
fn high_s(input: &Input) -> bool {
    const HALF: &str = "0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
    const N: &str = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let [half, n] = [HALF, N].map(|word| word.parse::<Word>().unwrap().number());
    matches!(input, Input::Scalar(input) if input.s.number() > half && input.s.number() < n)
}

fn low_s_only() -> Divergence {
    Divergence {
        id: "mine-rejects-high-s".into(),
        subjects: vec!["mine".into()],
        versions: "*".parse().unwrap(),
        facts: [Fact::HighS].into(),
        absent: [Fact::RecoveryIdOutOfRange].into(),
        scope: AnswerKind::Recovered,
        outcome: OutcomeKind::Rejected,
        why: "a low s is wanted".into(),
        link: "https://eips.ethereum.org/EIPS/eip-2".into(),
    }
}

/// The lines of a report that begin with this word.
fn lines(report: &ConformanceReport, word: &str) -> Vec<String> {
    let text = report.to_string();
    text.lines().filter(|line| line.starts_with(word)).map(str::to_owned).collect()
}

fn last_line(report: &ConformanceReport) -> String {
    report.to_string().lines().last().unwrap().to_owned()
}

#[test]
fn a_sound_implementation_passes_and_the_report_says_what_it_was_asked() {
    let report = check(bent(|_| None), 64).unwrap();
    assert!(report.passes(), "{report}");
    assert_eq!(report.end, End::Complete);
    assert_eq!(report.generated, 64);
    assert_eq!(report.surfaces.keys().copied().collect::<Vec<_>>(), Surface::ALL);
    assert_eq!(lines(&report, "NOT ASKED"), [] as [&str; 0], "{report}");
    assert!(last_line(&report).starts_with("mine 1.2.0: agreed in "), "{report}");
    assert!(last_line(&report).ends_with(" of the corpus, 64 generated, seed 0)"), "{report}");
}

struct Signer {
    identity: Identity,
    sign: fn(&Word, &Word) -> Result<Signature, Outcome>,
}

impl Subject for Signer {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn recover(&self, input: &ScalarInput) -> Outcome {
        ours("libsecp256k1").recover(input)
    }

    fn sign(&self, key: &Word, digest: &Word) -> Result<Signature, Outcome> {
        (self.sign)(key, digest)
    }
}

fn signs(sign: fn(&Word, &Word) -> Result<Signature, Outcome>) -> ConformanceReport {
    check(Signer { identity: Identity::new("mine", "1.2.0", "mine"), sign }, 0).unwrap()
}

#[test]
fn what_goes_wrong_when_it_signs_is_a_finding() {
    let sound = signs(|key, digest| ours("libsecp256k1").sign(key, digest));
    assert!(sound.passes(), "{sound}");

    let panics = signs(|_, digest| panic!("no nonce for {digest}"));
    assert_eq!(panics.end, End::Complete, "the check goes on");
    assert_eq!(panics.tally(), sound.tally(), "and asks everything else");
    let kinds = |report: &ConformanceReport| {
        assert!(!report.passes());
        let kind = |fault: &Fault| match fault {
            Fault::NotSigned { outcome, .. } => outcome.kind(),
            fault => panic!("{fault}"),
        };
        report.findings.iter().map(|group| kind(&group.first.fault)).collect::<Vec<_>>()
    };
    assert!(kinds(&panics).iter().all(|kind| *kind == OutcomeKind::Panicked));
    assert!(lines(&panics, "FINDING")[0].starts_with("FINDING  panicked when asked to sign: "), "{panics}");
    assert!(panics.to_string().contains(": panicked: no nonce for 0x"), "{panics}");

    let refuses = signs(|_, _| Err(Outcome::rejected("the key is weak")));
    assert!(kinds(&refuses).iter().all(|kind| *kind == OutcomeKind::Rejected));
}

#[test]
fn a_panic_when_it_signs_ends_no_other_run_either() {
    let panics: [Box<dyn Subject>; 1] = [Box::new(Signer {
        identity: Identity::new("mine", "1.2.0", "mine"),
        sign: |_, _| panic!("no nonce"),
    })];
    let one = Word::from(ruint::aliases::U256::ONE);
    let input = Input::from(ScalarInput { digest: one, r: one, s: one, recovery_id: 0 });
    let examined = examine(&input, None, Laws::OfInput, Harness::new(&panics, &[]));
    let words: Vec<_> = examined.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [format!(
            "mine: breaks the law sign-then-recover: asked to sign {one} with {one}: panicked: no nonce"
        )]
    );
}

/// Never answers, and costs no time.
fn forever() -> ! {
    loop {
        thread::park();
    }
}

#[test]
fn an_endless_loop_is_an_outcome_and_another_thread_goes_on() {
    let once = AtomicBool::new(false);
    let subject = bent(move |input| {
        if high_s(input) && !once.swap(true, Ordering::Relaxed) {
            forever();
        }
        None
    });
    let report = Check::of(subject).generated(0).time_limit(Duration::from_secs(1)).run().unwrap();
    let sound = check(bent(|_| None), 0).unwrap();
    assert_eq!(report.end, End::Complete);
    assert_eq!(report.tally().cases(), sound.tally().cases());
    assert_eq!(report.found(), 1, "{report}");
    assert!(report.to_string().contains("mine: gives hung: no answer within 1s, but 0x"), "{report}");
    assert!(!report.passes());
}

#[test]
fn a_subject_that_hangs_again_and_again_is_given_up_and_the_report_says_so() {
    let hangs = |threads| {
        let subject = bent(|input| if high_s(input) { forever() } else { None });
        let check = Check::of(subject).generated(0).threads(threads).time_limit(Duration::from_secs(1));
        check.run().unwrap()
    };
    let report = hangs(1);
    assert_eq!(report.end, End::GivenUp);
    assert_eq!(report.found(), 3, "{report}");
    assert!(
        last_line(&report).contains("; GIVEN UP: it hung too often, and is not asked any more"),
        "{report}"
    );
    assert!(report.corpus < Corpus::built_in().cases.len() as u64, "it does not go on");
    assert_eq!(hangs(4).to_string(), report.to_string());
}

#[test]
fn a_hang_that_is_documented_still_does_not_pass_when_it_is_given_up() {
    let subject = bent(|input| if high_s(input) { forever() } else { None });
    let documented = Divergence { outcome: OutcomeKind::Hung, absent: [].into(), ..low_s_only() };
    let check = Check::of(subject).generated(0).surfaces(&[Surface::Scalar]).divergences(&[documented]);
    let report = check.time_limit(Duration::from_secs(1)).run().unwrap();
    assert_eq!((report.end, report.found()), (End::GivenUp, 0), "{report}");
    assert!(!report.passes());
    assert!(last_line(&report).contains(" FAILED: 0 findings in 0 groups"), "{report}");
}

#[test]
fn a_hang_when_it_signs_is_a_finding() {
    let identity = Identity::new("mine", "1.2.0", "mine");
    let check = Check::of(Signer { identity, sign: |_, _| forever() }).generated(0);
    let report = check.time_limit(Duration::from_secs(1)).run().unwrap();
    assert_eq!((report.end, report.found()), (End::GivenUp, 3), "{report}");
    assert!(lines(&report, "FINDING")[0].starts_with("FINDING  hung when asked to sign: "), "{report}");
}

/// A process has one provider: this test runs itself in another.
#[test]
fn another_provider_in_the_process_is_an_error_of_its_own() {
    const INSIDE: &str = "ECRECHECK_TEST_OTHER_PROVIDER";
    const NAME: &str = "door::another_provider_in_the_process_is_an_error_of_its_own";
    if env::var_os(INSIDE).is_some() {
        assert!(install_crypto(DefaultCrypto));
        let error = check(bent(|_| None), 0).unwrap_err();
        writeln!(io::stdout().lock(), "says: {error}").unwrap();
        return;
    }
    let mut inside = Command::new(env::current_exe().unwrap());
    let output = inside.args(["--exact", NAME, "--nocapture"]).env(INSIDE, "1").output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let says = stdout.lines().find_map(|line| line.split_once("says: ")).unwrap().1;
    assert_eq!(
        says,
        "revm takes one crypto provider a process, and this process had installed another, or run revm, before \
         ecrecheck came: run ecrecheck first, or in a process of its own (a test binary), and hand a provider \
         that is to be checked to `check_crypto` instead of installing it"
    );
}

#[track_caller]
fn refused(check: Check) -> String {
    check.generated(0).run().unwrap_err().to_string()
}

#[test]
fn a_divergence_that_names_who_is_not_there_is_refused() {
    let refuses = |version: &str, divergence: Divergence| {
        let identity = Identity::new("mine", version, "mine");
        refused(Check::of(Bent { identity, bend: Box::new(|_| None) }).divergences(&[divergence]))
    };
    assert_eq!(
        refuses("1.2.0", Divergence { subjects: vec!["mne".into()], ..low_s_only() }),
        "divergence `mine-rejects-high-s` names `mne`, and there is no such subject; did you mean `mine`?"
    );
    assert_eq!(
        refuses("1.2.0", Divergence { versions: ">=2".parse().unwrap(), ..low_s_only() }),
        "divergence `mine-rejects-high-s` names mine >=2, and there is mine 1.2.0"
    );
    assert_eq!(
        refuses("1.2.0-rc.1", Divergence { versions: ">=0.0.0".parse().unwrap(), ..low_s_only() }),
        "divergence `mine-rejects-high-s` names mine >=0.0.0, and there is mine 1.2.0-rc.1 (a requirement matches \
         a prerelease only if it names one: `>=1.2.0-rc.1`)"
    );
}

#[test]
fn a_divergence_made_in_code_is_held_to_what_a_file_is_held_to() {
    let refuses = |divergences: &[Divergence]| refused(Check::of(bent(|_| None)).divergences(divergences));
    assert_eq!(
        refuses(&[Divergence { facts: [].into(), ..low_s_only() }]),
        "divergence `mine-rejects-high-s` needs a subject and a fact"
    );
    assert_eq!(
        refuses(&[Divergence { subjects: vec![], ..low_s_only() }]),
        "divergence `mine-rejects-high-s` needs a subject and a fact"
    );
    assert_eq!(
        refuses(&[Divergence { outcome: OutcomeKind::Recovered, ..low_s_only() }]),
        "divergence `mine-rejects-high-s`: `outcome` is what the reference does (another key than the \
         reference's is `wrong-key`)"
    );
    assert_eq!(
        refuses(&[Divergence { absent: [Fact::HighS].into(), ..low_s_only() }]),
        "divergence `mine-rejects-high-s` wants `high-s` both present and absent: no input is like that"
    );
    assert_eq!(refuses(&[low_s_only(), low_s_only()]), "two divergences have the id `mine-rejects-high-s`");
}

#[test]
fn what_differs_on_purpose_is_counted_and_must_differ() {
    let subject = || bent(|input| high_s(input).then(|| Outcome::rejected("high s")));
    let documented = [low_s_only()];
    let scalars = |subject| Check::of(subject).generated(0).surfaces(&[Surface::Scalar]);
    assert!(!scalars(subject()).run().unwrap().passes());
    let report = scalars(subject()).divergences(&documented).run().unwrap();
    assert!(report.passes() && report.documented["mine-rejects-high-s"] > 10, "{report}");
    assert!(!scalars(bent(|_| None)).divergences(&documented).run().unwrap().passes(), "it differs no more");

    let nowhere = Divergence { facts: [Fact::HighS, Fact::GasShort].into(), ..low_s_only() };
    let report = scalars(bent(|_| None)).divergences(&[nowhere]).run().unwrap();
    assert_eq!(lines(&report, "documented"), ["documented  mine-rejects-high-s: NO CASE SHOWED IT"]);
}

#[test]
fn a_key_that_nobody_signed_with_comes_before_what_is_merely_refused() {
    let other = ScalarInput {
        digest: Word([7; 32]),
        r: "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276".parse().unwrap(),
        s: Word([9; 32]),
        recovery_id: 0,
    };
    let subject = bent(move |input| match input {
        input if high_s(input) => Some(Outcome::rejected("high s")),
        Input::Scalar(ScalarInput { recovery_id: 2..=3, .. }) => Some(ours("libsecp256k1").recover(&other)),
        _ => None,
    });
    let report = check(subject, 200).unwrap();
    let findings = lines(&report, "FINDING");
    assert!(findings[0].starts_with("FINDING  WRONG KEY: "), "{report}");
    assert!(findings[0].contains(" with x-reduced"), "{report}");
    let high_s = findings.iter().filter(|line| line.starts_with("FINDING  rejected where there is a key: "));
    let high_s: Vec<_> = high_s.collect();
    assert!(high_s.len() == 1 && high_s[0].ends_with(" with high-s"), "one group: {report}");
    // A wrong answer to recovery ids 2 and 3 is wrong in as many ways as there are reasons to reject one.
    assert!(findings.len() <= 13, "{report}");
    assert_eq!(report.found(), report.findings.iter().map(|group| group.count).sum::<u64>());
    let by_laws = report.found() - report.tally().findings as u64;
    let words = format!(
        "FAILED: {} findings in {} groups, {by_laws} of them by what laws relate to a case; {} cases asked",
        report.found(),
        report.findings.len(),
        Corpus::built_in().cases.len() + 200
    );
    assert!(by_laws > 0 && last_line(&report).contains(&words), "{report}");
}

#[test]
fn half_of_everything_unsupported_does_not_look_like_full_agreement() {
    let report = check(
        bent(|input| match input {
            Input::Scalar(input) if input.digest.0[31] & 1 == 1 => {
                Some(Outcome::unsupported("an odd digest"))
            }
            Input::Prehash(_) => Some(Outcome::unsupported("a prehash")),
            _ => None,
        }),
        200,
    )
    .unwrap();
    assert!(report.passes(), "{report}");
    let (scalar, prehash) =
        (report.surfaces[&Surface::Scalar].tally, report.surfaces[&Surface::Prehash].tally);
    assert!(scalar.unsupported > 100 && scalar.asked() > 100 && prehash.asked() == 0, "{report}");
    let not_asked = lines(&report, "NOT ASKED");
    let expected = [
        format!("NOT ASKED  scalar: {} of {} cases cannot be expressed", scalar.unsupported, scalar.cases()),
        format!("NOT ASKED  prehash: not one of {} cases can be expressed", prehash.cases()),
    ];
    assert_eq!(not_asked, expected);
    assert!(
        report.to_string().contains(&format!("\n  {} x an odd digest\n", scalar.unsupported)),
        "{report}"
    );
    let total = report.tally();
    let share = format!("{} OF {} CASES NOT EXPRESSIBLE", total.unsupported, total.cases());
    assert!(last_line(&report).contains(&share), "{report}");
    let row = report.to_string().lines().find(|line| line.starts_with("scalar ")).unwrap().to_owned();
    let cells: Vec<_> = row.split_whitespace().collect();
    let counts = [scalar.asked(), scalar.agreed, 0, scalar.unsupported, 0].map(|count| count.to_string());
    assert_eq!(cells[1..], counts);
}

#[test]
fn what_is_asked_nothing_does_not_pass() {
    let idle = || bent(|_| Some(Outcome::unsupported("anything")));
    let report = check(idle(), 20).unwrap();
    assert!(!report.passes());
    assert!(last_line(&report).contains("FAILED: not one case could be asked"), "{report}");

    let no_prehash =
        bent(|input| matches!(input, Input::Prehash(_)).then(|| Outcome::unsupported("a prehash")));
    let report =
        Check::of(no_prehash).generated(0).surfaces(&[Surface::Scalar, Surface::Prehash]).run().unwrap();
    assert!(!report.passes(), "a surface that is named must be asked: {report}");
    assert!(
        last_line(&report).contains("a surface that was chosen by name was not asked anything"),
        "{report}"
    );
    assert!(!report.surfaces.contains_key(&Surface::Call), "and no other is: {report}");
}

struct CallsOnly(Identity);

impl Subject for CallsOnly {
    fn identity(&self) -> &Identity {
        &self.0
    }

    fn call(&self, input: &CallInput) -> Outcome {
        ours("evm-k256").call(input)
    }
}

#[test]
fn a_precompile_is_asked_scalars_as_calls() {
    let report = check(CallsOnly(Identity::new("mine", "1.2.0", "mine")), 0).unwrap();
    assert!(report.passes(), "{report}");
    let scalar = &report.surfaces[&Surface::Scalar];
    assert!(scalar.tally.agreed > 100, "{report}");
    assert_eq!(
        scalar.not_expressible.keys().collect::<Vec<_>>(),
        ["a recovery id above 1, in a call"],
        "{report}"
    );
}

#[test]
fn the_findings_do_not_depend_on_threads_and_the_cases_depend_on_the_seed() {
    let run = |seed, threads| {
        let asked: Arc<Mutex<HashSet<String>>> = Arc::default();
        let heard = Arc::clone(&asked);
        let subject = bent(move |input| {
            heard.lock().unwrap().insert(format!("{input:?}"));
            high_s(input).then(|| Outcome::rejected("high s"))
        });
        let report = Check::of(subject).seed(seed).generated(300).threads(threads).run().unwrap();
        let asked = asked.lock().unwrap().clone();
        (report, asked)
    };
    let [(one, asked), (four, asked_by_four), (_, asked_otherwise)] = [run(7, 1), run(7, 4), run(8, 1)];
    assert!(one.found() > 20, "{one}");
    assert_eq!(one.to_string(), four.to_string());
    assert_eq!(format!("{:?}", one.findings), format!("{:?}", four.findings));
    assert_eq!(asked, asked_by_four);
    assert!(asked.difference(&asked_otherwise).count() > 200, "two seeds make other cases");
    assert!(last_line(&one).ends_with("300 generated, seed 7)"), "{one}");
}

#[test]
fn an_early_stop_stops_at_the_same_case_whatever_the_number_of_threads() {
    let run = |threads| {
        let subject = bent(|input| high_s(input).then(|| Outcome::rejected("high s")));
        Check::of(subject).generated(300).threads(threads).stop_after(3).run().unwrap()
    };
    let [one, four] = [run(1), run(4)];
    assert_eq!(one.end, End::StoppedAfter);
    assert!(
        one.generated == 0
            && one.corpus < Corpus::built_in().cases.len() as u64
            && one.found() >= 3
            && one.found() < 10,
        "{one}"
    );
    assert_eq!(one.to_string(), four.to_string());
    assert!(last_line(&one).contains("STOPPED EARLY"), "{one}");
}

#[test]
fn strategies_are_chosen_by_name_and_a_case_has_its_number() {
    let subject = || bent(|input| high_s(input).then(|| Outcome::rejected("high s")));
    let check = Check::of(subject()).generated(50).strategies(&["high-s"]).surfaces(&[Surface::Scalar]);
    let report = check.run().unwrap();
    let all = check_of_generated(subject(), 50);
    assert!(report.found() > all.found(), "high-s alone finds more: {report}");

    let sound_but_for_one = |wanted: Input| {
        bent(move |input| (*input == wanted).then(|| Outcome::Malformed { how: "this one".into() }))
    };
    let generated = ecrecheck::generate::generate(
        &ecrecheck::run::fuzz::bytes(5, 17),
        &[ecrecheck::generate::named("valid").unwrap()],
    );
    let check = Check::of(sound_but_for_one(generated.input)).seed(5).generated(20).strategies(&["valid"]);
    let report = check.run().unwrap();
    assert_eq!(report.findings.len(), 1, "{report}");
    assert_eq!(report.findings[0].case, CaseName::Generated { number: 17, strategy: "valid" });
    assert!(
        report.to_string().contains("first in generated case 17 (valid): mine: gives malformed"),
        "{report}"
    );

    let refuses = |names: &[&str]| refused(Check::of(subject()).strategies(names));
    assert_eq!(refuses(&["hihg-s"]), "there is no strategy `hihg-s`; did you mean `high-s`?");
    assert_eq!(refuses(&[]), "no strategy is chosen");
    assert_eq!(refused(Check::of(subject()).surfaces(&[])), "no surface is chosen");
}

fn check_of_generated(subject: Bent, generated: u64) -> ConformanceReport {
    Check::of(subject).generated(generated).surfaces(&[Surface::Scalar]).run().unwrap()
}

/// A provider that rejects a high s, as revm's once did.
#[derive(Debug)]
struct LowS;

impl Crypto for LowS {
    fn secp256k1_ecrecover(
        &self,
        sig: &[u8; 64],
        recid: u8,
        msg: &[u8; 32],
    ) -> Result<[u8; 32], PrecompileHalt> {
        let word = |bytes: &[u8]| Word(bytes.try_into().unwrap());
        let (r, s) = (word(&sig[..32]), word(&sig[32..]));
        if high_s(&ScalarInput { digest: Word(*msg), r, s, recovery_id: recid }.into()) {
            return Err(PrecompileHalt::Secp256k1RecoverFailed);
        }
        DefaultCrypto.secp256k1_ecrecover(sig, recid, msg)
    }
}

#[test]
fn a_provider_is_reported_as_itself_and_may_differ_on_purpose() {
    let name = String::from("my provider"); // no constant
    let identity = Identity::new(&name, "3.1.4-rc.1", "my-curve");
    let report = check_crypto(identity.clone(), DefaultCrypto, 20).unwrap();
    assert!(report.passes(), "{report}");
    let Identity { name, version, lineage, .. } = &report.subject;
    assert_eq!(
        (*name, version.to_string().as_str(), lineage.code),
        ("my provider", "3.1.4-rc.1", "my-curve")
    );
    assert_eq!(lineage.version, *version);
    assert!(report.documented["ecrecover-v-domain"] > 0, "{report}");

    let low_s = check_crypto(identity.clone(), LowS, 0).unwrap();
    assert!(!low_s.passes());
    let on_purpose = Divergence {
        subjects: vec![identity.name.to_owned()],
        versions: ">=3.1.4-rc.1".parse().unwrap(),
        absent: [Fact::XReduced].into(),
        ..low_s_only()
    };
    let report = Check::of_crypto(identity, LowS).generated(0).divergences(&[on_purpose]).run().unwrap();
    assert!(report.passes() && report.documented["mine-rejects-high-s"] > 0, "{report}");
}

#[test]
fn every_finding_names_the_subject_that_is_checked() {
    let report = check(bent(|_| Some(Outcome::Malformed { how: "always".into() })), 0).unwrap();
    let culprits: Vec<_> = report.findings.iter().map(|group| group.first.culprit.clone()).collect();
    assert!(!culprits.is_empty());
    assert!(culprits.iter().all(|culprit| *culprit == Culprit::Subject("mine".into())));
}
