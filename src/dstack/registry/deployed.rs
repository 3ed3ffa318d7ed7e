//! A contract that is deployed on a node, asked by `eth_call`: nothing that it says is stored.

use super::interface::{Interface, setup_fields};
use super::mapping::Accepts;
use super::said::Said;
use crate::dstack::chain::Proof;
use crate::input::bytes::to_hex;
use crate::input::key::Address;
use crate::outsider::{CallAnswer, OutsiderError, Reader, Settings};

/// Where a contract is, and who asks it.
#[derive(Debug, Clone)]
pub struct DeployedAt {
    /// The URL of the node's JSON-RPC.
    pub node: String,
    /// The contract.
    pub address: Address,
    /// Who calls; none is the node's choice, mostly the zero address.
    pub from: Option<Address>,
    /// The id of the chain that it must be.
    pub chain: Option<u64>,
}

/// A deployed contract.
#[derive(Debug)]
pub struct Deployed<'a> {
    pub(crate) interface: &'a Interface,
    reader: Reader,
    address: Address,
    from: Option<Address>,
    /// The root that it trusts.
    pub root: Address,
    /// The purpose that it asks for.
    pub purpose: Vec<u8>,
}

impl<'a> Deployed<'a> {
    /// Finds the contract, and asks it for its root. `root` is the one that it must be; it is believed where the
    /// mapping names no function that gives it.
    ///
    /// # Errors
    /// No node answers there, it is of another chain, it has no contract there, or one with another root.
    pub fn open(
        interface: &'a Interface,
        at: &DeployedAt,
        root: Option<Address>,
        purpose: &[u8],
        settings: &Settings,
    ) -> Result<Self, OutsiderError> {
        let reader = Reader::open(&at.node, at.chain, settings)?;
        let about = |why: String| reader.error(format!("contract {}: {why}", at.address));
        if reader.code(at.address)?.is_empty() {
            return Err(reader.error(format!("no contract at {} on the chain {}", at.address, reader.chain)));
        }
        let found = match interface.root_calldata() {
            None => None,
            Some(calldata) => {
                let answer = reader.call(at.from, at.address, [calldata])?.pop();
                Some(address(answer).map_err(|said| about(format!("asked for its root it {said}")))?)
            }
        };
        let root = match (found, root) {
            (Some(found), Some(expected)) if found != expected => {
                return Err(about(format!("its root is {found}, expected {expected}")));
            }
            (Some(root), _) | (None, Some(root)) => root,
            (None, None) => {
                return Err(about(
                    "its root is not known: name the function that gives it in the mapping ([deployed] root = \"…\"), or give the root"
                        .to_owned(),
                ));
            }
        };
        Ok(Self { interface, address: at.address, from: at.from, root, purpose: purpose.to_vec(), reader })
    }

    /// Hands it each of these proofs, for itself.
    ///
    /// # Errors
    /// The node does not answer, or with an error of its own.
    pub fn ask(&self, proofs: &[&Proof]) -> Result<Vec<Said>, OutsiderError> {
        let fields = setup_fields(self.root, &self.purpose);
        let calls: Vec<_> =
            proofs.iter().map(|proof| self.interface.calldata(fields.clone(), proof)).collect();
        let sayable = calls.iter().filter_map(|call| call.clone().ok());
        let mut answers = self.reader.call(self.from, self.address, sayable)?.into_iter();
        let said = |call: Result<Vec<u8>, String>| match (call, self.interface.accepts) {
            (Err(why), _) => Said::NotAsked(why),
            (Ok(_), accepts) => match answers.next() {
                Some(CallAnswer::Returned(returned)) => self.returned(accepts, returned),
                Some(CallAnswer::Reverted(data)) => self.interface.reverted(data, false),
                Some(CallAnswer::Stopped(how)) => Said::Stopped(how),
                None => unreachable!("each call has an answer"),
            },
        };
        Ok(calls.into_iter().map(said).collect())
    }

    fn returned(&self, accepts: Accepts, returned: Vec<u8>) -> Said {
        self.interface.returned(accepts, returned, Vec::new(), false)
    }

    /// Which contract this is, in a line.
    pub fn describe(&self) -> String {
        let version = self.reader.version.as_deref().unwrap_or("a client that does not say which");
        format!("{} on the chain {}, {} ({version})", self.address, self.reader.chain, self.reader.place())
    }
}

/// The address that a call gives, or what it did in its place.
fn address(answer: Option<CallAnswer>) -> Result<Address, String> {
    match answer {
        Some(CallAnswer::Returned(word)) => match word.split_first_chunk::<12>() {
            Some(([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], address)) if address.len() == 20 => {
                let mut bytes = [0; 20];
                bytes.copy_from_slice(address);
                Ok(Address(bytes))
            }
            _ => Err(format!("returns {}, which is no address", to_hex(&word[..word.len().min(64)]))),
        },
        Some(CallAnswer::Reverted(data)) => {
            Err(format!("reverts with {}", to_hex(&data[..data.len().min(64)])))
        }
        Some(CallAnswer::Stopped(how)) => Err(format!("stops: {how}")),
        None => unreachable!("one call has one answer"),
    }
}
