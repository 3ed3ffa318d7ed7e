//! `ecrecover` called by a contract in every way: what each costs, returns and writes.
//!
//! The numbers are those of the Yellow Paper (appendices E.1 and G) and of EIP-2929: 100 for the call, 3000 for
//! the recovery, 9000 for value with a stipend of 2300, 25000 where CALL's value makes an account.

use std::sync::Arc;

use arbitrary::{Arbitrary as _, Unstructured};
use ecrecheck::input::CallInput;
use ecrecheck::input::bytes::{Bytes, from_hex};
use ecrecheck::run::evm_call::{CallKind, Effect, Situation};
use ecrecheck::run::fuzz;
use revm::precompile::{Crypto, DefaultCrypto, PrecompileHalt};

/// The EIP-155 example: digest, v, r, s.
const CALLDATA: &str = "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53000000000000000000000000000000000000000000000000000000000000001b28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa63627667cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
/// Its signer, as a word.
const SIGNER: &str = "0x0000000000000000000000009d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";

const KINDS: [CallKind; 4] = [
    CallKind::Call { value: 0 },
    CallKind::StaticCall,
    CallKind::DelegateCall,
    CallKind::CallCode { value: 0 },
];

/// A right call that nothing is special about: calldata at 0, output of a word behind it, memory of 0xff.
fn plain() -> Situation {
    let call = CallInput { calldata: Bytes(from_hex(CALLDATA).unwrap()), gas: 3_000 };
    Situation {
        call,
        kind: CallKind::StaticCall,
        balance: 100,
        callee_balance: 1,
        input: 0,
        output: 128,
        output_size: 32,
        dirt: 0xff,
    }
}

/// What revm does, on its default backend, after it is held to what must come out, on that backend.
#[track_caller]
fn effect(situation: &Situation) -> Effect {
    let backend: Arc<dyn Crypto> = Arc::new(DefaultCrypto);
    assert_eq!(situation.check("libsecp256k1", &backend), None);
    situation.executed(&backend).unwrap()
}

fn signer() -> Vec<u8> {
    from_hex(SIGNER).unwrap()
}

#[test]
fn every_kind_of_call_recovers_for_3000_gas_and_the_price_of_a_call() {
    for kind in KINDS {
        let effect = effect(&Situation { kind, ..plain() });
        let seen = (effect.success, effect.returndata, effect.gas, effect.callee_balance);
        assert_eq!(seen, (true, signer(), 3_100, 1), "{kind}");
        assert_eq!(effect.memory[128..160], signer(), "{kind}");
        assert_eq!(effect.memory[160..], [0xff; 32], "{kind}");
    }
}

#[test]
fn one_gas_less_fails_every_kind_of_call_takes_the_gas_and_writes_nothing() {
    for kind in KINDS {
        let mut short = Situation { kind, ..plain() };
        short.call.gas = 2_999;
        let effect = effect(&short);
        assert_eq!((effect.success, effect.returndata, effect.gas), (false, vec![], 3_099), "{kind}");
        assert_eq!(effect.memory, short.memory(), "{kind}");
    }
}

#[test]
fn more_gas_than_there_is_is_no_lack() {
    for kind in KINDS {
        let mut greedy = Situation { kind, ..plain() };
        greedy.call.gas = u64::MAX;
        assert_eq!(effect(&greedy).gas, 3_100, "{kind}");
    }
}

#[test]
fn a_signature_without_a_key_succeeds_returns_nothing_and_writes_nothing() {
    for kind in KINDS {
        let mut bad = Situation { kind, ..plain() };
        bad.call.calldata.0[63] = 29;
        let effect = effect(&bad);
        assert_eq!((effect.success, effect.returndata, effect.gas), (true, vec![], 3_100), "{kind}");
        assert_eq!(effect.memory, bad.memory(), "the output area stays dirty: {kind}");
    }
}

#[test]
fn value_costs_9000_brings_2300_and_reaches_the_callee_by_call_only() {
    let with = |kind, gas| {
        let mut situation = Situation { kind, ..plain() };
        situation.call.gas = gas;
        let effect = effect(&situation);
        (effect.success, effect.gas, effect.callee_balance)
    };
    // 100 + 9000 + 3000 - 2300: the stipend makes 700 of gas enough, and 699 short.
    assert_eq!(with(CallKind::Call { value: 7 }, 700), (true, 9_800, 8));
    assert_eq!(with(CallKind::CallCode { value: 7 }, 700), (true, 9_800, 1));
    assert_eq!(with(CallKind::Call { value: 7 }, 3_000), (true, 9_800, 8));
    assert_eq!(with(CallKind::Call { value: 7 }, 699), (false, 9_799, 1));
    assert_eq!(with(CallKind::CallCode { value: 7 }, 699), (false, 9_799, 1));
}

#[test]
fn value_for_an_account_that_is_not_there_costs_25000_more_by_call_only() {
    let with = |kind| {
        let effect = effect(&Situation { kind, callee_balance: 0, ..plain() });
        (effect.success, effect.gas, effect.callee_balance)
    };
    assert_eq!(with(CallKind::Call { value: 7 }), (true, 34_800, 7));
    assert_eq!(with(CallKind::CallCode { value: 7 }), (true, 9_800, 0));
    assert_eq!(with(CallKind::Call { value: 0 }), (true, 3_100, 0));
}

#[test]
fn value_that_the_caller_does_not_own_fails_the_call_before_it_is_made() {
    for kind in [CallKind::Call { value: 101 }, CallKind::CallCode { value: 101 }] {
        let poor = Situation { kind, ..plain() };
        let effect = effect(&poor);
        let seen = (effect.success, effect.returndata, effect.gas, effect.callee_balance);
        assert_eq!(seen, (false, vec![], 6_800, 1), "{kind}");
        assert_eq!(effect.memory, poor.memory(), "{kind}");
    }
}

#[test]
fn the_output_area_bounds_what_is_written_and_nothing_else_is() {
    for kind in KINDS {
        for size in [0, 1, 12, 31, 32, 33, 64, 500] {
            let effect = effect(&Situation { kind, output_size: size, ..plain() });
            let written = size.min(32);
            assert_eq!(effect.returndata, signer(), "returndata is whole: {kind}, {size}");
            assert_eq!(effect.memory[128..128 + written], signer()[..written], "{kind}, {size}");
            let beyond = &effect.memory[128 + written..];
            assert!(beyond.iter().all(|byte| *byte == 0xff), "{kind}, {size}");
        }
    }
}

#[test]
fn an_output_area_over_the_input_is_written_after_the_input_is_read() {
    for kind in KINDS {
        for output in [0, 1, 31, 63, 64, 96, 127] {
            let over = Situation { kind, output, ..plain() };
            let mut right = over.memory();
            right[output..output + 32].copy_from_slice(&signer());
            assert_eq!(effect(&over).memory, right, "{kind}, {output}");
        }
    }
}

#[test]
fn generated_situations_come_out_right_on_each_backend() {
    let mut seen = [0; 6];
    for number in 0..2_000 {
        let bytes = fuzz::bytes(11, number);
        assert_eq!(situation(&bytes).examine(), []);
        let situation = Situation::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        let effect = situation.expected();
        let value = situation.kind.value();
        let end = situation.input + situation.call.calldata.0.len();
        let classes = [
            effect.success && effect.returndata.len() == 32,
            effect.success && effect.returndata.is_empty(),
            !effect.success && value > situation.balance,
            !effect.success && value <= situation.balance,
            effect.success && value > 0,
            situation.output < end && situation.input < situation.output + situation.output_size,
        ];
        for (count, is) in seen.iter_mut().zip(classes) {
            *count += u32::from(is);
        }
    }
    assert!(seen.iter().all(|count| *count >= 50), "every class is reached: {seen:?}");
}

#[test]
fn no_bytes_are_refused() {
    assert_eq!(situation(&[]).examine(), []);
    for length in 0..200 {
        assert_eq!(situation(&fuzz::bytes(12, length)[..length as usize]).examine(), []);
    }
}

/// A backend that recovers right addresses, with 0xff for their padding.
#[derive(Debug)]
struct Unpadded;

impl Crypto for Unpadded {
    fn secp256k1_ecrecover(
        &self,
        signature: &[u8; 64],
        recovery_id: u8,
        digest: &[u8; 32],
    ) -> Result<[u8; 32], PrecompileHalt> {
        let mut word = DefaultCrypto.secp256k1_ecrecover(signature, recovery_id, digest)?;
        word[..12].fill(0xff);
        Ok(word)
    }
}

#[test]
fn a_wrong_backend_is_found_in_the_precompile_in_the_provider_and_in_the_call() {
    let backend: Arc<dyn Crypto> = Arc::new(Unpadded);
    let situation = Situation { dirt: 0, ..plain() };
    let finding = situation.check("unpadded", &backend).unwrap().to_string();
    for part in [
        "the precompile gives",
        "the provider gives",
        "returndata 0xffffffffffffffffffffffff9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f, must be 0x000000000",
        "memory[128] = ff, must be 00",
    ] {
        assert!(finding.contains(part), "{part}: {finding}");
    }
}

/// The situation that a fuzz target makes of bytes.
fn situation(bytes: &[u8]) -> Situation {
    Situation::arbitrary(&mut Unstructured::new(bytes)).unwrap()
}
