//! Private keys do not show in errors of `chain`, whichever option they were given to.

use std::path::Path;

/// So many characters are too few for a private key, or for a part of one that matters.
const SHORT: usize = 16;

/// An error with `…` in the place of every argument that may be a private key, however it is spelt: all that
/// is long and neither an address, nor the name of an option, nor a file.
pub(in crate::cli) fn without_keys(error: &str, arguments: impl Iterator<Item = String>) -> String {
    let mut shown = error.to_owned();
    for argument in arguments {
        // clap quotes whole arguments, values without their option, and options without their value.
        let value = argument.split_once('=').map(|(_, value)| value);
        let quoted = [argument.as_str()].into_iter().chain(value).chain(argument.split('='));
        for text in quoted.filter(|text| may_be_key(text)) {
            shown = shown.replace(text, "…");
        }
    }
    shown
}

fn may_be_key(text: &str) -> bool {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let is_address = digits.len() == 40 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let is_option = text.starts_with("--") && text.bytes().all(|c| c == b'-' || c.is_ascii_lowercase());
    let file = Path::new(text);
    let is_file = (file.extension().is_some() || file.exists()) && !holds_key(text);
    text.len() >= SHORT && !is_address && !is_option && !is_file
}

/// Whether 32 bytes in hex stand somewhere in it, as in a file that is named after a key.
fn holds_key(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_hexdigit()).any(|digits| digits.len() >= 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(error: &str, arguments: &[&str]) -> String {
        without_keys(error, arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn a_key_is_hidden_however_it_is_spelt_and_given() {
        const KEY: &str = "4411844f0dfc6b50f30c2df6acf5f08371fe22f91dd4dd77459388de1c6b551b";
        let pairs = |between: &str| {
            KEY.as_bytes()
                .chunks(2)
                .map(|pair| str::from_utf8(pair).unwrap())
                .collect::<Vec<_>>()
                .join(between)
        };
        let base64 = "RBGETw38a1DzDC32rPXwg3H+Ivkd1N13RZOI3hxrVRs=";
        let spelt = [
            KEY,
            &format!("0X{KEY}"),
            &KEY[..20],
            &pairs(":"),
            &pairs(" "),
            &pairs("-"),
            &pairs("\n"),
            base64,
            &base64.replace('+', "-"),
        ]
        .map(str::to_owned);
        for key in spelt {
            for argument in [key.clone(), format!("--exposed-root-key={key}")] {
                let error = format!("invalid value '{key}' for '--exposed-root-key'");
                assert_eq!(shown(&error, &[&argument]), "invalid value '…' for '--exposed-root-key'");
            }
            let named = format!("name={key}");
            assert_eq!(
                shown(&format!("invalid value '{named}' for '--saw'"), &["--saw", &named]),
                "invalid value '…' for '--saw'"
            );
        }
        assert_eq!(
            shown(&format!("unexpected argument '--{KEY}' found"), &[&format!("--{KEY}=x")]),
            "unexpected argument '…' found"
        );
    }

    #[test]
    fn a_file_that_is_named_after_a_key_is_hidden_too() {
        const KEY: &str = "4411844f0dfc6b50f30c2df6acf5f08371fe22f91dd4dd77459388de1c6b551b";
        for argument in [format!("{KEY}.json"), format!("keys/0x{KEY}.d/app.json")] {
            assert_eq!(shown(&format!("{argument}: cannot be read"), &[&argument]), "…: cannot be read");
        }
    }

    #[test]
    fn addresses_options_and_files_are_shown() {
        for (error, argument) in [
            (
                "invalid value '0x37181dda18E75E1F7B8835F5b42f50Ca4BE02E9B' for '--root'",
                "0x37181dda18E75E1F7B8835F5b42f50Ca4BE02E9B",
            ),
            ("unexpected argument '--exposed-root-keys' found", "--exposed-root-keys"),
            ("corpus/dstack/simulator-odl.json: cannot be read", "corpus/dstack/simulator-odl.json"),
            ("unrecognized subcommand 'isue'", "isue"),
        ] {
            assert_eq!(shown(error, &[argument]), error);
        }
    }
}
