//! `case_files`: any text as a file of the corpus.

use crate::judge::Harness;
use crate::judge::finding::Finding;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::seed::{Seed, schema_words};
use super::text::{Text, error_words};
use super::{FuzzCase, FuzzTarget, read};
use crate::corpus::case;
use crate::corpus::investigation::Investigation;
use crate::corpus::{Corpus, CorpusError, Formats, parse_cases};
use crate::format::parse;
use crate::input::Input;
use crate::judge::law::Laws;
use crate::judge::{Divergence, examine};
use crate::report::reproducer::Reproducer;
use crate::subject::panic::catch;

pub(super) const TARGET: FuzzTarget = FuzzTarget {
    name: "case_files",
    about: "any text as a file of cases, formats, divergences, or the investigation",
    read: read::<CaseFiles>,
    max_len: 16 << 10,
    seeds,
    words: schema_words,
};

/// How many cases of a file every subject is asked about.
const JUDGED: usize = 4;

/// The text itself; every kind of file is tried.
pub struct CaseFiles(Text);

impl<'a> Arbitrary<'a> for CaseFiles {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Text::arbitrary(u).map(Self)
    }
}

/// A text as each kind of file, with the kind's name.
struct Understood {
    cases: std::result::Result<Vec<case::Case>, CorpusError>,
    formats: std::result::Result<Formats, CorpusError>,
    divergences: std::result::Result<Vec<Divergence>, CorpusError>,
    investigation: std::result::Result<Investigation, CorpusError>,
}

impl CaseFiles {
    fn understood(&self) -> Understood {
        let (file, text) = (Path::new("file.toml"), self.0.0.as_str());
        Understood {
            cases: parse_cases(file, text, Formats::built_in()),
            formats: Formats::parse(file, text),
            divergences: Divergence::parse(file, text),
            investigation: Investigation::parse(file, text),
        }
    }
}

impl Understood {
    /// Each kind with the error that says why it is none.
    fn kinds(&self) -> [(&'static str, Option<&CorpusError>); 4] {
        [
            ("cases", self.cases.as_ref().err()),
            ("formats", self.formats.as_ref().err()),
            ("divergences", self.divergences.as_ref().err()),
            ("investigation", self.investigation.as_ref().err()),
        ]
    }
}

/// What is wrong with a case that was read: what the subjects make of it, and how it is written again.
fn wrong_case(case: &case::Case, harness: Harness<'_>) -> Vec<Finding> {
    case.asked().flat_map(|input| wrong_input(input, harness)).collect()
}

fn wrong_input(input: &Input, harness: Harness<'_>) -> Vec<Finding> {
    let mut wrong = examine(input, None, Laws::Skip, harness).findings;
    let written = Reproducer::of_input(input, None, "case_files").toml();
    match parse_cases(Path::new("written.toml"), &written, Formats::built_in()) {
        Ok(cases) if matches!(&cases[..], [again] if again.asked().eq([input])) => {}
        other => wrong.push(Finding::of_component(
            "reproducer",
            format!("{input:?} is written as {written} and read as {other:?}"),
        )),
    }
    wrong
}

impl FuzzCase for CaseFiles {
    fn examine(&self, harness: Harness<'_>) -> Vec<Finding> {
        let understood = self.understood();
        let errors = understood.kinds().into_iter().filter_map(|(_, error)| self.0.wrong_error(error?));
        let mut wrong: Vec<_> = errors.map(|what| Finding::of_component("corpus", what)).collect();
        for case in understood.cases.iter().flatten().take(JUDGED) {
            wrong.extend(wrong_case(case, harness));
        }
        for format in understood.formats.iter().flat_map(Formats::iter) {
            if parse(&format.digest.to_string()).as_ref() != Ok(&format.digest) {
                wrong.push(Finding::of_component(
                    "format",
                    format!("{} is not read back as it is printed", format.digest),
                ));
            }
        }
        for examined in understood.investigation.iter().flat_map(Investigation::examine) {
            let none = [examined.written, examined.computed].into_iter().flatten().filter_map(Result::err);
            let in_lines = none.map(|why| why.to_string()).filter(|why| why.contains('\n'));
            wrong.extend(in_lines.map(|why| Finding::of_component("investigation", why)));
        }
        wrong
    }

    fn classes(&self) -> BTreeSet<String> {
        let understood = self.understood();
        let mut classes: BTreeSet<_> = understood
            .kinds()
            .into_iter()
            .map(|(kind, error)| match error {
                None => format!("{kind} understood"),
                Some(error) => format!("{kind}: {}", error_words(&error.message)),
            })
            .collect();
        for case in understood.cases.iter().flatten() {
            let signed = match (&case.message, case.asked().next()) {
                (Some(message), _) if message.format.is_some() => "a known format",
                (Some(_), _) => "an expression",
                (None, Some(Input::Prehash(_))) => "a prehash",
                (None, Some(Input::Call(_))) => "a call",
                (None, _) => "a digest",
            };
            let wire = if case.wire.is_some() { "on the wire" } else { "in numbers" };
            classes.insert(format!("{:?} of {signed}, {wire}", case.kind));
            classes.insert(format!("a wire signature: {:?}", case.wire.as_ref().map(|(wire, _)| wire)));
        }
        classes
    }
}

/// A sound case, for [`BENT`].
const SOUND: &str = r#"[[case]]
id = "a::b"
about = "r = 0"
source = "made"
facts = ["r-zero"]
digest = "0x0000000000000000000000000000000000000000000000000000000000000001"
r = "0x0000000000000000000000000000000000000000000000000000000000000000"
s = "0x0000000000000000000000000000000000000000000000000000000000000002"
recovery_id = 0
[case.expect]
rejected = "r-zero"
"#;
const DIGEST: &str = "digest = \"0x0000000000000000000000000000000000000000000000000000000000000001\"\n";
const R: &str = "r = \"0x0000000000000000000000000000000000000000000000000000000000000000\"\n";

/// Names of files that are [`SOUND`] with one text in another's place.
const BENT: [(&str, &str, &str); 18] = [
    ("bent-nothing-signed", DIGEST, ""),
    ("bent-prehash", DIGEST, "prehash = \"0x01\"\n"),
    ("bent-prehash-with-gas", DIGEST, "prehash = \"0x01\"\ngas = 1\n"),
    ("bent-calldata-with-signature", DIGEST, "calldata = \"0x\"\ngas = 1\n"),
    (
        "bent-digest-with-gas",
        DIGEST,
        "digest = \"0x0000000000000000000000000000000000000000000000000000000000000001\"\ngas = 1\n",
    ),
    ("bent-half-a-signature", R, ""),
    ("bent-no-expectation", "rejected = \"r-zero\"", ""),
    ("bent-unknown-reason", "rejected = \"r-zero\"", "rejected = \"tired\""),
    ("bent-unknown-fact", "[\"r-zero\"]", "[\"r-zerro\"]"),
    ("bent-id", "a::b", "a b"),
    ("bent-short-word", "0x00", "0x"),
    ("bent-odd-hex", "0x00", "0x0"),
    ("bent-unknown-format", DIGEST, "format = \"dstack.kms-isued.current\"\n"),
    ("bent-expression", DIGEST, "format = \"keccak256(\"\n"),
    ("bent-missing-field", DIGEST, "format = \"keccak256(a)\"\n"),
    ("bent-field", DIGEST, "format = \"keccak256(a)\"\nfields = { a = \"zz\" }\n"),
    ("bent-field-type", DIGEST, "format = \"keccak256(a)\"\nfields = { a = [] }\n"),
    ("bent-unused-field", DIGEST, "format = \"keccak256(\\\"\\\")\"\nfields = { a = \"0x00\" }\n"),
];

/// Files of the other kinds that are refused, each for a reason of its own.
const REFUSED: [(&str, &str); 11] = [
    ("later-version", "version = 99\n"),
    ("no-toml", "[[case\n"),
    ("unknown-field", "[[case]]\nid = \"a::b\"\nodd = 1\n"),
    ("twice", "a = 1\na = 2\n"),
    ("blank", "\n"),
    (
        "divergence-of-nobody",
        "[[divergence]]\nid = \"a\"\nsubjects = []\nversions = \"*\"\nfacts = []\nreference = \"recovered\"\noutcome = \"rejected\"\nwhy = \"a\"\nlink = \"b\"\n",
    ),
    (
        "divergence-of-nothing",
        "[[divergence]]\nid = \"a\"\nsubjects = [\"b\"]\nversions = \"*\"\nfacts = [\"high-s\"]\nreference = \"recovered\"\noutcome = \"recovered\"\nwhy = \"a\"\nlink = \"b\"\n",
    ),
    (
        "divergence-twice",
        "[[divergence]]\nid = \"a\"\nsubjects = [\"b\"]\nversions = \"*\"\nfacts = [\"high-s\"]\nreference = \"recovered\"\noutcome = \"rejected\"\nwhy = \"a\"\nlink = \"b\"\n[[divergence]]\nid = \"a\"\nsubjects = [\"b\"]\nversions = \"*\"\nfacts = [\"high-s\"]\nreference = \"recovered\"\noutcome = \"rejected\"\nwhy = \"a\"\nlink = \"b\"\n",
    ),
    (
        "format-unused-field",
        "[[format]]\nname = \"a.b\"\nabout = \"a\"\ndigest = \"keccak256(a)\"\nsigner = \"a\"\nwire = \"rs\"\nsource = \"a\"\n[format.fields]\nb = { kind = \"bytes\", about = \"a\" }\n",
    ),
    (
        "format-expression",
        "[[format]]\nname = \"a.b\"\nabout = \"a\"\ndigest = \"keccak256(\"\nsigner = \"a\"\nwire = \"rs\"\nsource = \"a\"\n",
    ),
    (
        "format-name",
        "[[format]]\nname = \"a\"\nabout = \"a\"\ndigest = \"keccak256(\"\nsigner = \"a\"\nwire = \"rs\"\nsource = \"a\"\n",
    ),
];

/// The tables of the corpus's own files, each as a file, the investigation, and what is none of these.
fn seeds(corpus: &Corpus) -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (file, text) in corpus.texts() {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let tables: Vec<_> = text.split("\n\n").filter(|table| table.starts_with("[[")).collect();
        for (number, table) in tables.iter().enumerate() {
            let name = format!("{stem}-{}", number + 1);
            seeds.push(Seed::new(&name, &format!("table {} of {stem}.toml", number + 1), (*table).into()));
        }
        seeds.push(Seed::new(&stem, &format!("all of {stem}.toml"), text.into()));
    }
    seeds.extend(REFUSED.map(|(name, text)| Seed::new(name, "made up", text.into())));
    let bent = BENT.map(|(name, from, to)| {
        Seed::new(name, "a sound case with one text in another's place", SOUND.replacen(from, to, 1).into())
    });
    seeds.extend(bent);
    // The investigation, with two evidences for one claim, without a claim, with a field of no use.
    let own = corpus.texts().find(|(_, text)| text.contains("[[claim]]"));
    if let Some((_, text)) = own {
        let head = text.split("[[claim]]").next().unwrap_or_default().to_owned();
        let bent = [
            ("two-evidences", text.replacen("recovered_over = ", "address_is = \"a\"\nrecovered_over = ", 1)),
            ("no-claim", head),
            ("unused-field", text.replacen("[fields]\n", "[fields]\nspare = \"0x00\"\n", 1)),
        ];
        seeds.extend(bent.map(|(name, text)| {
            let made_of = "the investigation with one text in another's place";
            Seed::new(&format!("investigation-{name}"), made_of, text.into())
        }));
    }
    seeds.push(Seed::new("same-ids", "a sound case twice", [SOUND, SOUND].concat().into()));
    seeds
}

impl fmt::Debug for CaseFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)?;
        let understood = match catch(|| self.understood()) {
            Ok(understood) => understood,
            Err(panic) => return writeln!(f, "reading it {panic}"),
        };
        for (kind, error) in understood.kinds() {
            let said = error.map_or("understood".to_owned(), ToString::to_string);
            writeln!(f, "as {kind}: {said}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_names_no_line_of_the_file_or_takes_two_is_told() {
        let text = Text("a\nb".into());
        let error = |line, message: &str| CorpusError { file: "f".into(), line, message: message.into() };
        assert_eq!(text.wrong_error(&error(Some(2), "a")), None);
        assert_eq!(text.wrong_error(&error(None, "a")), None);
        assert!(text.wrong_error(&error(Some(3), "a")).is_some());
        assert!(text.wrong_error(&error(Some(1), "a\nb")).is_some());
    }
}
