//! A call as a mapping describes it: arguments that fit a function's parameters, and their encoding.

use alloy_dyn_abi::{DynSolType, DynSolValue, Specifier as _};
use alloy_json_abi::{Function, JsonAbi, Param};
use revm::primitives::Address;
use revm::primitives::alloy_primitives::Selector;
use ruint::aliases::U256;

use super::mapping::Argument;
use super::mismatch::{AdapterError, did_you_mean};
use crate::format::{Fields, nearest};

/// A call's selector, unless it is the constructor's, with parameters and arguments that fit them.
#[derive(Debug, Clone)]
pub(super) struct Call {
    selector: Option<Selector>,
    parameters: Vec<DynSolType>,
    arguments: Vec<Argument>,
}

impl Call {
    pub(super) fn of_function(
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

    pub(super) fn new(
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

    /// A function without parameters that returns an address.
    pub(super) fn of_root(abi: &JsonAbi, name: &str) -> Result<Self, AdapterError> {
        let function = function(abi, "deployed.root", name)?;
        // An interface that was made of a signature does not say what is returned.
        let returns =
            function.outputs.iter().all(|output| output.ty == "address") && function.outputs.len() <= 1;
        if !function.inputs.is_empty() || !returns {
            return Err(AdapterError::NotARoot(function.signature()));
        }
        Self::new("deployed.root", "", Some(function.selector()), &[], Vec::new(), &[])
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
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
    let place = if place.contains('.') { place.to_owned() } else { format!("{place}.function") };
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
            let known: Vec<_> = signatures.iter().map(String::as_str).collect();
            let overload = overloads.first().map(Function::signature);
            let names = abi.functions.keys().map(String::as_str);
            let hint = did_you_mean(overload.as_deref().or_else(|| nearest(plain, names)), &known);
            AdapterError::Unknown { place, what: "the contract has no function", name: name.to_owned(), hint }
        }),
    }
}

/// Whether an argument can be made for a parameter.
fn fits(place: &str, ty: &DynSolType, argument: &Argument, fields: &[&str]) -> Result<(), AdapterError> {
    let shape = |expected| AdapterError::Shape { place: place.to_owned(), expected, ty: ty.to_string() };
    let inside = |at: usize| format!("{place}[{at}]");
    match (ty, argument) {
        (DynSolType::Function | DynSolType::Int(_), _) => {
            Err(AdapterError::Type { place: place.to_owned(), ty: ty.to_string() })
        }
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
                Some(name) => Err(AdapterError::unknown(place, "unknown field", name, fields)),
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
