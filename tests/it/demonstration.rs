//! `tests/demonstration/run`: from a key that dstack's SDKs fetch to a registered instance, on anvil. Skipped, and said
//! so, where its packages are not installed.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::skipped;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/demonstration")
}

/// The script, with this build's program and a folder for all that it leaves. None, and a skip: it cannot run here.
fn script(what: &str, left: &Path) -> Option<Command> {
    let installed = ["node_modules/viem", "venv/bin/python"];
    if let Some(missing) = installed.into_iter().find(|path| !folder().join(path).exists()) {
        skipped(what, &format!("tests/demonstration/{missing} (`tests/demonstration/setup`)"));
        return None;
    }
    // In the background of a script tests are started with SIGINT ignored, and bash cannot trap what was ignored.
    let mut command = Command::new("env");
    command.arg("--default-signal=INT").arg(folder().join("run"));
    command.env("ECRECHECK", assert_cmd::cargo::cargo_bin!("ecrecheck")).env("TMPDIR", left);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Some(command)
}

#[test]
fn instances_are_registered_from_javascript_and_python_and_every_fault_is_reverted() {
    let left = tempfile::tempdir().unwrap();
    let Some(mut script) = script("keys of dstack's SDKs, registered on a node", left.path()) else { return };
    let output = script.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && stderr.is_empty(), "{text}\n{stderr}");
    let lines = |begin: &str| text.lines().filter_map(|line| line.strip_prefix(begin)).collect::<Vec<_>>();

    // The keys of the label's app at two paths, by `chain issue`.
    let instances = lines("registered  ");
    let [javascript, python] = instances[..] else { panic!("{text}") };
    assert_ne!(javascript, python);
    for (path, instance) in [("wallet/javascript", javascript), ("wallet/python", python)] {
        let out = tempfile::tempdir().unwrap();
        let app = "0x1111111111111111111111111111111111111111";
        let issued = crate::support::succeeds(&[
            "chain",
            "issue",
            "--root-key",
            "label:demonstration",
            "--app-id",
            app,
            "--path",
            path,
            "--purpose",
            "ethereum",
            "--out",
            out.path().to_str().unwrap(),
        ]);
        assert!(issued.contains(&format!("derived key  {instance}")), "{issued}");
        assert!(
            lines("event       ").contains(&&*format!("InstanceRegistered({instance}, {app})")),
            "{text}"
        );
        assert!(lines("once more   ").contains(&&*format!("AlreadyRegistered({instance})")), "{text}");
        assert!(
            lines("verified: ").contains(&&*format!("{instance} is a key of this app under this root")),
            "{text}"
        );
    }
    assert_eq!(lines("no root     "), ["ZeroRoot()"]);
    assert_eq!(lines("passed: 50 cases, ").len(), 1);
    // By both libraries: every fault, and the claim over an address.
    let all = "233 transactions, each by a named error; the registry stores what it stored before";
    assert_eq!(lines("refused     "), [all, all]);
    let reverted = lines("reverted    ");
    let [by_viem, by_web3, address_by_viem, address_by_web3] = reverted[..] else { panic!("{text}") };
    assert_eq!((by_viem, address_by_viem), (by_web3, address_by_web3));
    for fault in [
        "AppIdLength",
        "AppKeyLength",
        "AppKeyMismatch",
        "DerivedKeyLength",
        "DerivedKeyOffCurve",
        "PurposeMismatch",
        "SignatureHighS",
        "SignatureLength",
        "SignatureRejected",
        "SignatureV",
        "WrongRoot",
    ] {
        assert!(by_viem.contains(&format!("{fault} ")), "{fault}: {by_viem}");
    }
    assert!(address_by_viem.starts_with("AppKeyMismatch(0x"), "{address_by_viem}");
    assert_eq!(text.lines().last(), Some(&*format!("reverted    {address_by_web3}")));
    assert_eq!(left.path().read_dir().unwrap().count(), 0, "what it made is removed");
}

#[test]
fn ctrl_c_ends_all_that_the_demonstration_started() {
    let left = tempfile::tempdir().unwrap();
    let Some(mut script) = script("Ctrl-C in the demonstration", left.path()) else { return };
    let mut child = script.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut listens = |what: &str| {
        let line = lines
            .find(|line| line.starts_with("listens "))
            .unwrap_or_else(|| panic!("{what} does not start"));
        let url = line.split("http://").nth(1).unwrap().split(',').next().unwrap().to_owned();
        url.parse::<std::net::SocketAddr>().unwrap()
    };
    let servers = [listens("the agent"), listens("anvil")];
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let until = Instant::now() + Duration::from_secs(20);
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if Instant::now() > until => panic!("it does not end"),
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert_eq!(status.code(), Some(130));
    for server in servers {
        assert!(std::net::TcpStream::connect(server).is_err(), "{server} goes on");
    }
    assert_eq!(left.path().read_dir().unwrap().count(), 0, "what it made is removed");
}
