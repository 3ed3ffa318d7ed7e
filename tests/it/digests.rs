//! What libraries hash, held to the known formats: the judge on subjects that are right and wrong on purpose, the
//! command, and the adapters of `subjects/`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ecrecheck::Corpus;
use ecrecheck::format::{Expr, Message, MessageFact};
use ecrecheck::input::ScalarInput;
use ecrecheck::input::bytes::{Word, to_hex};
use ecrecheck::judge::DigestDivergence;
use ecrecheck::judge::digest::Said;
use ecrecheck::outsider::protocol::{Question, Request};
use ecrecheck::run::digests::{DigestReport, Plan, digests, messages};
use ecrecheck::subject::{Identity, Outcome, OutcomeKind, Subject};
use tempfile::TempDir;

use crate::support::{keeps, refuses, run, skipped, stdout, succeeds};

/// The first line of a table of subjects.
const LANGUAGE: &str = "language = \"any\"\n";

const PLAN: Plan = Plan { each: 2, seed: 0 };

/// A subject that hashes what a function says.
struct Hasher {
    identity: Identity,
    hash: fn(&Message) -> Said,
}

impl Subject for Hasher {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn recover(&self, _: &ScalarInput) -> Outcome {
        Outcome::unsupported("recovery")
    }

    fn digest_all(&self, messages: &[&Message]) -> Vec<Said> {
        messages.iter().map(|message| (self.hash)(message)).collect()
    }
}

fn report(hash: fn(&Message) -> Said, divergences: &[DigestDivergence]) -> DigestReport {
    let identity = Identity::new("mine", "1.2.3", "mine");
    let subjects: [Box<dyn Subject>; 1] = [Box::new(Hasher { identity, hash })];
    digests(&messages(Corpus::built_in(), PLAN), &subjects, divergences)
}

/// The right digest, of fields of which one is read otherwise.
fn with_field(message: &Message, name: &str, read: impl Fn(&[u8]) -> Vec<u8>) -> Said {
    let mut fields = message.fields.clone();
    if let Some(value) = message.fields.value(name) {
        fields.set(name, read(value));
    }
    message.expression.digest(&fields).map(|digest| Word(digest.digest)).map_err(Outcome::rejected)
}

fn right(message: &Message) -> Said {
    Ok(Word(message.digest.digest))
}

fn only(format: &str, message: &Message, hash: impl Fn(&Message) -> Said) -> Said {
    if message.format.as_deref() == Some(format) { hash(message) } else { right(message) }
}

#[test]
fn messages_are_of_every_format_and_have_every_fact() {
    let cases = messages(Corpus::built_in(), PLAN);
    let formats: BTreeSet<_> = cases.iter().map(|case| case.format.name.as_str()).collect();
    let all: BTreeSet<_> = Corpus::built_in().formats.iter().map(|format| format.name.as_str()).collect();
    assert_eq!(formats, all);
    let facts: BTreeSet<_> = cases.iter().flat_map(|case| case.facts.iter().copied()).collect();
    assert_eq!(facts.len(), MessageFact::ALL.len(), "{facts:?}");
    for case in &cases {
        case.format.check(&case.message.fields).unwrap();
    }
    // The same seed, the same messages; and another's are others.
    let again = messages(Corpus::built_in(), PLAN);
    assert!(cases.iter().zip(&again).all(|(one, other)| one.message == other.message));
    let other = messages(Corpus::built_in(), Plan { seed: 1, ..PLAN });
    assert!(cases.iter().zip(&other).any(|(one, other)| one.message != other.message));
}

#[test]
fn a_subject_that_hashes_the_formats_agrees() {
    let report = report(right, &[]);
    assert!(report.agrees(), "{:?}", report.findings);
    assert_eq!(report.total("mine").agreed, report.messages);
}

/// Mistakes, and what the report says of each. The first three are the investigation's.
#[test]
fn what_was_hashed_instead_is_said() {
    type Case = (&'static str, fn(&Message) -> Said, &'static str, &'static [MessageFact]);
    let cases: [Case; 6] = [
        (
            "eip191.personal-sign",
            |message| {
                with_field(message, "message", |value| {
                    let digits = str::from_utf8(value).ok().and_then(|text| text.strip_prefix("0x"));
                    let bytes = digits.filter(|digits| !digits.is_empty());
                    bytes.and_then(|digits| const_hex::decode(digits).ok()).unwrap_or_else(|| value.to_vec())
                })
            },
            "field `message`: its hex digits after 0x are taken as bytes",
            &[MessageFact::Hex],
        ),
        (
            "dstack.kms-issued.current",
            |message| with_field(message, "app_id", |value| const_hex::encode_prefixed(value).into()),
            "field `app_id`: it is hashed as 0x and hex digits",
            &[],
        ),
        (
            "tron.v2",
            |message| {
                let Ok(text) = str::from_utf8(message.fields.value("message").unwrap()) else {
                    return right(message);
                };
                let prefix = format!("\x19TRON Signed Message:\n{}", text.chars().count());
                let expression: Expr = "keccak256(prefix + message)".parse().unwrap();
                let mut fields = message.fields.clone();
                fields.set("prefix", prefix);
                Ok(Word(expression.digest(&fields).unwrap().digest))
            },
            "its length is counted in characters, not in bytes",
            &[MessageFact::NonAscii],
        ),
        (
            "solana.secp256k1",
            |message| {
                with_field(message, "message", |value| String::from_utf8_lossy(value).into_owned().into())
            },
            "field `message`: bytes that are not UTF-8 are replaced by U+FFFD",
            &[MessageFact::NotUtf8],
        ),
        (
            "erc2612.permit",
            |message| {
                with_field(message, "value", |value| {
                    let rounded = str::from_utf8(value).unwrap().parse::<u128>().map(|number| number as f64);
                    rounded.map_or_else(|_| value.to_vec(), |number| format!("{number:.0}").into())
                })
            },
            "field `value`: it is rounded to a double of 53 bits",
            &[MessageFact::Over53Bits],
        ),
        (
            "filecoin.message",
            |message| {
                let again: Expr = "blake2b_256(digest)".parse().unwrap();
                let fields = [("digest", message.digest.digest.to_vec())].into_iter().collect();
                Ok(Word(again.digest(&fields).unwrap().digest))
            },
            "the digest is hashed again, with blake2b_256",
            &[],
        ),
    ];
    for (format, hash, because, facts) in cases {
        let identity = Identity::new("mine", "1.2.3", "mine");
        let subjects: [Box<dyn Subject>; 1] = [Box::new(Hasher { identity, hash })];
        let cases: Vec<_> = messages(Corpus::built_in(), Plan { each: 4, seed: 0 })
            .into_iter()
            .filter(|case| case.format.name == format)
            .collect();
        let report = digests(&cases, &subjects, &[]);
        let finding = &report.findings[0];
        assert_eq!(report.findings.len(), 1, "{format}: {:?}", report.findings);
        assert_eq!(finding.outcome, Some(OutcomeKind::OtherDigest));
        assert_eq!(finding.because.as_deref(), Some(because), "{format}: {finding:?}");
        assert!(facts.iter().all(|fact| finding.facts.contains(fact)), "{format}: {finding:?}");
    }
}

#[test]
fn a_finding_is_shown_by_a_small_message() {
    let report = report(
        |message| {
            only("eip191.personal-sign", message, |message| {
                let long = message.fields.value("message").is_some_and(|value| value.len() > 252);
                if long { Err(Outcome::rejected("too long")) } else { right(message) }
            })
        },
        &[],
    );
    let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    assert_eq!((finding.subject, finding.format.as_str()), ("mine", "eip191.personal-sign"));
    assert_eq!(finding.outcome, Some(OutcomeKind::Rejected));
    assert_eq!(finding.said, "rejected: too long");
    assert!(finding.facts.contains(&MessageFact::Over252));
    let length = finding.fields["message"].len() / 2 - 1;
    assert!((253..260).contains(&length), "{length}");
}

#[test]
fn a_divergence_is_exact() {
    let divergence = DigestDivergence {
        id: "mine-refuses-the-empty".into(),
        subjects: vec!["mine".into()],
        versions: "=1.2.3".parse().unwrap(),
        scope: ["eip191.personal-sign".to_owned()].into(),
        facts: [MessageFact::Empty].into(),
        absent: BTreeSet::new(),
        outcome: OutcomeKind::Rejected,
        why: "it is so".into(),
        link: "none".into(),
    };
    let refuses_the_empty: fn(&Message) -> Said = |message| {
        only("eip191.personal-sign", message, |message| match message.fields.value("message") {
            Some([]) => Err(Outcome::rejected("empty")),
            _ => right(message),
        })
    };
    let documented = report(refuses_the_empty, std::slice::from_ref(&divergence));
    assert!(documented.agrees(), "{documented:?}");
    assert!(documented.total("mine").documented > 0);
    // Nothing documents it; it does not diverge any more; it does something else.
    assert_eq!(report(refuses_the_empty, &[]).findings[0].outcome, Some(OutcomeKind::Rejected));
    let stale = report(right, std::slice::from_ref(&divergence));
    assert_eq!(stale.unseen, [("mine-refuses-the-empty".to_owned(), "mine")]);
    assert_eq!(stale.findings[0].documented.as_deref(), Some("mine-refuses-the-empty"));
    assert_eq!(stale.findings[0].outcome, None);
    let other = DigestDivergence { outcome: OutcomeKind::OtherDigest, ..divergence.clone() };
    assert!(!report(refuses_the_empty, &[other]).agrees());
    // Another version is not spoken of.
    let newer = DigestDivergence { versions: ">=2".parse().unwrap(), ..divergence };
    assert!(!report(refuses_the_empty, &[newer]).agrees());
}

/// A program that knows the digests of messages; the digest of those with the fact is another.
fn book(folder: &Path, wrong: Option<MessageFact>) -> String {
    let mut script = r#"
printf '%s\n' '{"ecrecheck":1,"name":"book","version":"1.0.0","operations":["digest"]}'
while IFS= read -r line; do
  id=${line#*\"id\":} id=${id%%,*}
  case ${line#*,} in
"#
    .to_owned();
    let cases = messages(Corpus::built_in(), Plan { each: 1, seed: 0 });
    for case in cases.iter().filter(|case| case.format.name == "solana.secp256k1") {
        let line = Request { id: 1, question: Question::from(&case.message) }.line();
        let line = String::from_utf8(line).unwrap();
        let digest = match wrong {
            Some(fact) if case.facts.contains(&fact) => [7; 32],
            _ => case.message.digest.digest,
        };
        let question = line.trim_end().split_once(',').unwrap().1;
        writeln!(script, "  '{question}') answer='\"digest\":\"{}\"' ;;", to_hex(digest)).unwrap();
    }
    script += "  *) answer='\"unsupported\":\"not in the book\"' ;;\n  esac\n";
    script += "  printf '{\"id\":%s,%s}\\n' \"$id\" \"$answer\"\ndone\n";
    let file = folder.join("book.sh");
    fs::write(&file, script).unwrap();
    format!("sh {}", file.display())
}

#[cfg(unix)]
#[test]
fn a_program_says_what_it_hashes() {
    let folder = TempDir::new().unwrap();
    let command = ["digests", "--corpus", "built-in", "--each", "1", "--subject"];
    let right = book(folder.path(), None);
    let text = succeeds(&[&command[..], &[&right]].concat());
    assert!(text.contains("solana.secp256k1"), "{text}");
    assert!(text.contains("offered by none: bitcoin.signed-message"), "{text}");

    let wrong = book(folder.path(), Some(MessageFact::Markup));
    let output = run(&[&command[..], &[&wrong]].concat());
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for expected in ["FINDING  book, solana.secp256k1: other-digest, for 1 of ", "it said    0x0707"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let common = text.lines().find(|line| line.starts_with("  all have ")).unwrap();
    assert!(common.contains("markup"), "{common}");
    let output = run(&[&command[..], &[&wrong, "--json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["verdict"], "failed");
    let facts = json["findings"][0]["facts"].as_array().unwrap();
    assert!(facts.contains(&serde_json::json!("markup")), "{facts:?}");

    let file = folder.path().join("divergences.toml");
    let documents = |outcome: &str, formats: &str| {
        let table = format!(
            "[[digest]]\nid = \"book-markup\"\nsubjects = [\"book\"]\nversions = \"=1.0.0\"\nformats = {formats}\nfacts = [\"markup\"]\noutcome = \"{outcome}\"\nwhy = \"a\"\nlink = \"b\"\n"
        );
        fs::write(&file, table).unwrap();
    };
    documents("other-digest", "[\"solana.secp256k1\"]");
    let with = [&command[..], &[&wrong, "--divergences", file.to_str().unwrap()]].concat();
    let text = succeeds(&with);
    assert!(text.contains("book-markup"), "{text}");
    documents("recovered", "[\"solana.secp256k1\"]");
    assert!(refuses(&with).contains("`outcome` is none of a digest's"));
    documents("other-digest", "[\"solana.secp\"]");
    assert!(
        refuses(&with)
            .contains("divergence `book-markup` names the format `solana.secp`, which is not known")
    );
    documents("other-digest", "[]");
    assert!(refuses(&with).contains("divergence `book-markup` needs a subject and a format"));
}

#[cfg(unix)]
#[test]
fn what_cannot_be_asked_is_no_pass() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("other.sh");
    fs::write(
        &file,
        "echo '{\"ecrecheck\":1,\"name\":\"other\",\"version\":\"1\",\"operations\":[\"recover\"]}'\ncat >/dev/null\n",
    )
    .unwrap();
    let spec = format!("sh {}", file.display());
    let output = run(&["digests", "--corpus", "built-in", "--subject", &spec]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr, "error: other was not asked anything: it offers none of the known formats\n");
    assert!(refuses(&["digests", "--corpus", "built-in"]).starts_with("no subjects: give --subject SPEC"));

    // A row that cannot be started is named.
    let roster = folder.path().join("subjects.toml");
    let row = |name: &str, run: &str| {
        format!(
            "[[subject]]\nname = \"{name}\"\npackage = \"p\"\nversion = \"1\"\noperations = [\"digest\"]\nlicence = \"MIT\"\nrun = \"{run}\"\n"
        )
    };
    let spec = book(folder.path(), None).replace(folder.path().to_str().unwrap(), "{here}");
    fs::write(&roster, LANGUAGE.to_owned() + &row("book", &spec) + &row("gone", "{here}/gone")).unwrap();
    let text =
        succeeds(&["digests", "--corpus", "built-in", "--each", "1", "--subjects", roster.to_str().unwrap()]);
    assert!(text.contains("NOT RUN  gone: "), "{text}");
    assert!(text.contains("0 findings, 1 subjects not run"), "{text}");
    fs::write(&roster, LANGUAGE.to_owned() + &row("gone", "{here}/gone")).unwrap();
    let output = run(&["digests", "--corpus", "built-in", "--subjects", roster.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    for (text, why) in [
        ("", "missing field `subject`"),
        ("subject = []", "no subjects: expected [[subject]] tables"),
        ("[[subject]]\nname = 1", "line 3: invalid type: integer `1`, expected a string"),
        (&(row("a", "x") + &row("a", "y")), "two subjects are called `a`"),
        (&row("a", "'x"), "subject `'x`: a quote is not closed"),
        (&row("../a", "x"), "\"../a\" is no subject's name"),
    ] {
        fs::write(&roster, LANGUAGE.to_owned() + text).unwrap();
        let error = refuses(&["digests", "--corpus", "built-in", "--subjects", roster.to_str().unwrap()]);
        assert!(error.starts_with(roster.to_str().unwrap()) && error.contains(why), "{error}");
    }
}

/// The tables of libraries that hash.
#[cfg(unix)]
fn tables() -> [std::path::PathBuf; 2] {
    let subjects = Path::new(env!("CARGO_MANIFEST_DIR")).join("subjects");
    ["javascript", "python"].map(|language| subjects.join(language).join("digests/subjects.toml"))
}

/// Every library of the tables hashes what the formats say, but for what is documented; and the page says so.
#[cfg(unix)]
#[test]
fn the_page_on_digests_says_what_libraries_hash() {
    use ecrecheck::outsider::roster::Roster;

    let rosters = tables().map(|table| Roster::load(&table).unwrap());
    let gone = |roster: &&Roster| {
        !roster.folder.join("node_modules").exists() && !roster.folder.join("venv").exists()
    };
    if let Some(roster) = rosters.iter().find(gone) {
        return skipped(&format!("docs/digests.md, {}", roster.language), "`subjects/setup digests`");
    }
    let mut arguments = vec!["digests".to_owned(), "--corpus".into(), "built-in".into(), "--json".into()];
    arguments.extend(["--timeout".into(), "60".into()]);
    for table in tables() {
        arguments.extend(["--subjects".to_owned(), table.display().to_string()]);
    }
    let output = run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["not_run"], serde_json::json!([]));
    assert_eq!(output.status.code(), Some(0), "{:#}", report["findings"]);

    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let version: std::collections::BTreeMap<_, _> =
        rosters.iter().flat_map(|roster| &roster.rows).map(|row| (&row.name, &row.version)).collect();
    let mut formats: std::collections::BTreeMap<String, [Vec<String>; 2]> = Default::default();
    for cell in report["cells"].as_array().unwrap() {
        let row = formats.entry(text(&cell["format"])).or_default();
        let ids: Vec<_> = cell["documented"].as_object().unwrap().keys().map(|id| link(id)).collect();
        let name = text(&cell["subject"]);
        if !ids.is_empty() {
            row[1].push(format!("{name} ({})", ids.join(", ")));
        } else if cell["agreed"] != 0 {
            row[0].push(name);
        }
    }
    let mut page = String::from(INTRODUCTION);
    for (format, [agreed, diverging]) in formats.iter().filter(|(_, cells)| !cells.concat().is_empty()) {
        writeln!(page, "| `{format}` | {} | {} |", agreed.join(", "), diverging.join(", ")).unwrap();
    }
    let none = formats
        .iter()
        .filter(|(_, cells)| cells.concat().is_empty())
        .map(|(format, _)| format!("`{format}`"));
    write!(page, "\nOffered by none of them: {}.\n\n## Differences\n", none.collect::<Vec<_>>().join(", "))
        .unwrap();
    let files: BTreeSet<_> = rosters
        .iter()
        .flat_map(|roster| {
            roster.rows.iter().filter_map(|row| Some(roster.folder.join(row.divergences.as_ref()?)))
        })
        .collect();
    for entry in files.iter().flat_map(|file| DigestDivergence::load_digests(file).unwrap()) {
        let DigestDivergence { id, subjects, scope: formats, facts, absent, outcome, why, link, .. } = entry;
        let names: Vec<_> = subjects.iter().map(|name| format!("{name} {}", version[name])).collect();
        let mut when: Vec<_> = facts.iter().map(ToString::to_string).collect();
        when.extend(absent.iter().map(|fact| format!("not {fact}")));
        let when = if when.is_empty() { "every message".to_owned() } else { when.join(", ") };
        let formats: Vec<_> = formats.iter().map(|format| format!("`{format}`")).collect();
        write!(page, "\n### {id}\n\n").unwrap();
        writeln!(
            page,
            "{}; {}; {when}: **{outcome}**. [Source]({link})\n\n{why}",
            names.join(", "),
            formats.join(", ")
        )
        .unwrap();
    }
    keeps(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/digests.md"), &page);
}

#[cfg(unix)]
fn link(id: &str) -> String {
    format!("[{id}](#{id})")
}

#[cfg(unix)]
const INTRODUCTION: &str = "\
# What libraries hash

Which library makes the same digest as a [known format](formats.md), over the fixtures' fields and generated ones that \
are empty, huge, not UTF-8, look like hex, or are numbers at an edge. This page is written by a test from a run of \
`ecrecheck digests`; everything it shows was measured. A name that ends in `-text` is given its message as a string, \
the others as bytes, or as hex where they take no bytes.

```sh
subjects/setup digests
ecrecheck digests --subjects subjects/javascript/digests/subjects.toml --subjects subjects/python/digests/subjects.toml
```

Short programs that show some of the differences, each in its library's language, are in \
[`subjects/javascript/digests/reproducers`](../subjects/javascript/digests/reproducers) and \
[`subjects/python/digests/reproducers`](../subjects/python/digests/reproducers): each prints what the library hashes \
and what it should hash, and ends with 1 while they differ. Some differences there need messages that the generator \
does not make (a struct named with `$`, a text that is zeros alone), and have no entry below.

| format | the same digest | another, or none |
|---|---|---|
";
