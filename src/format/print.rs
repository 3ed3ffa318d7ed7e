//! From expression to text: the text that [`parse`](super::parse()) reads it from.

use std::fmt::{self, Write as _};

use super::{Expr, Term};

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.term {
            Term::Text(text) => quote(text, f),
            Term::Hex(bytes) => f.write_str(&const_hex::encode_prefixed(bytes)),
            Term::Number(number) => write!(f, "{number}"),
            Term::Field(name) => f.write_str(name),
            Term::Concat(parts) => join(parts, " + ", f),
            Term::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                join(arguments, ", ", f)?;
                f.write_char(')')
            }
        }
    }
}

fn join(parts: &[Expr], separator: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{part}")?;
    }
    Ok(())
}

/// A text literal. What a terminal would act on is escaped.
fn quote(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            control if control.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(control))?,
            // Other controls, and the marks that turn or hide what follows them.
            control
                if control.is_control()
                    || matches!(control, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}') =>
            {
                write!(f, "\\u{{{:x}}}", u32::from(control))?;
            }
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}
