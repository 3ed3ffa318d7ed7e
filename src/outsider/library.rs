//! Shared libraries: one C function, called in a process of its own. The only unsafe code of this project.
//!
//! The function is that of the zkVM standards' C interface, under that name or another ([`serve`] takes it):
//!
//! ```c
//! int zkvm_secp256k1_ecrecover(const uint8_t msg[32], const uint8_t sig[64], uint8_t recid, uint8_t output[64]);
//! ```
//!
//! Source: `standards/c-interface-accelerators/zkvm_accelerators.h` of eth-act/zkvm-standards, whose structs of
//! bytes are these arrays, aligned to 8 bytes.
//!
//! # The contract
//!
//! - The symbol is a function of this type, in the platform's C calling convention. Nothing can check that.
//! - `msg` is the digest, `sig` is r || s, `recid` is any byte: all as they are, valid or not. None is null.
//! - It returns 0 (`ZKVM_EOK`) and has written x || y to `output`, or returns -1 (`ZKVM_EFAIL`). What `output`
//!   holds then, the standard leaves open; the words of the rejection say it.
//! - The buffers are the caller's: aligned to 8 bytes, apart from each other, alive during the call. The function
//!   reads `msg` and `sig`, writes 64 bytes of `output`, and keeps and frees none of them.
//! - An exception or a panic that leaves it ends the process.
//! - One thread calls it, one call at a time. Nothing else of the library is called but what the loader runs
//!   (constructors), and the library is never unloaded.
//!
//! A library can break all of this, and crash, hang or exit. So [`serve`] loads it in a process that does nothing
//! else, and the end of that process is an outcome: to the harness, a library is a [`Program`].

use std::ffi::c_int;
use std::fs::File;
use std::io::{self, BufRead as _, ErrorKind, Read as _, Write as _};
use std::mem;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

use super::process::{NoLine, Process};
use super::program::Program;
use super::protocol::{Answer, Hello, Operation, Question, Request, UNKNOWN_VERSION, VERSION};
use super::{OutsiderError, Settings, Spec, is_name};
use crate::input::ScalarInput;
use crate::input::bytes::{Bytes, to_hex};

/// A library as a subject: [`Settings::host`] loads it with [`serve`].
///
/// # Errors
/// It is no library for this machine, it cannot be loaded, or it has no such symbol.
pub(super) fn start(
    spec: &Spec,
    path: &Path,
    symbol: &str,
    settings: &Settings,
) -> Result<Program, OutsiderError> {
    let error = |why: String| OutsiderError::new(format!("subject `{spec}`"), why);
    let file = found(path).map_err(error)?;
    let mut command = Command::new(&settings.host);
    command.arg("load-library").arg("--").arg(&file).arg(symbol);
    try_loading(&mut command, &file, settings).map_err(error)?;
    Program::start(spec, command, settings)
}

/// The file's path: absolute, as the loader looks for names without a slash in the system's folders.
fn found(path: &Path) -> Result<PathBuf, String> {
    let unreadable = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => format!("it cannot be read: {error}"),
    };
    let file = std::path::absolute(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err("it is no file".into());
    }
    let start = first_bytes(&file).map_err(unreadable)?;
    if start.starts_with(b"!<arch>\n") {
        return Err("it is a static library: link it into a shared one (cc -shared)".into());
    }
    // What the loader says of another architecture's library is that there is no such file.
    let ours = std::env::current_exe().and_then(|program| first_bytes(&program)).ok();
    match (architecture(&start), ours.as_deref().and_then(architecture)) {
        (None, Some(_)) => Err("it is no shared library".into()),
        (Some(its), Some(ours)) if its != ours => {
            Err(format!("it is a library for {its}: build it for this machine, {ours}"))
        }
        _ => Ok(file),
    }
}

fn first_bytes(file: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(file)?.take(20).read_to_end(&mut start)?;
    Ok(start)
}

/// The architecture in an ELF file's header.
fn architecture(start: &[u8]) -> Option<String> {
    let [0x7f, b'E', b'L', b'F', class, order, _, _, _, _, _, _, _, _, _, _, _, _, machine @ ..] = start
    else {
        return None;
    };
    let machine = <[u8; 2]>::try_from(machine).ok()?;
    let machine = if *order == 2 { u16::from_be_bytes(machine) } else { u16::from_le_bytes(machine) };
    let machine = match machine {
        3 => "x86".to_owned(),
        40 => "Arm".to_owned(),
        62 => "x86-64".to_owned(),
        183 => "AArch64".to_owned(),
        243 => "RISC-V".to_owned(),
        other => format!("ELF machine {other}"),
    };
    let bits = if *class == 1 { 32 } else { 64 };
    Some(format!("{machine} ({bits} bits, {} endian)", if *order == 2 { "big" } else { "little" }))
}

/// Has it loaded and its symbol looked up once, to say in words of its own why that fails.
fn try_loading(command: &mut Command, file: &Path, settings: &Settings) -> Result<(), String> {
    let mut process = Process::start(command).map_err(|error| {
        format!("cannot start `{}`, which loads libraries: {error}", settings.host.display())
    })?;
    let hello = process.line(Instant::now() + settings.start);
    let (status, said) = process.end(hello == Err(NoLine::Late));
    // What `serve` says begins with the file.
    let of_serve = said.split_once(&format!(": {}: ", file.display())).map(|(_, why)| why.to_owned());
    match (hello, status) {
        (Ok(_), _) => Ok(()),
        (Err(NoLine::Late), _) => {
            Err(format!("loading it did not end within {} s", settings.start.as_secs_f64()))
        }
        (Err(_), status) => Err(of_serve.unwrap_or_else(|| {
            let how = status.map_or_else(|| "killed".to_owned(), |status| status.to_string());
            let said = if said.is_empty() { said } else { format!("; stderr: {said}") };
            format!("loading it ended the process ({how}){said}")
        })),
    }
}

/// Loads a library and answers the requests of stdin on stdout, until stdin ends. The library's own prints go to
/// stderr.
///
/// The library can do anything to this process: let it be one that does nothing else. This is no `unsafe fn`, as a
/// caller can prove nothing about a library: it is like running a program, in a process that is given away.
///
/// # Errors
/// The library cannot be loaded, or has no such symbol; a request cannot be read; an answer cannot be written.
pub fn serve(file: &Path, symbol: &str) -> Result<(), OutsiderError> {
    let error = |why: String| OutsiderError::new(file.display(), why);
    let mut answers = keep_stdout().map_err(|why| error(why.to_string()))?;
    let mut say = |line: serde_json::Result<String>| -> io::Result<()> {
        answers.write_all(format!("{}\n", line?).as_bytes())
    };
    let function = Function::load(file, symbol).map_err(error)?;
    say(serde_json::to_string(&hello(file))).map_err(|why| error(why.to_string()))?;
    for line in io::stdin().lock().lines() {
        let answered = line.and_then(|line| {
            let Request { id, question } = serde_json::from_str(&line)?;
            let answer = match question {
                Question::Recover { digest, r, s, recovery_id } => {
                    function.recover(&ScalarInput { digest, r, s, recovery_id })
                }
                _ => Answer { unsupported: Some("all but `recover`".into()), ..Answer::default() },
            };
            say(serde_json::to_string(&Answer { id: Some(id), ..answer }))
        });
        answered.map_err(|why| error(why.to_string()))?;
    }
    Ok(())
}

/// The stdout that this process was given. From now on, what is printed goes to stderr.
fn keep_stdout() -> io::Result<File> {
    let kept = io::stdout().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(kept.into())
}

/// A C library says neither its name nor its version.
fn hello(file: &Path) -> Hello {
    let or_library = |name: &str| if is_name(name) { name } else { "library" }.to_owned();
    let file_name = file.file_name().unwrap_or_default().to_string_lossy();
    // libfoo.so.1 is libfoo.
    let stem = file_name.find(".so").or_else(|| file_name.rfind('.')).unwrap_or(file_name.len());
    Hello {
        ecrecheck: VERSION,
        name: or_library(&file_name[..stem]),
        version: UNKNOWN_VERSION.into(),
        code: Some(or_library(&file_name)),
        code_version: Some(UNKNOWN_VERSION.into()),
        operations: vec![Operation::Recover],
    }
}

/// See the contract.
type Recover = unsafe extern "C-unwind" fn(*const u8, *const u8, u8, *mut u8) -> c_int;

const EOK: c_int = 0;
const EFAIL: c_int = -1;

/// How many bytes before and after the output are watched.
const GUARD: usize = 64;
/// What the output and its guards hold before the call: no byte is zero, no neighbours are alike.
const PATTERN: [u8; GUARD + 64 + GUARD] = {
    let mut pattern = [0x80; GUARD + 64 + GUARD];
    let mut at = 0;
    while at < pattern.len() {
        pattern[at] |= at as u8;
        at += 1;
    }
    pattern
};

/// A buffer as the standard's header aligns it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(C, align(8))]
struct Aligned<const N: usize>([u8; N]);

/// The library's function.
struct Function(Recover);

impl Function {
    fn load(file: &Path, symbol: &str) -> Result<Self, String> {
        // SAFETY: the loader runs the library's constructors, in a process that is there for that (see above).
        let library = unsafe { Library::open(Some(file), RTLD_NOW | RTLD_LOCAL) }
            .map_err(|why| format!("cannot be loaded: {}", with_its_source(&why)))?;
        // SAFETY: that it is a function of this type is the contract.
        let function = unsafe { library.get::<Recover>(symbol) }.map(|function| *function).map_err(|_| {
            format!(
                "has no function `{symbol}`: name the one to call, library:FILE#SYMBOL (`nm -D` lists them)"
            )
        })?;
        // The function stays where it is until this process ends.
        mem::forget(library);
        Ok(Self(function))
    }

    /// Calls it, and looks at all that the call may have changed.
    fn recover(&self, input: &ScalarInput) -> Answer {
        // Each an allocation of just its size, which the tools that watch memory know.
        let mut message = Box::new(Aligned(input.digest.0));
        let mut signature = Box::new(Aligned(input.rs()));
        let mut output = Box::new(Aligned(PATTERN));
        // SAFETY: the buffers have the lengths and the alignment of the contract, are apart, and outlive the call;
        // each pointer may write all of its allocation, so that a write to an input or a guard is seen below.
        let status = unsafe {
            (self.0)(
                message.0.as_mut_ptr(),
                signature.0.as_mut_ptr(),
                input.recovery_id,
                output.0.as_mut_ptr().wrapping_add(GUARD),
            )
        };
        let changed_its_inputs = message.0 != input.digest.0 || signature.0 != input.rs();
        answer(status, &output.0, changed_its_inputs)
    }
}

/// What a call that returned comes to.
fn answer(status: c_int, output: &[u8; PATTERN.len()], changed_its_inputs: bool) -> Answer {
    let written: Vec<usize> = (0..PATTERN.len()).filter(|at| output[*at] != PATTERN[*at]).collect();
    let (inside, outside): (Vec<usize>, Vec<usize>) =
        written.iter().partition(|at| (GUARD..GUARD + 64).contains(*at));
    let mut wrong = Vec::new();
    if let Some(first) = outside.first() {
        let offset = first.cast_signed() - GUARD.cast_signed();
        wrong.push(format!("wrote outside its 64 bytes of output, first at offset {offset}"));
    }
    if changed_its_inputs {
        wrong.push("wrote to its const inputs".into());
    }
    match status {
        EOK if inside.is_empty() => wrong.push("returned EOK (0) and wrote no output".into()),
        EOK | EFAIL => {}
        other => wrong.push(format!("returned {other}, neither EOK (0) nor EFAIL (-1)")),
    }
    if !wrong.is_empty() {
        return Answer { malformed: Some(wrong.join("; ")), ..Answer::default() };
    }
    let output = &output[GUARD..GUARD + 64];
    if status == EOK {
        return Answer { key: Some(Bytes(output.to_vec())), ..Answer::default() };
    }
    let left = match (inside.first(), inside.last()) {
        (Some(first), Some(last)) if output.iter().any(|byte| *byte != 0) => {
            let (first, last) = (first - GUARD, last - GUARD);
            format!("output bytes {first} to {last} are {}", to_hex(&output[first..=last]))
        }
        (Some(_), Some(_)) => "output zeroed".into(),
        _ => "output untouched".into(),
    };
    Answer { rejected: Some(format!("EFAIL, {left}")), ..Answer::default() }
}

/// libloading keeps the loader's words apart.
fn with_its_source(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
