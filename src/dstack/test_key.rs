//! Keys that are no secret: what may sign test fixtures without a second thought.

use zeroize::Zeroizing;

use super::app_keys::AppKeys;
use super::secret::{PrivateKey, Secret, SecretError};
use crate::input::hash::keccak256;
use crate::input::key::Address;

/// The ten accounts of the mnemonic "test test test test test test test test test test test junk": Anvil's and
/// Hardhat's first ones, whose private keys everybody has.
pub const DEVELOPMENT_ACCOUNTS: [&str; 10] = [
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
    "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
    "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc",
    "0x976EA74026E726554dB657fA54763abd0C3a0aa9",
    "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955",
    "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f",
    "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720",
];

/// Other keys that were published, by address: the app keys of dstack's simulators, and that of the guest
/// API's examples. See corpus/fixtures.
const PUBLISHED: [&str; 3] = [
    "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516",
    "0xD508660Da170d8b162779698A64E6707d5Aa217A",
    "0xAf6D46d1E55AA87772Fb1538FE4d36AAA70f4e06",
];

/// The private key of the test certificate authority that issued `appkeys.json` files hold (P-256), made for
/// them.
pub(super) const CA_KEY: &str = include_str!("test_key/ca-key.pem");
/// Its certificate.
pub(super) const CA_CERTIFICATE: &str = include_str!("test_key/ca.pem");

/// Whether everybody has this key: a number below 2³², one byte repeated, or one that was published.
pub fn is_known(key: &PrivateKey) -> bool {
    let bytes = key.expose();
    let small = bytes[..28].iter().all(|byte| *byte == 0);
    let repeated = bytes.iter().all(|byte| *byte == bytes[0]);
    let address = key.public_key().address();
    small || repeated || development_accounts().any(|known| known == address) || is_published(address)
}

fn is_published(address: Address) -> bool {
    PUBLISHED.iter().filter_map(|text| text.parse().ok()).any(|known: Address| known == address)
}

/// Whether an app's keys are no secret: the app key [is known](is_known), or [`AppKeys::issue`] made the file, which
/// the secret beside the app key shows.
pub fn are_known(keys: &AppKeys) -> bool {
    is_known(&keys.k256_key) || keys.disk_crypt_key.expose() == beside(&keys.k256_key, "disk").expose()
}

/// A secret of the files that are issued here. It depends on the app key, so that another key put into such a file is
/// no test key.
pub(super) fn beside(app_key: &PrivateKey, what: &str) -> Secret {
    let named = Zeroizing::new([b"ecrecheck test key: ", what.as_bytes(), &*app_key.expose()].concat());
    Secret::new(keccak256(&named).to_vec())
}

/// The apps of dstack's simulators, by the addresses of their app keys. See corpus/dstack.
const SIMULATORS: [(&str, &str); 2] = [
    (PUBLISHED[0], "ea549f02e1a25fabd1cb788380e033ec5461b2ff"),
    (PUBLISHED[1], "5bb4ff9a3837357f19dc176407a5709c62eb6c56"),
];

/// The app that a simulator's app key is of.
pub fn simulator_app_id(app_key: &PrivateKey) -> Option<[u8; 20]> {
    let address = app_key.public_key().address().to_string();
    let (_, app_id) = SIMULATORS.iter().find(|(known, _)| *known == address)?;
    const_hex::decode_to_array(app_id).ok()
}

/// [`DEVELOPMENT_ACCOUNTS`].
pub fn development_accounts() -> impl Iterator<Item = Address> {
    DEVELOPMENT_ACCOUNTS.iter().filter_map(|text| text.parse().ok())
}

/// The test key of a label: the Keccak-256 of `ecrecheck test key: ` and the label.
///
/// # Errors
/// The hash is no key: one in 2¹²⁸.
pub fn of_label(label: &str) -> Result<PrivateKey, SecretError> {
    PrivateKey::from_bytes(&keccak256(format!("ecrecheck test key: {label}").as_bytes()))
}
