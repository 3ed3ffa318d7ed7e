//! A node as a subject: one that is played on the loopback, with all that can go wrong, and anvil.
//!
//! anvil comes from npm (`npm ci` in `subjects`); where it is not installed, stderr shows a skip.

pub(crate) mod fake;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ecrecheck::corpus::Corpus;
use ecrecheck::generate::{generate, named};
use ecrecheck::input::bytes::{Bytes, from_hex, to_hex};
use ecrecheck::input::{CallInput, Input};
use ecrecheck::judge::{Harness, Judged, Verdict, judge_all};
use ecrecheck::outsider::{Settings, Spec};
use ecrecheck::reference::answer::{Expectation, Refusal};
use ecrecheck::run::fuzz;
use ecrecheck::subject::{Outcome, OutcomeKind, Subject};
use serde_json::Value;

use self::fake::{Fake, Reply, call, each, error, is_creation, result, sound};
use crate::anvil::Anvil;
use crate::support::{corpus_folder, refuses, succeeds};

/// The EIP-155 example: digest, v, r, s.
const CALLDATA: &str = "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53000000000000000000000000000000000000000000000000000000000000001b28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa63627667cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
const SIGNER: &str = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";

fn settings() -> Settings {
    Settings { timeout: Duration::from_secs(10), requests_per_second: 100_000, ..Settings::default() }
}

fn impatient() -> Settings {
    Settings { timeout: Duration::from_millis(300), ..settings() }
}

fn open(url: &str, settings: &Settings) -> Box<dyn Subject> {
    url.parse::<Spec>().unwrap().open(settings).unwrap()
}

fn call_with(gas: u64) -> Input {
    Input::Call(CallInput { calldata: Bytes(from_hex(CALLDATA).unwrap()), gas })
}

/// One call of a node that lies.
fn outcome(fake: &Fake, input: &Input) -> Outcome {
    open(&fake.url(), &settings()).answer_all(&[input]).pop().unwrap()
}

fn generated(calls: u64) -> Vec<Input> {
    let strategy = named("call").unwrap();
    (0..calls).map(|number| generate(&fuzz::bytes(1, number), &[strategy]).input).collect()
}

/// The corpus's inputs that a node can be asked.
fn in_corpus() -> Vec<Input> {
    let cases = Corpus::load(&corpus_folder()).unwrap().cases;
    let inputs = cases.into_iter().flat_map(|case| case.inputs.unwrap_or_default());
    inputs.filter(|input| matches!(input, Input::Call(_) | Input::Scalar(_))).collect()
}

fn judged(node: Box<dyn Subject>, inputs: &[Input]) -> Vec<Judged> {
    judge_all(&inputs.iter().collect::<Vec<_>>(), Harness::new(&[node], &[]))
}

/// Every call agrees, and every other input that a call can express; gives the outcomes' kinds.
#[track_caller]
fn agree(inputs: &[Input], judged: &[Judged]) -> BTreeSet<OutcomeKind> {
    assert_eq!(inputs.len(), judged.len());
    let mut kinds = BTreeSet::new();
    for (input, judged) in inputs.iter().zip(judged) {
        let [(_, outcome, verdict)] = judged.subjects.as_slice() else { panic!("one subject") };
        let expressible = match input {
            Input::Call(_) => true,
            Input::Scalar(scalar) => scalar.recovery_id <= 1,
            Input::Prehash(_) => false,
        };
        let expected = if expressible { Verdict::Agreed } else { Verdict::Unsupported };
        assert_eq!(*verdict, expected, "{input:?}: {outcome}");
        kinds.insert(outcome.kind());
    }
    kinds
}

#[test]
fn a_sound_node_agrees_and_is_asked_to_read_and_nothing_else() {
    let fake = Fake::answering(sound);
    let mut inputs = in_corpus();
    inputs.extend(generated(100));
    let node = open(&fake.url(), &settings());
    let identity = node.identity();
    assert_eq!((identity.name, identity.version.to_string().as_str()), ("fake", "1.2.3"));
    assert!(identity.entry.contains("Fake/v1.2.3-test/loopback, chain 31337"), "{}", identity.entry);
    let kinds = agree(&inputs, &judged(node, &inputs));
    let all =
        [OutcomeKind::Recovered, OutcomeKind::Rejected, OutcomeKind::CallFailed, OutcomeKind::Unsupported];
    assert_eq!(kinds, BTreeSet::from(all));

    let bodies = fake.asked(|asked| asked.body.clone());
    let sizes: Vec<_> = bodies.iter().map(|body| body.as_array().map_or(1, Vec::len)).collect();
    assert_eq!(sizes.iter().max(), Some(&64));
    let requests = bodies.iter().flat_map(|body| body.as_array().cloned().unwrap_or(vec![body.clone()]));
    let mut methods = BTreeSet::new();
    for request in requests {
        methods.insert(request["method"].as_str().unwrap().to_owned());
        if let Some(parameters) = request["params"].as_array().filter(|parameters| !parameters.is_empty()) {
            let keys: Vec<_> = parameters[0].as_object().unwrap().keys().map(String::as_str).collect();
            assert!(keys == ["data"] || keys == ["to", "data"], "{keys:?}");
            assert_eq!(parameters[1..], ["latest"]);
        }
    }
    assert_eq!(methods.iter().collect::<Vec<_>>(), ["eth_call", "eth_chainId", "web3_clientVersion"]);
}

/// A node whose answers to `eth_call` are changed: by STATICCALL, or the straight ones.
fn lying(by_staticcall: bool, lie: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Fake {
    Fake::answering(move |request| {
        if request["method"] != "eth_call" || is_creation(request) != by_staticcall {
            return sound(request);
        }
        let mut returned = call(request, 16_000_000).unwrap();
        lie(&mut returned);
        result(request, &to_hex(&returned))
    })
}

#[test]
fn a_node_that_is_wrong_is_seen() {
    // Both ways give the same wrong address.
    let wrong = Fake::answering(|request| {
        let mut answer = sound(request);
        if let Some(returned) = answer["result"].as_str().filter(|_| request["method"] == "eth_call") {
            answer["result"] = returned.replace("9d8a62f6", "9d8a62f7").into();
        }
        answer
    });
    let Outcome::Recovered { address, .. } = outcome(&wrong, &call_with(3_000)) else { panic!("an address") };
    assert_eq!(address.to_string().to_lowercase(), SIGNER.to_lowercase().replace("9d8a62f6", "9d8a62f7"));

    // One way gives another address, or none, or dirty bytes above it.
    let word = format!("0x{}{}", "0".repeat(24), &SIGNER.to_lowercase()[2..]);
    let other = word.replace("5a4f", "5a4e");
    assert_eq!(
        outcome(
            &lying(false, |word| if let Some(last) = word.last_mut() {
                *last ^= 1
            }),
            &call_with(3_000)
        ),
        Outcome::Malformed { how: format!("by STATICCALL {word}; straight {other}") }
    );
    assert_eq!(
        outcome(&lying(false, Vec::clear), &call_with(3_000)),
        Outcome::Malformed { how: format!("by STATICCALL {word}; straight 0x") }
    );
    // Where the call fails, the straight call has had more gas, and says nothing.
    let failed = outcome(&lying(false, Vec::clear), &call_with(2_999));
    assert_eq!(failed, Outcome::CallFailed { how: "returndata 0x".into() });

    // The words of the code: gas before and after two calls, flag, size; the output area of 64 bytes; returndata.
    let told = |gas: u64, lie: fn(&mut Vec<u8>)| match outcome(&lying(true, lie), &call_with(gas)) {
        Outcome::Malformed { how } => how,
        other => panic!("{other}"),
    };
    assert_eq!(told(3_000, |seen| seen[127] -= 1), "the call used 3001 gas, expected 3000");
    assert_eq!(told(2_999, |seen| seen[127] += 1), "the call used 2998 gas, expected 2999");
    assert!(told(3_000, |seen| seen[192 + 31] ^= 1).contains(" in the output area, expected "));
    assert!(told(2_999, |seen| seen[192] ^= 1).contains(" in the output area, expected "));
    assert!(told(3_000, |seen| seen.truncate(256)).contains("RETURNDATASIZE 32 and 0 bytes of returndata"));
    assert!(told(3_000, Vec::clear).starts_with("by STATICCALL 0 bytes from code that returns at least 256"));
    // A call that succeeds, and says that it fails, has not taken all its gas; and the other way round.
    assert_eq!(told(3_001, |seen| seen[159] ^= 1), "the call used 3000 gas, expected 3001");
    assert_eq!(told(2_999, |seen| seen[159] ^= 1), format!("by STATICCALL 0x; straight {word}"));

    // An error in the place of a result, for this call alone.
    let refusing = Fake::answering(|request| {
        let long = request["params"][0]["data"].as_str().is_some_and(|data| data.len() > 600);
        if long { error(request, -32000, "out\nof it") } else { sound(request) }
    });
    assert_eq!(
        outcome(&refusing, &call_with(3_000)),
        Outcome::Malformed { how: format!("by STATICCALL error -32000: out of it; straight {word}") }
    );
}

#[test]
fn what_a_node_cannot_be_asked_is_unsupported() {
    let fake = Fake::answering(|request| match request["method"].as_str() {
        Some("eth_call") => result(request, &to_hex(call(request, 1_000_000).unwrap())),
        _ => sound(request),
    });
    let Outcome::Unsupported { what } = outcome(&fake, &call_with(1_000_000)) else { panic!("too much gas") };
    assert!(what.starts_with("1000000 gas: this node's eth_call leaves a call 9"), "{what}");
    assert_eq!(outcome(&fake, &call_with(500_000)).kind(), OutcomeKind::Recovered);

    let mut calldata = from_hex(CALLDATA).unwrap();
    calldata.resize(48_973, 0);
    let long = Input::Call(CallInput { calldata: Bytes(calldata), gas: 3_000 });
    assert_eq!(
        outcome(&Fake::answering(sound), &long),
        Outcome::unsupported(
            "48973 bytes of calldata: 48972 fit into a contract's creation, which makes the call"
        )
    );
}

#[test]
fn batches_get_smaller_until_a_node_takes_them() {
    let inputs = generated(20);
    let too_many = |most: usize, reply: fn() -> Reply| {
        Fake::new(move |body| match body {
            Value::Array(requests) if requests.len() > most => reply(),
            body => Reply::Json(each(body, &sound)),
        })
    };
    let refused = || Reply::Json(error(&Value::Null, -32600, "batches are not supported"));
    let bad = || Reply::Http(400, Vec::new(), "Bad Request".into());
    let large = || Reply::Http(413, Vec::new(), String::new());
    let broken = || Reply::Json(serde_json::json!([]));
    let tries = |most: usize| match most {
        10 => [vec![40, 20], vec![10; 4]].concat(),
        5 => [vec![40, 20, 10], vec![5; 8]].concat(),
        _ => [vec![40, 20, 10, 5, 2], vec![1; 40]].concat(),
    };
    for (most, reply) in
        [(0, refused as fn() -> Reply), (10, refused), (5, bad), (5, large), (10, broken), (0, broken)]
    {
        let fake = too_many(most, reply);
        agree(&inputs, &judged(open(&fake.url(), &settings()), &inputs));
        let sizes = fake.asked(|asked| asked.body.as_array().map_or(1, Vec::len));
        assert_eq!(sizes[4..], tries(most), "{most} at most, and each call is two requests");
    }

    let in_any_order = Fake::new(|body| match each(body, &sound) {
        Value::Array(answers) => Reply::Json(answers.into_iter().rev().collect()),
        answer => Reply::Json(answer),
    });
    agree(&inputs, &judged(open(&in_any_order.url(), &settings()), &inputs));
    assert_eq!(in_any_order.asked(|_| ()).len(), 5);
}

#[test]
fn a_connection_that_was_kept_and_has_ended_is_opened_again() {
    let fake = Fake::new(|body| Reply::ThenClose(each(body, &sound)));
    let node = open(&fake.url(), &settings());
    for _ in 0..5 {
        assert_eq!(node.answer_all(&[&call_with(3_000)])[0].kind(), OutcomeKind::Recovered);
    }
}

#[test]
fn no_more_requests_a_second_are_sent_than_are_allowed() {
    let fake = Fake::answering(sound);
    let begin = Instant::now();
    let node = open(&fake.url(), &Settings { requests_per_second: 100, ..settings() });
    let inputs = generated(30);
    assert!(!inputs.iter().collect::<Vec<_>>().chunks(10).any(|part| node.answer_all(part).len() != 10));
    // 4 to open, and 20 for each part: the last part is sent after 44 of them.
    assert!(begin.elapsed() >= Duration::from_millis(430), "{:?}", begin.elapsed());
}

/// The first so many times that something would be answered, it is refused.
fn at_first(times: usize) -> impl Fn() -> bool {
    let left = AtomicUsize::new(times);
    move || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

#[test]
fn a_node_that_limits_requests_is_asked_again_after_a_while() {
    let inputs = generated(20);
    let status = |status: u16, headers: &[&str]| {
        let (headers, refuses) = (headers.iter().map(ToString::to_string).collect::<Vec<_>>(), at_first(2));
        Fake::new(move |body| {
            if refuses() {
                return Reply::Http(status, headers.clone(), "slow down".into());
            }
            Reply::Json(each(body, &sound))
        })
    };
    let error = |code: i64, words: &'static str| {
        let refuses = at_first(2);
        Fake::answering(move |request| if refuses() { error(request, code, words) } else { sound(request) })
    };
    for fake in [
        status(429, &["retry-after: 0"]),
        status(503, &["retry-after: 0"]),
        status(429, &[]),
        error(-32005, "limit exceeded"),
        error(429, "compute units"),
        error(-32000, "Too Many Requests"),
    ] {
        agree(&inputs, &judged(open(&fake.url(), &settings()), &inputs));
    }

    // Of a batch, only what was refused is asked again.
    let refuses = at_first(5);
    let fake = Fake::answering(move |request| {
        let refused = request["method"] == "eth_call" && request["id"].as_u64().unwrap() > 4 && refuses();
        if refused { self::error(request, -32005, "limit exceeded") } else { sound(request) }
    });
    agree(&inputs, &judged(open(&fake.url(), &settings()), &inputs));
    let sizes = fake.asked(|asked| asked.body.as_array().map_or(1, Vec::len));
    assert_eq!(sizes[4..], [40, 5]);
}

#[test]
fn a_node_that_goes_on_limiting_requests_is_given_up() {
    let opened = AtomicUsize::new(0);
    let fake = Fake::new(move |body| {
        if opened.fetch_add(1, Ordering::Relaxed) < 4 {
            return Reply::Json(each(body, &sound));
        }
        Reply::Http(429, vec!["retry-after: 86400".into()], String::new())
    });
    let node = open(&fake.url(), &settings());
    let inputs = generated(3);
    let outcomes = node.answer_all(&inputs.iter().collect::<Vec<_>>());
    let how = "rate limit: HTTP 429; given up, it would be asked again in 86400s".to_owned();
    assert_eq!(outcomes, vec![Outcome::Died { how: how.clone() }; 3]);
    let how = format!("not asked: the node left 6 requests in a row unanswered ({how})");
    assert_eq!(node.answer_all(&[&inputs[0]]), [Outcome::Died { how }]);
    assert_eq!(fake.asked(|_| ()).len(), 5);

    let fake = Fake::new(|_| Reply::Http(429, vec!["retry-after: 3600".into()], String::new()));
    let line = refused_by(&fake);
    assert_eq!(line, "rate limit: HTTP 429; given up, it would be asked again in 3600s");
}

#[test]
fn one_input_that_a_node_does_not_survive_is_named_and_the_others_are_judged() {
    let mut inputs = generated(12);
    inputs.insert(5, call_with(77_777));
    // The forwarding code holds the gas.
    let poisoned = |body: &Value| body.to_string().contains(&format!("{:016x}", 77_777));
    let hangs =
        Fake::new(move |body| if poisoned(body) { Reply::Hang } else { Reply::Json(each(body, &sound)) });
    let dies = Fake::new(move |body| match poisoned(body) {
        true => Reply::Http(502, Vec::new(), "<html>Bad Gateway".into()),
        false => Reply::Json(each(body, &sound)),
    });
    for (fake, expected) in [
        (hangs, Outcome::Hung { how: "no answer within 300ms".into() }),
        (dies, Outcome::Died { how: "answers HTTP 502, expected JSON-RPC".into() }),
    ] {
        let node = open(&fake.url(), &impatient());
        let mut outcomes = node.answer_all(&inputs.iter().collect::<Vec<_>>());
        assert_eq!(outcomes.remove(5), expected);
        let others: Vec<_> = outcomes.iter().map(Outcome::kind).collect();
        assert!(
            !others.iter().any(|kind| [OutcomeKind::Hung, OutcomeKind::Died].contains(kind)),
            "{others:?}"
        );
        assert_eq!(node.answer_all(&[&inputs[0]])[0], outcomes[0], "the run goes on");
    }
}

#[test]
fn a_node_that_stops_answering_is_not_asked_for_ever() {
    let inputs = generated(50);
    let inputs: Vec<_> = inputs.iter().collect();
    let asked = AtomicUsize::new(0);
    let fake = Fake::new(move |body| match asked.fetch_add(1, Ordering::Relaxed) {
        0..4 => Reply::Json(each(body, &sound)),
        _ => Reply::Hang,
    });
    let node = open(&fake.url(), &impatient());
    let outcomes = node.answer_all(&inputs);
    let hung = Outcome::Hung { how: "no answer within 300ms".into() };
    assert_eq!(outcomes[..3], [hung.clone(), hung.clone(), hung]);
    let how = "not asked: the node left 3 requests in a row unanswered (no answer within 300ms)".to_owned();
    assert_eq!(outcomes[3..], vec![Outcome::Died { how: how.clone() }; 47]);
    assert_eq!(node.answer_all(&inputs[..1]), [Outcome::Died { how }]);
    assert_eq!(fake.asked(|_| ()).len(), 4 + 1 + 3);

    let fake = Fake::answering(sound);
    let node = open(&fake.url(), &settings());
    drop(fake);
    let outcomes = node.answer_all(&inputs);
    let refused = "connection refused: does a node listen there?";
    assert_eq!(outcomes[..3], vec![Outcome::Died { how: refused.to_owned() }; 3]);
    let how = format!("not asked: the node left 3 requests in a row unanswered ({refused})");
    assert_eq!(outcomes[3..], vec![Outcome::Died { how }; 47]);
}

/// How the program refuses a URL, after the node's place.
#[track_caller]
fn refused_at(url: &str) -> String {
    let line = refuses(&["recover", "--subject", url, "--timeout", "1", "--calldata", CALLDATA]);
    let place = url.split('/').take(3).collect::<Vec<_>>().join("/");
    line.strip_prefix(&format!("node {place}: ")).unwrap_or(&line).to_owned()
}

#[track_caller]
fn refused_by(fake: &Fake) -> String {
    refused_at(&fake.url())
}

#[test]
fn what_is_no_node_is_refused_in_a_line() {
    let http = |status: u16, headers: &[&str], body: &'static str| {
        let headers: Vec<String> = headers.iter().map(ToString::to_string).collect();
        Fake::new(move |_| Reply::Http(status, headers.clone(), body.into()))
    };
    let refused = |status, headers: &[&str], body| refused_by(&http(status, headers, body));
    let html = "<!doctype html>\n<title>Welcome</title>";
    assert_eq!(refused(200, &["content-type: text/html"], html), "answers with HTML, expected JSON-RPC");
    assert_eq!(
        refused(200, &["content-type: application/json"], "{"),
        "answers with bad JSON, expected JSON-RPC"
    );
    assert_eq!(refused(200, &[], ""), "answers with nothing, expected JSON-RPC");
    assert_eq!(refused(200, &[], "{\"hello\": 1}"), "answers JSON that is no JSON-RPC");
    assert_eq!(refused(200, &[], "[]"), "answers JSON that is no JSON-RPC");
    assert_eq!(refused(404, &["content-type: text/html"], html), "answers HTTP 404, expected JSON-RPC");
    for status in [500, 501, 502] {
        assert_eq!(refused(status, &[], html), format!("answers HTTP {status}, expected JSON-RPC"));
    }
    for status in [401, 403] {
        assert_eq!(
            refused(status, &[], "{\"error\": \"no\"}"),
            format!(
                "asks for a password or a key (HTTP {status}): give it in the URL, http://USER:PASSWORD@HOST or as \
                 the node's provider says"
            )
        );
    }
    let redirects =
        |to: &str| format!("redirects to {to}: redirects are not followed, give the URL of the node itself");
    assert_eq!(
        refused(301, &["location: https://other.example/v3/some-secret"], ""),
        redirects("https://other.example (HTTP 301)")
    );
    assert_eq!(refused(308, &[], ""), redirects("nowhere (HTTP 308)"));
    let path = http(302, &["location: /login"], "");
    assert_eq!(refused_by(&path), redirects(&format!("another path of {} (HTTP 302)", path.url())));
    assert_eq!(path.asked(|_| ()).len(), 1, "it is not followed");

    let endless = Fake::new(|_| Reply::Http(200, Vec::new(), " ".repeat(9 << 20)));
    assert_eq!(refused_by(&endless), "answers with more than 8388608 bytes");
    assert_eq!(refused_by(&Fake::new(|_| Reply::Hang)), "no answer within 1s");

    let closed = Fake::answering(sound);
    let (url, port) = (closed.url(), closed.port());
    assert!(refused_at(&format!("https://127.0.0.1:{port}")).starts_with("TLS failed: "));
    drop(closed);
    assert_eq!(refused_at(&url), "connection refused: does a node listen there?");
    assert_eq!(refused_at("http://no-such-host.invalid:8545"), "host not found: is the name right?");
    for url in ["http://", "https://", "http://:8545", "http://a b"] {
        assert_eq!(refused_at(url), "node: not a URL: expected http://HOST:PORT or https://HOST/…", "{url}");
    }
}

#[test]
fn a_node_that_does_not_allow_what_is_asked_is_refused_in_a_line() {
    let without = |denied: fn(&Value) -> bool| {
        Fake::answering(move |request| match denied(request) {
            true => error(request, -32601, "not available\non this plan"),
            false => sound(request),
        })
    };
    let denied = "error -32601: not available on this plan";
    assert_eq!(
        refused_by(&without(|request| request["method"] == "eth_chainId")),
        format!("does not answer eth_chainId: {denied}")
    );
    assert_eq!(
        refused_by(&without(|request| request["method"] == "eth_call" && !is_creation(request))),
        format!("does not allow eth_call of 0x01: {denied}")
    );
    assert_eq!(
        refused_by(&without(is_creation)),
        format!("does not allow eth_call without `to`, of a contract's creation: {denied}")
    );
    let nameless = without(|request| request["method"] == "web3_clientVersion");
    assert_eq!(
        refused_by(&nameless),
        format!("does not answer web3_clientVersion, so that it needs a name, NAME=URL: {denied}")
    );
    let named = open(&format!("mine={}", nameless.url()), &settings());
    assert_eq!((named.identity().name, named.identity().lineage.code), ("mine", "mine"));
    assert_eq!(named.answer_all(&[&call_with(3_000)])[0].kind(), OutcomeKind::Recovered);
}

/// What in a URL may be a secret is sent and never shown, not even if the node shows it.
#[test]
fn no_error_shows_a_secret_of_the_url() {
    const KEY: &str = "0123456789abcdef0123";
    let echo = |reply: fn() -> Reply| Fake::new(move |_| reply());
    let fakes = [
        echo(|| Reply::Http(404, Vec::new(), format!("no such path: /v3/{KEY}"))),
        echo(|| Reply::Http(401, Vec::new(), format!("hunter2 is wrong for {KEY}"))),
        echo(|| {
            Reply::Http(
                308,
                vec![format!("location: https://alice:hunter2@other.example/v3/{KEY}?key=open-sesame")],
                String::new(),
            )
        }),
        echo(|| {
            Reply::Json(error(
                &Value::Null,
                -32000,
                &format!("no project {KEY} of alice, hunter2; open-sesame"),
            ))
        }),
        echo(|| {
            Reply::Json(error(&serde_json::json!({"id": 1}), -32000, &format!("{}{KEY}", "long ".repeat(39))))
        }),
    ];
    for fake in &fakes {
        let url = format!("http://alice:hunter2@127.0.0.1:{}/v3/{KEY}?key=open-sesame", fake.port());
        let line = refused_at(&url);
        assert!(line.starts_with(&format!("node http://127.0.0.1:{}: ", fake.port())), "{line}");
        for secret in ["alice", "hunter2", "0123456789", "open-sesame"] {
            assert!(!line.contains(secret), "{line}");
        }
        // alice:hunter2 in base64.
        let head = &fake.asked(|asked| asked.head.clone())[0];
        assert!(head.starts_with(&format!("POST /v3/{KEY}?key=open-sesame HTTP/1.1")), "{head}");
        assert!(head.to_lowercase().contains("authorization: basic ywxpy2u6ahvudgvymg=="), "{head}");
    }
}

#[test]
fn anvil_agrees() {
    let Some(anvil) = Anvil::start("the corpus and 2000 calls of a real node") else { return };
    let corpus = in_corpus();
    let all =
        [OutcomeKind::Recovered, OutcomeKind::Rejected, OutcomeKind::CallFailed, OutcomeKind::Unsupported];
    assert_eq!(agree(&corpus, &judged(open(&anvil.url, &settings()), &corpus)), BTreeSet::from(all));

    let generated = generated(2_000);
    let judged = judged(open(&anvil.url, &settings()), &generated);
    assert_eq!(agree(&generated, &judged), all[..3].iter().copied().collect());
    let short = |judged: &&Judged| judged.reference == Expectation::Rejected(Refusal::OutOfGas);
    assert!(judged.iter().filter(short).count() > 300);

    // As much calldata as there can be, and gas as a block has and does not have.
    let node = open(&anvil.url, &settings());
    let call = |length: usize, gas: u64| {
        let mut calldata = from_hex(CALLDATA).unwrap();
        calldata.resize(length, 0xff);
        node.answer_all(&[&Input::Call(CallInput { calldata: Bytes(calldata), gas })])[0].kind()
    };
    assert_eq!(call(48_972, 3_000), OutcomeKind::Recovered);
    assert_eq!(call(48_972, 2_999), OutcomeKind::CallFailed);
    assert_eq!(call(48_973, 3_000), OutcomeKind::Unsupported);
    assert_eq!(call(128, 25_000_000), OutcomeKind::Recovered);
    assert_eq!(call(128, u64::MAX), OutcomeKind::Unsupported);
}

#[test]
fn the_program_asks_anvil() {
    let Some(anvil) = Anvil::start("a real node asked by the program") else { return };
    let recover = ["recover", "--subject", &anvil.url, "--calldata", CALLDATA];
    let text = succeeds(&recover);
    let line = text.lines().find(|line| line.starts_with("anvil ")).unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains("1.7.1") && line.contains(SIGNER) && line.contains("agreed"), "{line}");

    let short = succeeds(&[&recover[..], &["--gas", "2999"]].concat());
    let line = short.lines().find(|line| line.starts_with("anvil ")).unwrap();
    assert!(line.contains("call failed"), "{line}");

    let report: Value = serde_json::from_str(&succeeds(&[&recover[..], &["--json"]].concat())).unwrap();
    let asked = &report["subjects"][0];
    let entry = "eth_call of 0x01, by STATICCALL and straight, of anvil/v1.7.1, chain 31337";
    let lineage = serde_json::json!({ "code": "anvil", "version": "1.7.1" });
    assert_eq!((&asked["name"], &asked["version"]), (&"anvil".into(), &"1.7.1".into()));
    assert_eq!((&asked["entry"], &asked["lineage"]), (&entry.into(), &lineage));
    assert_eq!((&asked["address"], &asked["verdict"]), (&SIGNER.into(), &"agreed".into()));

    let check = ["check", "--subject", &format!("mine={}", anvil.url), "--json"];
    let report: Value = serde_json::from_str(&succeeds(&check)).unwrap();
    let asked = &report["subjects"][0];
    assert_eq!((&asked["name"], &asked["lineage"]), (&"mine".into(), &lineage));
    assert_eq!(report["verdict"], "agreed");
}
