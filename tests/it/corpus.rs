//! How a corpus is read from its folder: which files are read, what is refused, and where.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{copy_folder, corpus_folder};
use ecrecheck::corpus::{Corpus, CorpusError, Formats, load_cases, load_vectors};
use ecrecheck::judge::Divergence;
use tempfile::TempDir;

/// A copy of the corpus, to be changed.
struct Copy(TempDir);

impl Copy {
    fn new() -> Self {
        let copy = TempDir::new().unwrap();
        copy_folder(&corpus_folder(), copy.path());
        Self(copy)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Writes a file, and the folders above it.
    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes a case with this id, alone in its file.
    fn write_case(&self, path: &str, id: &str) {
        self.write(path, &case(id));
    }

    /// Replaces a text, once, in a file.
    fn replace(&self, path: &str, from: &str, to: &str) {
        let path = self.path(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{} holds {from}", path.display());
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    fn load(&self) -> Result<Corpus, CorpusError> {
        Corpus::load(self.0.path())
    }

    /// Its ids.
    fn ids(&self) -> Vec<String> {
        self.load().unwrap().cases.into_iter().map(|case| case.id).collect()
    }

    /// What loading it says, from the place in it.
    #[track_caller]
    fn refusal(&self) -> String {
        self.place_in(&self.load().expect_err("a corpus that cannot be loaded"))
    }

    fn place_in(&self, error: &CorpusError) -> String {
        let text = error.to_string();
        assert_eq!(text.lines().count(), 1, "one line: {text}");
        text.replace(&format!("{}/", self.0.path().display()), "")
    }
}

/// EIP-155's example as a case, its id in the second line.
fn case(id: &str) -> String {
    format!(
        r#"[[case]]
id = "{id}"
about = "a case of a test"
source = "ethereum/EIPs"
digest = "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53"
r = "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
s = "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
recovery_id = 0
[case.expect]
address = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"
public_key = "0x024bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382"
"#
    )
}

/// The KMS root's signature of the simulator's app key as a fixture over the expression
/// `keccak256(message)`, with these lines beside it; `format` in the sixth line.
fn fixture(format: &str, beside: &str, fields: &str) -> String {
    format!(
        r#"[[fixture]]
id = "test::fixture"
about = "a fixture of a test"
origin = "published"
source = {{ repo = "Dstack-TEE/dstack" }}
format = '{format}'
{beside}
signature = "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601"
[fixture.fields]
{fields}
[fixture.expect]
preimage = "0x64737461636b2d6b6d732d6973737565643aea549f02e1a25fabd1cb788380e033ec5461b2ff02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810"
digest = "0x3c55b4e0efaca928c9c29944c17889a61c7ba1c56dea9e8dce9e4f3224dba8ba"
address = "0x8f2cF602C9695b23130367ed78d8F557554de7C5"
public_key = "0x02cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b"
"#
    )
}

const EXPRESSION: &str = r#"keccak256("dstack-kms-issued:" + app_id + app_key)"#;
const WIRE: &str = "wire = \"rs-recovery-id\"";
const FIELDS: &str = "app_id = \"0xea549f02e1a25fabd1cb788380e033ec5461b2ff\"
app_key = \"0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810\"";

/// What a corpus with this fixture besides says.
#[track_caller]
fn fixture_refusal(format: &str, beside: &str, fields: &str) -> String {
    let copy = Copy::new();
    copy.write("fixtures/extra.toml", &fixture(format, beside, fields));
    copy.refusal()
}

#[test]
fn an_id_is_taken_once_in_a_file() {
    let copy = Copy::new();
    copy.write("cases/extra.toml", &(case("test::one") + &case("test::two") + &case("test::one")));
    assert_eq!(
        copy.refusal().split(": ids").next().unwrap(),
        "cases/extra.toml:24: the id `test::one` is taken by the case at cases/extra.toml:2"
    );
}

#[test]
fn an_id_is_taken_once_in_two_files() {
    let copy = Copy::new();
    copy.write_case("cases/extra-1.toml", "test::one");
    copy.write_case("cases/extra-2.toml", "test::one");
    assert_eq!(
        copy.refusal(),
        "cases/extra-2.toml:2: the id `test::one` is taken by the case at cases/extra-1.toml:2: ids are unique"
    );
    let formats = Corpus::load(&corpus_folder()).unwrap().formats;
    assert!(load_cases(&copy.path("cases"), &formats).is_err(), "without fixtures and the rest too");
    assert!(load_cases(&copy.path("cases/extra-2.toml"), &formats).is_ok());
}

#[test]
fn an_id_is_taken_once_in_fixtures_cases_and_regressions() {
    let copy = Copy::new();
    copy.write_case("cases/extra.toml", "eip155::example");
    let says = copy.refusal();
    let expected =
        "cases/extra.toml:2: the id `eip155::example` is taken by the case at fixtures/ecosystems.toml:";
    assert!(says.starts_with(expected), "{says}");

    let copy = Copy::new();
    copy.write_case("regressions/extra.toml", "high-s::simulator-root");
    let says = copy.refusal();
    let expected = "regressions/extra.toml:2: the id `high-s::simulator-root` is taken by the case at cases/high-s.toml:";
    assert!(says.starts_with(expected), "{says}");
}

#[test]
fn an_id_is_taken_once_in_several_paths() {
    let copy = Copy::new();
    copy.write_case("mine/one.toml", "test::one");
    copy.write_case("mine/two.toml", "test::two");
    copy.write_case("theirs/one.toml", "test::one");
    let formats = copy.load().unwrap().formats;
    let load = |paths: &[&str]| {
        let paths: Vec<_> = paths.iter().map(|path| copy.path(path)).collect();
        let cases = load_vectors(&paths, &formats).map_err(|error| copy.place_in(&error))?;
        Ok(cases.cases.into_iter().map(|case| case.id).collect::<Vec<_>>())
    };
    let ids = |ids: &[&str]| Ok::<_, String>(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
    assert_eq!(load(&["mine"]), ids(&["test::one", "test::two"]));
    assert_eq!(load(&["mine/two.toml", "theirs"]), ids(&["test::two", "test::one"]));
    let taken = |by: &str, at: &str| {
        Err(format!("{by}:2: the id `test::one` is taken by the case at {at}:2: ids are unique"))
    };
    assert_eq!(load(&["mine", "theirs"]), taken("theirs/one.toml", "mine/one.toml"));
    assert_eq!(load(&["theirs/one.toml", "mine/one.toml"]), taken("mine/one.toml", "theirs/one.toml"));
    assert_eq!(load(&["mine", "mine"]), taken("mine/one.toml", "mine/one.toml"));
}

#[test]
fn a_formats_name_is_taken_once() {
    let format = |name: &str| {
        format!(
            "[[format]]\nname = \"{name}\"\nabout = \"a\"\ndigest = 'sha256(data)'\nsigner = \"a\"\nwire = \"rs\"\nsource = \"a\"\n[format.fields]\ndata = {{ kind = \"bytes\", about = \"a\" }}\n"
        )
    };
    let copy = Copy::new();
    copy.write("formats/extra.toml", &format("test.format"));
    assert!(copy.load().unwrap().formats.named("test.format").is_some());
    copy.write("formats/extra.toml", &(format("test.format") + &format("test.format")));
    assert_eq!(copy.refusal(), "formats/extra.toml:11: two formats have the name `test.format`");
    // zz.toml comes after ethereum.toml, which has the name.
    let copy = Copy::new();
    copy.write("formats/zz.toml", &format("eip191.personal-sign"));
    assert_eq!(copy.refusal(), "formats/zz.toml:2: two formats have the name `eip191.personal-sign`");
}

#[test]
fn a_divergence_has_its_own_id_a_subject_and_a_fact() {
    let divergence = |id: &str, subjects: &str, facts: &str| {
        format!(
            "[[divergence]]\nid = \"{id}\"\nsubjects = {subjects}\nversions = \">=0.13, <0.14\"\nfacts = {facts}\nreference = \"recovered\"\noutcome = \"rejected\"\nwhy = \"a\"\nlink = \"a\"\n"
        )
    };
    let (subjects, facts) = ("[\"k256-0.13\"]", "[\"high-s\"]");
    let copy = Copy::new();
    let load = |text: &str| {
        copy.write("divergences.toml", text);
        let loaded = copy.load().map_err(|error| copy.place_in(&error))?;
        Ok::<_, String>(loaded.divergences.len())
    };
    let (one, two) = (divergence("one", subjects, facts), divergence("two", subjects, facts));
    assert_eq!(load("# none\n"), Ok(0));
    assert_eq!(load(&(one.clone() + &two)), Ok(2));
    let says = "divergences.toml:20: two divergences have the id `one`".to_owned();
    assert_eq!(load(&(one.clone() + &two + &one)), Err(says));
    let says = "divergences.toml:2: divergence `one` needs a subject and a fact".to_owned();
    assert_eq!(load(&divergence("one", "[]", facts)), Err(says.clone()));
    assert_eq!(load(&divergence("one", subjects, "[]")), Err(says));
}

#[test]
fn a_fixture_has_the_fields_of_its_expression_and_no_other() {
    let copy = Copy::new();
    copy.write("fixtures/extra.toml", &fixture(EXPRESSION, WIRE, FIELDS));
    assert!(copy.ids().contains(&"test::fixture".to_owned()));
    assert_eq!(
        fixture_refusal(EXPRESSION, WIRE, &format!("{FIELDS}\npurpose = \"text:ethereum\"")),
        "fixtures/extra.toml:6: `test::fixture`: the expression does not use the field `purpose`"
    );
    let says = fixture_refusal(EXPRESSION, WIRE, FIELDS.lines().next().unwrap());
    let expected = "fixtures/extra.toml:6: `test::fixture`: at character 43: unknown field `app_key`";
    assert!(says.starts_with(expected), "{says}");
    let known = "dstack.kms-issued.current";
    assert_eq!(
        fixture_refusal(known, "", &format!("{FIELDS}\npurpose = \"text:ethereum\"")),
        "fixtures/extra.toml:6: `test::fixture`: unknown field `purpose`; the format's fields are app_id, app_key"
    );
}

#[test]
fn a_wire_layout_stands_beside_an_expression_only() {
    let copy = Copy::new();
    copy.write("fixtures/extra.toml", &fixture("dstack.kms-issued.current", "", FIELDS));
    assert!(copy.ids().contains(&"test::fixture".to_owned()));
    assert_eq!(
        fixture_refusal("dstack.kms-issued.current", WIRE, FIELDS),
        "fixtures/extra.toml:6: `test::fixture`: a known format has its wire layout: leave `wire` out"
    );
    assert_eq!(
        fixture_refusal(EXPRESSION, "", FIELDS),
        "fixtures/extra.toml:6: `test::fixture`: an expression needs `wire` beside it"
    );
}

#[test]
fn fields_are_bytes_text_or_numbers_of_zero_or_more() {
    let fields = |value: &str| format!("{FIELDS}\nmore = {value}");
    let with_more = r#"keccak256("dstack-kms-issued:" + app_id + app_key + more)"#;
    for value in ["0", "18446744073709551", "\"0x\"", "\"text:\"", "\"text:0x\""] {
        let copy = Copy::new();
        copy.write("fixtures/extra.toml", &fixture(with_more, WIRE, &fields(value)));
        assert!(copy.load().is_ok(), "{value}");
    }
    for (value, expected) in [
        ("-1", "expected a number of 0 or more"),
        ("\"abc\"", "expected 0x… (bytes) or text:… (text), found \"abc\""),
        ("\"0xabc\"", "expected two hex digits a byte"),
        ("true", "expected \"0x…\" bytes, \"text:…\", or an integer"),
        ("1.5", "expected \"0x…\" bytes, \"text:…\", or an integer"),
    ] {
        let says = fixture_refusal(with_more, WIRE, &fields(value));
        assert!(says.contains(expected), "{value}: {says}");
    }
}

#[test]
fn a_file_of_a_later_version_is_refused() {
    let copy = Copy::new();
    copy.write("cases/extra.toml", &format!("version = 1\n{}", case("test::one")));
    assert!(copy.ids().contains(&"test::one".to_owned()));
    copy.write("cases/extra.toml", &format!("# a comment\nversion = 2\n{}", case("test::one")));
    let says = copy.refusal();
    assert!(says.starts_with("cases/extra.toml:2: is of version 2"), "{says}");
}

#[test]
fn files_in_folders_below_are_read() {
    let copy = Copy::new();
    copy.write_case("cases/a/one.toml", "test::one");
    copy.write_case("fixtures/a/b/c/two.toml", "test::two");
    copy.write_case("regressions/three.toml", "test::three");
    let before = Copy::new().ids();
    let mut after = copy.ids();
    for id in ["test::one", "test::two", "test::three"] {
        assert_eq!(after.iter().filter(|found| *found == id).count(), 1, "{id}");
    }
    after.retain(|id| !id.starts_with("test::"));
    assert_eq!(after, before);
}

#[test]
fn only_toml_files_are_read_from_a_folder() {
    let copy = Copy::new();
    let before = copy.ids();
    for name in ["notes.md", "case.toml.orig", "case.toml~", "toml", ".swp", "case.json"] {
        copy.write(&format!("cases/{name}"), "not TOML at all [[");
        copy.write(&format!("formats/{name}"), "not TOML at all [[");
    }
    assert_eq!(copy.ids(), before);
    for name in ["broken.toml", "broken.TOML"] {
        let copy = Copy::new();
        copy.write(&format!("cases/{name}"), "not TOML at all [[");
        assert!(copy.refusal().starts_with(&format!("cases/{name}:1: ")));
    }
}

#[test]
fn a_file_that_is_named_is_read_whatever_its_name_is() {
    let copy = Copy::new();
    copy.write_case("cases.txt", "test::one");
    let cases = load_cases(&copy.path("cases.txt"), &copy.load().unwrap().formats).unwrap();
    assert_eq!(cases.iter().map(|case| case.id.as_str()).collect::<Vec<_>>(), ["test::one"]);
}

#[test]
fn folders_are_read_down_to_the_sixteenth() {
    let copy = Copy::new();
    let deep = |folders: usize| format!("cases/{}", "d/".repeat(folders));
    copy.write_case(&format!("{}one.toml", deep(16)), "test::one");
    assert!(copy.ids().contains(&"test::one".to_owned()));
    fs::create_dir(copy.path(&deep(17))).unwrap();
    assert_eq!(
        copy.refusal(),
        format!("{}: folders are nested deeper than 16", deep(17).trim_end_matches('/'))
    );
}

#[test]
fn a_part_of_the_corpus_that_is_missing_or_empty_is_named() {
    for part in ["formats", "fixtures", "cases"] {
        let copy = Copy::new();
        fs::remove_dir_all(copy.path(part)).unwrap();
        let says = copy.refusal();
        assert_eq!(says, format!("{part}: not found, and corpus.toml says that the corpus is complete"));
        fs::create_dir(copy.path(part)).unwrap();
        assert_eq!(copy.refusal(), format!("{part}: no .toml file in this folder"));
    }
    for part in ["fixtures", "cases"] {
        let copy = Copy::new();
        fs::remove_dir_all(copy.path(part)).unwrap();
        copy.write(&format!("{part}/none.toml"), "version = 1\n");
        assert_eq!(copy.refusal(), format!("{part}: no cases: expected [[case]] or [[fixture]] tables"));
    }
    for file in ["divergences.toml", "investigation.toml"] {
        let copy = Copy::new();
        fs::remove_file(copy.path(file)).unwrap();
        let says = copy.refusal();
        assert_eq!(says, format!("{file}: not found, and corpus.toml says that the corpus is complete"));
    }
}

#[test]
fn an_empty_or_mistyped_id_is_refused() {
    for id in ["one", "::one", "test::", "test::one::two", "Test::one", "test::o_ne", "test:one", "té::one"]
    {
        let copy = Copy::new();
        copy.write_case("cases/extra.toml", id);
        let says = copy.refusal();
        assert!(says.starts_with("cases/extra.toml:2: expected an id, group::name"), "{says}");
        assert!(says.ends_with(&format!("found `{id}`")), "{says}");
    }
    let copy = Copy::new();
    copy.write_case("cases/extra.toml", "a-1.b::c.2-d");
    assert!(copy.ids().contains(&"a-1.b::c.2-d".to_owned()));
}

#[test]
fn an_expectation_is_a_key_or_a_reason() {
    let refusal = |from: &str, to: &str| {
        let copy = Copy::new();
        copy.write_case("cases/extra.toml", "test::one");
        copy.replace("cases/extra.toml", from, to);
        copy.refusal()
    };
    let either = "cases/extra.toml:2: `test::one`: expected `address` or `public_key` or both, or `not_address` or \
                  `not_public_key` or both, or `rejected`, or `no_signature`, in `expect`";
    assert_eq!(
        refusal("address = \"0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F\"\npublic_key = ", "# "),
        either
    );
    assert_eq!(refusal("address = ", "rejected = \"r-zero\"\naddress = "), either);
    assert_eq!(
        refusal("address = ", "not_address = \"0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F\"\naddress = "),
        either
    );
    let unknown = refusal("address = ", "rejected = \"r-zeroes\" #");
    assert!(
        unknown.starts_with("cases/extra.toml:10: unknown reason `r-zeroes`; the reasons are "),
        "{unknown}"
    );
    let twice = refusal("digest = ", "prehash = \"0x00\"\ndigest = ");
    assert!(twice.starts_with("cases/extra.toml:2: `test::one`: expected one of `digest`"), "{twice}");
    let gas = refusal("digest = ", "gas = 3000\ndigest = ");
    assert!(gas.starts_with("cases/extra.toml:2: `test::one`: expected either `r`, `s`"), "{gas}");
}

/// Files that are none: reading one may never end.
#[cfg(unix)]
mod special {
    use std::process::Command;
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    fn make_fifo(path: &Path) {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    /// What this gives, if it ends.
    #[track_caller]
    fn ends<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || sender.send(work()));
        receiver.recv_timeout(Duration::from_secs(20)).expect("it ends within 20 seconds")
    }

    #[test]
    fn a_fifo_is_refused_and_not_waited_for() {
        for file in ["cases/fifo.toml", "formats/fifo.toml", "divergences.toml", "investigation.toml"] {
            let copy = Copy::new();
            let _ = fs::remove_file(copy.path(file));
            make_fifo(&copy.path(file));
            assert_eq!(ends(move || copy.refusal()), format!("{file}: expected a file"));
        }
        let copy = Copy::new();
        make_fifo(&copy.path("fifo"));
        let formats = copy.load().unwrap().formats;
        let named = ends(move || copy.place_in(&load_cases(&copy.path("fifo"), &formats).unwrap_err()));
        assert_eq!(named, "fifo: expected a file");
    }

    #[test]
    fn a_fifo_of_another_name_is_not_read() {
        let copy = Copy::new();
        make_fifo(&copy.path("cases/fifo"));
        assert!(ends(move || copy.load().is_ok()));
    }

    #[test]
    fn a_folder_that_holds_itself_is_refused() {
        let copy = Copy::new();
        std::os::unix::fs::symlink(copy.path("cases"), copy.path("cases/again")).unwrap();
        let says = ends(move || copy.refusal());
        assert!(says.ends_with(": folders are nested deeper than 16"), "{says}");
    }

    #[test]
    fn a_link_to_a_file_or_a_folder_is_followed() {
        let copy = Copy::new();
        copy.write_case("elsewhere/one.toml", "test::one");
        copy.write_case("other/two.toml", "test::two");
        std::os::unix::fs::symlink(copy.path("elsewhere"), copy.path("cases/linked")).unwrap();
        std::os::unix::fs::symlink(copy.path("other/two.toml"), copy.path("cases/linked.toml")).unwrap();
        let ids = copy.ids();
        assert!(["test::one", "test::two"].iter().all(|id| ids.iter().any(|found| found == id)));
    }
}

#[test]
fn the_corpus_that_is_compiled_in_is_that_of_the_folder() {
    let folder = Corpus::load(&corpus_folder()).unwrap();
    let built_in = Corpus::built_in();
    assert_eq!((folder.folder.clone(), built_in.folder.clone()), (Some(corpus_folder()), None));
    let ids = |corpus: &Corpus| corpus.cases.iter().map(|case| case.id.clone()).collect::<Vec<_>>();
    assert!(ids(built_in).len() > 300, "the cases are there: {}", ids(built_in).len());
    assert_eq!(ids(built_in), ids(&folder));
    assert_eq!(Divergence::built_in(), folder.divergences);
    let names = |formats: &Formats| formats.iter().map(|format| format.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(Formats::built_in()), names(&folder.formats));
    let mut files = 0;
    for ((file, text), (on_disk, same)) in built_in.texts().zip(folder.texts()) {
        assert_eq!(file, Path::new("corpus").join(on_disk.strip_prefix(corpus_folder()).unwrap()));
        assert!(text == same, "{}", file.display());
        files += 1;
    }
    assert_eq!((files, folder.texts().count()), (built_in.texts().count(), files));
    let place = &built_in.cases[0].place;
    assert!(corpus_folder().parent().unwrap().join(&place.file).is_file(), "{place}");
}
