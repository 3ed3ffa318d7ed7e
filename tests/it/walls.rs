//! What ARCHITECTURE.md lists, held to the sources: which module may import which, and what lies at the top level.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

type Arrows = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The list in ARCHITECTURE.md, a line a module: itself, and what it may import. Each imports only from lines
/// above its own, so that there is no circle.
fn allowed() -> Arrows {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, block) = text.split_once("```walls\n").expect("ARCHITECTURE.md has a block ```walls");
    let (block, _) = block.split_once("```").unwrap();
    let mut allowed = Arrows::new();
    for line in block.lines() {
        let (module, imports) = line.split_once(':').unwrap();
        let imports: BTreeSet<String> = imports.split_whitespace().map(str::to_owned).collect();
        for import in &imports {
            assert!(allowed.contains_key(import), "{module} imports {import}, which is not above it");
        }
        assert!(allowed.insert(module.to_owned(), imports).is_none(), "{module} twice");
    }
    allowed
}

/// What each module of `src` imports from the others, tests in the sources included.
fn imports() -> Arrows {
    let mut arrows = Arrows::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let module = module_of(&path);
                if !["lib", "main", "cli"].contains(&module.as_str()) {
                    let found = imported(&fs::read_to_string(&path).unwrap());
                    arrows.entry(module.clone()).or_default().extend(found);
                    arrows.entry(module.clone()).or_default().remove(&module);
                }
            }
        }
    }
    arrows
}

fn module_of(path: &Path) -> String {
    let below = path.strip_prefix(root().join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules after `crate::`, without those in comments. A name that `lib.rs` re-exports would hide where it
/// comes from, so that none is imported from there.
fn imported(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let paths = code.split("crate::").skip(1);
    let name = |path: &str| -> String {
        path.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '{').collect()
    };
    paths.map(name).collect()
}

#[test]
fn modules_import_only_what_the_architecture_allows() {
    let (allowed, imports) = (allowed(), imports());
    assert_eq!(allowed.keys().collect::<Vec<_>>(), imports.keys().collect::<Vec<_>>());
    for (module, imported) in &imports {
        let against: Vec<_> = imported.difference(&allowed[module]).collect();
        assert_eq!(against, [] as [&String; 0], "{module} imports what ARCHITECTURE.md does not allow");
        let unused: Vec<_> = allowed[module].difference(imported).collect();
        assert_eq!(unused, [] as [&String; 0], "ARCHITECTURE.md allows {module} what it does not import");
    }
}

/// What lies at the top level, but for what belongs to git or is ignored by it.
fn top_level() -> BTreeSet<String> {
    let ignored = fs::read_to_string(root().join(".gitignore")).unwrap();
    let is_ignored = |name: &str| {
        let mut patterns = ignored.lines().map(|line| line.trim_start_matches('/'));
        patterns.any(|pattern| match pattern.strip_prefix('*') {
            Some(end) => name.ends_with(end),
            None => name == pattern,
        })
    };
    let entries = fs::read_dir(root()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != ".git" && !is_ignored(name)).collect()
}

/// A `git add` of everything has committed downloads that lay here.
#[test]
fn the_top_level_is_what_the_architecture_names() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, table) = text.split_once("## At the top level\n").unwrap();
    let rows =
        table.lines().skip_while(|line| !line.starts_with("| `")).take_while(|line| line.starts_with('|'));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
    assert_eq!(top_level(), names.map(str::to_owned).collect());
}

/// The Rust sources and manifests of this package and of the fuzz targets, without what is built or installed.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut places: Vec<_> =
        ["src", "tests", "benches", "fuzz", "build.rs", "Cargo.toml"].map(|place| root().join(place)).into();
    while let Some(path) = places.pop() {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.ends_with("node_modules") && !name.ends_with("target") {
            places.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if [".rs", ".toml"].iter().any(|ending| name.ends_with(ending)) {
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// The sources in which one of these stands.
fn with(any_of: &[&str]) -> Vec<String> {
    let has = |text: &str| any_of.iter().any(|words| text.contains(words));
    sources().into_iter().filter(|(_, text)| has(text)).map(|(name, _)| name).collect()
}

/// Rust's compiler denies unsafe code, and only this one module allows it.
#[test]
fn what_is_unsafe_is_in_one_file() {
    let lint = concat!("unsafe", "_code");
    assert_eq!(with(&[lint]), ["Cargo.toml", "src/outsider.rs"], "who speaks of the lint");
    for (file, line) in [
        ("Cargo.toml", format!("\n{lint} = \"deny\"\n")),
        (
            "src/outsider.rs",
            format!(
                "\n#[allow({lint}, reason = \"a library's function can be called in no other way\")]\npub mod library;\n"
            ),
        ),
    ] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        assert_eq!((text.matches(lint).count(), text.matches(&line).count()), (1, 1), "{file}");
    }
    let keyword = concat!("un", "safe");
    let code = ["{", " {", " fn", " impl", " trait", " extern", "("].map(|after| format!("{keyword}{after}"));
    let code: Vec<_> = code.iter().map(String::as_str).collect();
    assert_eq!(with(&code), ["src/outsider/library.rs"]);
}

#[test]
fn imports_are_found_where_they_stand() {
    let text =
        "use crate::judge::{a, b};\n// crate::run::x\nfn f() { crate::format::nearest() }\nuse crate::{x};";
    let found = imported(text);
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), ["format", "judge", "{x"]);
}
