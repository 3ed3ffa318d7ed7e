//! Code that `identify --emit` prints verifies: Solidity in revm, Rust in this binary, Python and TypeScript if
//! their tools and packages are installed; otherwise stderr shows a skip.
//!
//! `INSTA_UPDATE=always cargo test --test it verifiers::` writes the files anew; then `node build.mjs` in
//! tests/verifiers compiles the contracts.

use std::fs;
use std::io::Write as _;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use crate::support::{keeps, refuses, run, skipped, succeeds};
use ecrecheck::format::{Function, parse, value};
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
use serde_json::json;

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

    pub(crate) mod reported {
        use super::{hex, k256};
        include!("../verifiers/reported.rs");
    }
    pub(crate) mod every_function {
        use super::{hex, k256};
        include!("../verifiers/every_function.rs");
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
    /// Other values of a field, on both sides of the limits of numbers and lengths.
    edges: Vec<(&'static str, Vec<u8>)>,
}

const KMS_SIGNATURE: &str = "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601";
const APP_ID: &str = "app_id=0xea549f02e1a25fabd1cb788380e033ec5461b2ff";
/// The old simulator's app key, and its address.
const SIGNER: &str = "0xe0e5d254fb944dcc370a2e5288b336a1e809871545a73ee645368957fefa31f9";
const SIGNER_ADDRESS: &str = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516";

fn values(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// The expression behind a reported address: it recovers a key from another signature.
fn reported() -> Case {
    Case {
        name: "reported",
        expression: r#"keccak256("dstack-kms-issued:" + pad_right(drop(app_id, 1), 32) + address(recover(keccak256(purpose + ":" + hex0x(address(derived_key))), claim_signature)))"#.to_owned(),
        values: values(&[
            APP_ID,
            "purpose=ethereum",
            "derived_key=0x02d4ca795aa82a8819735390040bb88f4bbf7d9ca9ad492ba5b15f7d31c383fc08",
            "claim_signature=0xcd52f120d5f44ecc3bb8e849969414742d4af40a318daf23b5a3f44d492cfe76209474009a0d0b95cd6d719946b74ea7ed418f95c5a4642b64d7fbb06b0f849b01",
        ]),
        signature: from_hex(KMS_SIGNATURE).unwrap(),
        signer: "0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec".parse().unwrap(),
        edges: vec![
            ("app_id", vec![]),
            ("app_id", vec![1; 33]),
            ("app_id", vec![1; 34]),
            ("claim_signature", vec![0; 65]),
            ("claim_signature", vec![1; 64]),
            ("claim_signature", vec![1; 66]),
        ],
    }
}

/// An expression of every function that the language has and [`reported`] does not use.
fn every_function(language: Language) -> Case {
    let mut expression = r#"eip191(sha256(xy(from)) + len_prefixed(who) + reverse(u64be(long)) + checksum_address(address(from)) + hex_upper(take(id, 4)) + uint(most) + pad_left(id, 32) + decimal_length(who) + varstr(who) + compressed(uncompressed(from)) + u32be(time) + hex(id) + "\"\\\n" + 0x00ff + sha256d(ripemd160(drop(id, 5))) + base64(id) + base64(from) + base64(take(id, 4)) + uncompressed(from) + rlp_list(id, who, uint(most), 5) + rlp_list(0x7f, 0x80, 0x) + rlp_payload(rlp(id) + rlp(who) + rlp(0x7f)) + proto_bytes(who, 1) + proto_uint(time, 16) + proto_uint(0, 1) + u256be(most)"#.to_owned();
    if language != Language::Solidity {
        expression += " + sha3_256(text(who)) + blake2b_256(who)";
    }
    let mut values = values(&[
        "id=0x00112233445566778899aabbccddeeff00112233",
        "from=0x03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7",
        "time=1753000000",
        "long=1753000000123456789",
        "most=115792089237316195423570985008687907853269984665640564039457584007913129639935",
        "who=alice",
    ]);
    if matches!(language, Language::Python | Language::Typescript) {
        expression += " + typed_data(typed)";
        let typed = r#"typed={"types":{"EIP712Domain":[{"name":"chainId","type":"uint256"}],"Mail":[{"name":"to","type":"Person[]"}],"Person":[{"name":"age","type":"int16"},{"name":"who","type":"string"}]},"primaryType":"Mail","domain":{"chainId":1},"message":{"to":[{"age":-4,"who":"Bob"}]}}"#;
        values.push(typed.parse().unwrap());
    }
    let texts = [
        ("time", "4294967295"),
        ("time", "4294967296"),
        ("long", "18446744073709551615"),
        ("long", "18446744073709551616"),
        ("most", "115792089237316195423570985008687907853269984665640564039457584007913129639936"),
        ("most", "340282366920938463463374607431768211456"),
        ("most", "0"),
        ("most", "127"),
        ("most", "128"),
        ("most", "256"),
        ("most", "007"),
        ("most", "+5"),
        ("most", "-5"),
        ("most", " 5"),
        ("most", "1_0"),
        ("most", ""),
        ("who", "\u{feff}a"),
    ];
    let mut edges: Vec<_> = texts.iter().map(|(field, text)| (*field, text.as_bytes().to_vec())).collect();
    edges.extend([0, 1, 55, 56, 0xfc, 0xfd, 0xffff, 0x10000].map(|length| ("who", vec![b'a'; length])));
    edges.extend([3, 4, 5, 32, 33].map(|length| ("id", vec![7; length])));
    edges.push(("who", vec![0xff]));
    let key =
        value("uncompressed(0x03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7)").unwrap();
    let off_curve = [&key[..64], &[key[64] ^ 1]].concat();
    // SEC 1's compact form, which some libraries take for a key, and an x of no point.
    let compact = [&[5], &key[1..33]].concat();
    let no_point = [vec![2], vec![0; 31], vec![5]].concat();
    edges.extend([key, off_curve, compact, no_point, vec![2; 32]].map(|key| ("from", key)));
    Case { edges, ..signed("every_function", &(expression + ")"), values) }
}

/// A case with a signature of the expression's digest.
fn signed(name: &'static str, expression: &str, values: Vec<Value>) -> Case {
    let digest = Word(parse(expression).unwrap().digest(&fields(&values)).unwrap().digest);
    let subjects = ecrecheck::subject::all().unwrap();
    let sign =
        |subject: &dyn ecrecheck::subject::Subject| subject.sign(&SIGNER.parse().unwrap(), &digest).ok();
    let signature = subjects.iter().find_map(|subject| sign(subject.as_ref())).unwrap();
    let signature = [signature.r.0.as_slice(), &signature.s.0, &[27 + signature.recovery_id]].concat();
    let (expression, signer) = (expression.to_owned(), SIGNER_ADDRESS.parse().unwrap());
    Case { name, expression, values, signature, signer, edges: Vec::new() }
}

/// Arguments, and the digest that the language of expressions makes of them; `None` if it refuses them.
type Digested = (Vec<Vec<u8>>, Option<Vec<u8>>);

impl Case {
    fn emitted(&self, language: Language) -> Result<String, EmitError> {
        emit(language, &parse(&self.expression).unwrap(), &self.values, &self.signature, self.signer)
    }

    fn arguments(&self) -> Vec<Vec<u8>> {
        self.values.iter().map(|value| value.bytes.clone()).collect()
    }

    /// Of the values themselves, and with each of the edges.
    fn digests(&self) -> Vec<Digested> {
        let expression = parse(&self.expression).unwrap();
        let of = |values: &[Value]| {
            let digest = expression.digest(&fields(values)).ok().map(|digest| digest.digest.to_vec());
            (values.iter().map(|value| value.bytes.clone()).collect(), digest)
        };
        let mut digests = vec![of(&self.values)];
        for (field, bytes) in &self.edges {
            let mut values = self.values.clone();
            values.iter_mut().find(|value| value.name == *field).unwrap().bytes = bytes.clone();
            digests.push(of(&values));
        }
        let refused = digests.iter().filter(|(_, digest)| digest.is_none()).count();
        assert!(refused > 0 && refused < digests.len() - 1);
        digests
    }

    /// Signatures, and whether they are the signer's. A missing v and trailing bytes are refused.
    fn signatures(&self) -> Vec<(Vec<u8>, bool)> {
        let with = |v: u8| [&self.signature[..64], &[v]].concat();
        let id = self.signature[64] % 27;
        vec![
            (with(id), true),
            (with(27 + id), true),
            (with(1 - id), false),
            (with(28 - id), false),
            (with(9), false),
            (self.signature[..64].to_vec(), false),
            ([&self.signature[..], &[0]].concat(), false),
        ]
    }

    /// Compares printed functions with [`Case::digests`] and [`Case::signatures`]. A refusal is `None` or false.
    fn holds(
        &self,
        digest: impl Fn(&[Vec<u8>]) -> Option<Vec<u8>>,
        verify: impl Fn(&[Vec<u8>], &[u8]) -> bool,
    ) {
        for (arguments, expected) in self.digests() {
            let begin: Vec<_> = arguments.iter().map(|bytes| &bytes[..bytes.len().min(80)]).collect();
            assert_eq!(digest(&arguments), expected, "{}: {begin:x?}", self.name);
        }
        for (signature, expected) in self.signatures() {
            assert_eq!(verify(&self.arguments(), &signature), expected, "{}: {signature:x?}", self.name);
        }
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/verifiers")
}

#[test]
fn the_files_are_what_is_printed() {
    // Compiled languages need files; Python and TypeScript have one each, for reviews.
    let keeps = |case: Case, language: Language, extension: &str| {
        keeps(&folder().join(format!("{}.{extension}", case.name)), &case.emitted(language).unwrap());
    };
    for (language, extension) in Language::ALL.into_iter().zip(["sol", "rs", "py", "ts"]) {
        keeps(every_function(language), language, extension);
    }
    keeps(reported(), Language::Solidity, "sol");
    keeps(reported(), Language::Rust, "rs");
    keeps(named(&names(Language::Rust)), Language::Rust, "rs");
}

#[test]
fn every_function_is_tried_or_refused_in_words() {
    for language in Language::ALL {
        let tried = reported().expression + &every_function(language).expression;
        let words: Vec<_> = tried.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        let refused: Vec<_> = Function::ALL
            .iter()
            .map(|function| {
                let arguments = vec!["who"; function.parameters().len()].join(", ");
                (function.name(), format!("keccak256({}({arguments}))", function.name()))
            })
            .filter(|(name, expression)| {
                let emitted = emit(language, &parse(expression).unwrap(), &[], &[0; 65], Address([0; 20]));
                match emitted {
                    Ok(_) => assert!(words.contains(name), "{language} {name}"),
                    Err(EmitError::Unsupported { language: of, function, why }) => {
                        assert_eq!((of, function), (language, *name));
                        assert!(!why.is_empty());
                        return true;
                    }
                    Err(other) => panic!("{other}"),
                }
                false
            })
            .map(|(name, _)| name)
            .collect();
        let expected: &[_] = match language {
            Language::Solidity => &["sha3_256", "blake2b_256", "text", "typed_data", "recover"],
            Language::Rust => &["typed_data"],
            Language::Python | Language::Typescript => &[],
        };
        assert_eq!(refused, expected, "{language}");
    }
}

/// The EVM, eth-keys and viem recover no key from a signature whose r was reduced.
#[test]
fn recovery_ids_that_a_language_does_not_take_are_refused() {
    let expression = parse("keccak256(who)").unwrap();
    for v in [0, 1, 2, 3, 27, 28, 29, 30] {
        for language in Language::ALL {
            let signature = [&[1; 64][..], &[v]].concat();
            let refused = emit(language, &expression, &[], &signature, Address([0; 20])).err();
            let recovery_id = v % 27;
            let expected = (recovery_id > 1 && language != Language::Rust)
                .then_some(EmitError::RecoveryId { language, recovery_id });
            assert_eq!(refused, expected, "{v}");
        }
    }
}

#[test]
fn the_rust_verifies() {
    printed::reported::main();
    printed::every_function::main();
    printed::names::main();
    // Where the language of expressions refuses, the Rust panics.
    reported().holds(
        |values| {
            let [id, purpose, key, claim] = values else { panic!("four values") };
            catch_unwind(|| printed::reported::digest(id, purpose, key, claim)).ok().map(Vec::from)
        },
        |values, signature| {
            let [id, purpose, key, claim] = values else { panic!("four values") };
            printed::reported::verify(id, purpose, key, claim, signature)
        },
    );
    every_function(Language::Rust).holds(
        |values| {
            let [id, from, time, long, most, who] = values else { panic!("six values") };
            let digest = catch_unwind(|| printed::every_function::digest(id, from, time, long, most, who));
            digest.ok().map(Vec::from)
        },
        |values, signature| {
            let [id, from, time, long, most, who] = values else { panic!("six values") };
            printed::every_function::verify(id, from, time, long, most, who, signature)
        },
    );
}

/// A call's data: the selector, then byte strings by the ABI's rules.
fn calldata(signature: &str, arguments: &[Vec<u8>]) -> Vec<u8> {
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

/// What a view of the contract returns; `None` if it reverts.
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
    for case in [reported(), every_function(Language::Solidity)] {
        let artifact = fs::read_to_string(folder().join(format!("{}.json", case.name))).unwrap();
        let artifact: serde_json::Value = serde_json::from_str(&artifact).unwrap();
        let printed = case.emitted(Language::Solidity).unwrap();
        assert_eq!(artifact["source"], printed, "build.mjs compiles it anew");
        let code = from_hex(artifact["deployedBytecode"].as_str().unwrap()).unwrap();
        let types = vec!["bytes"; case.values.len()].join(",");
        case.holds(
            |values| view(&code, calldata(&format!("digest({types})"), values)),
            |values, signature| {
                let arguments = [values, &[signature.to_vec()]].concat();
                let returned = view(&code, calldata(&format!("verify({types},bytes)"), &arguments));
                returned.is_some_and(|word| word.last() == Some(&1))
            },
        );
    }
}

#[test]
fn the_artifacts_are_what_the_compiler_makes() {
    if !*SOLC {
        return skipped("2 contracts compiled anew", "node, or `npm ci` in tests/verifiers,");
    }
    assert!(is_there(Command::new("node").args(["build.mjs", "--check"])), "run node build.mjs");
}

static SOLC: LazyLock<bool> =
    LazyLock::new(|| is_there(Command::new("node").args(["--input-type=module", "-e", "import 'solc'"])));
static VIEM: LazyLock<bool> = LazyLock::new(|| {
    is_there(Command::new("node").args(["--input-type=module", "-e", "import 'viem'; import 'tsx'"]))
});
static ETH_KEYS: LazyLock<bool> = LazyLock::new(|| {
    let packages = "import eth_account, eth_keys, rlp, Crypto; from eth_utils import keccak; keccak(b'')";
    is_there(Command::new("python3").args(["-c", packages]))
});

/// Whether a command succeeds.
fn is_there(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.current_dir(folder()).status().is_ok_and(|status| status.success())
}

/// Runs a command with a text on stdin; it must print `verified`.
#[track_caller]
fn verified(what: &str, command: &mut Command, text: &str) {
    command.current_dir(folder()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "verified", "{what}");
}

/// Runs Python.
#[track_caller]
fn python(what: &str, code: &str) {
    if !*ETH_KEYS {
        return skipped(&format!("{what} in Python"), "python3 with tests/verifiers/requirements.txt");
    }
    verified(what, Command::new("python3").arg("-"), code);
}

/// Runs TypeScript.
#[track_caller]
fn typescript(what: &str, code: &str) {
    if !*VIEM {
        return skipped(&format!("{what} in TypeScript"), "node, or `npm ci` in tests/verifiers,");
    }
    // Beside the packages, so that node finds them.
    let beside = folder().join("node_modules");
    let file = tempfile::Builder::new().suffix(".ts").tempfile_in(beside).unwrap();
    fs::write(file.path(), code).unwrap();
    verified(what, Command::new("node").args(["--import", "tsx"]).arg(file.path()), "");
}

/// Compiles contracts; a warning that a name hides another is an error.
#[track_caller]
fn solidity(what: &str, contracts: &[String]) {
    if !*SOLC {
        return skipped(&format!("{what} in Solidity"), "node, or `npm ci` in tests/verifiers,");
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
    let node = &mut Command::new("node");
    let contracts = serde_json::to_string(contracts).unwrap();
    verified(what, node.args(["--input-type=module", "-e", compile]), &contracts);
}

/// [`Case::digests`] and [`Case::signatures`] as JSON, bytes in hex.
fn as_json(case: &Case) -> String {
    let hex = |bytes: &Vec<u8>| const_hex::encode(bytes);
    let digest = |(arguments, digest): &Digested| {
        json!([arguments.iter().map(hex).collect::<Vec<_>>(), digest.as_ref().map(hex)])
    };
    json!({
        "arguments": case.arguments().iter().map(hex).collect::<Vec<_>>(),
        "digests": case.digests().iter().map(digest).collect::<Vec<_>>(),
        "signatures": case.signatures().iter().map(|(bytes, is)| json!([hex(bytes), is])).collect::<Vec<_>>(),
    })
    .to_string()
}

#[test]
fn the_python_verifies_where_its_packages_are() {
    for case in [reported(), every_function(Language::Python)] {
        let json = as_json(&case);
        let check = format!(
            r#"
    import json

    def tried(function, *arguments):
        try:
            return function(*map(bytes.fromhex, arguments))
        except Exception:
            return None

    cases = json.loads('{json}')
    for arguments, expected in cases["digests"]:
        found = tried(digest, *arguments)
        assert (found and found.hex()) == expected, [argument[:80] for argument in arguments]
    for signature, expected in cases["signatures"]:
        assert bool(tried(verify, *cases["arguments"], signature)) == expected, signature
"#
        );
        python(case.name, &(case.emitted(Language::Python).unwrap() + &check));
    }
}

#[test]
fn the_typescript_verifies_where_its_packages_are() {
    for case in [reported(), every_function(Language::Typescript)] {
        let json = as_json(&case);
        let check = format!(
            r#"
async function tried(call, ...parameters) {{
  try {{
    return await call(...parameters.map((digits) => hexToBytes(`0x${{digits}}`)));
  }} catch {{
    return null;
  }}
}}

async function check({{ arguments: all, digests, signatures }}) {{
  for (const [parameters, expected] of digests) {{
    const found = await tried(digest, ...parameters);
    if ((found && bytesToHex(found).slice(2)) !== expected) throw new Error(parameters.map((one) => one.slice(0, 80)));
  }}
  for (const [signature, expected] of signatures) {{
    if (!!(await tried(verify, ...all, signature)) !== expected) throw new Error(signature);
  }}
}}

check({json});
"#
        );
        typescript(case.name, &(case.emitted(Language::Typescript).unwrap() + &check));
    }
}

/// Names that the language reserves, or that the template uses.
const fn taken(language: Language) -> &'static str {
    match language {
        Language::Solidity => {
            "reference after alias partial promise emit minutes wei type match at sha3 bytes bytes32 uint256 \
             fixed128x18 abi hex digest verify signature keccak256 ecrecover"
        }
        Language::Rust => "type fn match gen abstract hex ripemd digest verify signature main",
        Language::Python => {
            "def lambda nonlocal hashlib bytes keccak rlp digest verify signature signature_parts len"
        }
        Language::Typescript => {
            "concat arguments eval yield package keccak256 sha256 digest verify signature undefined"
        }
    }
}

/// Those names, names of helpers, and names that are equal in camelCase.
fn names(language: Language) -> Vec<&'static str> {
    let others = "keccak256_of number_of recovered_signer a_b a__b a_b_2 a_b2 type type_value type__value";
    let mut names: Vec<_> = taken(language).split(' ').chain(others.split(' ')).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A message of fields of these names, each with its name as its value.
fn named(names: &[&str]) -> Case {
    let values = names.iter().map(|name| format!("{name}=text:{name}").parse().unwrap()).collect();
    signed("names", &format!("keccak256({})", names.join(" + ")), values)
}

/// The parameters of the printed `digest`.
fn parameters(language: Language, code: &str) -> Vec<String> {
    let (begin, word) = match language {
        Language::Solidity => ("function digest(", 2),
        Language::Rust => ("pub fn digest(", 0),
        Language::Python => ("def digest(", 0),
        Language::Typescript => ("export function digest(", 0),
    };
    let line = code.lines().find_map(|line| line.trim_start().strip_prefix(begin)).unwrap();
    let parameter = |text: &str| text.split([' ', ':']).nth(word).unwrap().to_owned();
    line.split_once(')').unwrap().0.split(", ").map(parameter).collect()
}

#[test]
fn names_are_distinct_and_none_is_taken() {
    for language in Language::ALL {
        let names = names(language);
        let code = named(&names).emitted(language).unwrap();
        let mut found = parameters(language, &code);
        let taken: Vec<_> =
            taken(language).split(' ').filter(|name| found.contains(&(*name).to_owned())).collect();
        assert_eq!(taken, [""; 0], "{language}");
        found.sort();
        found.dedup();
        assert_eq!(found.len(), names.len(), "{language}: {found:?}");
        match language {
            // The EVM's stack is too small for all; names that are equal in camelCase share a contract.
            Language::Solidity => {
                let alike = [vec!["a_b", "a__b", "a_b_2", "a_b2"], vec!["type", "type_value", "type__value"]];
                let contracts = names.chunks(4).map(<[_]>::to_vec).chain(alike);
                let contracts = contracts.map(|names| named(&names).emitted(language).unwrap());
                solidity("names", &contracts.collect::<Vec<_>>());
            }
            Language::Rust => {} // See `the_rust_verifies`.
            Language::Python => python("names", &code),
            Language::Typescript => typescript("names", &code),
        }
    }
}

#[test]
fn a_name_that_nobody_takes_stays() {
    let names = ["id", "app_id", "purpose", "key2"];
    for language in Language::ALL {
        let code = named(&names).emitted(language).unwrap();
        let app_id = match language {
            Language::Rust | Language::Python => "app_id",
            Language::Solidity | Language::Typescript => "appId",
        };
        assert_eq!(parameters(language, &code), ["id", app_id, "purpose", "key2"], "{language}");
    }
}

/// A function's name in a text brings no helper.
#[test]
fn a_snippet_holds_the_helpers_that_it_uses() {
    let case = signed("helpers", r#"sha256("keccak256(hex(" + who)"#, values(&["who=alice"]));
    for (language, hashes, other) in [
        (Language::Solidity, "sha256Of", "keccak256Of"),
        (Language::Python, "sha256_of", "keccak256_of"),
        (Language::Typescript, "sha256Of", "keccak256Of"),
    ] {
        let code = case.emitted(language).unwrap();
        assert!(code.contains(hashes), "{code}");
        assert!(!code.contains(other) && !code.contains("hexOf") && !code.contains("hex_of"), "{code}");
    }
}

/// EIP-155's example.
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
fn a_transaction_that_is_found_is_verified() {
    let emitted = |language: &str| succeeds(&[&TRANSACTION[..], &["--emit", language]].concat());
    solidity("EIP-155", &[emitted("solidity")]);
    python("EIP-155", &emitted("python"));
    typescript("EIP-155", &emitted("typescript"));
}

#[test]
fn what_is_found_is_said_where_it_cannot_be_emitted() {
    let case = signed("found", "sha3_256(who)", values(&["who=alice"]));
    let line = refuses(&[
        "identify",
        "--signature",
        &const_hex::encode_prefixed(&case.signature),
        "--value",
        "who=alice",
        "--expect",
        SIGNER_ADDRESS,
        "--emit",
        "solidity",
    ]);
    assert_eq!(
        line,
        "found `sha3_256(who)`: solidity has no `sha3_256` here: the EVM has no SHA3-256 of FIPS 202"
    );
}

#[test]
fn nothing_but_code_is_printed_on_stdout() {
    let arguments = ["identify", "--signature", KMS_SIGNATURE, "--value", APP_ID, "--depth", "1", "--expect"];
    let nobody = "0x00000000000000000000000000000000000000ff";
    let found = run(&[&arguments[..], &[nobody]].concat());
    assert_eq!(found.status.code(), Some(1));
    let verdict = String::from_utf8(found.stdout).unwrap();
    assert!(verdict.contains("no format found up to depth 1"), "{verdict}");
    let emitted = run(&[&arguments[..], &[nobody, "--emit", "python"]].concat());
    assert_eq!((emitted.status.code(), emitted.stdout.as_slice()), (Some(1), &b""[..]));
    let said = String::from_utf8(emitted.stderr).unwrap();
    assert!(said.contains("no format found up to depth 1"), "{said}");
}
