//! What the user knows: named values, what kind of thing each is, and the encodings in which each is tried.
//!
//! An encoding is a format expression over the value's name, so that whatever is found can be read, printed
//! and evaluated like any other format.

use std::fmt;
use std::str::FromStr;

use crate::format::{Expr, Fields, Function, Term, nearest};
use crate::input::bytes::{HexError, from_hex};
use crate::input::key::PublicKey;

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// What expressions call it.
    pub name: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// Its bytes, as an expression's field holds them: of a number its decimal digits, of a public key SEC 1's.
    pub bytes: Vec<u8>,
}

/// What kind of thing a value is: it decides the encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Bytes: ids, hashes, addresses.
    Bytes,
    /// UTF-8 text.
    Text,
    /// A number in decimal digits.
    Number,
    /// A public key: SEC 1's 33 or 65 bytes. x and y, 64 bytes, are taken and given their tag.
    PublicKey,
    /// Another signature: 65 bytes, or 64 without a recovery id.
    Signature,
    /// Hex digits without `0x`: the bytes, or the text of the digits.
    Hex,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Bytes, Self::Text, Self::Number, Self::PublicKey, Self::Signature, Self::Hex];

    /// The name by which `NAME:KIND=VALUE` calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Text => "text",
            Self::Number => "number",
            Self::PublicKey => "public-key",
            Self::Signature => "signature",
            Self::Hex => "hex",
        }
    }

    const fn is_written_in_hex(self) -> bool {
        matches!(self, Self::Bytes | Self::PublicKey | Self::Signature | Self::Hex)
    }

    /// Whether bytes can be of this kind.
    fn admits(self, bytes: &[u8]) -> bool {
        match self {
            Self::Bytes | Self::Hex => true,
            Self::Text => str::from_utf8(bytes).is_ok(),
            Self::Number => is_number(bytes),
            Self::PublicKey => PublicKey::from_sec1(bytes).is_ok() || is_coordinates(bytes),
            Self::Signature => matches!(bytes.len(), 64 | 65),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a text is no named value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// No `=`.
    #[error("expected NAME=VALUE or NAME:KIND=VALUE, found {0:?}")]
    Form(String),
    /// Not a name that an expression can have.
    #[error("{0:?} is not a name: expected a lowercase letter, then lowercase letters, digits and _")]
    Name(String),
    /// There is no such kind.
    #[error("unknown kind {found:?}; {}", match .nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("the kinds are {}", Kind::ALL.map(Kind::name).join(", ")),
    })]
    Kind {
        /// The kind that was asked for.
        found: String,
        /// A kind of a like name.
        nearest: Option<&'static str>,
    },
    /// It begins with `0x`, or its kind is one of bytes, and it is not hex.
    #[error("`{name}` is not hex: {why} (write text: before a text)")]
    Hex {
        /// The value's name.
        name: String,
        /// What is wrong with the hex.
        why: HexError,
    },
    /// Nothing after the `=`.
    #[error("`{0}` is empty: leave it out, or write text: for the empty text")]
    Empty(String),
    /// Not of the kind that was asked for.
    #[error("`{name}` is not of the kind {kind}: {why}")]
    NotOfKind {
        /// The value's name.
        name: String,
        /// The kind that was asked for.
        kind: Kind,
        /// What is wrong.
        why: String,
    },
}

impl FromStr for Value {
    type Err = ValueError;

    /// Reads `name=0x…`, `name=9c5b…`, `name="text"`, `name=text:…`, `name=text` or `name=123`, and the same
    /// with `name:kind=`. Where no kind is given it is guessed.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let shown = || text.chars().take(40).collect();
        let (left, right) = text.split_once('=').ok_or_else(|| ValueError::Form(shown()))?;
        let (name, kind) = match left.split_once(':') {
            Some((name, kind)) => (name, Some(Self::kind(kind)?)),
            None => (left, None),
        };
        if !name.starts_with(|first: char| first.is_ascii_lowercase())
            || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            return Err(ValueError::Name(name.chars().take(40).collect()));
        }
        Self::read(name, kind, right)
    }
}

impl Value {
    /// A value of this name, written as in `NAME=VALUE` after the `=`.
    ///
    /// # Errors
    /// See [`ValueError`].
    pub fn read(name: &str, kind: Option<Kind>, text: &str) -> Result<Self, ValueError> {
        let name = name.to_owned();
        let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let (bytes, guessed) = match text.strip_prefix("text:").or(quoted) {
            Some(text) => (text.as_bytes().to_vec(), Kind::Text),
            None if text.is_empty() => return Err(ValueError::Empty(name)),
            None if kind
                .map_or_else(|| text.starts_with("0x") || is_digits(text), Kind::is_written_in_hex) =>
            {
                let bytes = from_hex(text).map_err(|why| ValueError::Hex { name: name.clone(), why })?;
                let kind = match guess(&name, &bytes) {
                    // In capitals the text is among the encodings of bytes.
                    Kind::Bytes if text == const_hex::encode(&bytes) => Kind::Hex,
                    kind => kind,
                };
                (bytes, kind)
            }
            None if is_number(text.as_bytes()) => (text.into(), Kind::Number),
            None => (text.into(), Kind::Text),
        };
        let kind = kind.unwrap_or(guessed);
        if !kind.admits(&bytes) {
            let why = match kind {
                Kind::PublicKey => {
                    PublicKey::from_sec1(&bytes).map_or_else(|e| e.to_string(), |_| String::new())
                }
                Kind::Signature => format!("expected 64 or 65 bytes, found {}", bytes.len()),
                Kind::Number => "expected decimal digits of up to 256 bits".to_owned(),
                Kind::Bytes | Kind::Hex | Kind::Text => "expected UTF-8".to_owned(),
            };
            return Err(ValueError::NotOfKind { name, kind, why });
        }
        // x and y alone get the tag of SEC 1, so that expressions can read every key.
        let bytes =
            if kind == Kind::PublicKey && bytes.len() == 64 { [&[4], &*bytes].concat() } else { bytes };
        Ok(Self { name, kind, bytes })
    }

    fn kind(name: &str) -> Result<Kind, ValueError> {
        let named = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        named.ok_or_else(|| ValueError::Kind {
            found: name.chars().take(40).collect(),
            nearest: nearest(name, Kind::ALL.map(Kind::name))
                .and_then(|nearest| Kind::ALL.into_iter().map(Kind::name).find(|known| *known == nearest)),
        })
    }

    /// The value as `recover --set` takes it, after the name.
    pub fn as_set(&self) -> String {
        match (self.kind, str::from_utf8(&self.bytes)) {
            // What a terminal may swallow is written as bytes.
            (Kind::Text | Kind::Number, Ok(text)) if !text.contains(char::is_control) => {
                format!("text:{text}")
            }
            _ => crate::input::bytes::to_hex(&self.bytes),
        }
    }

    /// Its name as an expression.
    pub fn field(&self) -> Expr {
        Term::Field(self.name.clone()).into()
    }

    /// The encodings in which it is tried: the plain ones alone, or with those that lose or add something.
    pub fn encodings(&self, breadth: Breadth) -> Vec<Expr> {
        let all = breadth == Breadth::All;
        let x = self.field();
        match self.kind {
            Kind::Bytes => bytes(&x, self.bytes.len(), all),
            Kind::Hex if all => [bytes(&x, self.bytes.len(), all), of_digits(&x)].concat(),
            Kind::Hex => bytes(&x, self.bytes.len(), all),
            Kind::Text => text(&x, all),
            Kind::Number => number(&x, all),
            Kind::PublicKey => key(&x, all),
            Kind::Signature if all => signature(&x, self.bytes.len()),
            Kind::Signature => Vec::new(),
        }
    }
}

/// Which encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Breadth {
    /// Those that somebody would choose.
    Plain,
    /// Those that somebody would get by mistake, too.
    All,
}

/// The encodings of a public key, for one that is not a value but was recovered.
pub fn key(key: &Expr, all: bool) -> Vec<Expr> {
    use Function::{Address, ChecksumAddress, Compressed, HexUpper, Uncompressed, Xy};
    let of = |function| Expr::call(function, [key.clone()]);
    let (compressed, uncompressed, xy, address) = (of(Compressed), of(Uncompressed), of(Xy), of(Address));
    let forms = [compressed.clone(), address.clone(), uncompressed, xy.clone()];
    let mut found = forms.to_vec();
    found.extend(forms.iter().flat_map(hexes));
    found.push(Expr::call(ChecksumAddress, [address.clone()]));
    if all {
        let x = cut(Function::Drop, &compressed, 1);
        found.extend([Expr::call(HexUpper, [compressed.clone()]), Expr::call(HexUpper, [address.clone()])]);
        found.extend(hexes(&x));
        found.push(x);
        found.extend(pads(&address, 20));
        found.extend([cut(Function::Drop, &address, 1), cut(Function::Drop, &xy, 44)]);
        found.push(Expr::call(Function::Reverse, [address]));
        found.push(Expr::call(Function::LenPrefixed, [compressed.clone()]));
        found.extend(hashes(&compressed));
        found.push(Expr::call(Function::Keccak256, [xy]));
    }
    found
}

fn bytes(x: &Expr, length: usize, all: bool) -> Vec<Expr> {
    let mut found = vec![x.clone()];
    found.extend(hexes(x));
    if length == 20 {
        found.push(Expr::call(Function::ChecksumAddress, [x.clone()]));
    }
    if all {
        found.push(Expr::call(Function::HexUpper, [x.clone()]));
        found.extend(pads(x, length));
        if length > 1 {
            let lost = cut(Function::Drop, x, 1);
            found.extend(pads(&lost, length - 1));
            found.extend(hexes(&lost));
            found.push(lost);
            found.push(Expr::call(Function::Reverse, [x.clone()]));
        }
        if length > 20 {
            found.push(cut(Function::Drop, x, length as u64 - 20));
            found.push(cut(Function::Take, x, 20));
        }
        found.extend(
            [Function::LenPrefixed, Function::Base64].map(|function| Expr::call(function, [x.clone()])),
        );
        found.extend(hashes(x));
    }
    found
}

fn text(x: &Expr, all: bool) -> Vec<Expr> {
    let mut found = vec![x.clone()];
    if all {
        found.extend(
            [Function::Hex, Function::LenPrefixed, Function::Varstr]
                .map(|function| Expr::call(function, [x.clone()])),
        );
        found.extend(hashes(x));
    }
    found
}

/// The encodings of the digits as text that those of the bytes leave out.
fn of_digits(x: &Expr) -> Vec<Expr> {
    let [digits, _] = hexes(x);
    let [keccak256, sha256] = hashes(&digits);
    let [prefixed, varstr] =
        [Function::LenPrefixed, Function::Varstr].map(|function| Expr::call(function, [digits.clone()]));
    vec![prefixed, varstr, keccak256, sha256]
}

fn number(x: &Expr, all: bool) -> Vec<Expr> {
    let [u32be, u64be] = [Function::U32be, Function::U64be].map(|function| Expr::call(function, [x.clone()]));
    let mut found = vec![x.clone(), u32be.clone(), u64be.clone()];
    if all {
        found.extend([u32be, u64be].map(|number| Expr::call(Function::Reverse, [number])));
        let uint = Expr::call(Function::Uint, [x.clone()]);
        found.extend([cut(Function::PadLeft, &uint, 32), Expr::call(Function::Hex0x, [uint.clone()]), uint]);
    }
    found
}

fn signature(x: &Expr, length: usize) -> Vec<Expr> {
    let mut found = vec![x.clone()];
    found.extend(hexes(x));
    if length == 65 {
        found.push(cut(Function::Take, x, 64));
    }
    found.push(Expr::call(Function::Keccak256, [x.clone()]));
    found
}

fn hexes(x: &Expr) -> [Expr; 2] {
    [Function::Hex, Function::Hex0x].map(|function| Expr::call(function, [x.clone()]))
}

fn hashes(x: &Expr) -> [Expr; 2] {
    [Function::Keccak256, Function::Sha256].map(|function| Expr::call(function, [x.clone()]))
}

/// Zeros on either side up to 32 bytes, where there are fewer.
fn pads(x: &Expr, length: usize) -> Vec<Expr> {
    let pads = if length < 32 { vec![Function::PadRight, Function::PadLeft] } else { Vec::new() };
    pads.into_iter().map(|function| cut(function, x, 32)).collect()
}

/// A function of bytes and a number.
fn cut(function: Function, x: &Expr, length: u64) -> Expr {
    Expr::call(function, [x.clone(), Term::Number(length).into()])
}

/// What bytes in hex most likely are. A name that speaks of a signature counts.
fn guess(name: &str, bytes: &[u8]) -> Kind {
    let named_so = name.contains("sig");
    match bytes.len() {
        33 | 65 if Kind::PublicKey.admits(bytes) => Kind::PublicKey,
        64 if is_coordinates(bytes) && !named_so => Kind::PublicKey,
        65 => Kind::Signature,
        64 if named_so => Kind::Signature,
        _ => Kind::Bytes,
    }
}

/// Whether a text without `0x` is rather bytes in hex than a word or a number: of the length of an address,
/// a hash, a key or a signature, or at least four bytes in one case and with a letter.
fn is_digits(text: &str) -> bool {
    let is_hex = text.len() % 2 == 0 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let has = |letter: fn(&u8) -> bool| text.bytes().any(|digit| letter(&digit));
    let in_one_case = has(u8::is_ascii_lowercase) != has(u8::is_ascii_uppercase);
    is_hex && (matches!(text.len() / 2, 20 | 32 | 33 | 64 | 65) || (text.len() >= 8 && in_one_case))
}

fn is_coordinates(bytes: &[u8]) -> bool {
    bytes.len() == 64 && PublicKey::from_sec1(&[&[4], bytes].concat()).is_ok()
}

fn is_number(bytes: &[u8]) -> bool {
    let expr = Expr::call(Function::Uint, [Term::Field("n".to_owned()).into()]);
    expr.evaluate(&Fields::from_iter([("n", bytes)])).is_ok()
}

/// Values as an expression's fields.
pub fn fields(values: &[Value]) -> Fields {
    values.iter().map(|value| (value.name.as_str(), value.bytes.as_slice())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";

    fn kind(text: &str) -> Kind {
        text.parse::<Value>().unwrap().kind
    }

    #[test]
    fn kinds_are_guessed_from_bytes_and_names_or_given() {
        assert_eq!(kind(&format!("app_key={KEY}")), Kind::PublicKey);
        let key: PublicKey = KEY.parse().unwrap();
        assert_eq!(kind(&format!("k={}", crate::input::bytes::to_hex(key.xy()))), Kind::PublicKey);
        assert_eq!(kind(&format!("k={}", crate::input::bytes::to_hex(key.uncompressed()))), Kind::PublicKey);
        assert_eq!(kind("id=0xea549f02e1a25fabd1cb788380e033ec5461b2ff"), Kind::Bytes);
        assert_eq!(kind(&format!("s=0x{}", "11".repeat(65))), Kind::Signature);
        assert_eq!(kind(&format!("s=0x{}", "11".repeat(64))), Kind::Bytes);
        assert_eq!(kind(&format!("signature=0x{}", "11".repeat(64))), Kind::Signature);
        assert_eq!(kind("purpose=ethereum"), Kind::Text);
        assert_eq!(kind("purpose=\"12\""), Kind::Text);
        assert_eq!(kind("time=12"), Kind::Number);
        assert_eq!(kind("id:text=12"), Kind::Text);
        assert_eq!(kind("id:text=0xzz"), Kind::Text);
        assert_eq!(kind(&format!("id:bytes={KEY}")), Kind::Bytes);
    }

    #[test]
    fn hex_without_0x_is_bytes_and_where_that_is_open_the_text_too() {
        for (text, expected) in [
            ("ea549f02e1a25fabd1cb788380e033ec5461b2ff", Kind::Hex),
            ("1111111111111111111111111111111111111111", Kind::Hex),
            ("90F8bf6A479f320ead074411a4B0e7944Ea8c9C1", Kind::Bytes),
            ("deadbeef", Kind::Hex),
            ("DEADBEEF", Kind::Bytes),
            ("DEADbeef", Kind::Text),
            ("facade", Kind::Text),
            ("deadbee", Kind::Text),
            ("deadbeeg", Kind::Text),
            ("1700000000", Kind::Number),
            (&KEY[2..], Kind::PublicKey),
            (&"11".repeat(65), Kind::Signature),
            ("text:deadbeef", Kind::Text),
            ("\"deadbeef\"", Kind::Text),
        ] {
            assert_eq!(kind(&format!("a={text}")), expected, "{text}");
        }
        for (text, kind) in [("a:bytes=abcd", Kind::Bytes), ("a:hex=ABCD", Kind::Hex)] {
            let value: Value = text.parse().unwrap();
            assert_eq!((value.kind, value.bytes.as_slice()), (kind, &[0xab, 0xcd][..]));
        }
        let tried = tried("a=deadbeef");
        for text in ["a", "hex(a)", "varstr(hex(a))", "keccak256(hex(a))"] {
            assert!(tried.iter().any(|(expr, _)| expr == text), "{text} in {tried:?}");
        }
    }

    #[test]
    fn what_is_no_value_is_refused_in_words() {
        let says = |text: &str| text.parse::<Value>().unwrap_err().to_string();
        let refused = [
            "abc",
            "Abc=1",
            "a:keyy=1",
            "a:txt=1",
            "a=0xzz",
            "a=0xabc",
            "a:bytes=xyz",
            "a=",
            "a:public-key=0x0102",
            "a:number=12x",
        ];
        insta::assert_snapshot!(refused.map(says).join("\n"), @r#"
        expected NAME=VALUE or NAME:KIND=VALUE, found "abc"
        "Abc" is not a name: expected a lowercase letter, then lowercase letters, digits and _
        unknown kind "keyy"; the kinds are bytes, text, number, public-key, signature, hex
        unknown kind "txt"; did you mean `text`?
        `a` is not hex: expected hex digits, found 'z' at character 3 (write text: before a text)
        `a` is not hex: expected two hex digits a byte, found 3 digits, an odd number (write text: before a text)
        `a` is not hex: expected hex digits, found 'x' at character 1 (write text: before a text)
        `a` is empty: leave it out, or write text: for the empty text
        `a` is not of the kind public-key: not a public key: expected SEC 1 (33 bytes from 02 or 03, or 65 from 04), found 2 bytes from 01
        `a` is not of the kind number: expected decimal digits of up to 256 bits
        "#);
    }

    /// The bytes of every encoding of a value, by its expression.
    fn tried(value: &str) -> Vec<(String, String)> {
        let value: Value = value.parse().unwrap();
        let fields = fields(std::slice::from_ref(&value));
        let evaluate = |expr: Expr| (expr.to_string(), const_hex::encode(expr.evaluate(&fields).unwrap()));
        value.encodings(Breadth::All).into_iter().map(evaluate).collect()
    }

    #[test]
    fn encodings_are_what_they_say_and_each_comes_once() {
        let bytes = tried("id=0xea549f02e1a25fabd1cb788380e033ec5461b2ff");
        let value = |expr: &str| bytes.iter().find(|(e, _)| e == expr).map(|(_, v)| v.as_str());
        let lost = "549f02e1a25fabd1cb788380e033ec5461b2ff";
        assert_eq!(value("drop(id, 1)"), Some(lost));
        assert_eq!(value("pad_right(drop(id, 1), 32)"), Some(format!("{lost}{}", "00".repeat(13)).as_str()));
        assert_eq!(value("reverse(id)"), Some("ffb26154ec33e0808378cbd1ab5fa2e1029f54ea"));
        let number = tried("n=258");
        assert!(number.contains(&("reverse(u32be(n))".to_owned(), "02010000".to_owned())));
        assert!(number.contains(&("n".to_owned(), "323538".to_owned())));
        let key = tried(&format!("k={KEY}"));
        assert!(
            key.contains(&("address(k)".to_owned(), "5e5132f15a9aa4aa91a6bcae35adf34e27a13516".to_owned()))
        );
        for encodings in [bytes, number, key, tried("t=abc"), tried("h=deadbeef")] {
            let mut values: Vec<_> = encodings.iter().map(|(_, value)| value).collect();
            values.sort();
            values.dedup();
            assert_eq!(values.len(), encodings.len(), "no two are the same bytes: {encodings:?}");
        }
    }

    #[test]
    fn a_key_without_a_tag_is_given_one() {
        let key: PublicKey = KEY.parse().unwrap();
        let raw = tried(&format!("k={}", crate::input::bytes::to_hex(key.xy())));
        assert!(raw.contains(&("compressed(k)".to_owned(), KEY[2..].to_owned())));
    }
}
