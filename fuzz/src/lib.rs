//! What every fuzz target has in common: the canary before the first input, and a finding that aborts.

use std::sync::LazyLock;

use ecrecheck::fuzz_target::{FuzzCase, findings_of, report};
use ecrecheck::judge::Harness;
use ecrecheck::run::planted;
use ecrecheck::subject::Subject;

/// Names a planted bug that is examined beside the real subjects, to see that a fuzzer finds it:
/// `ECRECHECK_PLANTED=s-reduced cargo fuzz run recover`.
const PLANTED: &str = "ECRECHECK_PLANTED";

/// The real subjects, and the planted bug if there is one.
static HARNESSES: LazyLock<Vec<Harness<'static>>> = LazyLock::new(|| {
    let built_in = match Harness::built_in() {
        Ok(built_in) => built_in,
        Err(error) => panic!("{error}"),
    };
    let planted = std::env::var(PLANTED).ok().map(|name| {
        let bug = planted::subjects().into_iter().find(|bug| bug.identity().name == name);
        let Some(bug) = bug else { panic!("{PLANTED}={name}: there is no such planted bug") };
        let subjects: Vec<Box<dyn Subject>> = vec![Box::new(bug)];
        Harness::new(subjects.leak(), &[])
    });
    [built_in].into_iter().chain(planted).collect()
});

/// Checks, before the first input, that the cryptography under test is real. Aborts where it is not.
pub fn start() {
    LazyLock::force(&HARNESSES);
}

/// Examines a case of the target `name`; a finding, a panic too, aborts with the case, printed for people.
pub fn examine(name: &str, case: &impl FuzzCase) {
    for harness in HARNESSES.iter() {
        let wrong = findings_of(name, case, *harness);
        if !wrong.is_empty() {
            panic!("\n{}", report(name, Some(case), &wrong));
        }
    }
}
