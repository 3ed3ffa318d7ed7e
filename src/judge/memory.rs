//! The law of memory: an answer does not depend on what else is asked, before or at the same time.
//!
//! A subject is asked an input, relatives that share a part of it or all but a bit (what a cache with too small a
//! key takes for the same), and relatives that fail (after which something may be left behind): in turn, in two
//! orders, then by several threads at once. Each answer is held to the other answers to the same question, and to
//! what is right. The words of a rejection are not compared.
//!
//! A pair of inputs that one bit tells apart is asked here and not made by a strategy, because a strategy makes
//! one case at a time and cannot say what is asked before it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ruint::aliases::U256;

use crate::input::bytes::{Bytes, Word};
use crate::input::hash::keccak256;
use crate::input::{CallInput, Input, PrehashInput, ScalarInput, Surface};
use crate::judge::fact::{Fact, classify};
use crate::judge::finding::{Asked, Culprit, Fault, Finding};
use crate::judge::{Harness, Verdict};
use crate::reference::answer::{Answer, ECRECOVER_GAS, Expectation, Recovery};
use crate::subject::{Identity, Outcome, OutcomeKind, Subject, ask};

/// How many threads ask at once.
pub const THREADS: usize = 2;
/// How often each of them asks all that it asks.
const ROUNDS: usize = 2;
/// How many questions that have a key they ask.
const AT_ONCE: usize = 5;
/// What a relative has in the place of a part that it does not share: with any digest and a sound s, this r
/// and an even y recover a key.
const OTHER: ScalarInput =
    ScalarInput { digest: Word([0x44; 32]), r: Word([0x22; 32]), s: Word([0x33; 32]), recovery_id: 0 };
/// What an input without a key has in the place of r, s and recovery id.
const SOUND: ScalarInput =
    ScalarInput { digest: Word([0x44; 32]), r: Word([0x33; 32]), s: Word([0x55; 32]), recovery_id: 0 };

/// Tries the law with an input on every subject. A wrong answer that no memory explains is a finding as any.
pub fn check(input: &Input, harness: Harness<'_>) -> Vec<Finding> {
    if harness.subjects.is_empty() {
        return Vec::new();
    }
    let family = Family::of(input, harness.twin);
    let findings = family.findings(harness);
    if findings.is_empty() {
        return findings;
    }
    // What the twin calls right must be so before anybody is called wrong.
    let mut wrong =
        family.questions.iter().filter_map(|question| Finding::of_twin(&question.input, question.right));
    match wrong.next() {
        None => findings,
        Some(wrong) => {
            let by_reference = Family::of(input, ScalarInput::recover_by_reference).findings(harness);
            std::iter::once(wrong).chain(by_reference).collect()
        }
    }
}

impl Family {
    /// What the subjects do wrong with it.
    fn findings(&self, harness: Harness<'_>) -> Vec<Finding> {
        let order = self.order();
        let (mut findings, mut steady) = (Vec::new(), Vec::new());
        for subject in harness.subjects {
            let subject = subject.as_ref();
            let outcomes = order.iter().map(|index| ask(subject, &self.questions[*index].input)).collect();
            let asked = InTurn { subject, family: self, order: &order, outcomes, harness };
            let found = asked.findings();
            if !found.iter().any(|finding| matches!(finding.fault, Fault::Memory { .. })) {
                steady.push(AtOnce { subject, alone: asked.at_once() });
            }
            findings.extend(found);
        }
        findings.extend(at_once(&steady, self));
        findings
    }
}

/// An input with what is right.
struct Question {
    input: Input,
    facts: BTreeSet<Fact>,
    right: Expectation,
}

/// An input and its relatives: the input first, its neighbours and those that fail whatever the input is last.
struct Family {
    questions: Vec<Question>,
    /// How many come before the neighbours.
    apart: usize,
    /// The one that they are neighbours of, on each surface.
    bases: Vec<usize>,
}

impl Family {
    fn of(input: &Input, twin: Recovery) -> Self {
        let base = base(input, twin);
        let (related, next) = relatives(input, base);
        let mut inputs = vec![input.clone()];
        let mut add = |related: Vec<Input>| {
            for related in related {
                if !inputs.contains(&related) {
                    inputs.push(related);
                }
            }
            inputs.len()
        };
        let apart = add(related);
        add(next);
        let on_surface = |surface| {
            let is_base = |other: &Input| other.surface() == surface && asks(other) == base;
            inputs[..apart].iter().position(is_base)
        };
        let bases = Surface::ALL.into_iter().filter_map(on_surface).collect();
        let question = |input: Input| {
            let answer = Answer::by(twin, &input);
            Question { facts: classify(&input, &answer), right: answer.expectation, input }
        };
        Self { questions: inputs.into_iter().map(question).collect(), apart, bases }
    }

    /// The input and what is related to it, the one that has neighbours again after each of them and after each
    /// question that fails, and backwards.
    fn order(&self) -> Vec<usize> {
        // Each between the base on its surface and that again: few subjects have all surfaces.
        let surface = |index: usize| self.questions[index].input.surface();
        let mut order: Vec<_> = (0..self.apart).collect();
        for next in self.apart..self.questions.len() {
            let base = self.bases.iter().copied().find(|base| surface(*base) == surface(next)).unwrap_or(0);
            if order.last() != Some(&base) {
                order.push(base);
            }
            order.extend([next, base]);
        }
        order.extend((0..self.apart).rev());
        order
    }
}

/// What shares a part with an input, and what is next to it or fails: on the input's surface, and one of each on the
/// others. Few subjects take a prehash, so that its relatives are asked as scalars too.
fn relatives(input: &Input, base: ScalarInput) -> (Vec<Input>, Vec<Input>) {
    let ScalarInput { digest, r, recovery_id, .. } = base;
    let (parity, zero) = (recovery_id & 1, Word([0; 32]));
    let related = [
        base,
        ScalarInput { recovery_id: recovery_id ^ 1, ..base },
        ScalarInput { digest: OTHER.digest, ..base },
        ScalarInput { s: OTHER.s, ..base },
        ScalarInput { r: OTHER.r, recovery_id: parity, ..base },
        ScalarInput { digest, ..OTHER },
        ScalarInput { r, recovery_id, ..OTHER },
    ];
    let failing = [
        ScalarInput { r: zero, ..base },
        ScalarInput { s: zero, ..base },
        ScalarInput { recovery_id: recovery_id | 4, ..base },
    ];
    let next: Vec<_> = neighbours(&base).chain(failing).collect();
    let surfaces: &[fn(&ScalarInput) -> Input] = match input {
        Input::Scalar(_) => &[scalar],
        Input::Call(_) => &[call],
        Input::Prehash(_) => &[prehash, scalar],
    };
    let on_surfaces = |scalars: &[ScalarInput]| -> Vec<Input> {
        surfaces.iter().flat_map(|surface| scalars.iter().map(surface)).collect()
    };
    let (mut related, mut next) = (on_surfaces(&related), on_surfaces(&next));
    if let Input::Prehash(kept) = input {
        // Of any length, as long as the digest is shared.
        for related in related.iter_mut().chain(&mut next) {
            if let Input::Prehash(prehash) = related
                && prehash.prehash.0 == digest.0
            {
                prehash.prehash = kept.prehash.clone();
            }
        }
    }
    let as_call = ScalarInput { recovery_id: parity, ..base };
    related.extend([scalar(&base), call(&as_call), prehash(&base)]);
    next.extend([(96, CallInput::AMPLE_GAS), (128, ECRECOVER_GAS - 1)].map(|(length, gas)| {
        let calldata = Bytes(calldata(&as_call)[..length].to_vec());
        Input::Call(CallInput { calldata, gas })
    }));
    (related, next)
}

/// The input with one bit of digest, r or s changed: the highest, the lowest and one in the middle, so that a key
/// of any part of them leaves one out.
fn neighbours(base: &ScalarInput) -> impl Iterator<Item = ScalarInput> {
    let changed = |word: Word, bit: usize| Word::from(word.number() ^ (U256::ONE << bit));
    [255, 127, 0].into_iter().flat_map(move |bit| {
        [
            ScalarInput { digest: changed(base.digest, bit), ..*base },
            ScalarInput { r: changed(base.r, bit), ..*base },
            ScalarInput { s: changed(base.s, bit), ..*base },
        ]
    })
}

/// What an input asks recovery, with a recovery id in range. One without a key would have few relatives with one,
/// and so gets another r and s.
fn base(input: &Input, twin: Recovery) -> ScalarInput {
    let base = asks(input);
    if twin(&base).is_ok() { base } else { ScalarInput { digest: base.digest, ..SOUND } }
}

fn asks(input: &Input) -> ScalarInput {
    let base = match input {
        Input::Scalar(scalar) => *scalar,
        Input::Prehash(prehash) => prehash.leftmost(),
        Input::Call(call) => {
            let [digest, v, r, s] = call.words();
            ScalarInput { digest, r, s, recovery_id: u8::from(v.0[31] == 28) }
        }
    };
    ScalarInput { recovery_id: base.recovery_id & 3, ..base }
}

fn scalar(input: &ScalarInput) -> Input {
    Input::Scalar(*input)
}

fn call(input: &ScalarInput) -> Input {
    Input::Call(CallInput { calldata: Bytes(calldata(input)), gas: CallInput::AMPLE_GAS })
}

/// The calldata for any recovery id, in range or not.
fn calldata(input: &ScalarInput) -> Vec<u8> {
    CallInput::with_v(input, U256::from(27 + u16::from(input.recovery_id))).calldata.0
}

fn prehash(input: &ScalarInput) -> Input {
    let ScalarInput { digest, r, s, recovery_id } = *input;
    Input::Prehash(PrehashInput { prehash: Bytes(digest.0.to_vec()), r, s, recovery_id })
}

/// What a subject answered in turn.
struct InTurn<'a> {
    subject: &'a dyn Subject,
    family: &'a Family,
    /// Which question was asked when.
    order: &'a [usize],
    outcomes: Vec<Outcome>,
    harness: Harness<'a>,
}

impl InTurn<'_> {
    /// The first answer that only memory explains; else every question that is answered wrongly. What is wrong
    /// with the input itself, without a memory, is found before any law is tried.
    fn findings(&self) -> Vec<Finding> {
        let mut wrong = Vec::new();
        for index in 0..self.family.questions.len() {
            let times: Vec<_> = (0..self.order.len()).filter(|at| self.order[*at] == index).collect();
            if let Some(fault) = self.memory(index, &times) {
                return vec![self.finding(index, fault)];
            }
            let mut news = times.iter().filter(|at| index > 0 || lost(&self.outcomes[**at]));
            let fault = news.find_map(|at| self.fault(*at));
            wrong.extend(fault.map(|fault| self.finding(index, *fault)));
        }
        wrong
    }

    /// The answer to a question that depends on what was asked before it, if any does.
    fn memory(&self, index: usize, times: &[usize]) -> Option<Fault> {
        // What is lost says nothing about memory: it is wrong by itself.
        let told: Vec<_> = times.iter().copied().filter(|at| !lost(&self.outcomes[*at])).collect();
        let unlike = |at: usize| {
            told.iter().copied().filter(move |other| !same(&self.outcomes[*other], &self.outcomes[at]))
        };
        let before = |at: usize| unlike(at).rfind(|other| *other < at);
        let wrong: Vec<_> = told.iter().copied().filter(|at| self.fault(*at).is_some()).collect();
        let differs = told.first().and_then(|first| unlike(*first).next());
        let at = match differs {
            // Best the answer that is wrong after another.
            Some(differs) => {
                let changed = wrong.iter().copied().find(|at| before(*at).is_some());
                changed.or(wrong.first().copied()).unwrap_or(differs)
            }
            None => wrong.first().copied().filter(|at| self.is_remembered(*at))?,
        };
        let otherwise = unlike(at).next();
        let mut after = self.sources(at);
        if after.is_empty() {
            let begin = before(at).map_or(0, |begin| begin + 1);
            after = (begin..at).map(|at| self.input_at(at)).collect();
        }
        Some(Fault::Memory {
            asked: Asked::After(after),
            outcome: self.outcomes[at].clone(),
            otherwise: otherwise.map(|other| self.outcomes[other].clone()),
            right: self.family.questions[index].right,
        })
    }

    /// What the judge says against the answer of this turn by itself.
    fn fault(&self, at: usize) -> Option<Box<Fault>> {
        let Harness { divergences, compare, .. } = self.harness;
        let Question { facts, right, .. } = &self.family.questions[self.order[at]];
        match compare(self.subject.identity(), &self.outcomes[at], facts, right, divergences) {
            Verdict::Finding { fault } => Some(fault),
            Verdict::Agreed | Verdict::Documented { .. } | Verdict::Unsupported => None,
        }
    }

    /// What was asked before this turn and rightly given what is given wrongly now: each once, the last asked last.
    fn sources(&self, at: usize) -> Vec<Input> {
        let right = &self.family.questions[self.order[at]].right;
        let mut sources = Vec::new();
        for earlier in (0..at).rev() {
            let Question { input, right: given, .. } = &self.family.questions[self.order[earlier]];
            let gave = |at: usize| match given {
                Expectation::Recovered { public_key, .. } => self.outcomes[at].gave(public_key),
                Expectation::Rejected(_) => false,
            };
            if given != right && gave(earlier) && gave(at) && !sources.contains(input) {
                sources.push(input.clone());
            }
        }
        sources.reverse();
        sources
    }

    /// Whether an answer that is always wrong is that to an earlier question because that was asked. A subject
    /// that takes the one input for the other without a memory does so with digests that it never saw.
    fn is_remembered(&self, at: usize) -> bool {
        let (sources, doubtful) = (self.sources(at), self.input_at(at));
        let fresh = with_fresh_digest(&doubtful, &doubtful).filter(|_| !sources.is_empty());
        let Some(fresh) = fresh else { return false };
        let outcome = ask(self.subject, &fresh);
        let is_taken_for = |source: &Input| {
            let fresh = with_fresh_digest(source, &doubtful).map(|source| Answer::to(&source).expectation);
            matches!(fresh, Some(Expectation::Recovered { public_key, .. }) if outcome.gave(&public_key))
        };
        !sources.iter().any(is_taken_for)
    }

    fn input_at(&self, at: usize) -> Input {
        self.family.questions[self.order[at]].input.clone()
    }

    fn finding(&self, index: usize, fault: Fault) -> Finding {
        finding(self.subject.identity(), fault, &self.family.questions[index].input)
    }

    /// What several threads ask: the first questions that have a key, and the first that fails.
    fn at_once(&self) -> Vec<(usize, Outcome)> {
        let first = |index| self.order.iter().position(|asked| *asked == index);
        let answers = (0..self.family.questions.len())
            .filter_map(|index| Some((index, self.outcomes[first(index)?].clone())));
        let (recovered, others): (Vec<_>, Vec<_>) =
            answers.partition(|(_, outcome)| outcome.kind() == OutcomeKind::Recovered);
        let fails =
            |(_, outcome): &(usize, Outcome)| !lost(outcome) && outcome.kind() != OutcomeKind::Unsupported;
        recovered.into_iter().take(AT_ONCE).chain(others.into_iter().find(fails)).collect()
    }
}

/// A subject, and what several threads ask it: questions, with the answers that it gave to one.
struct AtOnce<'a> {
    subject: &'a dyn Subject,
    alone: Vec<(usize, Outcome)>,
}

impl AtOnce<'_> {
    /// Asks as one of the threads: these forwards, those backwards. Gives the first answer that changed.
    fn ask(&self, thread: usize, family: &Family, meeting: &Meeting) -> Option<(usize, Outcome)> {
        let mut changed = None;
        for _ in 0..ROUNDS {
            meeting.wait();
            for step in 0..self.alone.len() {
                let step = if thread.is_multiple_of(2) { step } else { self.alone.len() - 1 - step };
                let (index, alone) = &self.alone[step];
                let outcome = ask(self.subject, &family.questions[*index].input);
                if !same(&outcome, alone) {
                    changed.get_or_insert((*index, outcome));
                }
            }
        }
        changed
    }
}

/// Asks subjects by several threads at once, and holds the answers to those that they gave to one.
fn at_once(subjects: &[AtOnce<'_>], family: &Family) -> Vec<Finding> {
    let meeting = Meeting::default();
    // A subject's panic is an outcome, and nothing else here panics: no thread waits for one that is gone.
    let work =
        |thread| -> Vec<_> { subjects.iter().map(|subject| subject.ask(thread, family, &meeting)).collect() };
    let by_thread: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (1..THREADS).map(|thread| scope.spawn(move || work(thread))).collect();
        let own = work(0);
        let others = others
            .into_iter()
            .map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        [own].into_iter().chain(others).collect()
    });
    let finding = |(number, asked): (usize, &AtOnce<'_>)| {
        let (index, outcome) = by_thread.iter().find_map(|thread| thread[number].clone())?;
        let Question { input, right, .. } = &family.questions[index];
        let otherwise = asked.alone.iter().find(|(asked, _)| *asked == index).map(|(_, alone)| alone.clone());
        let relative = Box::new(family.questions[0].input.clone());
        let asked_at_once = Asked::AtOnce { threads: THREADS, relative };
        let fault = Fault::Memory { asked: asked_at_once, outcome, otherwise, right: *right };
        Some(finding(asked.subject.identity(), fault, input))
    };
    subjects.iter().enumerate().filter_map(finding).collect()
}

/// Where threads wait for each other without sleeping at first: they must begin at once, and not one after the
/// other has ended.
#[derive(Default)]
struct Meeting {
    /// How often a thread came.
    came: AtomicUsize,
}

impl Meeting {
    /// How often a thread lets others run before it sleeps.
    const YIELDS: usize = 200;

    fn wait(&self) {
        let place = self.came.fetch_add(1, Ordering::SeqCst);
        let complete = (place / THREADS + 1) * THREADS;
        let mut yields = 0;
        while self.came.load(Ordering::SeqCst) < complete {
            if yields < Self::YIELDS {
                thread::yield_now();
                yields += 1;
            } else {
                thread::sleep(Duration::from_micros(50));
            }
        }
    }
}

fn finding(subject: &Identity, fault: Fault, input: &Input) -> Finding {
    let culprit = Culprit::Subject(subject.name.to_owned());
    Finding { culprit, fault, input: Some(input.clone()) }
}

/// Whether two answers are one, whatever their words.
fn same(one: &Outcome, other: &Outcome) -> bool {
    match (one, other) {
        (Outcome::Recovered { .. }, Outcome::Recovered { .. }) => one == other,
        _ => one.kind() == other.kind(),
    }
}

/// Whether the subject's process was gone or silent.
fn lost(outcome: &Outcome) -> bool {
    matches!(outcome.kind(), OutcomeKind::Died | OutcomeKind::Hung)
}

/// An input with another digest, of its own and of what is in doubt, which nobody was asked before; none where
/// it has no bytes of a digest.
fn with_fresh_digest(input: &Input, in_doubt: &Input) -> Option<Input> {
    let fresh = |digest: &[u8]| keccak256(&[format!("{in_doubt:?}").as_bytes(), digest].concat());
    let fresh_in = |bytes: &Bytes| {
        let (digest, rest) = bytes.0.split_at(bytes.0.len().min(32));
        let fresh = &fresh(digest)[..digest.len()];
        (!digest.is_empty()).then(|| Bytes([fresh, rest].concat()))
    };
    Some(match input {
        Input::Scalar(scalar) => {
            Input::Scalar(ScalarInput { digest: Word(fresh(&scalar.digest.0)), ..*scalar })
        }
        Input::Prehash(prehash) => {
            Input::Prehash(PrehashInput { prehash: fresh_in(&prehash.prehash)?, ..prehash.clone() })
        }
        Input::Call(call) => Input::Call(CallInput { calldata: fresh_in(&call.calldata)?, gas: call.gas }),
    })
}
