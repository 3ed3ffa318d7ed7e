//! An artifact and a mapping that fit each other: what turns a proof into a contract's calldata.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use alloy_dyn_abi::{DynSolType, DynSolValue, Specifier as _};
use alloy_json_abi::{Function, JsonAbi, Param};
use revm::primitives::Address;
use revm::primitives::alloy_primitives::Selector;
use ruint::aliases::U256;

use super::artifact::{Artifact, ArtifactError};
use super::mapping::{Accepts, Argument, Mapping, PROOF_FIELDS, Policy, SETUP_FIELDS};
use crate::corpus::{CorpusError, read};
use crate::dstack::chain::Fault;
use crate::format::{Fields, nearest};

/// A contract that can be deployed and asked.
#[derive(Debug, Clone)]
pub struct Adapter {
    pub(super) bytecode: Vec<u8>,
    pub(super) abi: JsonAbi,
    pub(super) constructor: Call,
    pub(super) setup: Vec<Call>,
    pub(super) verify: Call,
    pub(super) accepts: Accepts,
    /// The contract's own rules.
    pub policy: Policy,
    faults: BTreeMap<String, Vec<String>>,
}

/// Why an artifact and a mapping do not fit each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdapterError {
    /// The contract has no such function.
    #[error("{place}: the contract has no function `{name}`; {}", did_you_mean(.nearest, .known))]
    NoFunction {
        /// Where in the mapping.
        place: String,
        /// The name or the signature.
        name: String,
        /// A function with a like name.
        nearest: Option<String>,
        /// Every function.
        known: Vec<String>,
    },
    /// Several functions of this name.
    #[error("{place}: there are several: write the one that is meant as a signature, {}", .signatures.join(" or "))]
    Overloaded {
        /// Where in the mapping.
        place: String,
        /// Their signatures.
        signatures: Vec<String>,
    },
    /// Too few or too many arguments.
    #[error("{place}: {what} takes {expected}, the mapping gives {found}")]
    Arguments {
        /// Where in the mapping.
        place: String,
        /// What takes them, with its parameters.
        what: String,
        /// How many it takes.
        expected: usize,
        /// How many the mapping gives.
        found: usize,
    },
    /// A value where a list belongs, or the other way round.
    #[error("{place}: expected {expected}, for a parameter of the type {ty}")]
    Shape {
        /// Where in the mapping.
        place: String,
        /// What belongs there.
        expected: &'static str,
        /// The parameter's type.
        ty: String,
    },
    /// A parameter of a type that no argument can be made for.
    #[error("{place}: parameters of the type `{ty}` are not supported")]
    Type {
        /// Where in the mapping.
        place: String,
        /// The type.
        ty: String,
    },
    /// An expression with a field that there is not.
    #[error("{place}: unknown field `{name}`; {}", did_you_mean(.nearest, .known))]
    UnknownField {
        /// Where in the mapping.
        place: String,
        /// The field.
        name: String,
        /// A field with a like name.
        nearest: Option<String>,
        /// Every field that there is in this place.
        known: Vec<String>,
    },
    /// A fault that no verifier here knows.
    #[error("faults: unknown fault `{name}`; {}", did_you_mean(.nearest, .known))]
    UnknownFault {
        /// Its name.
        name: String,
        /// A fault with a like name.
        nearest: Option<String>,
        /// Every fault.
        known: Vec<String>,
    },
    /// A custom error that the contract has not.
    #[error("faults.{fault}: the contract has no error `{name}`; {}; the reason of a `require` is written `text:…`", did_you_mean(.nearest, .known))]
    UnknownError {
        /// The fault.
        fault: String,
        /// The error's name.
        name: String,
        /// An error with a like name.
        nearest: Option<String>,
        /// Every error.
        known: Vec<String>,
    },
    /// A contract that is not told a purpose, and a mapping that does not say which one it knows.
    #[error(
        "the mapping never gives `expected_purpose`: say in policy.purpose which purpose the contract knows"
    )]
    NoPurpose,
    /// A proof's part that is never handed over.
    #[error("verify.arguments never give `{0}`: a verifier that does not see it cannot check it")]
    Unused(&'static str),
}

fn did_you_mean(nearest: &Option<String>, known: &[String]) -> String {
    match (nearest, known) {
        (Some(name), _) => format!("did you mean `{name}`?"),
        (None, []) => "there are none".to_owned(),
        (None, known) => format!("there are {}", known.join(", ")),
    }
}

/// A call's selector, unless it is the constructor's, with parameters and arguments that fit them.
#[derive(Debug, Clone)]
pub(super) struct Call {
    selector: Option<Selector>,
    parameters: Vec<DynSolType>,
    arguments: Vec<Argument>,
}

impl Adapter {
    /// Reads an artifact and a mapping from files.
    ///
    /// # Errors
    /// A file that cannot be read or understood, or the two do not fit.
    pub fn load(artifact: &Path, mapping: &Path) -> Result<Self, CorpusError> {
        let read_artifact: Artifact = read::text(artifact)?
            .parse()
            .map_err(|error: ArtifactError| CorpusError::whole(artifact, error.to_string()))?;
        let read_mapping = read::toml::<Mapping>(mapping)?.lower(|mapping, _| Ok(mapping))?;
        Self::new(read_artifact, read_mapping).map_err(|error| CorpusError::whole(mapping, error.to_string()))
    }

    /// Brings an artifact and a mapping together.
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub fn new(artifact: Artifact, mapping: Mapping) -> Result<Self, AdapterError> {
        let Artifact { abi, bytecode } = artifact;
        let inputs = abi.constructor.as_ref().map_or(&[][..], |constructor| &constructor.inputs);
        let constructor = Call::new(
            "constructor",
            "the constructor",
            None,
            inputs,
            mapping.constructor.arguments,
            &SETUP_FIELDS,
        )?;
        let mut setup = Vec::new();
        for (at, step) in mapping.setup.into_iter().enumerate() {
            setup.push(Call::of_function(
                &abi,
                &format!("setup[{at}]"),
                &step.function,
                step.arguments,
                &SETUP_FIELDS,
            )?);
        }
        let all_fields: Vec<_> = SETUP_FIELDS.into_iter().chain(PROOF_FIELDS).collect();
        let verify = mapping.verify;
        let verify_call = Call::of_function(&abi, "verify", &verify.function, verify.arguments, &all_fields)?;

        let told: BTreeSet<&str> =
            setup.iter().chain([&constructor, &verify_call]).flat_map(Call::fields).collect();
        if mapping.policy.purpose.is_none() && !told.contains("expected_purpose") {
            return Err(AdapterError::NoPurpose);
        }
        let seen: BTreeSet<&str> = verify_call.fields().collect();
        let must_see = PROOF_FIELDS.into_iter().filter(|field| *field != "purpose" && *field != "app_key");
        if let Some(unseen) = must_see.into_iter().find(|field| !seen.contains(field)) {
            return Err(AdapterError::Unused(unseen));
        }
        let faults = faults(&abi, mapping.faults.into_iter().map(|(fault, words)| (fault, words.0)))?;
        Ok(Self {
            bytecode,
            constructor,
            setup,
            verify: verify_call,
            accepts: verify.accepts,
            policy: mapping.policy,
            faults,
            abi,
        })
    }

    /// How the contract names a fault; none where it may do so as it likes.
    pub fn words(&self, fault: &str) -> Option<&[String]> {
        self.faults.get(fault).map(Vec::as_slice)
    }
}

/// Checks that there are such faults, and such errors.
fn faults(
    abi: &JsonAbi,
    faults: impl Iterator<Item = (String, Vec<String>)>,
) -> Result<BTreeMap<String, Vec<String>>, AdapterError> {
    let errors: Vec<String> = abi.errors.keys().cloned().collect();
    let mut checked = BTreeMap::new();
    for (fault, words) in faults {
        if !Fault::NAMES.contains(&fault.as_str()) {
            let nearest = nearest(&fault, Fault::NAMES).map(str::to_owned);
            let known = Fault::NAMES.map(str::to_owned).to_vec();
            return Err(AdapterError::UnknownFault { name: fault, nearest, known });
        }
        for name in words.iter().filter(|word| !word.starts_with("text:")) {
            if !errors.contains(name) {
                let nearest = nearest(name, errors.iter().map(String::as_str)).map(str::to_owned);
                return Err(AdapterError::UnknownError { fault, name: name.clone(), nearest, known: errors });
            }
        }
        checked.insert(fault, words);
    }
    Ok(checked)
}

impl Call {
    fn of_function(
        abi: &JsonAbi,
        place: &str,
        name: &str,
        arguments: Vec<Argument>,
        fields: &[&str],
    ) -> Result<Self, AdapterError> {
        let function = function(abi, place, name)?;
        let what = format!("`{}`", function.signature());
        Self::new(place, &what, Some(function.selector()), &function.inputs, arguments, fields)
    }

    fn new(
        place: &str,
        what: &str,
        selector: Option<Selector>,
        inputs: &[Param],
        arguments: Vec<Argument>,
        fields: &[&str],
    ) -> Result<Self, AdapterError> {
        if inputs.len() != arguments.len() {
            let (place, what) = (place.to_owned(), what.to_owned());
            return Err(AdapterError::Arguments {
                place,
                what,
                expected: inputs.len(),
                found: arguments.len(),
            });
        }
        let mut parameters = Vec::new();
        for (at, (input, argument)) in inputs.iter().zip(&arguments).enumerate() {
            let place = format!("{place}.arguments[{at}]");
            let ty = input
                .resolve()
                .map_err(|_| AdapterError::Type { place: place.clone(), ty: input.ty.clone() })?;
            fits(&place, &ty, argument, fields)?;
            parameters.push(ty);
        }
        Ok(Self { selector, parameters, arguments })
    }

    fn fields(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().flat_map(Argument::fields)
    }

    /// The calldata, or what follows the code that deploys.
    ///
    /// # Errors
    /// Why the fields cannot be said in these parameters' types.
    pub(super) fn encode(&self, fields: &Fields) -> Result<Vec<u8>, String> {
        let values =
            self.parameters.iter().zip(&self.arguments).map(|(ty, argument)| value(ty, argument, fields));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        let selector = self.selector.map(|selector| selector.to_vec()).unwrap_or_default();
        Ok([selector, DynSolValue::Tuple(values).abi_encode_params()].concat())
    }
}

/// By its name, or where that is not enough by its signature.
fn function<'a>(abi: &'a JsonAbi, place: &str, name: &str) -> Result<&'a Function, AdapterError> {
    let place = format!("{place}.function");
    let plain = name.split('(').next().unwrap_or(name).trim();
    let overloads = abi.function(plain).map_or(&[][..], Vec::as_slice);
    let wanted: String = name.chars().filter(|letter| !letter.is_whitespace()).collect();
    match overloads {
        [only] if plain == wanted => Ok(only),
        [_, _, ..] if plain == wanted => {
            let signatures = overloads.iter().map(Function::signature).collect();
            Err(AdapterError::Overloaded { place, signatures })
        }
        _ => overloads.iter().find(|function| function.signature() == wanted).ok_or_else(|| {
            let signatures: Vec<_> = abi.functions().map(Function::signature).collect();
            let names = abi.functions.keys().map(String::as_str);
            let nearest = match overloads {
                [] => nearest(plain, names).map(str::to_owned),
                [first, ..] => Some(first.signature()),
            };
            AdapterError::NoFunction { place, name: name.to_owned(), nearest, known: signatures }
        }),
    }
}

/// Whether an argument can be made for a parameter.
fn fits(place: &str, ty: &DynSolType, argument: &Argument, fields: &[&str]) -> Result<(), AdapterError> {
    let shape = |expected| AdapterError::Shape { place: place.to_owned(), expected, ty: ty.to_string() };
    let inside = |at: usize| format!("{place}[{at}]");
    match (ty, argument) {
        (DynSolType::Function, _) => Err(AdapterError::Type { place: place.to_owned(), ty: ty.to_string() }),
        (DynSolType::Tuple(members), Argument::List(list)) if members.len() == list.len() => members
            .iter()
            .zip(list)
            .enumerate()
            .try_for_each(|(at, (ty, argument))| fits(&inside(at), ty, argument, fields)),
        (DynSolType::Tuple(_), _) => Err(shape("a list with an argument for each member")),
        (DynSolType::FixedArray(_, length), Argument::List(list)) if *length != list.len() => {
            Err(shape("a list with an argument for each element"))
        }
        (DynSolType::Array(element) | DynSolType::FixedArray(element, _), Argument::List(list)) => list
            .iter()
            .enumerate()
            .try_for_each(|(at, argument)| fits(&inside(at), element, argument, fields)),
        (DynSolType::Array(_) | DynSolType::FixedArray(..), Argument::Value(_)) => {
            Err(shape("a list with an argument for each element"))
        }
        (_, Argument::List(_)) => Err(shape("one expression")),
        (_, Argument::Value(expression)) => {
            match expression.fields().into_iter().find(|name| !fields.contains(name)) {
                None => Ok(()),
                Some(name) => Err(AdapterError::UnknownField {
                    place: place.to_owned(),
                    name: name.to_owned(),
                    nearest: nearest(name, fields.iter().copied()).map(str::to_owned),
                    known: fields.iter().map(|name| (*name).to_owned()).collect(),
                }),
            }
        }
    }
}

/// An argument's value in a parameter's type.
fn value(ty: &DynSolType, argument: &Argument, fields: &Fields) -> Result<DynSolValue, String> {
    let list = |types: &mut dyn Iterator<Item = &DynSolType>, list: &[Argument]| {
        types.zip(list).map(|(ty, argument)| value(ty, argument, fields)).collect::<Result<Vec<_>, _>>()
    };
    let expression = match (ty, argument) {
        (DynSolType::Tuple(types), Argument::List(members)) => {
            return list(&mut types.iter(), members).map(DynSolValue::Tuple);
        }
        (DynSolType::Array(ty), Argument::List(members)) => {
            return list(&mut std::iter::repeat(&**ty), members).map(DynSolValue::Array);
        }
        (DynSolType::FixedArray(ty, _), Argument::List(members)) => {
            return list(&mut std::iter::repeat(&**ty), members).map(DynSolValue::FixedArray);
        }
        (_, Argument::List(_)) => return Err(format!("a list for a parameter of the type {ty}")),
        (_, Argument::Value(expression)) => expression,
    };
    let bytes = expression.evaluate(fields).map_err(|error| format!("{expression}: {error}"))?;
    let length = |expected: usize| match bytes.len() {
        found if found == expected => Ok(()),
        found => Err(format!("{expression} has {found} bytes, a parameter of the type {ty} {expected}")),
    };
    let number = |bits: usize| {
        let number =
            Some(&bytes).filter(|bytes| !bytes.is_empty()).and_then(|bytes| U256::try_from_be_slice(bytes));
        let number = number.filter(|number| number.bit_len() <= bits);
        number.ok_or_else(|| format!("{expression} does not fit a parameter of the type {ty}"))
    };
    Ok(match ty {
        DynSolType::Bytes => DynSolValue::Bytes(bytes),
        DynSolType::String => {
            let text = String::from_utf8(bytes);
            DynSolValue::String(text.map_err(|_| format!("{expression} is not UTF-8, the type string is"))?)
        }
        DynSolType::Address => {
            length(20)?;
            DynSolValue::Address(Address::from_slice(&bytes))
        }
        DynSolType::FixedBytes(size) => {
            length(*size)?;
            let mut word = [0; 32];
            word[..*size].copy_from_slice(&bytes);
            DynSolValue::FixedBytes(word.into(), *size)
        }
        DynSolType::Uint(bits) => DynSolValue::Uint(number(*bits)?, *bits),
        DynSolType::Bool => DynSolValue::Bool(!number(1)?.is_zero()),
        other => return Err(format!("parameters of the type {other} are not supported")),
    })
}
