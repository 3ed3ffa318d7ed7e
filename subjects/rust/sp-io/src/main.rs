//! sp-io: what Substrate's nodes offer to their runtimes. Version 2 is what `sp_io::crypto` calls; version 1 is there
//! for old runtimes only, so that it is called as an executor calls it.

use std::env;

use adapter::{recover, Answer, Signed, Subject};
use sp_core::Decode;
use sp_io::crypto::{secp256k1_ecdsa_recover, secp256k1_ecdsa_recover_compressed, HostFunctions};
use sp_io::EcdsaVerifyError;
use sp_wasm_interface::{Function, FunctionContext, HostFunctions as _, Pointer, Value, WordSize};

const PARITY: &str = "libsecp256k1 0.7.";
const BITCOIN: &str = "secp256k1-sys 0.9.";

fn main() {
    match env::args().nth(1).as_deref() {
        Some("v2") => serve("sp-io", BITCOIN, |signed| {
            secp256k1_ecdsa_recover(&signed.rs_and_id(), &signed.digest).map(|key| key.into())
        }),
        Some("v2-compressed") => serve("sp-io-compressed", BITCOIN, |signed| {
            secp256k1_ecdsa_recover_compressed(&signed.rs_and_id(), &signed.digest).map(|key| key.into())
        }),
        Some("v1") => {
            let function = host_function("ext_crypto_secp256k1_ecdsa_recover_version_1");
            serve("sp-io-v1", PARITY, |signed| execute::<[u8; 64]>(function, signed).map(|key| key.into()));
        }
        Some("v1-compressed") => {
            let function = host_function("ext_crypto_secp256k1_ecdsa_recover_compressed_version_1");
            serve("sp-io-v1-compressed", PARITY, |signed| {
                execute::<[u8; 33]>(function, signed).map(|key| key.into())
            });
        }
        _ => panic!("usage: sp-io v1|v1-compressed|v2|v2-compressed"),
    }
}

fn serve(name: &str, code: &str, ask: impl Fn(&Signed) -> Result<Vec<u8>, EcdsaVerifyError>) {
    let lock = include_str!("../../Cargo.lock");
    recover(&Subject { lock, name, package: "sp-io 49.", code }, |signed| match ask(signed) {
        Ok(key) => Ok(Answer::Key(key)),
        Err(error) => Err(said(&error).into()),
    });
}

/// The error has no words of its own.
fn said(error: &EcdsaVerifyError) -> &'static str {
    match error {
        EcdsaVerifyError::BadRS => "BadRS",
        EcdsaVerifyError::BadV => "BadV",
        EcdsaVerifyError::BadSignature => "BadSignature",
    }
}

fn host_function(name: &str) -> &'static dyn Function {
    let functions = HostFunctions::host_functions();
    functions.into_iter().find(|function| function.name() == name).expect("a host function")
}

/// Calls a host function with pointers to the signature and to the digest. It returns where it put its result and, in
/// the upper half, how long that is.
fn execute<Key: Decode>(function: &dyn Function, signed: &Signed) -> Result<Key, EcdsaVerifyError> {
    let mut memory = Memory([&signed.rs_and_id()[..], &signed.digest].concat());
    let returned = function.execute(&mut memory, &mut [Value::I32(0), Value::I32(65)].into_iter());
    let Ok(Some(Value::I64(place))) = returned else { panic!("{returned:?}") };
    let (at, length) = (place as u32 as usize, (place >> 32) as usize);
    Decode::decode(&mut &memory.0[at..at + length]).expect("a result")
}

/// The memory of a runtime.
struct Memory(Vec<u8>);

impl FunctionContext for Memory {
    fn read_memory_into(&mut self, address: Pointer<u8>, dest: &mut [u8]) -> sp_wasm_interface::Result<()> {
        let at = usize::from(address);
        dest.copy_from_slice(&self.0[at..at + dest.len()]);
        Ok(())
    }

    fn write_memory(&mut self, address: Pointer<u8>, data: &[u8]) -> sp_wasm_interface::Result<()> {
        let at = usize::from(address);
        self.0[at..at + data.len()].copy_from_slice(data);
        Ok(())
    }

    fn allocate_memory(&mut self, size: WordSize) -> sp_wasm_interface::Result<Pointer<u8>> {
        let at = self.0.len();
        self.0.resize(at + size as usize, 0);
        Ok(Pointer::new(at as u32))
    }

    fn deallocate_memory(&mut self, _: Pointer<u8>) -> sp_wasm_interface::Result<()> {
        Ok(())
    }

    fn register_panic_error_message(&mut self, message: &str) {
        panic!("{message}");
    }
}
