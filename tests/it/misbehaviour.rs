//! Programs that are wrong in every way: each is an outcome of one input, the run goes on with right answers, and
//! nothing of a program is left.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::skipped;
use ecrecheck::input::bytes::Word;
use ecrecheck::input::{CallInput, Input, PrehashInput, ScalarInput};
use ecrecheck::outsider::{Place, Settings, Spec};
use ecrecheck::subject::{Outcome, Subject};
use tempfile::TempDir;

/// One that is there to be asked: what it says is the digest.
const SOUND: u8 = 0;
/// At this recovery id the program is wrong.
const WRONG: u8 = 9;

/// For programs that answer: a busy machine must not make them late.
fn patient() -> Settings {
    Settings { timeout: Duration::from_secs(60), ..Settings::default() }
}

/// For programs that never answer.
fn impatient() -> Settings {
    Settings { timeout: Duration::from_secs(2), ..Settings::default() }
}

/// `tests/outsiders/wrong.sh`, and the groups of its processes.
struct Wrong {
    folder: TempDir,
    subject: Option<Box<dyn Subject>>,
}

impl Wrong {
    fn start(kind: &str, settings: &Settings) -> Self {
        let folder = TempDir::new().unwrap();
        let spec = Spec { name: None, place: Place::Program(command(kind, &folder)) };
        let subject = Some(spec.open(settings).unwrap());
        Self { folder, subject }
    }

    /// What it makes of inputs with these recovery ids, each with a digest of its own.
    fn asked(&self, recovery_ids: &[u8]) -> Vec<Outcome> {
        let inputs: Vec<_> = (1..).zip(recovery_ids).map(|(at, id)| input(at, *id)).collect();
        self.subject.as_ref().unwrap().answer_all(&inputs.iter().collect::<Vec<_>>())
    }

    fn started(&self) -> usize {
        groups(&self.folder.path().join("groups")).len()
    }

    /// Ends it, and waits until nothing of it is there.
    fn leaves_nothing(mut self) {
        self.subject = None;
        nothing_is_left(&self.folder.path().join("groups"));
    }
}

fn script() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outsiders/wrong.sh");
    script.to_str().unwrap().to_owned()
}

fn command(kind: &str, folder: &TempDir) -> Vec<String> {
    let file = folder.path().join("groups").to_str().unwrap().to_owned();
    vec!["sh".to_owned(), script(), kind.to_owned(), file]
}

fn input(digest: u8, recovery_id: u8) -> Input {
    let word = |last: u8| Word([[0; 31].as_slice(), &[last]].concat().try_into().unwrap());
    ScalarInput { digest: word(digest), r: word(1), s: word(1), recovery_id }.into()
}

/// The answer to the input of this digest.
fn right(digest: u8) -> Outcome {
    Outcome::rejected(format!("{digest:064x}"))
}

fn groups(file: &Path) -> Vec<u32> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| line.parse().unwrap()).collect()
}

/// Fails if a process of these groups is there, and stays.
#[track_caller]
pub(crate) fn nothing_is_left(file: &Path) {
    let groups = groups(file);
    assert!(!groups.is_empty(), "it ran");
    if !cfg!(target_os = "linux") {
        return skipped("processes that are left behind", "/proc");
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Some(left) = alive(&groups) {
        assert!(Instant::now() < deadline, "left behind: {left}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A process of these groups. One that is dead and not reaped by its new parent yet is no process of ours.
fn alive(groups: &[u32]) -> Option<String> {
    for process in fs::read_dir("/proc").unwrap() {
        let Ok(stat) = fs::read_to_string(process.unwrap().path().join("stat")) else { continue };
        let Some((_, fields)) = stat.rsplit_once(") ") else { continue };
        let fields: Vec<_> = fields.split(' ').collect();
        let [state, parent, group, ..] = fields[..] else { continue };
        let ours = parent == std::process::id().to_string();
        if groups.contains(&group.parse().unwrap()) && (state != "Z" || ours) {
            return Some(stat);
        }
    }
    None
}

/// Asked alone and among others, the input is the one to blame; the others have their right answers.
#[track_caller]
fn is_blamed(kind: &str, settings: &Settings, outcome: fn(String) -> Outcome, words: &[&str]) {
    let program = Wrong::start(kind, settings);
    for (asked, at) in [(&[WRONG][..], 0), (&[SOUND, SOUND, WRONG, SOUND, SOUND], 2)] {
        for (got, digest) in program.asked(asked).into_iter().zip(1..) {
            if digest != at + 1 {
                assert_eq!(got, right(digest), "{kind}");
                continue;
            }
            let how = match &got {
                Outcome::Died { how } | Outcome::Hung { how } | Outcome::Malformed { how } => how.clone(),
                other => panic!("{kind}: {other}"),
            };
            assert_eq!(got, outcome(how.clone()), "{kind}");
            for word in words {
                assert!(how.contains(word), "{kind}: {how}");
            }
        }
    }
    assert_eq!(program.asked(&[SOUND]), [right(1)], "{kind}: the run goes on");
    program.leaves_nothing();
}

fn died(how: String) -> Outcome {
    Outcome::Died { how }
}

fn hung(how: String) -> Outcome {
    Outcome::Hung { how }
}

fn malformed(how: String) -> Outcome {
    Outcome::Malformed { how }
}

#[test]
fn one_that_ends_died() {
    is_blamed("exits", &patient(), died, &["exit status: 3", "stderr: Error: out of cheese"]);
    is_blamed("killed", &patient(), died, &["SIGKILL"]);
    is_blamed("half-a-line", &patient(), died, &["exit status: 0"]);
}

#[test]
fn one_that_closes_its_output_died() {
    is_blamed("closes-its-output", &patient(), died, &["closed its output"]);
}

#[test]
fn what_it_started_is_killed_with_it() {
    is_blamed("leaves-a-child", &patient(), died, &["exit status: 3"]);
    is_blamed("leaves-a-child-with-its-pipes", &impatient(), hung, &["exit status: 3"]);
}

#[test]
fn one_that_says_nothing_hung() {
    is_blamed("hangs", &impatient(), hung, &["no answer within 2 s"]);
    is_blamed("hangs-and-ignores-signals", &impatient(), hung, &["no answer within 2 s"]);
}

#[test]
fn one_that_says_half_a_line_or_takes_no_questions_hung() {
    is_blamed("no-end", &impatient(), hung, &["no answer within 2 s"]);
    is_blamed("closes-its-input", &impatient(), hung, &["no answer within 2 s"]);
}

#[test]
fn one_that_is_late_hung_and_its_late_answer_is_nobodys() {
    is_blamed("late", &impatient(), hung, &["no answer within 2 s"]);
}

#[test]
fn one_that_only_complains_hung() {
    is_blamed("complains-forever", &impatient(), hung, &["stderr: not a word of use | not a word of use"]);
}

#[test]
fn complaints_of_any_size_hold_nothing_up() {
    let program = Wrong::start("complains-much", &patient());
    assert_eq!(program.asked(&[SOUND, WRONG, WRONG, SOUND]), [right(1), right(2), right(3), right(4)]);
    assert_eq!(program.started(), 1);
    program.leaves_nothing();
}

#[test]
fn a_line_that_is_no_answer_is_malformed() {
    is_blamed("garbage", &patient(), malformed, &["no answer: `Segmentation fault`"]);
    is_blamed("no-text", &patient(), malformed, &["no answer: `"]);
    is_blamed("empty-line", &patient(), malformed, &["no answer: ``"]);
    is_blamed("no-id", &patient(), malformed, &["no answer: `{\"rejected\""]);
    is_blamed("endless-line", &patient(), malformed, &["a line of more than 65536 bytes"]);
}

#[test]
fn an_answer_to_another_question_is_malformed() {
    is_blamed("another-id", &patient(), malformed, &["answered id 99999999, expected "]);
}

#[test]
fn a_second_answer_is_malformed() {
    is_blamed("twice", &patient(), malformed, &["answer"]);
}

#[test]
fn an_answer_before_the_question_is_malformed() {
    let program = Wrong::start("early", &patient());
    let outcomes: Vec<_> = [WRONG, SOUND].iter().flat_map(|id| program.asked(&[*id])).collect();
    let Outcome::Malformed { how } = &outcomes[0] else { panic!("{}", outcomes[0]) };
    assert!(how.starts_with("said more than its answer: `{"), "{how}");
    assert_eq!(outcomes[1], right(1));
    program.leaves_nothing();

    let program = Wrong::start("speaks-later", &patient());
    assert_eq!(program.asked(&[WRONG]), [right(1)]);
    thread::sleep(Duration::from_secs(1));
    let outcomes = program.asked(&[SOUND, SOUND]);
    let Outcome::Malformed { how } = &outcomes[0] else { panic!("{}", outcomes[0]) };
    assert!(how.starts_with("spoke before it was asked: `{"), "{how}");
    assert_eq!(outcomes[1], right(2));
    program.leaves_nothing();
}

#[test]
fn one_that_ended_between_two_questions_died() {
    let program = Wrong::start("ends-after-its-answer", &patient());
    assert_eq!(program.asked(&[WRONG]), [right(1)]);
    thread::sleep(Duration::from_secs(1));
    let outcomes = program.asked(&[SOUND, SOUND]);
    assert_eq!(outcomes, [died("exit status: 0, before it was asked".into()), right(2)]);
    program.leaves_nothing();
}

#[test]
fn an_answer_that_can_be_told_by_its_id_is_malformed_and_the_program_goes_on() {
    for (kind, words) in [
        ("unknown-member", "unknown field `because`"),
        ("no-answer", "an answer is one of key, address,"),
        ("short-key", "key 0x02"),
    ] {
        let program = Wrong::start(kind, &patient());
        let outcomes = program.asked(&[SOUND, WRONG, SOUND]);
        let Outcome::Malformed { how } = &outcomes[1] else { panic!("{kind}: {}", outcomes[1]) };
        assert!(how.contains(words), "{kind}: {how}");
        assert_eq!((&outcomes[0], &outcomes[2]), (&right(1), &right(3)), "{kind}");
        assert_eq!(program.started(), 1, "{kind}");
        program.leaves_nothing();
    }
}

#[test]
fn with_many_in_flight_the_first_without_an_answer_is_blamed() {
    let program = Wrong::start("exits", &patient());
    let asked: Vec<_> = (1..=200).map(|digest| if digest == 77 { WRONG } else { SOUND }).collect();
    let outcomes = program.asked(&asked);
    for (outcome, digest) in outcomes.iter().zip(1..) {
        if digest != 77 {
            assert_eq!(*outcome, right(digest));
        }
    }
    let Outcome::Died { how } = &outcomes[76] else { panic!("{}", outcomes[76]) };
    assert!(how.starts_with("exit status: 3, the first of ") && how.contains(" in flight"), "{how}");
    assert_eq!(program.started(), 2);
    program.leaves_nothing();
}

#[test]
fn several_threads_have_their_own_answers() {
    let program = Wrong::start("exits", &patient());
    thread::scope(|scope| {
        for begin in [1, 51, 101, 151] {
            let program = &program;
            scope.spawn(move || {
                let inputs: Vec<_> = (begin..begin + 50).map(|digest| input(digest, SOUND)).collect();
                let subject = program.subject.as_ref().unwrap();
                let outcomes = subject.answer_all(&inputs.iter().collect::<Vec<_>>());
                assert_eq!(outcomes, (begin..begin + 50).map(right).collect::<Vec<_>>());
            });
        }
    });
    program.leaves_nothing();
}

#[test]
fn after_the_last_restart_every_question_died_at_once() {
    let program = Wrong::start("exits", &Settings { restarts: 2, ..patient() });
    let outcomes = program.asked(&[WRONG, SOUND, WRONG, WRONG, SOUND, SOUND]);
    assert_eq!(outcomes[1], right(2));
    for at in [0, 2, 3] {
        let Outcome::Died { how } = &outcomes[at] else { panic!("{}", outcomes[at]) };
        assert!(how.starts_with("exit status: 3"), "{how}");
    }
    let no_more = || died("not asked: it was started again 2 times, and is not once more".into());
    assert_eq!(outcomes[4..], [no_more(), no_more()]);
    assert_eq!(program.asked(&[SOUND]), [no_more()]);
    assert_eq!(program.started(), 3);
    program.leaves_nothing();
}

#[test]
fn one_that_does_not_start_again_as_it_did_is_not_asked() {
    let folder = TempDir::new().unwrap();
    let there = folder.path().join("there");
    let hello = r#"{"ecrecheck":1,"name":"once","version":"1.0.0","operations":["recover"]}"#;
    let once = |otherwise: &str| {
        let _ = fs::remove_file(&there);
        let there = there.display();
        let script =
            format!("if [ -e {there} ]; then {otherwise}; else : > {there}; echo '{hello}'; read -r l; fi");
        let place = Place::Program(vec!["sh".into(), "-c".into(), script]);
        let program = Spec { name: None, place }.open(&patient()).unwrap();
        let inputs = [input(1, SOUND), input(2, SOUND), input(3, SOUND)];
        program.answer_all(&inputs.iter().collect::<Vec<_>>())
    };
    for (otherwise, why) in [
        ("echo oh >&2; exit 7".into(), "it ended before its hello (exit status: 7); stderr: oh"),
        (format!("echo '{}'", hello.replace("1.0.0", "1.0.1")), "it said another hello"),
    ] {
        let not_asked = died(format!("not asked: started again, {why}"));
        let outcomes = once(&otherwise);
        assert!(matches!(&outcomes[0], Outcome::Died { how } if how.starts_with("exit status: 0")));
        assert_eq!(outcomes[1..], [not_asked.clone(), not_asked]);
    }
}

#[test]
fn what_a_program_cannot_be_asked_is_unsupported_and_does_not_reach_it() {
    let program = Wrong::start("exits", &patient());
    let prehash = |recovery_id| PrehashInput {
        prehash: ecrecheck::input::bytes::Bytes(vec![1]),
        r: Word([1; 32]),
        s: Word([1; 32]),
        recovery_id,
    };
    let call = Input::Call(CallInput { calldata: ecrecheck::input::bytes::Bytes(vec![]), gas: 3000 });
    let inputs = [Input::Prehash(prehash(WRONG)), input(1, SOUND), call, input(2, SOUND)];
    let outcomes = program.subject.as_ref().unwrap().answer_all(&inputs.iter().collect::<Vec<_>>());
    let unsupported = Outcome::unsupported;
    assert_eq!(outcomes, [unsupported("a prehash"), right(1), unsupported("an EVM call"), right(2)]);
    program.leaves_nothing();
}

#[test]
fn one_that_has_the_precompile_alone_is_asked_scalar_inputs_by_calls() {
    // It gives the first word of the calldata: no address of the program's own.
    let script = r#"
        echo '{"ecrecheck":1,"name":"evm","version":"1.0.0","operations":["call"]}'
        while IFS= read -r line; do
          id=${line#*\"id\":} id=${id%%,*}
          word=${line#*:\"0x} word=$(printf %.64s "$word")
          case $line in *'"op":"call"'*) echo "{\"id\":$id,\"returndata\":\"0x$word\",\"success\":true}" ;; esac
        done"#;
    let place = Place::Program(vec!["sh".into(), "-c".into(), script.into()]);
    let program = Spec { name: None, place }.open(&patient()).unwrap();
    let inputs = [input(5, 0), input(6, 1), input(7, 2)];
    let outcomes = program.answer_all(&inputs.iter().collect::<Vec<_>>());
    let address = |text: &str| Outcome::Recovered { address: text.parse().unwrap(), public_key: None };
    assert_eq!(outcomes[0], address("0x0000000000000000000000000000000000000005"));
    assert_eq!(outcomes[1], address("0x0000000000000000000000000000000000000006"));
    assert_eq!(outcomes[2], Outcome::unsupported("a recovery id above 1, in a call"));
}

#[test]
fn what_is_wrong_at_the_start_is_a_line() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("text"), "no program").unwrap();
    fs::write(path("script"), "#!/no/such/interpreter\n").unwrap();
    #[cfg(unix)]
    fs::set_permissions(path("script"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let says = |line: &str| vec!["sh".to_owned(), "-c".to_owned(), format!("echo '{line}'; cat >/dev/null")];
    let hello = |change: (&str, &str)| {
        let hello = r#"{"ecrecheck":1,"name":"x","version":"1.0.0","operations":["call"]}"#;
        assert!(hello.contains(change.0));
        says(&hello.replace(change.0, change.1))
    };
    let sh = |script: &str| vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()];
    for (words, why) in [
        (vec!["ecrecheck-no-such-program".to_owned()], "there is no such program"),
        (vec![path("none")], "there is no such program"),
        (vec![path("text")], "it is not executable"),
        (vec![folder.path().to_str().unwrap().to_owned()], "it is not executable"),
        (vec![path("script")], "the interpreter that its first line names is missing"),
        (sh("exit 4"), "it ended before its hello (exit status: 4)"),
        (sh("echo A >&2; printf ' at B\\n\\n' >&2; echo C >&2; exit 1"), "(exit status: 1); stderr: A | C"),
        (sh("exec >&-; sleep 600"), "it ended before its hello (it closed its output)"),
        (sh("sleep 600"), "it said no hello within 1 s"),
        (says("Listening on stdin"), "its first line is no JSON: `Listening on stdin`"),
        (says("[1]"), "its first line is no hello: expected {\"ecrecheck\": 1, …}: `[1]`"),
        (
            hello(("\"ecrecheck\":1", "\"ecrecheck\":2,\"x\":0")),
            "it speaks version 2 of the protocol, expected 1",
        ),
        (hello(("[\"call\"]", "[]")), "its hello has a wrong list of operations: expected at least one"),
        (
            hello(("\"call\"", "\"sign\"")),
            "unknown variant `sign`, expected one of `recover`, `prehash`, `call`",
        ),
        (hello(("\"x\"", "\"x y\"")), "wrong name \"x y\": expected letters, digits, `.`, `_` and `-`"),
        (hello(("\"x\"", "\"reference\"")), "wrong name \"reference\": expected"),
        (hello(("1.0.0", "new")), "wrong version \"new\": expected one like 1.2.3"),
        (hello(("\"version\"", "\"code\":\"y\",\"version\"")), "`code` and `code_version` belong together"),
    ] {
        let start = if why.contains("within") { Duration::from_secs(1) } else { Duration::from_secs(60) };
        let spec = Spec { name: None, place: Place::Program(words.clone()) };
        let error = spec.open(&Settings { start, ..patient() }).err().expect(why).to_string();
        assert!(error.starts_with(&format!("subject `{spec}`: ")), "{error}");
        assert!(error.contains(why), "{words:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}
