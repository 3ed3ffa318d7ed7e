//! What `identify --emit` prints verifies: the Solidity in revm, the Rust here, the Python, TypeScript and Go
//! where their tools and packages are, and counted as skipped on stderr where they are not. Where go is and
//! go-ethereum is not, stand_in has its signatures, without cryptography: Go is compiled and its helpers run.
//!
//! `INSTA_UPDATE=always cargo test --test verifiers` writes the snippets anew; then `node build.mjs` in
//! tests/verifiers compiles the contracts.

use std::fs;
use std::io::Write as _;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::process::{self, Command, Stdio};

use crate::support::{copy_folder, refuses, run, skipped};
use ecrecheck::format::parse;
use ecrecheck::identify::emit::{EmitError, Language, emit};
use ecrecheck::identify::value::{Value, fields};
use ecrecheck::input::bytes::{Word, from_hex};
use ecrecheck::input::hash::keccak256;
use ecrecheck::input::key::Address;
use revm::bytecode::Bytecode;
use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, Output};
use revm::database::{CacheDB, EmptyDB};
use revm::primitives::{TxKind, address};
use revm::state::AccountInfo;
use revm::{Context, ExecuteEvm as _, MainBuilder as _, MainContext as _};

/// As printed, with the names by which this package knows the crates.
#[allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    non_snake_case,
    clippy::print_stdout,
    clippy::redundant_slicing,
    clippy::too_many_arguments,
    clippy::pedantic,
    reason = "printed code"
)]
mod printed {
    use {const_hex as hex, k256_0_14 as k256};

    pub(crate) mod kms_issued {
        use super::{hex, k256};
        include!("../verifiers/kms_issued.rs");
    }
    pub(crate) mod reported {
        use super::{hex, k256};
        include!("../verifiers/reported.rs");
    }
    pub(crate) mod every_function {
        use super::{hex, k256};
        include!("../verifiers/every_function.rs");
    }
    pub(crate) mod other_hashes {
        use super::{hex, k256};
        include!("../verifiers/other_hashes.rs");
    }
    pub(crate) mod names {
        use super::{hex, k256};
        include!("../verifiers/names.rs");
    }
}

struct Case {
    name: &'static str,
    expression: String,
    values: Vec<Value>,
    signature: Vec<u8>,
    signer: Address,
}

/// The largest number that there is.
const MOST: &str = "most=115792089237316195423570985008687907853269984665640564039457584007913129639935";
const KMS_SIGNATURE: &str = "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601";
const APP_ID: &str = "app_id=0xea549f02e1a25fabd1cb788380e033ec5461b2ff";
const APP_KEY: &str = "app_key=0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";
/// The old simulator's app key, and its address.
const SIGNER: &str = "0xe0e5d254fb944dcc370a2e5288b336a1e809871545a73ee645368957fefa31f9";
const SIGNER_ADDRESS: &str = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516";

/// The messages: the true one, a reported one with a recovery in it, and those that use every other function.
fn cases() -> Vec<Case> {
    let known = |name, expression: &str, texts: &[&str], signer: &str| Case {
        name,
        expression: expression.to_owned(),
        values: texts.iter().map(|text| text.parse().unwrap()).collect(),
        signature: from_hex(KMS_SIGNATURE).unwrap(),
        signer: signer.parse().unwrap(),
    };
    let signed = |name, expression: &str, texts: &[&str]| {
        signed(name, expression, texts.iter().map(|text| text.parse().unwrap()).collect())
    };
    let id = "id=0x00112233445566778899aabbccddeeff00112233";
    let key = "from=0x03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7";
    vec![
        known(
            "kms_issued",
            r#"keccak256("dstack-kms-issued:" + app_id + compressed(app_key))"#,
            &[APP_ID, APP_KEY],
            "0x8f2cF602C9695b23130367ed78d8F557554de7C5",
        ),
        known(
            "reported",
            r#"keccak256("dstack-kms-issued:" + pad_right(drop(app_id, 1), 32) + address(recover(keccak256(purpose + ":" + hex0x(address(derived_key))), claim_signature)))"#,
            &[
                APP_ID,
                "purpose=ethereum",
                "derived_key=0x02d4ca795aa82a8819735390040bb88f4bbf7d9ca9ad492ba5b15f7d31c383fc08",
                "claim_signature=0xcd52f120d5f44ecc3bb8e849969414742d4af40a318daf23b5a3f44d492cfe76209474009a0d0b95cd6d719946b74ea7ed418f95c5a4642b64d7fbb06b0f849b01",
            ],
            "0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec",
        ),
        signed(
            "every_function",
            r#"eip191(sha256(xy(from)) + len_prefixed(who) + reverse(u64be(time)) + checksum_address(address(from)) + hex_upper(take(id, 4)) + uint(most) + pad_left(id, 32) + decimal_length(who) + varstr(who) + uncompressed(from) + u32be(time) + hex(id) + "\"\\\n" + 0x00ff)"#,
            &[id, key, "time=1753000000", MOST, "who=alice"],
        ),
        signed("other_hashes", r#"sha3_256(base64(id) + sha256d(who))"#, &[id, "who=alice"]),
        named("names", &all_names()),
    ]
}

/// Signs what the expression comes to over the values.
fn signed(name: &'static str, expression: &str, values: Vec<Value>) -> Case {
    let digest = Word(parse(expression).unwrap().digest(&fields(&values)).unwrap().digest);
    let subjects = ecrecheck::subject::all().unwrap();
    let sign = |subject: &dyn ecrecheck::subject::Subject| subject.sign(&SIGNER.parse().unwrap(), &digest);
    let signature = subjects.iter().find_map(|subject| sign(subject.as_ref())).unwrap();
    let signature = [signature.r.0.as_slice(), &signature.s.0, &[27 + signature.recovery_id]].concat();
    Case {
        name,
        expression: expression.to_owned(),
        values,
        signature,
        signer: SIGNER_ADDRESS.parse().unwrap(),
    }
}

/// Names that no parameter can have in a language, or that what is printed around them has.
const NAMES: [(Language, &str); 5] = [
    (
        Language::Solidity,
        "reference after alias partial promise emit minutes wei type match at sha3 bytes bytes32 uint256 fixed128x18 abi \
         hex digest verify signature keccak256 ecrecover",
    ),
    (Language::Rust, "type fn match gen abstract hex digest verify signature main"),
    (Language::Python, "def lambda nonlocal hashlib bytes keccak keccak256_of digest verify signature len"),
    (
        Language::Typescript,
        "concat arguments eval yield package keccak256 sha256 digest verify signature undefined",
    ),
    (
        Language::Go,
        "err common bytes address type fallthrough byte panic fmt nil signer digest verify signature",
    ),
];

/// All names of all languages, and such as come to the same in camelCase.
fn all_names() -> Vec<&'static str> {
    let helpers = "keccak256_of concat_of number_of recovered_signer signature_parts recovered_address_of";
    let alike = "a_b a__b a_b_2 a_b2 type_value type__value";
    let mut names: Vec<_> = NAMES.iter().flat_map(|(_, names)| names.split(' ')).collect();
    names.extend(helpers.split(' ').chain(alike.split(' ')));
    names.sort_unstable();
    names.dedup();
    names
}

/// A message of fields of these names, each with its name as its value.
fn named(name: &'static str, names: &[&str]) -> Case {
    let values = names.iter().map(|name| format!("{name}=text:{name}").parse().unwrap()).collect();
    signed(name, &format!("keccak256({})", names.join(" + ")), values)
}

fn emitted(case: &Case, language: Language) -> Result<String, EmitError> {
    let expression = parse(&case.expression).unwrap();
    emit(language, &expression, &case.values, &case.signature, case.signer)
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/verifiers")
}

const LANGUAGES: [(Language, &str); 5] = [
    (Language::Solidity, "sol"),
    (Language::Rust, "rs"),
    (Language::Python, "py"),
    (Language::Typescript, "ts"),
    (Language::Go, "go"),
];

#[test]
fn the_snippets_that_are_run_here_are_what_is_printed() {
    let update = std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    for case in cases() {
        for (language, extension) in LANGUAGES {
            if (language, case.name) == (Language::Solidity, "names") {
                continue; // They do not fit on the EVM's stack: see below.
            }
            let file = folder().join(format!("{}.{extension}", case.name));
            match emitted(&case, language) {
                Ok(snippet) if update => fs::write(&file, snippet).unwrap(),
                Ok(snippet) => {
                    assert_eq!(fs::read_to_string(&file).unwrap_or_default(), snippet, "{}", file.display());
                }
                Err(error) => {
                    assert_eq!((language, case.name), (Language::Solidity, "other_hashes"), "{error}")
                }
            }
        }
    }
}

#[test]
fn what_a_language_has_nothing_for_is_refused_in_words() {
    let says = |language, expression: &str| {
        let expression = parse(expression).unwrap();
        emit(language, &expression, &[], &[0; 65], Address([0; 20])).unwrap_err().to_string()
    };
    assert_eq!(
        says(Language::Solidity, "sha3_256(who)"),
        "solidity has no `sha3_256` here: the EVM has no SHA3-256 of FIPS 202"
    );
    assert!(says(Language::Solidity, "keccak256(recover(d, s))").contains("an address, and never a key"));
    assert!(says(Language::Go, "keccak256(rlp_list(a))").starts_with("go has no `rlp_list` here"));
}

/// Of a signature whose r was reduced the EVM, eth-keys and viem make nothing.
#[test]
fn recovery_ids_that_a_language_does_not_take_are_refused_in_words() {
    let expression = parse("keccak256(who)").unwrap();
    let taken = |v: u8| -> Vec<Language> {
        let signature = [&[1; 64][..], &[v]].concat();
        let takes =
            |language: &Language| match emit(*language, &expression, &[], &signature, Address([0; 20])) {
                Ok(_) => true,
                Err(error) => {
                    assert!(error.to_string().contains("for the recovery ids 2 and 3"), "{error}");
                    false
                }
            };
        Language::ALL.into_iter().filter(takes).collect()
    };
    for v in [0, 1, 27, 28] {
        assert_eq!(taken(v), Language::ALL);
    }
    for v in [2, 3, 29, 30] {
        assert_eq!(taken(v), [Language::Rust, Language::Go]);
    }
}

#[test]
fn the_rust_verifies() {
    printed::kms_issued::main();
    printed::reported::main();
    printed::every_function::main();
    printed::other_hashes::main();
    printed::names::main();
    let case = &cases()[0];
    let [id, key] = [0, 1].map(|at| case.values[at].bytes.as_slice());
    let mut wrong = case.signature.clone();
    wrong[64] ^= 1;
    assert!(!printed::kms_issued::verify(id, key, &wrong));
    assert!(!printed::kms_issued::verify(&id[1..], key, &case.signature));
    assert!(!printed::kms_issued::verify(id, key, &case.signature[..64]));
    assert!(!printed::kms_issued::verify(id, key, &[&case.signature[..], &[0]].concat()));
}

/// A call's data: the selector, then byte strings by the ABI's rules.
fn calldata(signature: &str, arguments: &[&[u8]]) -> Vec<u8> {
    let word = |number: usize| [vec![0; 24], (number as u64).to_be_bytes().to_vec()].concat();
    let (mut heads, mut tails) = (Vec::new(), Vec::new());
    for argument in arguments {
        heads.extend(word(32 * arguments.len() + tails.len()));
        tails.extend(word(argument.len()));
        tails.extend_from_slice(argument);
        tails.resize(tails.len().next_multiple_of(32), 0);
    }
    [&keccak256(signature.as_bytes())[..4], &heads, &tails].concat()
}

/// What a view of the contract returns; none where it reverts.
fn view(code: &[u8], calldata: Vec<u8>) -> Option<Vec<u8>> {
    let contract = address!("c0de00000000000000000000000000000000c0de");
    let mut database = CacheDB::new(EmptyDB::new());
    let code = Bytecode::new_raw(code.to_vec().into());
    database.insert_account_info(contract, AccountInfo::from_bytecode(code));
    let mut evm = Context::mainnet().with_db(database).build_mainnet();
    let transaction = TxEnv {
        kind: TxKind::Call(contract),
        data: calldata.into(),
        gas_limit: 16_000_000,
        ..TxEnv::default()
    };
    match evm.transact_one(transaction).unwrap() {
        ExecutionResult::Success { output: Output::Call(output), .. } => Some(output.to_vec()),
        ExecutionResult::Revert { .. } => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_solidity_verifies_in_revm() {
    let contracts: Vec<Case> =
        cases().into_iter().filter(|case| !matches!(case.name, "other_hashes" | "names")).collect();
    assert_eq!(contracts.len(), 3);
    for case in contracts {
        let artifact = fs::read_to_string(folder().join(format!("{}.json", case.name))).unwrap();
        let artifact: serde_json::Value = serde_json::from_str(&artifact).unwrap();
        assert_eq!(
            artifact["source"],
            emitted(&case, Language::Solidity).unwrap(),
            "build.mjs compiles it anew"
        );
        let code = from_hex(artifact["deployedBytecode"].as_str().unwrap()).unwrap();
        let expression = parse(&case.expression).unwrap();
        let used = expression.fields();
        let fields: Vec<&[u8]> = case
            .values
            .iter()
            .filter(|value| used.contains(&value.name.as_str()))
            .map(|value| value.bytes.as_slice())
            .collect();
        let types = vec!["bytes"; fields.len()].join(",");
        let digest = view(&code, calldata(&format!("digest({types})"), &fields)).unwrap();
        assert_eq!(
            digest,
            expression.digest(&ecrecheck::identify::value::fields(&case.values)).unwrap().digest
        );

        let verify = format!("verify({types},bytes)");
        let verified = |signature: &[u8]| {
            let returned = view(&code, calldata(&verify, &[fields.as_slice(), &[signature]].concat()))?;
            Some(returned.last() == Some(&1))
        };
        assert_eq!(verified(&case.signature), Some(true), "{}", case.name);
        let mut other = case.signature.clone();
        other[64] ^= if other[64] >= 27 { 7 } else { 1 };
        assert_eq!(verified(&other), Some(false), "{}", case.name);
        assert_eq!(verified(&case.signature[..64]), None, "{}", case.name);
        other[64] = 9;
        assert_eq!(verified(&other), None, "{}", case.name);
    }
}

/// Whether a command succeeds.
fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.current_dir(folder()).status().is_ok_and(|status| status.success())
}

fn runs(name: &str, command: &mut Command) {
    let output = command.current_dir(folder()).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "verified", "{name}");
}

#[test]
fn the_artifacts_are_what_the_compiler_makes() {
    if !succeeds(Command::new("node").args(["--input-type=module", "-e", "import 'solc'"])) {
        return skipped("3 contracts compiled anew", "node, or `npm ci` in tests/verifiers,");
    }
    assert!(succeeds(Command::new("node").args(["build.mjs", "--check"])), "run node build.mjs");
}

#[test]
fn the_python_verifies_where_its_packages_are() {
    let cases = cases();
    if !succeeds(
        Command::new("python3").args(["-c", "import eth_keys; from eth_utils import keccak; keccak(b'')"]),
    ) {
        return skipped(&format!("{} Python snippets", cases.len()), "python3 with eth-account");
    }
    for case in cases {
        runs(case.name, Command::new("python3").arg(format!("{}.py", case.name)));
    }
}

#[test]
fn the_typescript_verifies_where_its_packages_are() {
    let cases = cases();
    if !succeeds(Command::new("node").args(["--input-type=module", "-e", "import 'viem'; import 'tsx'"])) {
        return skipped(
            &format!("{} TypeScript snippets", cases.len()),
            "node, or `npm ci` in tests/verifiers,",
        );
    }
    for case in cases {
        runs(case.name, Command::new("node").args(["--import", "tsx", &format!("{}.ts", case.name)]));
    }
}

#[test]
fn the_go_verifies_where_its_packages_are() {
    let cases = cases();
    if !succeeds(Command::new("go").args(["list", "github.com/ethereum/go-ethereum/crypto"])) {
        return skipped(&format!("{} Go snippets", cases.len()), "go with go-ethereum");
    }
    for case in cases {
        runs(case.name, Command::new("go").args(["run", &format!("{}.go", case.name)]));
    }
}

/// What a command makes of a text.
fn fed(command: &mut Command, text: &str) -> process::Output {
    let mut child = command
        .current_dir(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// Runs Python that is in no file.
fn python_runs(what: &str, code: &str) {
    let there = ["-c", "import eth_keys; from eth_utils import keccak; keccak(b'')"];
    if !succeeds(Command::new("python3").args(there)) {
        return skipped(what, "python3 with eth-account");
    }
    verified(what, &fed(Command::new("python3").arg("-"), code));
}

/// Runs TypeScript that is in no file.
fn typescript_runs(what: &str, code: &str) {
    if !succeeds(Command::new("node").args(["--input-type=module", "-e", "import 'viem'; import 'tsx'"])) {
        return skipped(what, "node, or `npm ci` in tests/verifiers,");
    }
    // Beside the packages, so that node finds them.
    let beside = folder().join("node_modules");
    let file = tempfile::Builder::new().suffix(".ts").tempfile_in(beside).unwrap();
    fs::write(file.path(), code).unwrap();
    let mut node = Command::new("node");
    verified(what, &fed(node.args(["--import", "tsx"]).arg(file.path()), ""));
}

fn verified(what: &str, output: &process::Output) {
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "verified", "{what}");
}

/// Vets and tests Go against a stand-in of go-ethereum, which needs no network and recovers nobody.
fn go_passes(what: &str, code: &str, test: &str) {
    if !succeeds(Command::new("go").arg("version")) {
        return skipped(what, "go");
    }
    let module = tempfile::TempDir::new().unwrap();
    copy_folder(&folder().join("stand_in"), module.path());
    fs::write(module.path().join("main.go"), code).unwrap();
    fs::write(module.path().join("main_test.go"), test).unwrap();
    for arguments in [&["vet", "."][..], &["test", "."]] {
        let mut go = Command::new("go");
        let output =
            go.args(arguments).env("GOFLAGS", "-mod=mod").current_dir(module.path()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&said));
    }
}

/// Compiles contracts; a warning that a name hides another is an error.
fn solidity_compiles(what: &str, contracts: &[String]) {
    if !succeeds(Command::new("node").args(["--input-type=module", "-e", "import 'solc'"])) {
        return skipped(what, "node, or `npm ci` in tests/verifiers,");
    }
    let compile = r#"import { readFileSync } from "node:fs";
import solc from "solc";
const contracts = JSON.parse(readFileSync(0, "utf8"));
const sources = Object.fromEntries(contracts.map((content, at) => [`${at}.sol`, { content }]));
const settings = { outputSelection: { "*": { "*": ["evm.deployedBytecode.object"] } } };
const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings })));
const bad = (output.errors ?? []).filter((error) => error.severity === "error" || /shadow/.test(error.message));
if (bad.length) throw new Error(bad.map((error) => error.formattedMessage).join("\n"));
console.log("verified");"#;
    let contracts = serde_json::to_string(contracts).unwrap();
    verified(what, &fed(Command::new("node").args(["--input-type=module", "-e", compile]), &contracts));
}

/// The parameters of the printed `digest`.
fn parameters(language: Language, code: &str) -> Vec<String> {
    let (begin, word) = match language {
        Language::Solidity => ("function digest(", 2),
        Language::Rust => ("pub fn digest(", 0),
        Language::Python => ("def digest(", 0),
        Language::Typescript => ("export function digest(", 0),
        Language::Go => ("func digest(", 0),
    };
    let line = code.lines().find_map(|line| line.trim_start().strip_prefix(begin)).unwrap();
    let parameter = |text: &str| text.split([' ', ':']).nth(word).unwrap().to_owned();
    line.split_once(')').unwrap().0.split(", ").map(parameter).collect()
}

#[test]
fn names_are_distinct_and_none_is_taken() {
    let every = all_names();
    let case = named("names", &every);
    for (language, taken) in NAMES {
        let code = emitted(&case, language).unwrap();
        let mut found = parameters(language, &code);
        let all_taken =
            taken.split(' ').filter(|name| found.contains(&(*name).to_owned())).collect::<Vec<_>>();
        assert_eq!(all_taken, [""; 0], "{language}");
        found.sort();
        found.dedup();
        assert_eq!(found.len(), every.len(), "{language}: {found:?}");
    }
    // Two that come to the same stand in the same contract.
    let of = |names: &[&str]| emitted(&named("names", names), Language::Solidity).unwrap();
    let mut contracts: Vec<_> = every.chunks(4).map(of).collect();
    contracts.extend([of(&["a_b", "a__b", "a_b_2", "a_b2"]), of(&["type", "type_value", "type__value"])]);
    solidity_compiles("names in Solidity", &contracts);
    let go = emitted(&case, Language::Go).unwrap();
    go_passes("names in Go", &go, "package main\n");
    // Python without packages reads them all the same.
    let python = emitted(&case, Language::Python).unwrap();
    let compiled = "import sys; compile(sys.stdin.read(), 'snippet', 'exec'); print('verified')";
    if succeeds(Command::new("python3").arg("--version")) {
        verified("names in Python", &fed(Command::new("python3").args(["-c", compiled]), &python));
    }
}

#[test]
fn a_name_that_nobody_takes_stays() {
    let names = ["id", "app_id", "purpose", "key2"];
    for language in Language::ALL {
        let code = emitted(&named("names", &names), language).unwrap();
        let app_id = match language {
            Language::Rust | Language::Python => "app_id",
            _ => "appId",
        };
        assert_eq!(parameters(language, &code), ["id", app_id, "purpose", "key2"], "{language}");
    }
}

#[test]
fn a_text_that_looks_like_go_imports_nothing() {
    let case = signed("names", r#"keccak256("bytes.Join(")"#, Vec::new());
    let code = emitted(&case, Language::Go).unwrap();
    assert!(!code.contains("\t\"bytes\"\n"), "{code}");
}

/// Numbers that do not fit, and what is no number: of what function, in what digits.
const REFUSED: [(&str, &str); 8] = [
    ("u32be", "4294967296"),
    ("u64be", "18446744073709551616"),
    ("uint", "115792089237316195423570985008687907853269984665640564039457584007913129639936"),
    ("uint", "+5"),
    ("uint", "-5"),
    ("uint", " 5"),
    ("uint", "1_0"),
    ("uint", ""),
];

/// The largest numbers that fit, and lengths on both sides of where a compact size gets longer.
fn edges() -> Case {
    let mut values: Vec<Value> = ["u32=4294967295", "u64=18446744073709551615", MOST, "zero=0"]
        .map(|text| text.parse().unwrap())
        .into();
    let mut sum = "u32be(u32) + u64be(u64) + uint(most) + uint(zero)".to_owned();
    for length in LENGTHS {
        values.push(format!("l{length}=text:{}", "a".repeat(length)).parse().unwrap());
        sum += &format!(" + varstr(l{length})");
    }
    signed("edges", &format!("sha256({sum})"), values)
}

const LENGTHS: [usize; 4] = [0xfc, 0xfd, 0xffff, 0x10000];

/// Holds a printed digest of every function to the language's, at the edges of numbers and lengths.
fn ends_where_the_language_does(printed: impl Fn(&[&[u8]]) -> Option<Vec<u8>>) {
    let case = cases().into_iter().find(|case| case.name == "every_function").unwrap();
    let expression = parse(&case.expression).unwrap();
    let digest = |name: &str, bytes: &[u8]| {
        let mut values = case.values.clone();
        values.iter_mut().find(|value| value.name == name).unwrap().bytes = bytes.to_vec();
        let expected = expression.digest(&fields(&values)).map(|digest| digest.digest.to_vec());
        let given: Vec<_> = values.iter().map(|value| value.bytes.as_slice()).collect();
        let begin = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]);
        assert_eq!(printed(&given), expected.ok(), "{name} of {} bytes: {begin}", bytes.len());
    };
    LENGTHS.iter().for_each(|length| digest("who", &vec![b'a'; *length]));
    for (function, digits) in REFUSED {
        digest(if function == "uint" { "most" } else { "time" }, digits.as_bytes());
    }
    for digits in ["0", "255", "256", "340282366920938463463374607431768211456", "007"] {
        digest("most", digits.as_bytes());
    }
    digest("time", b"4294967295");
}

#[test]
fn the_rust_ends_where_the_language_does() {
    ends_where_the_language_does(|values| {
        let [id, from, time, most, who] = values else { panic!("five values") };
        let digest = catch_unwind(|| printed::every_function::digest(id, from, time, most, who));
        digest.ok().map(Vec::from)
    });
}

#[test]
fn the_solidity_ends_where_the_language_does() {
    let artifact = fs::read_to_string(folder().join("every_function.json")).unwrap();
    let artifact: serde_json::Value = serde_json::from_str(&artifact).unwrap();
    let code = from_hex(artifact["deployedBytecode"].as_str().unwrap()).unwrap();
    let signature = "digest(bytes,bytes,bytes,bytes,bytes)";
    ends_where_the_language_does(|values| view(&code, calldata(signature, values)));
}

/// What is refused, as a list in some language.
fn refused_list(entry: impl Fn(&str, &str) -> String) -> String {
    REFUSED.map(|(function, digits)| entry(function, digits)).join(", ")
}

#[test]
fn the_python_ends_where_the_language_does() {
    let code = emitted(&edges(), Language::Python).unwrap();
    let refused = refused_list(|function, digits| format!("({function}_of, b\"{digits}\")"));
    let check = format!(
        r#"
for function, digits in [{refused}]:
    try:
        function(digits)
    except Exception:
        continue
    raise SystemExit(f"not refused: {{function}} {{digits}}")
"#
    );
    python_runs("edges in Python", &(code + &check));
}

#[test]
fn the_typescript_ends_where_the_language_does() {
    let code = emitted(&edges(), Language::Typescript).unwrap();
    let refused = refused_list(|function, digits| format!("() => {function}Of(stringToBytes(\"{digits}\"))"));
    let check = format!(
        r#"
const passed = [{refused}].filter((call) => {{
  try {{
    call();
    return true;
  }} catch {{
    return false;
  }}
}});
if (passed.length) throw new Error(`not refused: ${{passed.join()}}`);
"#
    );
    typescript_runs("edges in TypeScript", &(code + &check));
}

/// Neither a v that is left out nor bytes that follow are taken.
#[test]
fn signatures_of_other_lengths_are_refused() {
    let case = &cases()[0];
    let verify = |language| {
        let code = emitted(case, language).unwrap();
        let signature = const_hex::encode(&case.signature);
        assert!(code.contains(&signature), "{language:?}");
        (code, signature)
    };
    let (code, signature) = verify(Language::Python);
    let check = format!(
        r#"
for cut in ["{}", "{signature}00"]:
    try:
        recovered_signer(b"\0" * 32, bytes.fromhex(cut))
    except ValueError:
        continue
    raise SystemExit(f"not refused: {{cut}}")
"#,
        &signature[..128]
    );
    python_runs("lengths in Python", &(code + &check));

    let (code, signature) = verify(Language::Typescript);
    let check = format!(
        r#"
for (const cut of ["0x{}", "0x{signature}00"] as const) {{
  recoveredSigner(new Uint8Array(32), hexToBytes(cut)).then(
    () => {{ throw new Error(`not refused: ${{cut}}`); }},
    (error) => {{ if (!String(error).includes("65 bytes")) throw error; }},
  );
}}
"#,
        &signature[..128]
    );
    typescript_runs("lengths in TypeScript", &(code + &check));
}

#[test]
fn the_go_ends_where_the_language_does() {
    let case = edges();
    let expected = parse(&case.expression).unwrap().digest(&fields(&case.values)).unwrap().digest;
    let value = |value: &Value| format!("[]byte(\"{}\"), ", String::from_utf8_lossy(&value.bytes));
    let values: String = case.values.iter().map(value).collect();
    let refused = refused_list(|function, digits| format!("func() {{ {function}Of([]byte(\"{digits}\")) }}"));
    let test = format!(
        r#"package main

import (
	"encoding/hex"
	"testing"
)

func refuses(call func()) (refused bool) {{
	defer func() {{ refused = recover() != nil }}()
	call()
	return
}}

func TestEdges(t *testing.T) {{
	if got := hex.EncodeToString(digest({values})); got != "{}" {{
		t.Error(got)
	}}
	for at, call := range []func(){{{refused}}} {{
		if !refuses(call) {{
			t.Error("not refused", at)
		}}
	}}
}}
"#,
        const_hex::encode(expected)
    );
    go_passes("edges in Go", &emitted(&case, Language::Go).unwrap(), &test);
}

/// EIP-155's example: a digest of an RLP list, which no language here has a function for.
const TRANSACTION: [&str; 18] = [
    "identify",
    "--signature",
    "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa63627667cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d8300",
    "--expect",
    "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F",
    "--value",
    "nonce=9",
    "--value",
    "gas_price=20000000000",
    "--value",
    "gas=21000",
    "--value",
    "to=0x3535353535353535353535353535353535353535",
    "--value",
    "value=1000000000000000000",
    "--value",
    "chain_id=1",
    "--value=data:text=text:",
];

#[test]
fn what_is_found_is_said_where_it_cannot_be_emitted() {
    for language in Language::ALL {
        let line = refuses(&[&TRANSACTION[..], &["--emit", language.name()]].concat());
        assert_eq!(
            line,
            format!(
                "found `keccak256(rlp_list(uint(nonce), uint(gas_price), uint(gas), to, uint(value), data, \
                 uint(chain_id), 0x, 0x))`: {language} has no `rlp_list` here: use a library that encodes \
                 transactions"
            )
        );
    }
}

#[test]
fn nothing_but_code_is_printed_on_stdout() {
    let arguments = ["identify", "--signature", KMS_SIGNATURE, "--value", APP_ID, "--depth", "1", "--expect"];
    let nobody = "0x00000000000000000000000000000000000000ff";
    let found = run(&[&arguments[..], &[nobody]].concat());
    assert_eq!(found.status.code(), Some(1));
    let verdict = String::from_utf8(found.stdout).unwrap();
    assert!(verdict.contains("no format found up to depth 1"), "{verdict}");
    let emitted = run(&[&arguments[..], &[nobody, "--emit", "go"]].concat());
    assert_eq!((emitted.status.code(), emitted.stdout.as_slice()), (Some(1), &b""[..]));
    let said = String::from_utf8(emitted.stderr).unwrap();
    assert!(said.contains("no format found up to depth 1"), "{said}");
}
