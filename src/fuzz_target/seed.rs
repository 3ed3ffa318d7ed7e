//! Seeds: the few small inputs that a fuzzer starts from, one at least for each class of a target, and the
//! dictionaries beside them. `ecrecheck seeds` writes them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use arbitrary::Unstructured;
use ruint::aliases::U256;
use ruint::uint;

use super::{ExaminedBytes, FuzzTarget, laws};
use crate::corpus::{Corpus, Formats};
use crate::format::{Expr, Function, Term};
use crate::input::Input;
use crate::input::bytes::Word;
use crate::judge::Harness;
use crate::judge::fact::Fact;
use crate::judge::finding::Culprit;
use crate::judge::law::Laws;
use crate::reference::answer::{ECRECOVER_GAS, Refusal};
use crate::reference::{Point, SECP256K1};
use crate::report::reproducer::shrink_bytes;
use crate::run::fuzz;
use crate::run::planted;
use crate::subject::Subject;

/// How many cases are drawn in search of a class.
const DRAWN: u64 = 3_000;
/// How many candidates are tried to make a drawn case small.
const TRIES: usize = 120;
/// What the name of a seed begins with that somebody kept because it once showed a bug.
pub const KEPT_PREFIX: &str = "kept-";

/// An input that a fuzzer starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// Its file's name; empty as long as only what it shows could name it.
    pub name: String,
    /// What it was made from, in words.
    pub from: String,
    /// The input.
    pub bytes: Vec<u8>,
}

/// A seed with what it shows that no seed before it does.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The seed.
    pub seed: Seed,
    /// The classes.
    pub shows: BTreeSet<String>,
}

impl Seed {
    pub(crate) fn new(name: &str, from: &str, bytes: Vec<u8>) -> Self {
        Self { name: slug(name), from: from.to_owned(), bytes }
    }

    /// The corpus's inputs, as far as a target can express them literally.
    pub(crate) fn of_cases(corpus: &Corpus, bytes: impl Fn(&Input) -> Option<Vec<u8>>) -> Vec<Self> {
        let literal = |case: &crate::corpus::case::Case| {
            Some(Self::new(&case.id, &format!("the case {}", case.id), bytes(case.asked().next()?)?))
        };
        corpus.cases.iter().filter_map(literal).collect()
    }
}

/// A name as a file's.
fn slug(name: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
    let name: String = name.chars().map(allowed).collect();
    name.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// Draws cases, after the bytes `first`, and keeps one, made small, for each class that shows up.
pub(crate) fn drawn(target: &'static FuzzTarget, first: &'static [u8]) -> impl Iterator<Item = Seed> {
    let mut seen = BTreeSet::new();
    let classes = |bytes: &[u8]| (target.read)(bytes).classes();
    (0..DRAWN).flat_map(move |number| {
        let bytes = [first, &fuzz::bytes(0, number)].concat();
        let new: Vec<String> = classes(&bytes).difference(&seen).cloned().collect();
        seen.extend(new.iter().cloned());
        let small = |class: String| {
            let begins = |shorter: &[u8]| shorter.starts_with(first) && classes(shorter).contains(&class);
            let small = shrink_bytes(&bytes, &mut TRIES.clone(), begins);
            let from = format!("drawn, number {number}, made small");
            Seed::new("", &from, small)
        };
        new.into_iter().map(small).collect::<Vec<_>>()
    })
}

/// Of the drawn bytes, after the bytes `first`, the first that are held to the laws, and the first few that are held
/// to that of memory too: not every input shows every memory.
pub(crate) fn with_laws(first: &'static [u8]) -> impl Iterator<Item = Seed> {
    const FEW: usize = 6;
    [(Laws::Related, 1), (Laws::All, FEW)].into_iter().flat_map(move |(wanted, count)| {
        let drawn = (0..u64::MAX).map(move |number| (number, [first, &fuzz::bytes(0, number)].concat()));
        let held = drawn.filter(move |(_, bytes)| laws(&Unstructured::new(bytes)) == wanted).take(count);
        held.map(|(number, bytes)| Seed::new("", &format!("drawn, number {number}"), bytes))
    })
}

/// Draws cases, after the bytes `first`, and keeps those that are the first to show a planted bug: a rare value that
/// no class of a target asks for. Draws so many. Bugs that remember are shown by the law of memory instead.
pub(crate) fn hunting(
    target: &'static FuzzTarget,
    first: &'static [u8],
    draws: u64,
) -> impl Iterator<Item = Seed> {
    let remember: Vec<_> = planted::with_state().map(|bug| bug.identity().name).collect();
    let mut left = planted_bugs();
    left.retain(|bug| !remember.contains(&bug.identity().name));
    (0..draws).filter_map(move |number| {
        let bytes = [first, &fuzz::bytes(0, number)].concat();
        let found = (target.read)(&bytes).examine(Harness::new(&left, &[]));
        let before = left.len();
        left.retain(|bug| {
            !found.iter().any(|found| found.culprit == Culprit::Subject(bug.identity().name.into()))
        });
        (left.len() < before).then(|| Seed::new("", &format!("drawn, number {number}"), bytes))
    })
}

/// Every planted bug, as if nothing was asked before: some remember.
fn planted_bugs() -> Vec<Box<dyn Subject>> {
    planted::subjects().into_iter().map(|bug| Box::new(bug) as Box<dyn Subject>).collect()
}

/// The seeds of a target: of all that may become one, those that together show every class that any shows, and
/// every planted bug.
///
/// Chosen greedily, so that few show much: most new classes first, then the shorter.
pub fn seeds(target: &'static FuzzTarget, corpus: &Corpus) -> Vec<Chosen> {
    let mut names = BTreeSet::new();
    let mut left: Vec<(Seed, BTreeSet<String>)> = (target.seeds)(corpus)
        .into_iter()
        // A fuzzer skips what is empty, as it tries that anyway.
        .filter(|seed| !seed.bytes.is_empty())
        .filter(|seed| seed.name.is_empty() || names.insert(seed.name.clone()))
        .map(|seed| {
            let case = (target.read)(&seed.bytes);
            // A text without a signature has other things to show.
            let wrong =
                case.input().map_or_else(Vec::new, |_| case.examine(Harness::new(&planted_bugs(), &[])));
            let found = wrong.into_iter().map(|wrong| format!("shows {}", wrong.culprit));
            let classes = case.classes().into_iter().chain(found).collect();
            (seed, classes)
        })
        .collect();
    left.sort_by(|(one, _), (other, _)| {
        (one.bytes.len(), &one.name, &one.bytes).cmp(&(other.bytes.len(), &other.name, &other.bytes))
    });
    let mut chosen: Vec<Chosen> = Vec::new();
    let mut shown = BTreeSet::new();
    loop {
        let new = |classes: &BTreeSet<String>| classes.difference(&shown).count();
        // The first of the best: max_by_key would take the last.
        let best = left.iter().enumerate().rev().max_by_key(|(_, (_, classes))| new(classes));
        let Some((at, _)) = best.filter(|(_, (_, classes))| new(classes) > 0) else { break };
        let (seed, classes) = left.remove(at);
        let shows: BTreeSet<String> = classes.difference(&shown).cloned().collect();
        shown.extend(classes);
        // A drawn case has no name of its own: what only it shows is one.
        let name = shows.first().filter(|_| seed.name.is_empty()).map(|class| slug(class));
        chosen.push(Chosen { seed: Seed { name: name.unwrap_or(seed.name), ..seed }, shows });
    }
    chosen.sort_by(|one, other| one.seed.name.cmp(&other.seed.name));
    chosen
}

/// The seeds' index for people: each seed, what it was made from, and what it shows.
pub fn index(target: &FuzzTarget, seeds: &[Chosen]) -> String {
    let mut text = format!("{}: {}\n\n", target.name, target.about);
    for Chosen { seed, shows } in seeds {
        let _ = writeln!(text, "{} ({} bytes): {}", seed.name, seed.bytes.len(), seed.from);
        for class in shows {
            let _ = writeln!(text, "  {class}");
        }
    }
    text
}

/// The longest word of a dictionary: libFuzzer leaves longer ones out.
const MAX_WORD: usize = 64;

/// A dictionary in libFuzzer's form: a name and a string of bytes a line, each string once.
pub fn dictionary(target: &FuzzTarget) -> String {
    let mut text = format!("# For the fuzz target {}. Made by `ecrecheck seeds`.\n", target.name);
    let mut once = BTreeSet::new();
    let fits = |(_, bytes): &(String, Vec<u8>)| bytes.len() <= MAX_WORD && once.insert(bytes.clone());
    for (name, bytes) in (target.words)().into_iter().filter(fits) {
        let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        let comment: String = name.chars().filter(|c| !c.is_control()).collect();
        let _ = writeln!(text, "# {comment}\n\"{escaped}\"");
    }
    text
}

/// How a fuzzer runs the target, as libFuzzer's options: long inputs from the start, as a strategy makes little
/// of a few bytes.
pub fn options(target: &FuzzTarget) -> String {
    format!("[libfuzzer]\nmax_len = {}\nlen_control = 0\ntimeout = 60\n", target.max_len)
}

/// Runs a target's bytes and gives what is wrong, for people; none if nothing is.
pub fn run(target: &FuzzTarget, bytes: &[u8], harness: Harness<'_>) -> Option<String> {
    let ExaminedBytes { case, findings } = target.examine(bytes, harness);
    (!findings.is_empty()).then(|| super::report(target.name, case.as_deref(), &findings))
}

/// The field's constants, as words of 32 bytes, and what stands beside them.
pub(crate) fn field_words() -> Vec<(String, Vec<u8>)> {
    let (n, p, one) = (SECP256K1.n, SECP256K1.p, U256::ONE);
    // λ³ = 1 modulo n, β³ = 1 modulo p: the endomorphism's constants.
    let lambda = uint!(0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72_U256);
    let beta = uint!(0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee_U256);
    let Point::Affine { x: x_of_g, .. } = SECP256K1.g else { return Vec::new() };
    let words = [
        ("0", U256::ZERO),
        ("1", one),
        ("n", n),
        ("n - 1", n - one),
        ("n + 1", n + one),
        ("n / 2, the largest low s", n >> 1),
        ("n / 2 + 1, the smallest high s", (n >> 1) + one),
        ("p", p),
        ("p - 1", p - one),
        ("p - n: r below this can have been reduced", p - n),
        ("lambda", lambda),
        ("n - lambda", n - lambda),
        ("beta", beta),
        ("x of G", x_of_g),
        ("2^256 - 1", U256::MAX),
        ("v of 27 as a word", U256::from(27)),
        ("v of 28 as a word", U256::from(28)),
        ("r = 4: on the curve when n is added", U256::from(4)),
        ("r = 5: off the curve", U256::from(5)),
    ];
    let words = words.map(|(name, number)| (name.to_owned(), Word::from(number).0.to_vec()));
    let short = [
        ("v of 27 and 28", vec![27]),
        ("v of 28", vec![28]),
        ("v of 31, Safe's mark", vec![31]),
        ("v of 37, EIP-155 on chain 1", vec![37]),
        ("the top bit, EIP-2098", vec![0x80]),
        ("the precompile's gas, as the target reads it", u32_le(ECRECOVER_GAS)),
        ("one gas less", u32_le(ECRECOVER_GAS - 1)),
    ];
    words.into_iter().chain(short.map(|(name, bytes)| (name.to_owned(), bytes))).collect()
}

fn u32_le(gas: u64) -> Vec<u8> {
    gas.to_le_bytes()[..4].to_vec()
}

/// Functions, signs and the texts of known formats.
pub(crate) fn expression_words() -> Vec<(String, Vec<u8>)> {
    let functions = Function::ALL.iter().map(|function| format!("{}(", function.name()));
    let mut texts = BTreeSet::new();
    Formats::built_in().iter().for_each(|format| collect(&format.digest, &mut texts));
    let signs = ["\"", " + ", ", ", ")", "(", "0x", "\\x00", "\\\""].map(str::to_owned);
    functions.chain(texts).chain(signs).map(|word| (word.clone(), word.into_bytes())).collect()
}

/// The texts and fields of an expression, as they are written.
fn collect(expression: &Expr, texts: &mut BTreeSet<String>) {
    match &expression.term {
        Term::Text(_) | Term::Hex(_) | Term::Field(_) => {
            texts.insert(expression.to_string());
        }
        Term::Number(_) => {}
        Term::Concat(parts) | Term::Call(_, parts) => parts.iter().for_each(|part| collect(part, texts)),
    }
}

/// What the corpus's files are written with.
pub(crate) fn schema_words() -> Vec<(String, Vec<u8>)> {
    let tables =
        ["[[case]]\n", "[[fixture]]\n", "[[format]]\n", "[[divergence]]\n", "[[claim]]\n", "[[group]]\n"];
    let more = ["[case.expect]\n", "[fixture.fields]\n", "[fixture.expect]\n", "[format.fields]\n"];
    let keys = [
        "id = ",
        "about = ",
        "source = ",
        "facts = [",
        "digest = ",
        "prehash = ",
        "calldata = ",
        "gas = ",
        "r = ",
        "s = ",
        "recovery_id = ",
        "wire = ",
        "signature = ",
        "format = ",
        "address = ",
        "public_key = ",
        "rejected = ",
        "mark = ",
        "preimage = ",
        "origin = ",
        "name = ",
        "signer = ",
        "subjects = [",
        "versions = ",
        "reference = ",
        "outcome = ",
        "why = ",
        "link = ",
        "values = {",
        "version = 1\n",
        "kind = ",
        "length = ",
        "text:",
        "0x",
        "\"\n",
    ];
    let facts = Fact::ALL.iter().map(|fact| format!("\"{}\"", fact.name()));
    let refusals = Refusal::all().map(|refusal| format!("\"{}\"", refusal.name()));
    let fixed = tables.into_iter().chain(more).chain(keys).map(str::to_owned);
    fixed.chain(facts).chain(refusals).map(|word| (word.trim_end().to_owned(), word.into_bytes())).collect()
}
