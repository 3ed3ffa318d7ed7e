//! The survey: subjects of a table, each alone, held to what is documented of it; its data, its page, and that one
//! which was interrupted goes on.

use std::fs;
use std::path::{Path, PathBuf};

use ecrecheck::Corpus;
use ecrecheck::generate::STRATEGIES;
use ecrecheck::input::Input;
use ecrecheck::judge::Divergence;
use ecrecheck::run::survey::{cases, survey};
use ecrecheck::subject::{self, Subject};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::outsiders::{Book, UNKNOWN};
use crate::support::{refuses, run, stdout};

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
}

#[test]
fn a_subject_is_held_to_what_is_documented_of_it() {
    let corpus = Corpus::built_in();
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let cases = cases(corpus, 200, 0, &strategies);
    assert_eq!(cases.len(), corpus.cases.iter().flat_map(|case| case.asked()).count() + 200);
    let subjects = subject::all().unwrap();
    let old = subjects.iter().find(|subject| subject.identity().name == "k256-0.13").unwrap();

    let documented = survey(old.as_ref(), Divergence::built_in(), &cases);
    assert_eq!(documented.total.findings, 0);
    assert_eq!(documented.total.cases(), cases.len());
    assert_eq!(documented.documented.values().sum::<usize>(), documented.total.documented);
    assert!(documented.total.documented > 50);

    let undocumented = survey(old.as_ref(), &[], &cases);
    assert_eq!(undocumented.total.findings, documented.total.documented);
    assert_eq!(undocumented.deviations.len(), undocumented.total.findings, "findings are all kept");
    // Of each fact a few, where they are documented.
    assert!(documented.deviations.len() < documented.total.documented / 2);
    for (fact, tally) in &documented.facts {
        let kept = documented.deviations.iter().filter(|kept| cases[kept.case].facts.contains(fact)).count();
        assert!(kept > 0 || tally.documented == 0, "{fact}");
    }
}

/// A table with these rows: name, what runs, and more lines.
fn table(folder: &Path, rows: &[(&str, &str, &str)]) -> PathBuf {
    let row = |(name, run, more): &(&str, &str, &str)| {
        format!(
            "[[subject]]\nname = \"{name}\"\npackage = \"p-{name}\"\nversion = \"1.0.0\"\narithmetic = \"own\"\nkind = \"library\"\noperations = [\"recover\", \"call\"]\nlicence = \"MIT\"\nrun = \"{run}\"\n{more}\n"
        )
    };
    let file = folder.join("subjects.toml");
    fs::write(&file, format!("language = \"shell\"\n{}", rows.iter().map(row).collect::<String>())).unwrap();
    file
}

#[cfg(unix)]
#[test]
fn what_was_measured_stays_and_what_was_not_is_named() {
    let sound = Book::new(UNKNOWN, |_| None);
    let wrong = Book::new(UNKNOWN, |input| {
        let id = match input {
            Input::Scalar(input) => input.recovery_id,
            Input::Prehash(input) => input.recovery_id,
            Input::Call(_) => 0,
        };
        (id > 30).then(|| json!({"address": "0x3f17f1962b36e491b30a40b2405849e597ba5fb5"}))
    });
    let folder = TempDir::new().unwrap();
    let divergences = |name: &str, facts: &str| {
        let table = format!(
            "[[divergence]]\nid = \"id-above-30\"\nsubjects = [\"{name}\"]\nversions = \">=1\"\nfacts = [\"{facts}\"]\nreference = \"rejected\"\noutcome = \"recovered\"\nwhy = \"planted </script>\"\nlink = \"https://a.example\"\n"
        );
        fs::write(folder.path().join("wrong.toml"), table).unwrap();
    };
    let rows = |documented: &str| {
        let (sound, wrong) = (sound.spec(), wrong.spec());
        table(
            folder.path(),
            &[
                ("book", &sound, ""),
                ("wrong", &wrong, documented),
                ("gone", "{here}/gone", "fixed_in = \"2.0.0\""),
            ],
        )
    };
    let file = rows("");
    let out = folder.path().join("out");
    let survey = |more: &[&str]| {
        let common = [
            "survey",
            "--corpus",
            "built-in",
            "--cases",
            "0",
            "--jobs",
            "2",
            "--subjects",
            file.to_str().unwrap(),
        ];
        run(&[&common[..], more].concat())
    };
    let output = survey(&["--out", out.to_str().unwrap()]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("FINDING  wrong, combinations::recovery-id-32-") && text.contains(" more\n"),
        "{text}"
    );
    assert!(text.contains("NOT RUN  gone: subject `gone="), "{text}");
    assert!(text.contains("FAILED: 3 subjects, 1 failed, 1 not run; "), "{text}");
    let command = text.lines().find_map(|line| line.trim().strip_prefix("reproduce: ecrecheck ")).unwrap();
    let again = crate::support::ecrecheck().args(shlex::split(command).unwrap()).output().unwrap();
    assert_eq!(again.status.code(), Some(1), "{command}: {again:?}");

    // The data fits its schema; the page holds it, whatever it says.
    let data: Value = serde_json::from_slice(&fs::read(out.join("survey.json")).unwrap()).unwrap();
    let schema = serde_json::from_str(&page("survey.schema.json")).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<_> = schema.iter_errors(&data).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(data["subjects"][0]["totals"]["findings"], 0);
    assert!(data["subjects"][1]["totals"]["findings"].as_u64().unwrap() > 0);
    assert_eq!(data["subjects"][2]["fixed_in"], "2.0.0");

    // Documented exactly, it passes; and the other's result is taken from the folder.
    let kept = out.join("results/book.json");
    let marked = fs::read_to_string(&kept).unwrap().replace("p-book", "p-kept");
    fs::write(&kept, marked).unwrap();
    divergences("wrong", "recovery-id-above-30");
    rows("divergences = \"wrong.toml\"");
    let output = survey(&["--out", out.to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let data: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(data["subjects"][0]["package"], "p-kept", "it was not measured again");
    assert!(data["subjects"][1]["divergences"][0]["cases"].as_u64().unwrap() > 0);
    let html = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(html.contains("planted \\u003c/script>") && !html.contains("planted </script>"));

    // A divergence whose facts no case has is named.
    divergences("wrong", "r-mod-p-is-x\", \"gas-short");
    let output = survey(&["--only", "wrong"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("NOT SHOWN  wrong: `id-above-30` is documented, and none of these cases")
    );

    // One that is contradicted is named, with what it documents.
    divergences("wrong", "recovery-id-above-30");
    let table = folder.path().join("wrong.toml");
    fs::write(&table, fs::read_to_string(&table).unwrap().replace("\"recovered\"", "\"panicked\"")).unwrap();
    let output = survey(&["--only", "wrong"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains(", where `id-above-30` documents panicked, expected rejected"), "{text}");

    assert!(refuses(&["survey", "--subjects", file.to_str().unwrap(), "--only", "none"]).contains("`none`"));
    let output = survey(&["--only", "gone"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no subject could be run"), "{output:?}");
}

#[cfg(unix)]
#[test]
fn a_result_that_is_spoilt_is_measured_again() {
    let book = Book::new(UNKNOWN, |_| None);
    let folder = TempDir::new().unwrap();
    let file = table(folder.path(), &[("book", &book.spec(), "")]);
    let out = folder.path().join("out");
    fs::create_dir_all(out.join("results")).unwrap();
    fs::write(out.join("results/book.json"), "{\"key\": ").unwrap();
    let common = ["survey", "--corpus", "built-in", "--cases", "0", "--subjects", file.to_str().unwrap()];
    let output = run(&[&common[..], &["--out", out.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let kept: Value = serde_json::from_slice(&fs::read(out.join("results/book.json")).unwrap()).unwrap();
    assert_eq!(kept["result"]["name"], "book");
    // A folder that cannot be written is one line.
    fs::write(folder.path().join("file"), "").unwrap();
    let error = refuses(&[&common[..], &["--out", folder.path().join("file").to_str().unwrap()]].concat());
    assert!(error.contains("cannot be made"), "{error}");
}

/// A survey of a table over the corpus alone.
#[cfg(unix)]
fn surveyed(file: &Path, more: &[&str]) -> std::process::Output {
    let common = ["survey", "--corpus", "built-in", "--cases", "0", "--subjects", file.to_str().unwrap()];
    run(&[&common[..], more].concat())
}

/// A book in which every key is the same wrong one.
#[cfg(unix)]
fn all_wrong() -> Book {
    Book::new(UNKNOWN, |_| Some(json!({"address": "0x3f17f1962b36e491b30a40b2405849e597ba5fb5"})))
}

#[cfg(unix)]
#[test]
fn a_subject_that_is_there_and_wrong_from_the_start_fails_the_run() {
    let (sound, wrong) = (Book::new(UNKNOWN, |_| None), all_wrong());
    let folder = TempDir::new().unwrap();
    let script = |spec: &str| fs::read_to_string(spec.strip_prefix("sh ").unwrap()).unwrap();
    let newer = script(&sound.spec()).replace("\"version\":\"1.0.0\"", "\"version\":\"2.0.0\"");
    fs::write(folder.path().join("newer.sh"), newer).unwrap();
    for (bad, why) in [
        (wrong.spec(), "does not recover a known signature"),
        ("sh {here}/newer.sh".to_owned(), "is of version 2.0.0, and its table says 1.0.0"),
    ] {
        let file = table(folder.path(), &[("book", &sound.spec(), ""), ("bad", &bad, "")]);
        let output = surveyed(&file, &[]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let text = stdout(&output);
        assert!(text.contains("NOT RUN  bad: ") && text.contains(why), "{text}");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains("1 of 2 subjects are there, and wrong from the start"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_kept_result_is_not_taken_of_a_subject_that_changed_or_is_gone() {
    let (sound, wrong) = (
        Book::new(UNKNOWN, |_| None),
        Book::new(UNKNOWN, |input| match input {
            Input::Scalar(input) if input.recovery_id > 30 => {
                Some(json!({"address": "0x3f17f1962b36e491b30a40b2405849e597ba5fb5"}))
            }
            _ => None,
        }),
    );
    let folder = TempDir::new().unwrap();
    let library = folder.path().join("library");
    fs::create_dir(&library).unwrap();
    let file = table(folder.path(), &[("book", "sh {here}/library/run.sh", "")]);
    let out = folder.path().join("out");
    let survey_of = |book: &Book| {
        fs::copy(book.spec().strip_prefix("sh ").unwrap(), library.join("run.sh")).unwrap();
        surveyed(&file, &["--out", out.to_str().unwrap()]).status.code()
    };
    assert_eq!(survey_of(&sound), Some(0));
    assert_eq!(survey_of(&wrong), Some(1), "it changed below the table");
    assert_eq!(survey_of(&sound), Some(0));
    fs::remove_dir_all(&library).unwrap();
    let output = surveyed(&file, &["--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(stdout(&output).contains("NOT RUN  book: "), "{output:?}");
}

#[cfg(unix)]
#[test]
fn what_dies_is_a_finding_and_is_not_kept() {
    let book = Book::new("exit 3", |_| None);
    let folder = TempDir::new().unwrap();
    let file = table(folder.path(), &[("book", &book.spec(), "")]);
    let out = folder.path().join("out");
    let output = run(&[
        "survey",
        "--corpus",
        "built-in",
        "--cases",
        "3",
        "--subjects",
        file.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(stdout(&output).contains(": died: "), "{output:?}");
    assert!(out.join("survey.json").is_file() && !out.join("results/book.json").exists());
}

#[cfg(unix)]
#[test]
fn what_cannot_be_kept_is_shown_all_the_same() {
    let book = Book::new(UNKNOWN, |_| None);
    let folder = TempDir::new().unwrap();
    let file = table(folder.path(), &[("book", &book.spec(), "")]);
    let out = folder.path().join("out");
    // No file can take a folder's place.
    fs::create_dir_all(out.join("results/book.json/taken")).unwrap();
    let output = surveyed(&file, &["--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(stdout(&output).contains("agreed: 1 subjects, 0 failed, 0 not run"), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("book.json: cannot be written"), "{output:?}");
    assert!(out.join("survey.json").is_file() && out.join("index.html").is_file());
}

#[cfg(unix)]
#[test]
fn the_page_holds_no_password_of_a_node_and_others_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let book = Book::new(UNKNOWN, |_| None);
    let folder = TempDir::new().unwrap();
    let node = "http://user:hunter2@127.0.0.1:1/a-secret-key";
    let file = table(folder.path(), &[("book", &book.spec(), ""), ("node", node, "")]);
    let out = folder.path().join("out");
    assert_eq!(surveyed(&file, &["--out", out.to_str().unwrap()]).status.code(), Some(0));
    for name in ["survey.json", "index.html"] {
        let text = fs::read_to_string(out.join(name)).unwrap();
        assert!(text.contains("node=http://127.0.0.1:1\""), "{name}");
        assert!(!text.contains("hunter2") && !text.contains("a-secret-key"), "{name}");
        // As other files of this process, and not for its user alone.
        fs::write(folder.path().join("plain"), "").unwrap();
        let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode(&out.join(name)), mode(&folder.path().join("plain")), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_survey_names_what_it_did_not_ask() {
    let book = Book::new(UNKNOWN, |_| None);
    let folder = TempDir::new().unwrap();
    let started = folder.path().join("started");
    let slow = "#!/bin/sh\ntouch \"$1\"\nsleep 3\n";
    fs::write(folder.path().join("slow.sh"), slow).unwrap();
    let run = format!("sh {{here}}/slow.sh {}", started.display());
    let file = table(folder.path(), &[("slow", &run, ""), ("book", &book.spec(), "")]);
    let out = folder.path().join("out");
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("ecrecheck"));
    command.args(["survey", "--corpus", "built-in", "--cases", "0", "--jobs", "1", "--subjects"]);
    command.arg(&file).arg("--out").arg(&out);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let begin = std::time::Instant::now();
    while !started.exists() {
        assert!(begin.elapsed().as_secs() < 60, "the slow subject is started");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(stdout(&output).contains("NOT RUN  book: the survey was interrupted before it"), "{output:?}");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("interrupted: 1 of 2 subjects were not asked"), "{error}");
    assert!(fs::read_to_string(out.join("survey.json")).unwrap().contains("interrupted before it"));
}
