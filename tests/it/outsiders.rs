//! Programs as subjects, as the command line's users have them: the adapters of `subjects/`, and a program that
//! answers from a book of right answers, so that some of it runs everywhere.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::misbehaviour::nothing_is_left;
use crate::protocol::{corpus_inputs, request, schema};
use crate::support::{corpus_folder, ecrecheck, refuses, run, skipped, stdout, succeeds};
use ecrecheck::corpus::{Corpus, load_cases};
use ecrecheck::generate::{STRATEGIES, generate};
use ecrecheck::input::Input;
use ecrecheck::judge::law::Laws;
use ecrecheck::judge::{Divergence, Harness, Judged, Question, Verdict, examine_all, judge_all, verdict};
use ecrecheck::outsider::{Settings, Spec};
use ecrecheck::reference::answer::{Answer, Expectation, Refusal};
use ecrecheck::run::fuzz::bytes;
use ecrecheck::subject::Subject;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A program that knows the right answers to the corpus's inputs.
pub(crate) struct Book {
    pub(crate) folder: TempDir,
}

impl Book {
    /// With another answer in the place of each where `wrong` gives one; what is not in the book is answered so.
    pub(crate) fn new(otherwise: &str, wrong: impl Fn(&Input) -> Option<Value>) -> Self {
        let folder = TempDir::new().unwrap();
        let mut script = r#"
printf '%s\n' '{"ecrecheck":1,"name":"book","version":"1.0.0","operations":["recover","prehash","call"]}'
while IFS= read -r line; do
  id=${line#*\"id\":} id=${id%%,*}
  case ${line#*,} in
"#
        .to_owned();
        for input in corpus_inputs() {
            let line = String::from_utf8(request(1, &input)).unwrap();
            let question = line.trim_end().split_once(',').unwrap().1;
            let answer = wrong(&input).unwrap_or_else(|| right(&input)).to_string();
            let members = answer.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
            writeln!(script, "  '{question}') answer='{members}' ;;").unwrap();
        }
        script += &format!("  *) {otherwise} ;;\n  esac\n");
        script += r#"  printf '{"id":%s,%s}\n' "$id" "$answer"
done
"#;
        fs::write(folder.path().join("book.sh"), script).unwrap();
        Self { folder }
    }

    pub(crate) fn spec(&self) -> String {
        format!("sh {}", self.folder.path().join("book.sh").display())
    }
}

pub(crate) const UNKNOWN: &str = r#"answer='"unsupported":"what is not in the book"'"#;

/// The right answer, of which the reference is the authority.
fn right(input: &Input) -> Value {
    match (input, Answer::to(input).expectation) {
        (Input::Call(_), Expectation::Recovered { address, .. }) => {
            let word = format!("0x{:0>64}", address.to_string()[2..].to_lowercase());
            json!({"returndata": word, "success": true, "gas_used": 3000})
        }
        (Input::Call(call), Expectation::Rejected(Refusal::OutOfGas)) => {
            json!({"returndata": "0x", "success": false, "gas_used": call.gas})
        }
        (Input::Call(_), Expectation::Rejected(_)) => json!({"returndata": "0x", "success": true}),
        (_, Expectation::Recovered { public_key, .. }) => json!({"key": public_key}),
        (_, Expectation::Rejected(refusal)) => json!({"rejected": refusal.to_string()}),
    }
}

/// The corpus's case of this id.
fn input(id: &str) -> Input {
    let formats = Corpus::load(&corpus_folder()).unwrap().formats;
    let cases = load_cases(&corpus_folder().join("cases"), &formats).unwrap();
    cases.into_iter().find(|case| case.id == id).unwrap().inputs.unwrap().remove(0)
}

#[test]
fn check_judges_a_program_as_any_subject() {
    let book = Book::new(UNKNOWN, |_| None);
    let report: Value =
        serde_json::from_str(&succeeds(&["check", "--subject", &book.spec(), "--json"])).unwrap();
    assert_eq!(report["verdict"], "agreed");
    assert_eq!(report["subjects"].as_array().unwrap().len(), 8);
    assert_eq!(report["subjects"][0]["name"], "book");
    assert_eq!(report["subjects"][0]["entry"], book.spec());
    let high_s = &report["matrix"]["high-s"];
    assert_eq!(high_s["subjects"]["book"]["agreed"], high_s["cases"]);

    let named = format!("mine-1.0={}", book.spec());
    let file = corpus_folder().join("cases/infinity.toml");
    let text = succeeds(&["check", "--subject", &named, "--cases", file.to_str().unwrap()]);
    assert!(text.contains("\nmine-1.0 "), "{text}");
}

#[test]
fn a_wrong_answer_is_a_finding_with_a_command_that_asks_again() {
    let wrong = input("infinity::even");
    let book = Book::new(UNKNOWN, |input| {
        (*input == wrong).then(|| json!({"address": "0x3f17f1962b36e491b30a40b2405849e597ba5fb5"}))
    });
    let file = corpus_folder().join("cases/infinity.toml");
    let file = file.to_str().unwrap();
    let output = run(&["check", "--subject", &book.spec(), "--cases", file]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("FINDING  infinity::even ("), "{text}");
    assert!(text.contains("book: gives 0x3f17f1962B36e491b30A40b2405849e597Ba5FB5, but "), "{text}");
    assert!(text.lines().last().unwrap().starts_with("FAILED: 1 failure; "), "{text}");

    let command = text.lines().find_map(|line| line.trim().strip_prefix("reproduce: ecrecheck ")).unwrap();
    assert!(command.ends_with(&format!(" --subject '{}'", book.spec())), "{command}");
    let again = ecrecheck().args(shlex::split(command).unwrap()).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(stdout(&again).contains("book 1.0.0"), "{}", stdout(&again));

    let replayed = run(&["replay", file, "--subject", &book.spec()]);
    assert_eq!(replayed.status.code(), Some(1));
    assert!(stdout(&replayed).contains("FINDING  infinity::even ("), "{}", stdout(&replayed));

    // Documented, it is none; and once it is documented it must be seen.
    let divergences = book.folder.path().join("divergences.toml");
    let entry = |facts: &str| {
        format!(
            "[[divergence]]\nid = \"book\"\nsubjects = [\"book\"]\nversions = \">=1\"\nfacts = [{facts}]\n\
             reference = \"rejected\"\noutcome = \"recovered\"\nwhy = \"planted\"\nlink = \"-\"\n"
        )
    };
    let case = book.folder.path().join("case.toml");
    let cases = fs::read_to_string(file).unwrap();
    let one = cases.split("[[case]]").find(|case| case.contains("\"infinity::even\"")).unwrap();
    fs::write(&case, format!("[[case]]{one}")).unwrap();
    let with = |facts: &str, cases: &str| {
        fs::write(&divergences, entry(facts)).unwrap();
        let divergences = divergences.to_str().unwrap();
        run(&["check", "--subject", &book.spec(), "--cases", cases, "--divergences", divergences])
    };
    assert_eq!(with("\"q-infinity\"", case.to_str().unwrap()).status.code(), Some(0));
    let more = with("\"q-infinity\"", file);
    assert_eq!(more.status.code(), Some(1));
    assert!(stdout(&more).contains("divergence `book` documents recovered"), "{}", stdout(&more));
}

#[test]
fn fuzz_writes_what_ends_a_program_and_the_replay_ends_it_again() {
    let book = Book::new("echo 'not in the book' >&2; exit 1", |_| None);
    let out = TempDir::new().unwrap();
    let with = ["--subject", &book.spec(), "--strategy", "valid", "--jobs", "2"];
    let output =
        run(&[&["fuzz", "--cases", "40", "--out", out.path().to_str().unwrap()], &with[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    let finding =
        text.lines().find(|line| line.starts_with("FINDING  book: gives died: exit status: 1")).unwrap();
    assert!(finding.contains("stderr: not in the book"), "{finding}");
    let command = text.lines().find_map(|line| line.trim().strip_prefix("reproduce: ecrecheck ")).unwrap();
    assert!(command.ends_with(&format!(" --subject '{}'", book.spec())), "{command}");
    let again = ecrecheck().args(shlex::split(command).unwrap()).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(stdout(&again).contains("book: gives died: exit status: 1"), "{}", stdout(&again));

    let quiet = Book::new(UNKNOWN, |_| None);
    let with = ["--subject", &quiet.spec(), "--strategy", "valid"];
    let output = run(&[&["fuzz", "--cases", "40"], &with[..]].concat());
    assert_eq!(output.status.code(), Some(2), "it was not asked anything");
    assert!(stdout(&output).contains("40 n/a"), "{}", stdout(&output));
}

#[test]
fn recover_shows_a_programs_outcome_beside_the_others() {
    let wrong = input("high-s::simulator-root");
    let book =
        Book::new(UNKNOWN, |input| (*input == wrong).then(|| json!({"panicked": "TypeError: x\nis null"})));
    let Input::Scalar(wrong) = wrong else { panic!() };
    let signature = format!("0x{}", const_hex::encode(wrong.rs()));
    let (digest, id) = (wrong.digest.to_string(), wrong.recovery_id.to_string());
    let asked = ["recover", "--digest", &digest, "--signature", &signature, "--recovery-id", &id];
    let output = run(&[&asked[..], &["--subject", &book.spec()]].concat());
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("\nbook 1.0.0 "), "{text}");
    assert!(text.contains(" panicked: TypeError: x\\nis null "), "{text}");
}

#[test]
fn a_program_that_cannot_be_used_is_a_line() {
    let spec = "nosuchprogram --at 'all here'";
    let line = refuses(&["check", "--subject", spec]);
    assert_eq!(line, format!("subject `{spec}`: there is no such program"));
    let line = refuses(&["recover", "--calldata", "0x", "--subject", "sh -c 'echo no >&2; exit 9'"]);
    assert!(line.ends_with("it ended before its hello (exit status: 9); stderr: no"), "{line}");

    // One that gives the wrong signer is not wired up: that is no finding.
    let first = Book::new(UNKNOWN, |_| Some(json!({"rejected": "all"})));
    let line = refuses(&["check", "--subject", &first.spec()]);
    assert!(line.starts_with("subject book does not recover a known signature, so that nothing else it says would count: it gives rejected for "), "{line}");

    let book = Book::new(UNKNOWN, |_| None);
    let twice = ["check", "--subject", &book.spec(), "--subject", &book.spec()];
    assert_eq!(refuses(&twice), "two subjects are called `book`: rename one with --subject NAME=…");
}

/// A command that was interrupted while a program hangs on a question of it.
struct Interrupted {
    folder: TempDir,
    child: Child,
}

#[cfg(unix)]
impl Interrupted {
    fn start(arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let groups = folder.path().join("groups");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outsiders/wrong.sh");
        // Prehashes alone: what every subject is asked first does not reach it.
        let spec = format!("sh {} always-hangs {} prehash", script.display(), groups.display());
        let mut command = ecrecheck();
        command.args(arguments).args(["--subject", &spec, "--timeout", "600"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !groups.exists() {
            assert!(
                child.try_wait().unwrap().is_none() && Instant::now() < deadline,
                "it starts the program"
            );
            thread::sleep(Duration::from_millis(10));
        }
        thread::sleep(Duration::from_millis(500));
        Self { folder, child }
    }

    fn signalled(mut self, signals: &[rustix::process::Signal]) {
        let pid = rustix::process::Pid::from_child(&self.child);
        for signal in signals {
            // The first may have ended it.
            let _ = rustix::process::kill_process(pid, *signal);
            thread::sleep(Duration::from_millis(200));
        }
        let deadline = Instant::now() + Duration::from_secs(60);
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(Instant::now() < deadline, "it ends"),
            }
            thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(status.code(), Some(130));
        nothing_is_left(&self.folder.path().join("groups"));
    }
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_leaves_no_program_behind() {
    use rustix::process::Signal;

    let signature = format!("0x{}", "01".repeat(65));
    let recover = ["recover", "--prehash", "0x00", "--signature", &signature];
    let cases = corpus_folder().join("cases/prehash.toml");
    let check = ["check", "--cases", cases.to_str().unwrap()];
    let replay = ["replay", cases.to_str().unwrap()];
    // Whatever it finds is not kept in the corpus.
    let out = TempDir::new().unwrap();
    let out = out.path().to_str().unwrap();
    let fuzz = ["fuzz", "--strategy", "prehash", "--jobs", "1", "--seconds", "600", "--out", out];
    let running = [
        (Interrupted::start(&recover), &[Signal::INT][..]),
        (Interrupted::start(&check), &[Signal::INT]),
        (Interrupted::start(&replay), &[Signal::TERM]),
        (Interrupted::start(&fuzz), &[Signal::INT]),
    ];
    for (interrupted, signals) in running {
        interrupted.signalled(signals);
    }
}

/// An implementation in another language.
struct Adapter {
    /// In `subjects/`.
    file: &'static str,
    program: &'static str,
    /// Whether it can be asked for prehashes; calls it cannot.
    prehashes: bool,
}

const NOBLE: Adapter = Adapter { file: "javascript/noble.mjs", program: "node", prehashes: true };
const ELLIPTIC: Adapter = Adapter { file: "javascript/elliptic.mjs", program: "node", prehashes: true };
const COINCURVE: Adapter = Adapter { file: "python/coincurve.py", program: "python3", prehashes: false };

static NPM: LazyLock<bool> = LazyLock::new(|| NOBLE.is_there() && ELLIPTIC.is_there());
static PIP: LazyLock<bool> = LazyLock::new(|| COINCURVE.is_there());

fn subjects_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("subjects")
}

impl Adapter {
    fn spec(&self) -> String {
        let installed = subjects_folder().join("python/venv/bin/python");
        let program = if self.program == "python3" && installed.exists() {
            installed.display().to_string()
        } else {
            self.program.to_owned()
        };
        format!("{program} {}", subjects_folder().join(self.file).display())
    }

    fn open(&self) -> Box<dyn Subject> {
        self.spec().parse::<Spec>().unwrap().open(&Settings::default()).unwrap()
    }

    /// Whether its runtime and its packages are there.
    fn is_there(&self) -> bool {
        self.spec().parse::<Spec>().unwrap().open(&Settings::default()).is_ok()
    }

    /// What is known to differ.
    fn divergences(&self) -> Vec<Divergence> {
        let (name, _) = self.file.split_once('.').unwrap();
        let file = subjects_folder().join(format!("{name}.divergences.toml"));
        if file.exists() { Divergence::load(&file).unwrap() } else { Vec::new() }
    }
}

/// The adapters that can be run here; what cannot is said.
fn adapters() -> Vec<Adapter> {
    let mut there = Vec::new();
    if *NPM {
        there.extend([NOBLE, ELLIPTIC]);
    } else {
        skipped("subjects noble.mjs and elliptic.mjs", "`subjects/setup javascript`");
    }
    if *PIP {
        there.push(COINCURVE);
    } else {
        skipped("subject coincurve.py", "`subjects/setup python`");
    }
    there
}

#[test]
fn adapters_are_short() {
    for adapter in [NOBLE, ELLIPTIC, COINCURVE] {
        let lines = fs::read_to_string(subjects_folder().join(adapter.file)).unwrap().lines().count();
        assert!(lines <= 25, "{}: {lines} lines", adapter.file);
    }
}

#[test]
fn adapters_agree_on_the_corpus_and_on_generated_cases() {
    let corpus = Corpus::load(&corpus_folder()).unwrap();
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let generated: Vec<_> = (0..300).map(|number| generate(&bytes(5, number), &strategies)).collect();
    let adapters = adapters();
    let subjects: Vec<_> = adapters.iter().map(Adapter::open).collect();
    let divergences: Vec<_> = adapters.iter().flat_map(Adapter::divergences).collect();

    let of_corpus = corpus.cases.iter().flat_map(|case| case.asked());
    let of_corpus = of_corpus.map(|input| Question { input, constructed: None, laws: Laws::Skip });
    let generated = generated.iter().map(|case| Question {
        input: &case.input,
        constructed: case.known.as_ref(),
        laws: Laws::Skip,
    });
    let questions: Vec<_> = of_corpus.chain(generated).collect();
    let examined = examine_all(&questions, Harness::new(&subjects, &divergences));
    let mut shown = BTreeSet::new();
    for (question, examined) in questions.iter().zip(&examined) {
        for (adapter, (name, _, verdict)) in adapters.iter().zip(&examined.judged.subjects) {
            let can = match question.input {
                Input::Scalar(_) => true,
                Input::Prehash(_) => adapter.prehashes,
                Input::Call(_) => false,
            };
            assert_eq!(can, *verdict != Verdict::Unsupported, "{name}: {:?}", question.input);
            match verdict {
                Verdict::Documented { divergence } => drop(shown.insert(divergence.clone())),
                Verdict::Finding { fault } => panic!("{name}: {fault}: {:?}", question.input),
                _ => {}
            }
        }
    }
    let ids: BTreeSet<_> = divergences.iter().map(|divergence| divergence.id.clone()).collect();
    assert_eq!(shown, ids, "every divergence shows");
}

#[test]
fn adapters_speak_the_protocol_of_the_schema_and_end_with_their_input() {
    let (hello, answer) = (schema("hello"), schema("answer"));
    for adapter in adapters() {
        let words = shlex::split(&adapter.spec()).unwrap();
        let mut child = Command::new(&words[0])
            .args(&words[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut lines = BufReader::new(stdout).lines().map(|line| line.unwrap());
        let first: Value = serde_json::from_str(&lines.next().unwrap()).unwrap();
        assert!(hello.is_valid(&first), "{first}");
        let operations = first["operations"].as_array().unwrap();
        let questions: Vec<_> = (1..)
            .zip(corpus_inputs())
            .map(|(id, input)| request(id, &input))
            .filter(|line| {
                let value: Value = serde_json::from_slice(line).unwrap();
                operations.contains(&value["op"])
            })
            .collect();
        let all = questions.concat();
        let writes = thread::spawn(move || stdin.write_all(&all).unwrap());
        let answers: Vec<Value> = lines.map(|line| serde_json::from_str(&line).unwrap()).collect();
        writes.join().unwrap();
        assert!(child.wait().unwrap().success(), "{} ends", adapter.file);
        assert_eq!(answers.len(), questions.len(), "{}", adapter.file);
        for (question, said) in questions.iter().zip(&answers) {
            assert!(answer.is_valid(said), "{}: {said}", adapter.file);
            let question: Value = serde_json::from_slice(question).unwrap();
            assert_eq!(question["id"], said["id"], "{}", adapter.file);
        }
    }
}

#[test]
fn elliptic_deviates_as_documented_and_in_nothing_else() {
    if !*NPM {
        return skipped("elliptic's divergences", "`subjects/setup javascript`");
    }
    let subject = ["check", "--subject", &ELLIPTIC.spec()];
    let output = run(&subject);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    for (case, reason) in [("s-zero", "s-zero"), ("s-n", "s-ge-n"), ("r-max", "r-ge-n")] {
        let (_, finding) = text.split_once(&format!("FINDING  scalar-range::{case} (")).unwrap();
        let mut lines = finding.lines().skip(1);
        let what = lines.next().unwrap();
        assert!(what.starts_with("  elliptic: gives 0x"), "{what}");
        assert!(what.ends_with(&format!(", but rejected ({reason}) is right")), "{what}");
        let command = lines.next().unwrap().trim().strip_prefix("reproduce: ecrecheck ").unwrap();
        let again = ecrecheck().args(shlex::split(command).unwrap()).output().unwrap();
        assert_eq!(again.status.code(), Some(1), "{command}");
    }

    let file = subjects_folder().join("javascript/elliptic.divergences.toml");
    succeeds(&[&subject[..], &["--divergences", file.to_str().unwrap()]].concat());
}

#[test]
fn without_one_of_its_divergences_elliptic_has_findings() {
    if !*NPM {
        return skipped("elliptic without its divergences", "`subjects/setup javascript`");
    }
    let elliptic = [ELLIPTIC.open()];
    let inputs = corpus_inputs();
    let judged = judge_all(&inputs.iter().collect::<Vec<_>>(), Harness::new(&elliptic, &[]));
    let findings = |divergences: &[Divergence]| {
        let is_finding = |judged: &&Judged| {
            let Judged { facts, reference, subjects, .. } = judged;
            let verdict = verdict(elliptic[0].identity(), &subjects[0].1, facts, reference, divergences);
            matches!(verdict, Verdict::Finding { .. })
        };
        judged.iter().filter(is_finding).count()
    };
    let divergences = ELLIPTIC.divergences();
    assert_eq!(findings(&divergences), 0);
    for left_out in 0..divergences.len() {
        let mut fewer = divergences.clone();
        let divergence = fewer.remove(left_out);
        assert!(findings(&fewer) > 0, "without `{}`", divergence.id);
    }
}

/// A program that can express no question agrees with nothing.
#[test]
#[cfg(unix)]
fn a_program_that_was_asked_nothing_does_not_agree() {
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("mute.sh");
    let text = r#"echo '{"ecrecheck":1,"name":"mute","version":"1.0.0","operations":["recover"]}'
while read -r line; do id=${line#*:}; echo "{\"id\":${id%%,*},\"unsupported\":\"everything\"}"; done
"#;
    fs::write(&script, text).unwrap();
    let spec = format!("sh {}", script.display());
    for command in [&["check"][..], &["fuzz", "--cases", "64"]] {
        let output = ecrecheck().args(command).args(["--subject", &spec]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        let says = "error: mute was not asked anything: it can express none of these cases\n";
        assert_eq!(stderr, says, "{command:?}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("NOT ASKED ANYTHING"), "{command:?}");
    }
}

#[test]
fn what_names_no_subject_or_documents_nothing_is_refused() {
    let line = |arguments: &[&str]| refuses(arguments);
    assert!(line(&["check", "--subject", "ws://127.0.0.1:1"]).contains("begins with http:// or https://"));
    assert!(line(&["check", "--subject", "http://127.0.0.1:99999"]).contains("not a URL"));

    let folder = TempDir::new().unwrap();
    let file = folder.path().join("draft.toml");
    let draft = r#"[[divergence]]
id = "draft"
subjects = ["k256-0.14"]
versions = "*"
facts = ["high-s"]
reference = "recovered"
outcome = "rejected"
why = ""
link = ""
"#;
    fs::write(&file, draft).unwrap();
    let says = line(&["check", "--divergences", file.to_str().unwrap()]);
    assert!(
        says.ends_with("divergence `draft` needs a `why` and a `link`: what is justified has a cause"),
        "{says}"
    );

    let signature = format!("0x{}01", "11".repeat(64));
    let digest = format!("0x{}", "22".repeat(32));
    let recover = ["recover", "--digest", &digest, "--signature", &signature, "--fixture", "a::b"];
    assert_eq!(line(&recover), "--fixture needs --format");
}
