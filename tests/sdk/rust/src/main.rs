//! Asks a guest agent through the crate `dstack-sdk`, and prints what it got as JSON: see `tests/it/sdk.rs`.

use dstack_sdk::dstack_client::{DstackClient, TlsKeyConfig};
use dstack_sdk::ethereum::to_account;
use dstack_sdk::tappd_client::TappdClient;
use serde_json::{Value, json};

/// What a call gave, or what the SDK shows.
fn said<T: serde::Serialize, E: std::fmt::Display>(result: Result<T, E>) -> Value {
    match result {
        Ok(value) => json!(value),
        Err(error) => json!({"shown": error.to_string()}),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = std::env::args().nth(1).ok_or("expected an endpoint")?;
    let client = DstackClient::new(Some(&endpoint));
    let key = client.get_key(Some("wallet/0".to_owned()), Some("ethereum".to_owned())).await?;
    let account = to_account(&key).map_err(|error| error.to_string())?.address();
    let default = client.get_key(None, None).await?;
    let data = b"attested".to_vec();
    let signed = client.sign("secp256k1", data.clone()).await?;
    let ed25519 = client.sign("ed25519", data.clone()).await?;
    let verified = |algorithm: &'static str, signed: &dstack_sdk::dstack_client::SignResponse, data: Vec<u8>| {
        let (signature, key) = (signed.decode_signature(), signed.decode_public_key());
        let client = &client;
        async move { said(client.verify(algorithm, data, signature.unwrap_or_default(), key.unwrap_or_default()).await) }
    };
    let valid = [
        verified("secp256k1", &signed, data.clone()).await,
        verified("ed25519", &ed25519, data).await,
        verified("secp256k1", &signed, b"other".to_vec()).await,
    ];
    println!(
        "{:#}",
        json!({
            "key": key,
            "account": account.to_string(),
            "default": default,
            "signed": signed,
            "signed_ed25519": ed25519,
            "valid": valid,
            "info": said(client.info().await),
            "version": said(client.version().await),
            "emit_event": said(client.emit_event("started".to_owned(), vec![1]).await),
            "tls_key": said(client.get_tls_key(TlsKeyConfig::builder().build()).await),
            "quote": said(client.get_quote(vec![1]).await),
            "attest": said(client.attest(vec![1]).await),
            "tappd_quote": said(TappdClient::new(Some(&endpoint)).get_quote(vec![0; 64]).await),
            "tappd_info": said(TappdClient::new(Some(&endpoint)).info().await),
        })
    );
    Ok(())
}
