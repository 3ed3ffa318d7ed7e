//! What other projects' CI relies on: the action and its script, the releases, docs/ci.md.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::{ecrecheck, run, stdout};
use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// What follows `before`, up to what cannot be in a name.
fn names_after(text: &str, before: &str) -> BTreeSet<String> {
    let name = |rest: &str| -> String {
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).collect()
    };
    text.split(before).skip(1).map(name).filter(|name| !name.is_empty()).collect()
}

/// The keys of a YAML mapping: those right below the line `above`, which is found at any depth, each time.
fn keys_below(yaml: &str, above: &str) -> BTreeSet<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<_> = yaml.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut keys = BTreeSet::new();
    for (at, line) in
        lines.iter().enumerate().filter(|(_, line)| line.trim_start_matches([' ', '-']) == above)
    {
        let depth = line.len() - line.trim_start_matches([' ', '-']).len();
        let below: Vec<_> = lines[at + 1..].iter().take_while(|line| indent(line) > depth).collect();
        let first = below.first().map_or(0, |line| indent(line));
        let keys_here =
            below.iter().filter(|line| indent(line) == first && !line.trim_start().starts_with('#'));
        keys.extend(keys_here.map(|line| line.trim().split_once(':').unwrap().0.to_owned()));
    }
    keys
}

/// Whether the real program takes this command line: help is asked for last, and what is wrong before it is told.
#[track_caller]
fn is_taken(arguments: &[&str]) {
    let output = run(&[arguments, &["--help"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
}

/// A runner with a project, the action's sources, and programs in the place of `curl`, `cargo` and `rustup`.
struct Runner {
    folder: TempDir,
    /// The folder of the action's sources is called as its ref.
    action: PathBuf,
}

impl Runner {
    fn new(git_ref: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let action = folder.path().join("actions").join(git_ref);
        fs::create_dir_all(action.join(".ci")).unwrap();
        fs::copy(root().join(".ci/action"), action.join(".ci/action")).unwrap();
        for below in ["temp", "project", "programs", "releases"] {
            fs::create_dir(folder.path().join(below)).unwrap();
        }
        let runner = Self { folder, action };
        let releases = runner.path("releases");
        // curl … --output FILE URL, where the releases are a folder.
        let curl = format!(
            "while [[ $1 != --output ]]; do shift; done\ncp \"{}/${{3##*/}}\" \"$2\" 2>/dev/null || exit 22",
            releases.display()
        );
        runner.program("curl", &curl);
        let built = runner.path("built");
        runner.program("cargo", &format!("printf '%s\\n' \"$@\" >\"{}\"", built.display()));
        runner.program("rustup", "");
        runner
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn program(&self, name: &str, script: &str) {
        executable(&self.path("programs").join(name), script);
    }

    /// Puts the archive of a release there, whose program says who it is, and its checksum.
    fn release(&self, checksum: Option<&str>) -> String {
        let target = match (std::env::consts::OS, std::env::consts::ARCH) {
            ("linux", arch) => format!("{arch}-unknown-linux-gnu"),
            ("macos", arch) => format!("{arch}-apple-darwin"),
            other => panic!("no release for {other:?}"),
        };
        let name = format!("ecrecheck-0.1.0-{target}");
        let (folder, archive) = (self.path(&name), self.path("releases").join(format!("{name}.tar.gz")));
        fs::create_dir(&folder).unwrap();
        executable(&folder.join("ecrecheck"), "echo the released program");
        let mut tar = Command::new("tar");
        tar.arg("-czf").arg(&archive).arg("-C").arg(self.folder.path()).arg(&name);
        assert!(tar.status().unwrap().success());
        let bytes = fs::read(&archive).unwrap();
        let digest = const_hex::encode(<sha2::Sha256 as sha2::Digest>::digest(bytes));
        let sums = format!("{}  {name}.tar.gz\n", checksum.unwrap_or(&digest));
        fs::write(self.path("releases/SHA256SUMS"), sums).unwrap();
        digest
    }

    /// Runs the script as action.yml does, with these inputs in the place of the defaults.
    fn act(&self, what: &str, inputs: &[(&str, &str)]) -> Output {
        let path = format!("{}:{}", self.path("programs").display(), std::env::var("PATH").unwrap());
        let defaults = [
            ("VERSION", ""),
            ("SHA256", ""),
            ("SUBJECT", ""),
            ("DIVERGENCES", ""),
            ("CORPUS", "built-in"),
            ("CASES", ""),
            ("SNAPSHOT", "false"),
            ("GENERATED", "5000"),
            ("SEED", "0"),
            ("TIMEOUT", ""),
        ];
        let inputs = defaults.iter().chain(inputs).map(|(name, value)| (format!("INPUT_{name}"), value));
        let mut command = Command::new("bash");
        command.arg(self.action.join(".ci/action")).arg(what).current_dir(self.path("project"));
        command.envs(inputs).env("PATH", path).env("RUNNER_TEMP", self.path("temp")).stdin(Stdio::null());
        command.env("GITHUB_ACTION_PATH", &self.action);
        for file in ["GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
            command.env(file, self.path(file));
        }
        command.output().unwrap()
    }

    /// Installs a program that ends with a status for each command, and writes its command lines down, a line each.
    fn install_stand_in(&self, script: &str) {
        fs::create_dir_all(self.path("temp/ecrecheck/bin")).unwrap();
        let lines = self.path("lines");
        let script =
            format!("printf '%s\\x1f' \"$@\" >>'{0}'; printf '\\n' >>'{0}'\n{script}", lines.display());
        executable(&self.path("temp/ecrecheck/bin/ecrecheck"), &script);
    }

    /// The command lines that the stand-in was given.
    fn lines(&self) -> Vec<Vec<String>> {
        let text = fs::read_to_string(self.path("lines")).unwrap_or_default();
        let words = |line: &str| line.split_terminator('\u{1f}').map(str::to_owned).collect();
        text.lines().map(words).collect()
    }

    /// What cargo was told to build.
    fn built(&self) -> Option<String> {
        fs::read_to_string(self.path("built")).ok().map(|arguments| arguments.replace('\n', " "))
    }

    fn output(&self) -> String {
        fs::read_to_string(self.path("GITHUB_OUTPUT")).unwrap()
    }
}

fn executable(file: &Path, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;

    fs::write(file, format!("#!/usr/bin/env bash\n{script}\n")).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Status 2, and the line of the error.
#[track_caller]
fn fails(output: &Output) -> String {
    let text = stdout(output) + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    let line = text.lines().find_map(|line| line.strip_prefix("::error title=ecrecheck::"));
    line.unwrap_or_else(|| panic!("an error: {text}")).to_owned()
}

#[test]
fn the_action_installs_the_release_that_its_ref_or_its_input_names() {
    for (git_ref, version) in [("v0.1.0", ""), ("main", "0.1.0"), ("3d3c42e5", "v0.1.0")] {
        let runner = Runner::new(git_ref);
        let digest = runner.release(None);
        for sha256 in ["", &digest] {
            let output = runner.act("install", &[("VERSION", version), ("SHA256", sha256)]);
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            assert!(stdout(&output).contains("the released program"), "it was run: {output:?}");
        }
        assert_eq!(runner.built(), None);
        let path = fs::read_to_string(runner.path("GITHUB_PATH")).unwrap();
        assert!(Path::new(path.lines().next().unwrap()).join("ecrecheck").is_file());
    }
}

#[test]
fn the_action_installs_nothing_but_what_has_the_checksum() {
    let zeros = "0".repeat(64);
    let runner = Runner::new("v0.1.0");
    runner.release(Some(&zeros));
    assert!(fails(&runner.act("install", &[])).contains(&format!("expected the SHA-256 {zeros}, found ")));
    let runner = Runner::new("v0.1.0");
    runner.release(None);
    assert!(
        fails(&runner.act("install", &[("SHA256", &zeros)])).contains(&format!("SHA-256 {zeros}, found"))
    );
    fs::write(runner.path("releases/SHA256SUMS"), "").unwrap();
    assert!(fails(&runner.act("install", &[])).contains("of SHA256SUMS, which has none, found "));
    fs::remove_file(runner.path("releases/SHA256SUMS")).unwrap();
    assert_eq!(fails(&runner.act("install", &[])), "release 0.1.0 has no SHA256SUMS");
    assert!(!runner.path("temp/ecrecheck/bin/ecrecheck").exists());
    assert!(!runner.path("GITHUB_PATH").exists());
    assert_eq!(runner.built(), None);

    // Without an archive there is nothing to check.
    let runner = Runner::new("main");
    assert!(fails(&runner.act("install", &[("SHA256", &zeros)])).contains("needs a build"));
    assert_eq!(runner.built(), None);
}

#[test]
fn the_action_builds_where_it_has_no_release() {
    let root = |runner: &Runner| runner.path("temp/ecrecheck").display().to_string();
    for (git_ref, version) in [("main", ""), ("3d3c42e5", ""), ("v0.1.0", "source"), ("v1", "")] {
        let runner = Runner::new(git_ref);
        let output = runner.act("install", &[("VERSION", version)]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let expected =
            format!("install --locked --root {} --path {} ", root(&runner), runner.action.display());
        assert_eq!(runner.built(), Some(expected));
    }
    let runner = Runner::new("v0.1.0");
    assert_eq!(runner.act("install", &[]).status.code(), Some(0));
    let repository = "https://github.com/ecrecheck/ecrecheck";
    let expected =
        format!("install --locked --root {} --git {repository} --tag v0.1.0 ecrecheck ", root(&runner));
    assert_eq!(runner.built(), Some(expected));

    let runner = Runner::new("v0.1.0");
    runner.release(None);
    runner.program("curl", "exit 28");
    assert!(fails(&runner.act("install", &[])).ends_with("of release 0.1.0: curl ends with 28"));
    assert_eq!(runner.built(), None, "a network that is down is no missing release");
    assert!(
        fails(&runner.act("install", &[("VERSION", "0.1.0;id")])).starts_with("version: expected a release")
    );
    assert!(fails(&runner.act("install", &[("VERSION", "../v0.1.0")])).starts_with("version: "));
}

#[test]
fn the_action_gives_its_inputs_as_arguments_that_the_program_takes() {
    let runner = Runner::new("main");
    runner.install_stand_in("");
    let inputs = [
        (
            "SUBJECT",
            "mine=node 'my adapter.mjs'\r\n\n  \n$(touch spoiled)\n\"; touch spoiled; \"\nhttp://127.0.0.1:1",
        ),
        ("DIVERGENCES", "one.toml\ntwo files.toml"),
        ("CASES", "cases\nmore/case.toml\n"),
        ("CORPUS", "my corpus"),
        ("SNAPSHOT", "true"),
        ("GENERATED", "2500"),
        ("SEED", "7"),
        ("TIMEOUT", "20"),
    ];
    let output = runner.act("run", &inputs);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let common = [
        "--corpus",
        "my corpus",
        "--subject",
        "mine=node 'my adapter.mjs'",
        "--subject",
        "$(touch spoiled)",
        "--subject",
        "\"; touch spoiled; \"",
        "--subject",
        "http://127.0.0.1:1",
        "--divergences",
        "one.toml",
        "--divergences",
        "two files.toml",
        "--timeout",
        "20",
    ];
    let found = runner.path("temp/ecrecheck/reproducers").display().to_string();
    let expected = [
        [&["check"], &common[..]].concat(),
        [&["check"], &common[..], &["--cases", "cases", "--cases", "more/case.toml"]].concat(),
        vec!["snapshot", "--corpus", "my corpus"],
        [&["fuzz"], &common[..], &["--cases", "2500", "--seed", "7", "--out", &found]].concat(),
    ];
    assert_eq!(runner.lines(), expected);
    for line in expected {
        is_taken(&line);
    }
    assert_eq!(fs::read_dir(runner.path("project")).unwrap().count(), 0, "no input was run");
    assert_eq!(runner.output(), format!("status=0\nreproducers={found}\n"));

    // Without any input too.
    let runner = Runner::new("main");
    runner.install_stand_in("");
    assert_eq!(runner.act("run", &[("GENERATED", "0")]).status.code(), Some(0));
    assert_eq!(runner.lines(), [["check", "--corpus", "built-in"]]);
    assert!(fails(&runner.act("run", &[("GENERATED", "many")])).starts_with("generated: "));
    assert!(fails(&runner.act("run", &[("SNAPSHOT", "yes")])).starts_with("snapshot: "));
}

#[test]
fn the_action_ends_with_the_worst_status() {
    let with = |check: u8, fuzz: u8| {
        let runner = Runner::new("main");
        runner.install_stand_in(&format!(
            "echo ::error::from a subject; [[ $1 == check ]] && exit {check}; exit {fuzz}"
        ));
        let output = runner.act("run", &[]);
        let status = output.status.code().unwrap();
        assert!(runner.output().starts_with(&format!("status={status}\n")), "{}", runner.output());
        (status, runner.lines().len(), runner, stdout(&output))
    };
    for (check, fuzz, status, commands) in
        [(0, 0, 0, 2), (1, 0, 1, 2), (0, 1, 1, 2), (1, 2, 2, 2), (2, 0, 2, 1), (0, 134, 2, 2)]
    {
        let (seen, lines, _, _) = with(check, fuzz);
        assert_eq!((seen, lines), (status, commands), "check {check}, fuzz {fuzz}");
    }
    let (_, _, runner, said) = with(2, 0);
    assert!(said.contains("==> not run: ecrecheck fuzz --corpus built-in --cases 5000"), "{said}");
    let summary = fs::read_to_string(runner.path("GITHUB_STEP_SUMMARY")).unwrap();
    assert!(summary.starts_with("### ecrecheck check: could not be done\n"), "{summary}");
    // What a subject says stands between the lines that keep the runner from reading it.
    let (before, after) = said.split_once("::error::from a subject\n").unwrap();
    let token = before.trim_end().rsplit_once("::stop-commands::").unwrap().1;
    assert!(token.len() == 32 && after.starts_with(&format!("::{token}::\n")), "{said}");
}

#[test]
fn the_action_runs_the_program() {
    let runner = Runner::new("main");
    fs::create_dir_all(runner.path("temp/ecrecheck/bin")).unwrap();
    let program = assert_cmd::cargo::cargo_bin!("ecrecheck");
    std::os::unix::fs::symlink(program, runner.path("temp/ecrecheck/bin/ecrecheck")).unwrap();
    // A folder of this name is another project's.
    fs::create_dir(runner.path("project/corpus")).unwrap();
    let output = runner.act("run", &[("GENERATED", "4000")]);
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("checked  the built-in corpus") && said.contains("agreed: 4000 cases"), "{said}");
    let output = runner.act("run", &[("CASES", "none.toml"), ("GENERATED", "0")]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(stdout(&output).contains("error: none.toml: cannot be read"), "{output:?}");

    // A team's own corpus: a format that changes is a red job, which says what changed.
    let init = ecrecheck().current_dir(runner.path("project")).args(["init", "ours"]).output();
    assert_eq!(init.unwrap().status.code(), Some(0));
    let inputs = [("CORPUS", "ours"), ("SNAPSHOT", "true"), ("GENERATED", "0")];
    let accept = ["snapshot", "--corpus", "ours", "--accept"];
    let accepted = ecrecheck().current_dir(runner.path("project")).args(accept).output();
    assert_eq!(accepted.unwrap().status.code(), Some(0));
    assert_eq!(runner.act("run", &inputs).status.code(), Some(0));
    let format = runner.path("project/ours/formats/example.toml");
    let text = fs::read_to_string(&format).unwrap();
    fs::write(&format, text.replace("\"Hello \" + name", "\"Hello\" + name")).unwrap();
    let output = runner.act("run", &inputs);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    for expected in
        ["EXPECTATION  example::hello-world", "CHANGED  fixture__example__hello-world", "they part after 27"]
    {
        assert!(stdout(&output).contains(expected), "{expected}: {output:?}");
    }
}

#[test]
fn the_action_its_script_and_the_releases_fit_together() {
    let (action, script, release) =
        (read("action.yml"), read(".ci/action"), read(".github/workflows/release.yml"));
    let inputs = keys_below(&action, "inputs:");
    assert!(inputs.len() >= 10, "{inputs:?}");
    assert_eq!(names_after(&action, "${{ inputs."), inputs, "each input is handed over");
    let variables = names_after(&script, "INPUT_");
    let handed: BTreeSet<_> =
        keys_below(&action, "env:").iter().map(|name| name["INPUT_".len()..].to_owned()).collect();
    assert_eq!(variables, handed, "each variable is read");
    for line in action.lines().filter(|line| line.contains("run: ")) {
        assert!(!line.contains("${{"), "an input in a script: {line}");
    }
    let targets = names_after(&script, " printf ");
    let targets: BTreeSet<_> = targets.into_iter().filter(|target| target.contains("-")).collect();
    assert_eq!(names_after(&release, "target: ").into_iter().collect::<BTreeSet<_>>(), targets);
    assert!(script.contains(&format!("REPOSITORY={}\n", env!("CARGO_PKG_REPOSITORY"))));
}

#[test]
fn the_page_on_ci_says_what_is_there() {
    let page = read("docs/ci.md");
    let uses = names_after(&page, "ecrecheck/ecrecheck@");
    assert_eq!(uses.into_iter().collect::<Vec<_>>(), [concat!("v", env!("CARGO_PKG_VERSION"))]);
    let inputs = keys_below(&read("action.yml"), "inputs:");
    let (mut used, mut examples) = (BTreeSet::new(), 0);
    for step in page.split("uses: ecrecheck/ecrecheck@").skip(1) {
        let step = step.split("```").next().unwrap().split("- uses:").next().unwrap();
        examples += 1;
        used.extend(keys_below(step, "with:"));
    }
    assert!(examples >= 6 && used.contains("subject") && used.contains("cases"), "{examples}: {used:?}");
    assert!(used.is_subset(&inputs), "{:?}", used.difference(&inputs));
    let mut commands = 0;
    let scripts = page.split("```sh\n").skip(1).flat_map(|block| block.split("```").next());
    for line in scripts.flat_map(str::lines).filter_map(|line| line.strip_prefix("ecrecheck ")) {
        let words = shlex::split(line).unwrap();
        is_taken(&words.iter().map(String::as_str).collect::<Vec<_>>());
        commands += 1;
    }
    assert!(commands >= 4, "{commands}");
    let refuses = run(&["check", "--subjekt", "x", "--help"]);
    assert_eq!(refuses.status.code(), Some(2), "a flag that is not there is told before help");
    for flag in names_after(&page, "`--") {
        let has = |command| stdout(&run(&[command, "--help"])).contains(&format!("--{flag} "));
        assert!(flag == "locked" || has("check") || has("fuzz"), "--{flag}");
    }
}
