//! `check --suggest-divergences`: what is learned of subjects that are wrong on purpose, each as an
//! implementation in the field is.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use ecrecheck::corpus::Corpus;
use ecrecheck::generate::construct::{Scalar, lift_x, plus, public_key, reduce, times, times_g};
use ecrecheck::generate::{STRATEGIES, generate};
use ecrecheck::input::{Input, ScalarInput};
use ecrecheck::judge::{Divergence, Harness, Verdict, judge_all, verdict};
use ecrecheck::reference::{Point, SECP256K1};
use ecrecheck::report::suggestions::toml;
use ecrecheck::run::suggest::{Cause, Seen, Suggestions, learn, observe};
use ecrecheck::run::{check, fuzz, planted};
use ecrecheck::subject::{self, Identity, Outcome, OutcomeKind, Subject};

use crate::support::refuses;

/// A sound subject with its input bent, or in its place.
struct Bent(Identity, fn(&ScalarInput) -> Outcome);

impl Subject for Bent {
    fn identity(&self) -> &Identity {
        &self.0
    }

    fn recover(&self, input: &ScalarInput) -> Outcome {
        self.1(input)
    }
}

fn sound(input: &ScalarInput) -> Outcome {
    let mut ours = subject::all().unwrap().iter();
    ours.find(|subject| subject.identity().name == "libsecp256k1").unwrap().recover(input)
}

fn with_id(input: &ScalarInput, recovery_id: u8) -> Outcome {
    sound(&ScalarInput { recovery_id, ..*input })
}

/// Whatever the id, its low bit alone counts.
fn low_bit(input: &ScalarInput) -> Outcome {
    with_id(input, input.recovery_id & 1)
}

/// Ids 27 to 30 are 0 to 3.
fn shifted(input: &ScalarInput) -> Outcome {
    with_id(
        input,
        if (27..=30).contains(&input.recovery_id) { input.recovery_id - 27 } else { input.recovery_id },
    )
}

/// r and s may be anything; r is the nonce point's x as it is, for ids 0 and 1.
fn unchecked(input: &ScalarInput) -> Outcome {
    let ScalarInput { digest, r, s, recovery_id } = *input;
    let (z, r, s) = (reduce(digest.number()), r.number(), reduce(s.number()));
    let reduced = recovery_id > 1;
    if recovery_id > 3 || reduce(r) == Scalar::from(0) || reduced && r >= SECP256K1.p - SECP256K1.n {
        return Outcome::rejected("no");
    }
    let Some(nonce) = lift_x(if reduced { r + SECP256K1.n } else { r }, recovery_id & 1 == 1) else {
        return Outcome::rejected("no point");
    };
    let key = plus(times_g(-z / reduce(r)), times(nonce, s / reduce(r)));
    if key == Point::Infinity { Outcome::rejected("infinity") } else { Outcome::key(public_key(&key)) }
}

/// Aborts for an s above n/2 with an id of 2 or 3, and for no other.
fn panics_for_two(input: &ScalarInput) -> Outcome {
    let high = input.s.number() > SECP256K1.n >> 1 && input.s.number() < SECP256K1.n;
    assert!(!(high && matches!(input.recovery_id, 2 | 3)), "left as an exercise");
    sound(input)
}

/// The other key for one digest in eight, which no fact tells.
fn fickle(input: &ScalarInput) -> Outcome {
    with_id(input, if input.digest.0[31] & 7 == 5 { input.recovery_id ^ 1 } else { input.recovery_id })
}

/// Whom facts document wholly.
const CONSISTENT: [&str; 11] = [
    "low-bit",
    "shifted",
    "unchecked",
    "panics-for-two",
    "high-s-rejected",
    "high-s-parity-kept",
    "s-reduced",
    "r-reduced",
    "x-reduced-as-unreduced",
    "infinity-gives-address",
    "prehash-short-rejected",
];

/// Whom they do not.
const INCONSISTENT: [&str; 3] = ["fickle", "gas-short-gives-nothing", "glv-lambda"];

static SUBJECTS: LazyLock<Vec<Box<dyn Subject>>> = LazyLock::new(|| {
    let bent = |name, wrong| -> Box<dyn Subject> {
        Box::new(Bent(Identity::new(name, "1.4.0-alpha.2+built", "bent"), wrong))
    };
    let mut subjects = vec![
        bent("low-bit", low_bit),
        bent("shifted", shifted),
        bent("unchecked", unchecked),
        bent("panics-for-two", panics_for_two),
        bent("fickle", fickle),
    ];
    let of_ours = |name| CONSISTENT.contains(&name) || INCONSISTENT.contains(&name);
    let planted = planted::subjects().into_iter().filter(|bug| of_ours(bug.identity().name));
    subjects.extend(planted.map(|bug| Box::new(bug) as Box<dyn Subject>));
    assert_eq!(subjects.len(), CONSISTENT.len() + INCONSISTENT.len());
    subjects
});

/// What they did with the corpus and with the generated cases.
static SEEN: LazyLock<Vec<Vec<Seen>>> = LazyLock::new(|| seen(&SUBJECTS, &[]));

fn seen(subjects: &[Box<dyn Subject>], divergences: &[Divergence]) -> Vec<Vec<Seen>> {
    let corpus = Corpus::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap();
    observe(&check::cases(&corpus.cases, Harness::new(subjects, divergences)), subjects, divergences)
}

fn of(name: &str) -> (&'static Identity, &'static [Seen], Suggestions) {
    let at = SUBJECTS.iter().position(|subject| subject.identity().name == name).unwrap();
    let identity = SUBJECTS[at].identity();
    (identity, &SEEN[at], learn(identity, &SEEN[at], &[]))
}

/// The printed entries, filled in and read.
fn read(suggestions: &Suggestions) -> Vec<Divergence> {
    let text = toml(suggestions, None);
    assert_eq!(text.matches("why = \"\"\nlink = \"\"\n").count(), suggestions.entries.len(), "{text}");
    let filled = text
        .replace("why = \"\"", "why = \"because\"")
        .replace("link = \"\"", "link = \"https://a.example\"");
    Divergence::parse(Path::new("suggested.toml"), &filled).unwrap()
}

fn findings(subject: &Identity, seen: &[Seen], divergences: &[Divergence]) -> usize {
    let finding = |seen: &&Seen| {
        let verdict = verdict(subject, &seen.outcome, &seen.facts, &seen.right, divergences);
        matches!(verdict, Verdict::Finding { .. })
    };
    seen.iter().filter(finding).count()
}

#[test]
fn what_is_consistent_is_documented_wholly_and_by_nothing_needless() {
    for name in CONSISTENT {
        let (identity, seen, suggestions) = of(name);
        let printed = toml(&suggestions, None);
        let causes: Vec<_> = suggestions.inconsistent.iter().map(|one| one.cause).collect();
        assert_eq!(causes, [], "{printed}");
        let entries = read(&suggestions);
        assert!(findings(identity, seen, &[]) > 0, "{name}");
        assert_eq!(findings(identity, seen, &entries), 0, "{printed}");
        for at in 0..entries.len() {
            let mut fewer = entries.clone();
            let removed = fewer.remove(at);
            assert!(findings(identity, seen, &fewer) > 0, "{} is needless: {printed}", removed.id);
        }
        let ids: BTreeSet<_> = entries.iter().map(|entry| &entry.id).collect();
        assert_eq!(ids.len(), entries.len(), "{printed}");
        for id in ids {
            assert!(
                id.starts_with(name) && id.chars().all(|c| c.is_ascii_alphanumeric() || "-".contains(c)),
                "{id}"
            );
        }
    }
}

/// An entry in short: its facts, `!` before those that it excludes; what is right, and what is seen instead.
fn said(entry: &Divergence) -> String {
    let Divergence { facts, absent, scope: reference, outcome, .. } = entry;
    let absent = absent.iter().map(|fact| format!("!{fact}"));
    let facts: Vec<_> = facts.iter().map(ToString::to_string).chain(absent).collect();
    format!("{}: {reference} -> {outcome}", facts.join(" "))
}

/// What each bug is, in facts.
#[test]
fn entries_say_the_cause() {
    let expected: [(&str, &[&str]); 6] = [
        ("high-s-rejected", &["high-s: recovered -> rejected"]),
        (
            "shifted",
            &["recovery-id-27-30 !r-zero !r-ge-n !s-zero !s-ge-n !x-ge-p !x-off-curve !q-infinity: \
               rejected -> recovered"],
        ),
        (
            "s-reduced",
            &["s-ge-n !recovery-id-out-of-range !r-zero !r-ge-n !s-mod-n-zero !x-ge-p !x-off-curve \
               !q-infinity: rejected -> recovered"],
        ),
        (
            // k256 0.12's.
            "x-reduced-as-unreduced",
            &[
                "r-is-x: recovered -> wrong-key",
                "x-reduced !r-is-x: recovered -> rejected",
                "r-is-x !recovery-id-out-of-range !r-ge-n !s-zero !s-ge-n !unreduced-q-infinity: rejected -> recovered",
            ],
        ),
        (
            "panics-for-two",
            &[
                "x-reduced high-s: recovered -> panicked",
                "x-reduced high-s !recovery-id-out-of-range: rejected -> panicked",
            ],
        ),
        (
            "prehash-short-rejected",
            &["prehash-below-16: recovered -> rejected", "prehash-below-32: recovered -> rejected"],
        ),
    ];
    for (name, expected) in expected {
        let learned: Vec<_> = of(name).2.entries.iter().map(|entry| said(&entry.divergence)).collect();
        assert_eq!(learned, expected, "{name}");
    }
}

/// The subjects of this build, as if nothing were documented: what is learned is what people wrote.
#[test]
fn the_corpus_own_divergences_are_learned() {
    let ours = subject::all().unwrap();
    let mut learned = 0;
    for (subject, seen) in ours.iter().zip(seen(ours, &[])) {
        let suggestions = learn(subject.identity(), &seen, &[]);
        assert!(suggestions.inconsistent.is_empty(), "{}", toml(&suggestions, None));
        let entries: BTreeSet<_> = suggestions.entries.iter().map(|entry| said(&entry.divergence)).collect();
        let written = Divergence::built_in().iter().filter(|entry| entry.names(subject.identity()));
        assert_eq!(entries, written.map(said).collect(), "{}", toml(&suggestions, None));
        learned += entries.len();
    }
    assert!(learned >= 6);
}

#[test]
fn entries_hold_for_inputs_that_were_not_learned_from() {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let make = |number| generate(&fuzz::bytes(1, number), &strategies).input;
    let inputs: Vec<_> = (0..1_000).map(make).collect();
    let judged = judge_all(&inputs.iter().collect::<Vec<_>>(), Harness::new(&SUBJECTS, &[]));
    for name in CONSISTENT {
        let (identity, _, suggestions) = of(name);
        let entries = read(&suggestions);
        for (input, judged) in inputs.iter().zip(&judged) {
            let outcome = judged.subjects.iter().find(|(subject, ..)| *subject == name);
            let (_, outcome, _) = outcome.unwrap();
            let verdict = verdict(identity, outcome, &judged.facts, &judged.reference, &entries);
            assert!(!matches!(verdict, Verdict::Finding { .. }), "{name}: {verdict} for {input:?}");
        }
    }
}

#[test]
fn what_no_fact_tells_is_no_entry_but_a_comment_with_an_input_of_each_side() {
    for name in INCONSISTENT {
        let (identity, seen, suggestions) = of(name);
        assert!(suggestions.entries.is_empty(), "{}", toml(&suggestions, None));
        let unsaid: usize = suggestions.inconsistent.iter().map(|one| one.count).sum();
        assert_eq!(unsaid, findings(identity, seen, &[]), "{name}: each is counted once");
        assert_eq!(read(&suggestions), []);
    }
    let suggestions = of("fickle").2;
    let one = &suggestions.inconsistent[0];
    let (_, other) = one.others.as_ref().unwrap();
    assert_eq!((one.cause, one.outcome), (Cause::SameFacts, OutcomeKind::WrongKey));
    assert_eq!(one.one.facts, other.facts);
    let [bent, straight] = [&one.one, other].map(|seen| match &seen.input {
        Input::Scalar(scalar) => scalar.digest.0[31] & 7,
        _ => panic!("it takes scalars"),
    });
    assert!(bent == 5 && straight != 5);
    let text = toml(&suggestions, None);
    assert!(text.lines().all(|line| line.is_empty() || line.starts_with('#')), "{text}");
    let comment: Vec<_> =
        text.lines().skip_while(|line| !line.starts_with("# not consistent")).take(6).collect();
    assert!(comment[0].starts_with("# not consistent: wrong-key on "), "{text}");
    assert!(comment[2].starts_with("#   ecrecheck recover --digest 0x"), "{text}");
    let named = toml(&suggestions, Some("'it'"));
    let commands: Vec<_> = named.lines().filter(|line| line.contains("ecrecheck recover")).collect();
    assert!(!commands.is_empty() && commands.iter().all(|line| line.ends_with(" --subject 'it'")), "{named}");
    assert!(comment[3].starts_with("# and recovered on "), "{text}");
    assert!(comment[5].starts_with("#   ecrecheck recover --digest 0x"), "{text}");

    let gas = of("gas-short-gives-nothing").2;
    assert_eq!(gas.inconsistent.iter().map(|one| one.cause).collect::<Vec<_>>(), [Cause::RejectedToo]);
}

/// What an entry for part of a bug documents is learned no more; nor is anything of a sound subject.
#[test]
fn what_is_documented_is_not_suggested_again() {
    let (identity, found, suggestions) = of("high-s-parity-kept");
    let judged_under = |divergences: &[Divergence]| -> Vec<Seen> {
        let again = |seen: &Seen| Seen {
            verdict: verdict(identity, &seen.outcome, &seen.facts, &seen.right, divergences),
            ..seen.clone()
        };
        found.iter().map(again).collect()
    };
    let entries = read(&suggestions);
    assert!(entries.len() > 1);
    let known = &entries[..1];
    let rest = learn(identity, &judged_under(known), known);
    let ids = |entries: &[Divergence]| entries.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&read(&rest)), ids(&entries[1..]));
    let none = learn(identity, &judged_under(&entries), &entries);
    assert!(none.entries.is_empty() && none.inconsistent.is_empty(), "{}", toml(&none, None));
    let nothing = format!("# high-s-parity-kept 0.0.0: nothing to document, on {} inputs\n", none.inputs);
    assert_eq!(toml(&none, None), nothing);

    // An id that another divergence has is not taken.
    let other = Divergence { subjects: vec!["another".into()], ..entries[0].clone() };
    let numbered = learn(identity, found, &[other]);
    assert_eq!(numbered.entries[0].divergence.id, format!("{}-2", entries[0].id));
}

#[test]
fn an_entry_names_this_version_of_the_subject_alone() {
    let (identity, _, suggestions) = of("shifted");
    let entry = &read(&suggestions)[0];
    assert_eq!(entry.versions.to_string(), "=1.4.0-alpha.2");
    assert_eq!(entry.id, "shifted-recovered-recovery-id-27-30");
    assert!(entry.names(identity));
    for other in ["1.4.0", "1.4.0-alpha.3", "1.4.1-alpha.2"] {
        assert!(!entry.names(&Identity::new("shifted", other, "bent")), "{other}");
    }
}

#[test]
fn suggestions_are_asked_for_a_subject() {
    let message = refuses(&["check", "--suggest-divergences"]);
    assert!(message.contains("--subject <SPEC>"), "{message}");
}
