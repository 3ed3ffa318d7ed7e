//! `docs/benchmarks.md`: each bench replaces its own section of it, and prints the section.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "as the benches")]

use std::path::Path;
use std::{fs, thread};

/// Replaces what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`.
pub(crate) fn replace(name: &str, tables: &str) {
    let section = format!("{}\n\n{}\n", machine(name), tables.trim());
    println!("{section}");
    // Figures of an unoptimised build (`cargo test --benches`) are not for the page.
    if cfg!(debug_assertions) {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/benchmarks.md");
    let page = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let (before, rest) = page.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    fs::write(&path, format!("{before}{begin}{section}{end}{after}")).unwrap();
}

/// Where the figures are from, and how far they can be compared.
fn machine(name: &str) -> String {
    let cores = thread::available_parallelism().unwrap();
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or(std::env::consts::ARCH, |(_, model)| model.trim());
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().filter(|load| !load.is_empty());
    let load = load.map_or(String::new(), |load| {
        format!(" The machine's load average was {load} at the end; the bench alone is a load of 1 to 2.")
    });
    format!(
        "`cargo bench --bench {name}` wrote this section: one run on {cores} cores of {model}.{load} \
         Compare ratios, which are of measurements made in turns in that run; absolute figures depend on \
         what else the machine did."
    )
}
