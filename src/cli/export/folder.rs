//! The folder of an export: its own, or none.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail};
use ecrecheck::corpus::EXPORT_LIST as MANIFEST;
use ecrecheck::report::export::{Export, ExportFormat};
use serde::{Deserialize, Serialize};

use super::by_reason;

/// A list that is being written.
const NEW_MANIFEST: &str = "export.toml.new";
/// How many files are looked at in a folder.
const MAX_FILES: usize = 250_000;

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: String,
    ecrecheck: String,
    cases: usize,
    files: BTreeSet<String>,
    #[serde(default)]
    not_held: Vec<Reason>,
}

#[derive(Serialize, Deserialize)]
struct Reason {
    why: String,
    ids: Vec<String>,
}

/// Refuses a folder that holds what no export wrote.
pub(super) fn refuse_foreign(folder: &Path) -> anyhow::Result<()> {
    let there = files(folder)?;
    let own = match there.contains(MANIFEST) {
        true => own(folder)?,
        false => BTreeSet::new(),
    };
    match there.iter().find(|file| ![MANIFEST, NEW_MANIFEST].contains(&file.as_str()) && !own.contains(*file))
    {
        None => Ok(()),
        Some(foreign) => bail!(
            "{}: not written by an export: expected a new or empty folder, or one that an export wrote",
            folder.join(foreign).display()
        ),
    }
}

/// Writes an export, in the place of an earlier one.
pub(super) fn write(folder: &Path, format: ExportFormat, export: &Export) -> anyhow::Result<()> {
    refuse_foreign(folder)?;
    for file in files(folder)?.into_iter().filter(|file| file != MANIFEST) {
        let path = folder.join(file);
        fs::remove_file(&path).with_context(|| format!("{}: cannot be removed", path.display()))?;
    }
    let reasons = by_reason(&export.not_held).into_iter();
    let manifest = Manifest {
        format: format.name().to_owned(),
        ecrecheck: env!("CARGO_PKG_VERSION").to_owned(),
        cases: export.held,
        files: export.files.keys().cloned().collect(),
        not_held: reasons
            .map(|(why, ids)| Reason {
                why: why.to_owned(),
                ids: ids.into_iter().map(str::to_owned).collect(),
            })
            .collect(),
    };
    // The old list stays until the new one is whole in its place, and files come after it: so whatever is there when
    // this is interrupted is listed, and is replaced the next time.
    let text = "# Written by ecrecheck export, which replaces these files.\n".to_owned()
        + &toml::to_string(&manifest).context("export.toml")?;
    put(folder, NEW_MANIFEST, &text)?;
    let list = folder.join(MANIFEST);
    fs::rename(folder.join(NEW_MANIFEST), &list)
        .with_context(|| format!("{}: cannot be written", list.display()))?;
    export.files.iter().try_for_each(|(file, text)| put(folder, file, text))
}

fn put(folder: &Path, file: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.join(file);
    let parent = path.parent().unwrap_or(folder);
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(&path, text))
        .with_context(|| format!("{}: cannot be written", path.display()))
}

/// The files that an earlier export wrote, as it says.
fn own(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    let path = folder.join(MANIFEST);
    let manifest = fs::read_to_string(&path).map_err(anyhow::Error::from).and_then(|text| {
        toml::from_str::<Manifest>(&text).map_err(|error| anyhow::anyhow!("{}", error.message()))
    });
    let manifest = manifest.with_context(|| format!("{}: not written by an export", path.display()))?;
    Ok(manifest.files)
}

/// What is in a folder and below that is no folder, by path with `/` between the parts. No link is followed.
fn files(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, below)) = folders.pop() {
        let cannot = || format!("{}: cannot be read", folder.display());
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.with_context(cannot)?,
        };
        for entry in entries {
            let entry = entry.with_context(cannot)?;
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            if entry.file_type().with_context(cannot)?.is_dir() {
                folders.push((entry.path(), name + "/"));
            } else {
                files.insert(name);
            }
            if files.len() > MAX_FILES {
                bail!("{}: more than {MAX_FILES} files", folder.display());
            }
        }
    }
    Ok(files)
}
