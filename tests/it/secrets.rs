//! No secret shows: in no output, error or log of `ecrecheck chain`, and in no Debug.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::{corpus_folder, ecrecheck, run};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ecrecheck::dstack::{AppKeys, PrivateKey};
use serde_json::{Value, json};
use tempfile::TempDir;

const OLD_APP_KEY: &str = "e0e5d254fb944dcc370a2e5288b336a1e809871545a73ee645368957fefa31f9";
const NEW_APP_KEY: &str = "d6e88992cdeeee35fe70b5db61ab66cdb191fb9b6ec9313757ef162dd7214d5d";
const OLD_ROOT: &str = "0x8f2cF602C9695b23130367ed78d8F557554de7C5";
const NEW_ROOT: &str = "0xA7F6043C29f9cc1d9D6aCF554c53E0c6792AaEAf";
const OLD_APP: &str = "ea549f02e1a25fabd1cb788380e033ec5461b2ff";
const APP: &str = "0x1111111111111111111111111111111111111111";
/// A key that nobody has published.
const REAL: &str = "8d1f0e3a5b7c9d2e4f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c7";

/// A file of `corpus/dstack`.
fn file(name: &str) -> String {
    corpus_folder().join("dstack").join(name).display().to_string()
}

/// A file in a folder that is gone with the test.
fn written(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn debug_shows_no_secret() {
    let keys = AppKeys::parse(&fs::read_to_string(file("simulator-old.json")).unwrap()).unwrap();
    let response = keys.get_key("test/node", b"ethereum").unwrap();
    let shown = format!("{keys:?} {keys:#?} {response:?} {:?}", PrivateKey::from_hex(NEW_APP_KEY).unwrap());
    for secret in [
        OLD_APP_KEY,
        NEW_APP_KEY,
        "4411844f0dfc6b50f30c2df6acf5f08371fe22f91dd4dd77459388de1c6b551b",
        "1111111111",
        "2222222222",
        "17, 17",
        "224, 229, 210",
        "PRIVATE KEY",
        "MIGHAgEAMBMG",
    ] {
        assert!(!shown.to_lowercase().contains(&secret.to_lowercase()), "{secret} in {shown}");
    }
    assert!(shown.contains("P-256"), "the PEM's curve is shown: {shown}");
}

/// A secret as it could show: in hex, in HEX, in base64, as decimal bytes; a part of it would do.
fn forms(secret: &[u8]) -> Vec<String> {
    let part = &secret[..12];
    let decimal: Vec<_> = part.iter().map(u8::to_string).collect();
    let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
    let spelt =
        |between: &str| part.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between);
    let [colons, spaces] = [":", " "].map(spelt);
    vec![
        BASE64_STANDARD.encode(part),
        decimal.join(", "),
        decimal.join(","),
        hex.to_uppercase(),
        hex,
        colons,
        spaces,
    ]
}

fn bytes(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
}

#[test]
fn no_command_shows_a_secret_whether_it_works_or_fails() {
    let folder = TempDir::new().unwrap();
    let app_key = "e0e5d254fb944dcc370a2e5288b336a1e809871545a73ee645368957fefa31f9";
    let derived = "4411844f0dfc6b50f30c2df6acf5f08371fe22f91dd4dd77459388de1c6b551b";
    let keys = file("simulator-old.json");
    let good = fs::read_to_string(&keys).unwrap();
    let key_file = written(&folder, "key", REAL);
    let at = format!("@{key_file}");
    let issued = folder.path().join("issued").display().to_string();
    let saw = format!("x={derived}");
    let bad = |name: &str, text: String| written(&folder, name, &text);
    let misplaced = [
        bad("1.json", good.replace("31f9\"", "31f\"")),
        bad("2.json", good.replace("31f9\"", "31f9zz\"")),
        bad("3.json", good.replace("k256_key", app_key)),
        bad("4.json", format!("\"{app_key}\"")),
        bad(
            "5.json",
            good.replace(
                "\"key_provider\"",
                &format!("\"{app_key}\": 1, \"{app_key}\": 2, \"key_provider\""),
            ),
        ),
        bad("6.json", json!({"key_provider": app_key, "k256_key": [app_key]}).to_string()),
        bad("7.json", json!({"key": derived, "signature_chain": app_key}).to_string()),
        bad("8.json", json!({"key": derived, "signature_chain": [derived, app_key]}).to_string()),
        bad("9.json", app_key.to_owned()),
        bad("10.json", good.replacen('{', &format!("{{\"{app_key}\": true,"), 1)),
        bad("11.json", "224229210".repeat(40)),
    ];
    let old = ["--app-keys", &keys, "--app-id", OLD_APP, "--path", "test/node"];
    let verify = [&["verify"], &old[..]].concat();
    let explain = [&["explain", "--root", NEW_ROOT, "--nonces", "1"], &old[..]].concat();
    let issue = ["issue", "--root-key", &at, "--app-id", APP, "--out", &issued];
    let exposed = [&issue[..], &["--exposed-root-key"]].concat();
    let by =
        |root_key| ["issue", "--root-key", root_key, "--app-id", APP, "--out", &issued, "--force"].to_vec();
    let mut commands: Vec<Vec<&str>> = vec![
        [&verify[..], &["--root", OLD_ROOT]].concat(),
        [&verify[..], &["--root", OLD_ROOT, "--json"]].concat(),
        [&verify[..], &["--root", NEW_ROOT]].concat(),
        verify,
        [&explain[..], &["--json"]].concat(),
        explain,
        exposed.clone(),
        [&exposed[..], &["--force", "--json"]].concat(),
        issue.to_vec(),
        by(REAL),
        by(&REAL[1..]),
        vec!["issue", "--root-key", &at, "--exposed-root-key", "--app-id", APP, "--out", &key_file],
        vec!["issue", REAL],
        vec!["verify", "--root", REAL, "--app-keys", &keys],
        vec!["verify", "--root", derived, "--app-keys", &keys],
        vec!["explain", "--saw", &saw, "--app-keys", &keys],
        vec!["explain", "--nonces", derived, "--app-keys", &keys],
    ];
    let spelt = |between: &str| {
        bytes(REAL).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
    };
    let (colons, spaces, base64) = (spelt(":"), spelt(" "), BASE64_STANDARD.encode(bytes(REAL)));
    for key in [&colons, &spaces, &base64] {
        for option in ["--root", "--app-id", "--app-keys", "--path"] {
            commands.push(vec!["verify", "--proof", "x", option, key]);
        }
        commands.push(vec!["explain", "--saw", key, "--app-keys", &keys]);
        commands.push(vec![key]);
    }
    let (upper, named) = (format!("0X{REAL}"), format!("x=0X{REAL}"));
    let (env_key, env_upper, at_key) = (format!("env:{REAL}"), format!("env:{upper}"), format!("@{REAL}"));
    let mistyped = format!("env:{REAL}z");
    let label = ["--root-key", "label:x", "--app-id"];
    let unknown = format!("--{REAL}=x");
    commands.push(vec!["issue", &unknown]);
    for root_key in [&env_key, &env_upper, &at_key, &mistyped, &upper, &colons, &spaces, &base64] {
        commands.push(vec!["issue", "--root-key", root_key, "--app-id", APP, "--out", &issued]);
    }
    for key in [REAL, &upper] {
        for source in ["--app-keys", "--response", "--proof"] {
            commands.push(vec!["verify", source, key, "--app-id", APP, "--root", OLD_ROOT]);
        }
        commands.push(vec!["verify", "--root", key, "--app-keys", &keys, "--app-id", OLD_APP]);
        commands.push(vec!["explain", "--root", key, "--app-keys", &keys, "--app-id", OLD_APP]);
        commands.push(vec!["explain", "--deployer", key, "--app-keys", &keys, "--app-id", OLD_APP]);
        commands.push(vec!["explain", "--instance-id", key, "--app-keys", &keys, "--app-id"]);
        commands.push(vec!["audit", "--artifact", key, "--mapping", &keys]);
        commands.push(vec!["audit", "--artifact", &keys, "--mapping", key]);
        commands.push([["issue"].as_slice(), &label, &[key]].concat());
        commands.push(vec![key]);
    }
    commands.push(vec!["explain", "--saw", &named, "--app-keys", &keys, "--app-id", OLD_APP]);
    for file in &misplaced {
        for source in ["--app-keys", "--response", "--proof"] {
            commands.push(vec!["verify", source, file, "--app-id", OLD_APP, "--root", OLD_ROOT]);
        }
        commands.push(vec!["issue", "--root-key", "label:x", "--app-id", APP, "--out", file]);
    }
    let mut secrets: Vec<Vec<u8>> =
        [app_key, derived, REAL, &"11".repeat(32), &"22".repeat(32)].map(bytes).into();
    let pem = serde_json::from_str::<Value>(&good).unwrap()["key_provider"]["None"]["key"]
        .as_str()
        .unwrap()
        .to_owned();
    secrets.push(BASE64_STANDARD.decode(pem.lines().nth(1).unwrap()).unwrap());
    let mut statuses = BTreeSet::new();
    let mut look = |output: &Output, what: &str| {
        statuses.insert(output.status.code().unwrap());
        let shown = [output.stdout.as_slice(), &output.stderr].concat();
        let shown = String::from_utf8(shown).unwrap();
        for form in secrets.iter().flat_map(|secret| forms(secret)) {
            // The app id of the tests is a run of ones, as the disk's key is.
            let shown = shown.replace(&APP[2..], "");
            assert!(!shown.contains(&form), "{what} shows {form}: {shown}");
        }
        assert!(!shown.contains("panicked"), "{what}: {shown}");
    };
    for arguments in &commands {
        look(&run(&[["chain"].as_slice(), arguments].concat()), &arguments.join(" "));
    }
    // The name of the command was forgotten.
    for root_key in [REAL, &upper, &env_key, &at_key] {
        for arguments in [["issue", "--root-key", root_key], ["chian", "issue", root_key]] {
            look(&run(&arguments), &arguments.join(" "));
        }
        let joined = format!("--root-key={root_key}");
        look(&run(&[&joined]), &joined);
    }
    let mut command = ecrecheck();
    command.env("TEST_ROOT", REAL).env("RUST_BACKTRACE", "1").env("RUST_LOG", "trace");
    command.args(["chain", "issue", "--app-id", APP, "--root-key", "env:TEST_ROOT", "--out", &issued]);
    look(&command.output().unwrap(), "a key from the environment");
    assert_eq!(statuses, [0, 1, 2].into());
    // The files of an issue do hold keys: the search would find one.
    let written = fs::read_to_string(Path::new(&issued).join("get_key.json")).unwrap();
    let key = serde_json::from_str::<Value>(&written).unwrap()["key"].as_str().unwrap().to_owned();
    assert!(forms(&bytes(&key)).iter().any(|form| written.contains(form)));
}
