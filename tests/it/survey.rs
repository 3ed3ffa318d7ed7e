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
    assert_eq!(cases.len(), corpus.cases.iter().filter(|case| case.input.is_ok()).count() + 200);
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
    assert!(text.contains("FINDING  wrong, recovery-id::") && text.contains(" more\n"), "{text}");
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
