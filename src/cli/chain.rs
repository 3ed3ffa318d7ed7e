//! `ecrecheck chain`: dstack's chain from a KMS root to a derived key.

mod audit;
mod explain;
mod issue;
mod source;
mod verify;

use clap::{Args, Subcommand};

use super::Exit;

/// Makes, verifies and explains dstack's chains (KMS root, app key, derived key), and audits contracts that
/// verify them.
#[derive(Debug, Args)]
pub(super) struct Chain {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Verify a chain under a KMS root, link by link
    Verify(verify::Verify),
    /// Name the mistake that gave an address which is not the KMS root
    Explain(explain::Explain),
    /// Make an appkeys.json and a GetKey response as a KMS would, for tests
    Issue(issue::Issue),
    /// Try a verifier contract: proofs that it must take, and proofs that it must refuse
    Audit(audit::Audit),
}

impl Chain {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Command::Verify(verify) => verify.run(),
            Command::Explain(explain) => explain.run(),
            Command::Issue(issue) => issue.run(),
            Command::Audit(audit) => audit.run(),
        }
    }
}

/// A text with `…` in the place of all that could be a private key or a part of one: longer than an address,
/// or 16 hex digits and more that are no address.
pub(super) fn without_keys(text: &str) -> String {
    const ADDRESS: usize = 40;
    let is_inside = |c: char| c.is_ascii_alphanumeric() || "+/".contains(c);
    let hide = |word: &str| {
        let digits = word.strip_prefix("0x").unwrap_or(word);
        let is_hex = digits.chars().all(|c| c.is_ascii_hexdigit());
        digits.len() > ADDRESS || (is_hex && digits.len() >= 16 && digits.len() != ADDRESS)
    };
    let mut shown = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_inside(c) != is_inside(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        shown.push_str(if is_inside(first) && hide(run) { "…" } else { run });
        rest = after;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::without_keys;

    #[test]
    fn keys_are_hidden_and_addresses_are_not() {
        let key = "4411844f0dfc6b50f30c2df6acf5f08371fe22f91dd4dd77459388de1c6b551b";
        assert_eq!(
            without_keys(&format!("'{key}' x=0x{key}: found {:?}…", &key[..24])),
            "'…' x=…: found \"…\"…"
        );
        assert_eq!(without_keys("MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+/=="), "…==");
        let address = "value '0x37181dda18E75E1F7B8835F5b42f50Ca4BE02E9B' for --root";
        assert_eq!(without_keys(address), address);
    }
}
