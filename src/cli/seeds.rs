//! `ecrecheck seeds`: what coverage-guided fuzzers start from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::fuzz_target::seed::{self, KEPT};

use super::place::CorpusPlace;
use super::{Exit, print};

/// Makes the seeds, dictionaries and options of the fuzz targets from the corpus.
///
/// Writes a folder, an index, a dictionary and options for each target. Seeds that the index there names and that
/// it would not make any more are removed; what somebody else put there stays, and --check names it.
#[derive(Debug, Args)]
pub(super) struct Seeds {
    /// Where they go [default: seeds/ in the corpus]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Write nothing: fail where what is there is not what would be made
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    place: CorpusPlace,
}

impl Seeds {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let corpus = self.place.load()?;
        let out = self.out.clone().unwrap_or_else(|| corpus.folder.join("seeds"));
        let mut text = String::new();
        let mut files = BTreeMap::new();
        for target in ecrecheck::fuzz_targets() {
            let seeds = seed::seeds(target, &corpus);
            if seeds.is_empty() {
                bail!("{}: the corpus gives no seed for this fuzz target", target.name);
            }
            let bytes: usize = seeds.iter().map(|chosen| chosen.seed.bytes.len()).sum();
            let classes: usize = seeds.iter().map(|chosen| chosen.shows.len()).sum();
            text += &format!(
                "{:<16} {:>3} seeds, {bytes:>6} bytes, {classes:>3} classes\n",
                target.name,
                seeds.len()
            );
            files.insert(
                PathBuf::from(format!("{}.txt", target.name)),
                seed::index(target, &seeds).into_bytes(),
            );
            files.insert(
                PathBuf::from(format!("{}.dict", target.name)),
                seed::dictionary(target).into_bytes(),
            );
            files.insert(
                PathBuf::from(format!("{}.options", target.name)),
                seed::options(target).into_bytes(),
            );
            for chosen in seeds {
                files.insert(Path::new(target.name).join(chosen.seed.name), chosen.seed.bytes);
            }
        }
        let stale = stale(&out, &files)?;
        if self.check {
            text.extend(
                stale.iter().map(|(path, why)| format!("STALE  {}: {why}\n", out.join(path).display())),
            );
            if !stale.is_empty() {
                text += "run `ecrecheck seeds`, and look at what changed\n";
            }
            print(&text)?;
            return Ok(if stale.is_empty() { Exit::Agreed } else { Exit::Findings });
        }
        for (path, why) in &stale {
            let to = out.join(path);
            let cannot = || format!("{}: cannot be written", to.display());
            match why {
                Why::Missing | Why::Changed => {
                    fs::create_dir_all(to.parent().unwrap_or(&out)).with_context(cannot)?;
                    fs::write(&to, &files[path]).with_context(cannot)?;
                }
                Why::NoLongerMade => fs::remove_file(&to).with_context(cannot)?,
                Why::Foreign => {}
            }
            text += &format!("{}: {why}\n", to.display());
        }
        print(&text)?;
        Ok(Exit::Agreed)
    }
}

/// Why a file is not as it would be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Missing,
    Changed,
    /// The index says that it was made once.
    NoLongerMade,
    /// Somebody else put it there.
    Foreign,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::NoLongerMade => "no longer made",
            Self::Foreign => "not made by this command: remove it, or begin its name with kept-",
        })
    }
}

/// The files that are not as they would be made. A fuzzer's own folder has no index: nothing in it is touched.
fn stale(out: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> anyhow::Result<Vec<(PathBuf, Why)>> {
    let mut stale = Vec::new();
    for (path, bytes) in files {
        match fs::read(out.join(path)) {
            Ok(there) if there == *bytes => {}
            Ok(_) => stale.push((path.clone(), Why::Changed)),
            Err(_) => stale.push((path.clone(), Why::Missing)),
        }
    }
    // What a target left behind that is there no more.
    if let Ok(entries) = fs::read_dir(out) {
        let paths = entries.flatten().map(|entry| PathBuf::from(entry.file_name()));
        let ours =
            |path: &PathBuf| matches!(path.extension(), Some(kind) if kind == "dict" || kind == "options");
        let left = paths.filter(|path| ours(path) && !files.contains_key(path));
        stale.extend(left.map(|path| (path, Why::Foreign)));
    }
    for target in ecrecheck::fuzz_targets() {
        let folder = out.join(target.name);
        if !folder.is_dir() {
            continue;
        }
        let index = fs::read_to_string(out.join(format!("{}.txt", target.name))).unwrap_or_default();
        let cannot = || format!("{}: cannot be read", folder.display());
        for entry in fs::read_dir(&folder).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = Path::new(target.name).join(&name);
            if files.contains_key(&path) || name.starts_with(KEPT) {
                continue;
            }
            let was_made = index.lines().any(|line| line.starts_with(&format!("{name} (")));
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            stale.push((path, if was_made && is_file { Why::NoLongerMade } else { Why::Foreign }));
        }
    }
    Ok(stale)
}
