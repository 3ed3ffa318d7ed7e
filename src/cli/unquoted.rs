//! What is not quoted in errors: all that could be a private key, wherever it was given.

/// The digits of an address.
const ADDRESS: usize = 40;
/// So many hex digits are enough of a key to be no name.
const PART: usize = 16;

/// An error with `…` in the place of all that could be a private key: words longer than an address, and the
/// beginnings of hex that an error cut short.
///
/// Addresses are shown, and so are paths of files: their folders are words of their own.
pub(super) fn without_keys(text: &str) -> String {
    masked(text, "", |digits, after| {
        digits.len() > ADDRESS || (is_hex(digits) && digits.len() >= PART && after.starts_with('…'))
    })
}

/// A usage error, as [`without_keys`] and stricter: base64 is one word, and 16 hex digits and more that are no
/// address are hidden too.
pub(super) fn without_parts_of_keys(text: &str) -> String {
    masked(text, "+/", |digits, _| {
        digits.len() > ADDRESS || (is_hex(digits) && digits.len() >= PART && digits.len() != ADDRESS)
    })
}

/// An error without what was given on the command line, where that may be a key however it is spelt: hex with
/// anything between the digits, or base64 of 32 bytes; where `strict`, all that is long and no address.
pub(super) fn without_arguments(text: &str, arguments: impl Iterator<Item = String>, strict: bool) -> String {
    let mut shown = text.to_owned();
    for argument in arguments {
        let is_name = |name: &str| name.chars().all(|c| c == '-' || c.is_ascii_lowercase());
        let value = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") && is_name(name) => value,
            _ if argument.starts_with("--") && is_name(&argument) => continue,
            _ => &argument,
        };
        let digits = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X")).unwrap_or(value);
        let is_long = value.len() >= PART && !(is_hex(digits) && digits.len() == ADDRESS);
        if may_be_key(digits) || (strict && is_long) {
            shown = shown.replace(value, "…");
        }
    }
    shown
}

fn may_be_key(value: &str) -> bool {
    let hex: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let base64 = value.trim_end_matches('=');
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
    (is_hex(&hex) && hex.len() > ADDRESS) || (base64.len() == 43 && base64.chars().all(is_base64))
}

fn is_hex(digits: &str) -> bool {
    digits.chars().all(|c| c.is_ascii_hexdigit())
}

/// Hides words, of letters and digits and what else belongs to words, by what they are without `0x` and by
/// what comes after them.
fn masked(text: &str, also: &str, hide: impl Fn(&str, &str) -> bool) -> String {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
    let mut shown = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_inside(c) != is_inside(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")).unwrap_or(word);
        shown.push_str(if is_inside(first) && hide(digits, after) { "…" } else { word });
        rest = after;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "4411844f0dfc6b50f30c2df6acf5f08371fe22f91dd4dd77459388de1c6b551b";
    const ADDRESS: &str = "value '0x37181dda18E75E1F7B8835F5b42f50Ca4BE02E9B' for --root";

    #[test]
    fn a_usage_error_shows_addresses_and_no_part_of_a_key() {
        assert_eq!(
            without_parts_of_keys(&format!("'{KEY}' x=0x{KEY}: found {:?}… 0X{}", &KEY[..24], &KEY[..22])),
            "'…' x=…: found \"…\"… …"
        );
        let base64 = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+/==";
        assert_eq!(without_parts_of_keys(base64), "…==");
        assert_eq!(without_parts_of_keys(ADDRESS), ADDRESS);
    }

    #[test]
    fn an_argument_that_may_be_a_key_is_hidden_however_it_is_spelt() {
        let pairs = |between: &str| {
            KEY.as_bytes()
                .chunks(2)
                .map(|pair| str::from_utf8(pair).unwrap())
                .collect::<Vec<_>>()
                .join(between)
        };
        let base64 = "RBGETw38a1DzDC32rPXwg3H+Ivkd1N13RZOI3hxrVRs=";
        for key in [&pairs(":"), &pairs(" "), &pairs("-"), &pairs("\n"), base64, &base64.replace('+', "-")] {
            for argument in [key.to_owned(), format!("--exposed-root-key={key}")] {
                let error = format!("invalid value '{key}' for '--root'");
                let shown = without_arguments(&error, [argument].into_iter(), false);
                assert_eq!(shown, "invalid value '…' for '--root'");
            }
        }
        let file = "corpus/dstack/simulator-old.json: cannot be read";
        let arguments = ["--app-keys", "corpus/dstack/simulator-old.json"].map(str::to_owned);
        assert_eq!(without_arguments(file, arguments.into_iter(), false), file);
        let half = "unexpected argument '4411844f0dfc6b50f30c-2df6' found, see --exposed-root-key";
        let arguments = ["--exposed-root-key", "4411844f0dfc6b50f30c-2df6"].map(str::to_owned);
        assert_eq!(
            without_arguments(half, arguments.into_iter(), true),
            "unexpected argument '…' found, see --exposed-root-key"
        );
    }

    #[test]
    fn an_error_shows_addresses_and_files_and_no_key() {
        for prefix in ["", "0x", "0X"] {
            let cut = &KEY[..22];
            assert_eq!(without_keys(&format!("{prefix}{KEY} is not set")), "… is not set");
            assert_eq!(without_keys(&format!("found \"{prefix}{cut}…\"")), "found \"……\"");
        }
        let file = "/home/somebody/src/with/a/long/path/of/folders/2f1a0b9c8d7e6f50/simulator-old.json";
        for text in [ADDRESS, file] {
            assert_eq!(without_keys(text), text);
        }
    }
}
