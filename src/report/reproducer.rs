//! Reproducers: a finding made small and written as a case file that a person can read.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ruint::aliases::U256;

use super::one_line;
use crate::corpus::VERSION;
use crate::format::Message;
use crate::generate::{STRATEGIES, generate};
use crate::input::bytes::{Bytes, Word, to_hex};
use crate::input::hash::keccak256;
use crate::input::key::PublicKey;
use crate::input::signature::Wire;
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::judge::fact::classify;
use crate::judge::finding::{Asked, Fault, Finding};
use crate::judge::law::Laws;
use crate::judge::{Harness, examine};
use crate::reference::SECP256K1;
use crate::reference::answer::{Answer, Expectation};
use crate::run::fuzz::{Discovery, FuzzPlan};
use crate::subject::{Outcome, OutcomeKind};

/// How many candidates minimising tries at most.
const TRIES: usize = 600;
/// How long it takes at most: an input of megabytes takes seconds a try.
const TIME: Duration = Duration::from_secs(30);

/// An input as a case, with the finding that it shows.
#[derive(Debug, Clone)]
pub struct Reproducer {
    /// The input, as small as it got.
    pub input: Input,
    /// What is wrong with it, if anything is.
    pub finding: Option<Finding>,
    /// Whether minimising ended before there was nothing left to try: it was stopped, or took too long.
    pub cut_short: bool,
    /// What must come out: the construction's word where the reference says otherwise.
    pub expected: Expectation,
    /// Where it was found.
    pub origin: String,
}

impl Reproducer {
    /// Makes a finding small: first the bytes that it is made from, then the values of its input. What is small
    /// still shows a finding of the same class. Ends with what it has when `stop` is set.
    pub fn of(found: &Discovery, plan: &FuzzPlan, harness: Harness<'_>, stop: &AtomicBool) -> Self {
        let begin = Instant::now();
        let over = || stop.load(Ordering::Relaxed) || begin.elapsed() >= TIME;
        let Discovery { number, bytes, generated, finding } = found;
        let named = plan.strategies.len() < STRATEGIES.len();
        let chosen = plan.strategies.iter().filter(|_| named);
        let origin = format!(
            "ecrecheck fuzz --seed {}{}, case {number}, strategy {}",
            plan.seed,
            chosen.map(|strategy| format!(" --strategy {}", strategy.name)).collect::<String>(),
            generated.strategy
        );
        let original = finding.input.as_ref().unwrap_or(&generated.input);
        if matches!(finding.fault, Fault::Memory { .. }) {
            // A subject that remembers cannot be asked the same again.
            return Self::of_input(original, Some(finding.clone()), &origin);
        }
        let class = finding.class();
        let known = |input: &Input| generated.known.filter(|_| *input == generated.input);
        // Each try would take a process or a time limit, and a program is not started again without end.
        let gone = |outcome: &Outcome| matches!(outcome.kind(), OutcomeKind::Died | OutcomeKind::Hung);
        let costly = match &finding.fault {
            Fault::Outcome { outcome, .. } | Fault::Divergence { outcome, .. } => gone(outcome),
            _ => false,
        };
        let again = |input: &Input| {
            if costly {
                return None;
            }
            let examined = examine(input, known(input).as_ref(), Laws::Related, harness);
            examined.findings.into_iter().find(|again| again.class() == class)
        };
        // What shows on the input itself, and not only on one that a law relates to it.
        let shows =
            |input: &Input| !over() && again(input).is_some_and(|again| again.input.as_ref() == Some(input));
        let mut tries = TRIES;
        let input = if shows(original) {
            let made = |bytes: &[u8]| generate(bytes, &plan.strategies).input;
            // An input that a law made of the generated one is not made from its bytes.
            let smaller = if made(bytes) == *original {
                made(&shrink_bytes(bytes, &mut tries, |bytes| shows(&made(bytes))))
            } else {
                original.clone()
            };
            simplify(smaller, &mut tries, shows)
        } else {
            original.clone()
        };
        let made_smaller = Some(&input).filter(|input| *input != original);
        let finding = made_smaller.and_then(again).unwrap_or_else(|| finding.clone());
        let expected = match finding.fault {
            Fault::Construction { constructed, .. } => Some(constructed),
            _ => None,
        };
        let reproducer = Self::of_input(&input, Some(finding), &origin);
        let cut_short = !costly && (tries == 0 || over());
        Self { cut_short, expected: expected.unwrap_or(reproducer.expected), ..reproducer }
    }

    /// An input as a case, as it is; the reference says what must come out.
    pub fn of_input(input: &Input, finding: Option<Finding>, origin: &str) -> Self {
        let expected = Answer::to(input).expectation;
        Self { input: input.clone(), finding, cut_short: false, expected, origin: one_line(origin) }
    }

    /// The case file: the input, after what must be asked before it.
    pub fn toml(&self) -> String {
        let finding = self.finding.as_ref();
        let wrong = finding.map_or("replayed: nothing is wrong with it".to_owned(), ToString::to_string);
        let cut_short = if self.cut_short { "# may be made smaller: minimising was cut short\n" } else { "" };
        let mut text = format!("# {}\n# {wrong}\n{cut_short}version = {VERSION}\n", self.origin);
        let (about, before) = self.before();
        for (number, input) in (1..).zip(before) {
            let id = format!("{}-before-{number}", self.id());
            text += &self.case(&id, about, input, Answer::to(input).expectation);
        }
        text += &self.case(&self.id(), "cause: (fill in)", &self.input, self.expected);
        text
    }

    /// What must be asked before the input, in this order, and why; where threads ask, the input whose relatives
    /// they ask.
    fn before(&self) -> (&'static str, &[Input]) {
        let asked = match self.finding.as_ref().map(|finding| &finding.fault) {
            Some(Fault::Memory { asked, .. }) => asked,
            _ => return ("", &[]),
        };
        match asked {
            Asked::After(inputs) => ("must be asked before the last case of this file", inputs),
            Asked::AtOnce { relative, .. } => {
                let relative = std::slice::from_ref(relative.as_ref());
                let relative = if relative == [self.input.clone()] { &[] } else { relative };
                ("several threads must ask it and its relatives at once: replay does", relative)
            }
        }
    }

    fn case(&self, id: &str, about: &str, input: &Input, expected: Expectation) -> String {
        let answer = Answer::to(input);
        let facts: Vec<_> = classify(input, &answer).iter().map(|fact| format!("\"{fact}\"")).collect();
        let mut text = format!("\n[[case]]\nid = \"{id}\"\nabout = \"{about}\"\n");
        let _ = writeln!(text, "source = \"{}\"", self.origin);
        let _ = writeln!(text, "facts = [{}]", facts.join(", "));
        let signature =
            |r: &Word, s: &Word, id: u8| format!("r = \"{r}\"\ns = \"{s}\"\nrecovery_id = {id}\n");
        text += &match input {
            Input::Scalar(ScalarInput { digest, r, s, recovery_id }) => {
                format!("digest = \"{digest}\"\n{}", signature(r, s, *recovery_id))
            }
            Input::Prehash(PrehashInput { prehash, r, s, recovery_id }) => {
                format!("prehash = \"{prehash}\"\n{}", signature(r, s, *recovery_id))
            }
            Input::Call(CallInput { calldata, gas }) => format!("calldata = \"{calldata}\"\ngas = {gas}\n"),
        };
        text += "[case.expect]\n";
        text += &match expected {
            Expectation::Recovered { address, public_key } => {
                format!("address = \"{address}\"\npublic_key = \"{public_key}\"\n")
            }
            Expectation::Rejected(refusal) => format!("rejected = \"{refusal}\"\n"),
        };
        text
    }

    /// `regression::`, who is wrong, and a hash of the input.
    fn id(&self) -> String {
        format!("regression::{}", self.name())
    }

    fn name(&self) -> String {
        let who = self.finding.as_ref().map_or("replayed".to_owned(), |finding| finding.culprit.to_string());
        let words = who.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let who = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
        let inputs = self.before().1.iter().chain([&self.input]);
        let hash = keccak256(inputs.map(|input| format!("{input:?}")).collect::<String>().as_bytes());
        format!("{who}-{}", const_hex::encode(&hash[..6]))
    }

    /// Writes the case file into a folder, whole or not at all; gives its path.
    ///
    /// # Errors
    /// The folder cannot be made or written to.
    pub fn write(&self, folder: &Path) -> io::Result<PathBuf> {
        prepare(folder)?;
        let path = folder.join(self.name() + ".toml");
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(self.toml().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(path)
    }
}

/// What was recovered as a fixture's table, ready to paste into a corpus.
pub fn fixture(
    id: &str,
    message: &Message,
    (wire, bytes): (Wire, &[u8]),
    recovery_id: u8,
    public_key: PublicKey,
) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let mut lines = vec![
        "[[fixture]]".to_owned(),
        format!("id = {}", quoted(id)),
        "about = \"(fill in: whose signature this is)\"".to_owned(),
        "origin = \"published\"".to_owned(),
        "source = { repo = \"(fill in: where it stands)\" }".to_owned(),
        format!(
            "format = {}",
            quoted(&message.format.clone().unwrap_or_else(|| message.expression.to_string()))
        ),
    ];
    if message.format.is_none() {
        lines.push(format!("wire = {}", quoted(wire.name())));
    }
    lines.push(format!("signature = {}", quoted(&to_hex(bytes))));
    lines.extend(wire.apart(recovery_id).map(|recovery_id| format!("recovery_id = {recovery_id}")));
    lines.push("[fixture.fields]".to_owned());
    for (name, value) in message.fields.iter() {
        let text = str::from_utf8(value).ok().filter(|text| !text.chars().any(char::is_control));
        let value = text.map_or_else(|| to_hex(value), |text| format!("text:{text}"));
        lines.push(format!("{name} = {}", quoted(&value)));
    }
    lines.push("[fixture.expect]".to_owned());
    if let Some(preimage) = &message.digest.preimage {
        lines.push(format!("preimage = {}", quoted(&to_hex(preimage))));
    }
    lines.push(format!("digest = {}", quoted(&to_hex(message.digest.digest))));
    lines.push(format!("address = {}", quoted(&public_key.address().to_string())));
    lines.push(format!("public_key = {}", quoted(&public_key.to_string())));
    lines.extend(wire.mark(bytes).map(|mark| format!("mark = {mark}")));
    lines.join("\n") + "\n"
}

/// Makes sure that a folder is there and can be written to.
///
/// # Errors
/// It cannot.
pub fn prepare(folder: &Path) -> io::Result<()> {
    if folder.exists() && !folder.is_dir() {
        return Err(io::Error::other("expected a folder, found a file"));
    }
    std::fs::create_dir_all(folder)?;
    tempfile::NamedTempFile::new_in(folder).map(|_| ())
}

/// Shortens, then zeroes, ever smaller parts of the bytes, as long as they still show.
pub(crate) fn shrink_bytes(bytes: &[u8], tries: &mut usize, shows: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut best = bytes.to_vec();
    let mut attempt = |candidate: Vec<u8>, best: &mut Vec<u8>| {
        if *tries == 0 || candidate == *best {
            return;
        }
        *tries -= 1;
        if shows(&candidate) {
            *best = candidate;
        }
    };
    let mut length = best.len() / 2;
    while length > 0 {
        let shorter = best[..best.len() - length.min(best.len())].to_vec();
        attempt(shorter, &mut best);
        length /= 2;
    }
    for size in [32, 8, 1] {
        for at in (0..best.len()).step_by(size) {
            let mut zeroed = best.clone();
            let end = (at + size).min(zeroed.len());
            zeroed[at.min(end)..end].fill(0);
            attempt(zeroed, &mut best);
        }
    }
    best
}

/// Moves each value of the input towards a simple one, as long as it still shows.
fn simplify(input: Input, tries: &mut usize, shows: impl Fn(&Input) -> bool) -> Input {
    let mut best = input;
    loop {
        let better = simpler(&best).take(*tries).find(|candidate| {
            *tries -= 1;
            shows(candidate)
        });
        match better {
            Some(candidate) => best = candidate,
            None => return best,
        }
    }
}

/// Inputs that are simpler in one value, simplest first. Each is made when it is its turn: together they take the
/// square of the input's size.
fn simpler(input: &Input) -> Box<dyn Iterator<Item = Input> + '_> {
    let words = |word: Word| simpler_numbers(word.number()).into_iter().map(Word::from);
    match input {
        Input::Scalar(scalar) => {
            let ScalarInput { digest, r, s, recovery_id } = *scalar;
            let digests = words(digest).map(|digest| ScalarInput { digest, ..*scalar });
            let rs = words(r).map(|r| ScalarInput { r, ..*scalar });
            let ss = words(s).map(|s| ScalarInput { s, ..*scalar });
            let ids = (0..recovery_id.min(5)).map(|recovery_id| ScalarInput { recovery_id, ..*scalar });
            Box::new(digests.chain(rs).chain(ss).chain(ids).map(Input::from))
        }
        Input::Prehash(prehash) => {
            let shorter = (0..prehash.prehash.0.len()).map(|length| prehash.prehash.0[..length].to_vec());
            let shorter = shorter.map(|bytes| PrehashInput { prehash: Bytes(bytes), ..prehash.clone() });
            let zeros = Bytes(vec![0; prehash.prehash.0.len()]);
            let zeros =
                (prehash.prehash != zeros).then(|| PrehashInput { prehash: zeros, ..prehash.clone() });
            Box::new(zeros.into_iter().chain(shorter).map(Input::Prehash))
        }
        Input::Call(call) => {
            let CallInput { calldata: Bytes(calldata), gas } = call;
            let with = |calldata: Vec<u8>, gas| Input::Call(CallInput { calldata: Bytes(calldata), gas });
            let lengths =
                [0, 32, 64, 96, 127, 128, 129].into_iter().filter(move |length| *length < calldata.len());
            let shorter = lengths.map(move |length| with(calldata[..length].to_vec(), *gas));
            let gases = [100_000, 3_000, 2_999].into_iter().take_while(move |simple| simple != gas);
            let gases = gases.map(move |gas| with(calldata.clone(), gas));
            let words = (0..calldata.len()).step_by(32).map(move |at| at..(at + 32).min(calldata.len()));
            let words = words.filter(move |word| calldata[word.clone()].iter().any(|byte| *byte != 0));
            let zeroed = words.map(move |word| {
                let mut zeroed = calldata.clone();
                zeroed[word].fill(0);
                with(zeroed, *gas)
            });
            Box::new(shorter.chain(gases).chain(zeroed))
        }
    }
}

/// The boundary values that are simpler than a number, and the number with half of its bits.
fn simpler_numbers(number: U256) -> Vec<U256> {
    let (n, one) = (SECP256K1.n, U256::ONE);
    let ladder = [U256::ZERO, one, U256::from(2), n - one, n, n + one, n >> 1, (n >> 1) + one];
    let rank = ladder.iter().position(|step| *step == number);
    let mut simpler: Vec<_> = ladder.iter().copied().take(rank.unwrap_or(ladder.len())).collect();
    if rank.is_none() && number.bit_len() > 8 {
        simpler.push(number >> (number.bit_len() / 2));
    }
    simpler
}
