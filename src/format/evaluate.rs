//! The bytes of an expression, or what is wrong with it and where.

use super::typed_data::TypedDataError;
use super::{Expr, Fields, FormatError, Function, MAX_DEPTH, MAX_TEXT, MAX_VALUE, MAX_WORK, Term, nearest};
use crate::reference::Reason;
use crate::reference::public_key::PublicKeyError;

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatFault {
    /// The text is not an expression.
    #[error("expected {expected}")]
    Syntax {
        /// What could stand there.
        expected: String,
    },
    /// The text is too long to be read.
    #[error("the expression is longer than {MAX_TEXT} bytes")]
    TextTooLong,
    /// Too many calls inside one another.
    #[error("calls are nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// There is no such function.
    #[error("unknown function `{name}`; {}", did_you_mean(.nearest, Function::ALL.iter().map(|f| f.name())))]
    UnknownFunction {
        /// Its name.
        name: String,
        /// A function with a like name.
        nearest: Option<String>,
    },
    /// A function with too few or too many arguments.
    #[error("`{function}` takes {expected}, found {found}")]
    Arguments {
        /// The function.
        function: &'static str,
        /// How many it takes.
        expected: String,
        /// How many there are.
        found: usize,
    },
    /// The field has no value.
    #[error("unknown field `{name}`; {}", did_you_mean(.nearest, .known.iter().map(String::as_str)))]
    UnknownField {
        /// Its name.
        name: String,
        /// A field with a like name.
        nearest: Option<String>,
        /// The fields that have one.
        known: Vec<String>,
    },
    /// A value of another length than is asked for.
    #[error("expected {expected} bytes, found {found}")]
    Length {
        /// The length that is asked for.
        expected: usize,
        /// The value's.
        found: usize,
    },
    /// A value that is longer than the length it is to be padded to.
    #[error("cannot pad {found} bytes to {length}")]
    LongerThan {
        /// The length to pad to.
        length: usize,
        /// The value's.
        found: usize,
    },
    /// A value with fewer bytes than are to be taken or dropped.
    #[error("expected at least {length} bytes, found {found}")]
    ShorterThan {
        /// How many are to be taken or dropped.
        length: usize,
        /// The value's length.
        found: usize,
    },
    /// A value longer than [`MAX_VALUE`].
    #[error("the value would be longer than {MAX_VALUE} bytes")]
    TooLong,
    /// An expression that takes more than [`MAX_WORK`].
    #[error("the expression takes too much work: its parts have more than {MAX_WORK} bytes together")]
    TooMuchWork,
    /// Not decimal digits.
    #[error("expected a number in decimal digits")]
    NotANumber,
    /// A number that does not fit.
    #[error("the number does not fit {bits} bits")]
    NumberTooLarge {
        /// How many bits there are for it.
        bits: u32,
    },
    /// Not the number of a protobuf field.
    #[error("a protobuf field's number is from 1 to {}", super::function::MAX_PROTO_FIELD)]
    NotAProtoField,
    /// Not typed data.
    #[error(transparent)]
    TypedData(#[from] TypedDataError),
    /// Not UTF-8.
    #[error("expected UTF-8, found another byte after {at} bytes")]
    NotUtf8 {
        /// How many bytes are UTF-8.
        at: usize,
    },
    /// Not a public key.
    #[error(transparent)]
    PublicKey(PublicKeyError),
    /// A nested recovery without a key.
    #[error("no key is recovered: {0}")]
    NoKey(Reason),
    /// A digest format of another length than 32 bytes.
    #[error("a digest has 32 bytes, this expression gives {found}")]
    NotADigest {
        /// How many bytes it has.
        found: usize,
    },
}

fn did_you_mean<'a>(nearest: &Option<String>, known: impl Iterator<Item = &'a str>) -> String {
    match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None => match known.collect::<Vec<_>>().as_slice() {
            [] => "no field is defined".to_owned(),
            known => format!("the known ones are {}", known.join(", ")),
        },
    }
}

/// A digest with the bytes that it is the hash of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// What the outermost function hashes; none where the digest is given as it is.
    pub preimage: Option<Vec<u8>>,
    /// The 32 bytes that are signed.
    pub digest: [u8; 32],
}

impl Expr {
    /// Its value.
    ///
    /// # Errors
    /// A field that is unknown, or a value that a function cannot take: see [`FormatFault`].
    pub fn evaluate(&self, fields: &Fields) -> Result<Vec<u8>, FormatError> {
        Evaluation { fields, left: MAX_WORK }.value(self)
    }

    /// Its value as a digest, with the preimage.
    ///
    /// # Errors
    /// As [`Expr::evaluate`], and where the value does not have 32 bytes.
    pub fn digest(&self, fields: &Fields) -> Result<Digest, FormatError> {
        let mut evaluation = Evaluation { fields, left: MAX_WORK };
        let (preimage, value) = match &self.term {
            Term::Call(function, arguments) => {
                let values = evaluation.arguments(self, *function, arguments)?;
                let preimage = values.first().and_then(|value| function.preimage(value));
                (preimage, function.apply(&values).map_err(|fault| self.fault(fault))?)
            }
            _ => (None, evaluation.value(self)?),
        };
        let found = value.len();
        let digest = value.try_into().map_err(|_| self.fault(FormatFault::NotADigest { found }))?;
        Ok(Digest { preimage, digest })
    }

    fn fault(&self, fault: FormatFault) -> FormatError {
        FormatError { fault, at: self.at }
    }
}

/// One evaluation: the fields, and how much work is left to it.
struct Evaluation<'a> {
    fields: &'a Fields,
    left: usize,
}

impl Evaluation<'_> {
    fn value(&mut self, expr: &Expr) -> Result<Vec<u8>, FormatError> {
        let value = match &expr.term {
            Term::Text(text) => text.clone().into_bytes(),
            Term::Hex(bytes) => bytes.clone(),
            Term::Number(number) => number.to_string().into_bytes(),
            Term::Field(name) => match self.fields.value(name) {
                Some(value) => value.to_vec(),
                None => return Err(expr.fault(unknown_field(name, self.fields))),
            },
            Term::Concat(parts) => {
                let mut value = Vec::new();
                for part in parts {
                    value.extend(self.value(part)?);
                    if value.len() > MAX_VALUE {
                        return Err(expr.fault(FormatFault::TooLong));
                    }
                }
                value
            }
            Term::Call(function, arguments) => {
                let values = self.arguments(expr, *function, arguments)?;
                self.spend(function.work(), expr)?;
                function.apply(&values).map_err(|fault| expr.fault(fault))?
            }
        };
        self.spend(value.len(), expr)?;
        if value.len() > MAX_VALUE { Err(expr.fault(FormatFault::TooLong)) } else { Ok(value) }
    }

    fn arguments(
        &mut self,
        call: &Expr,
        function: Function,
        arguments: &[Expr],
    ) -> Result<Vec<Vec<u8>>, FormatError> {
        if !function.takes(arguments.len()) {
            return Err(call.fault(FormatFault::arguments(function, arguments.len())));
        }
        let value = |(index, argument): (usize, &Expr)| {
            let value = self.value(argument)?;
            function.parameter(index).check(&value).map_err(|fault| argument.fault(fault))?;
            Ok(value)
        };
        arguments.iter().enumerate().map(value).collect()
    }

    fn spend(&mut self, work: usize, expr: &Expr) -> Result<(), FormatError> {
        self.left = self.left.checked_sub(work).ok_or_else(|| expr.fault(FormatFault::TooMuchWork))?;
        Ok(())
    }
}

impl FormatFault {
    /// A function with the wrong number of arguments.
    pub(super) fn arguments(function: Function, found: usize) -> Self {
        let count = function.parameters().len();
        let expected = format!("{count} argument{}", if count == 1 { "" } else { "s" });
        Self::Arguments { function: function.name(), expected, found }
    }
}

fn unknown_field(name: &str, fields: &Fields) -> FormatFault {
    FormatFault::UnknownField {
        name: name.to_owned(),
        nearest: nearest(name, fields.names()).map(str::to_owned),
        known: fields.names().map(str::to_owned).collect(),
    }
}
