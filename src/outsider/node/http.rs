//! Sends a body to a URL and gives the JSON that comes back. No redirect is followed, and no error quotes what in a
//! URL may be a secret: user, password, path and query.

use std::fmt;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{HeaderMap, Response, StatusCode, Uri, header};
use ureq::{Agent, Body};

/// The most bytes of an answer.
const MAX_ANSWER: u64 = 8 << 20;

const NO_HOST: &str = "host not found: is the name right?";

/// What goes wrong between here and a node.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    /// There was no answer in time.
    Hung(String),
    /// There is no connection, or it ended before the answer.
    Lost(String),
    /// The node asks to slow down, and for how long it asks to wait.
    Limited {
        /// Its words.
        words: String,
        /// How long it asks to wait.
        wait: Option<Duration>,
    },
    /// The request is too large for it.
    TooLarge(String),
    /// It answered, and not as a node does.
    Foreign(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hung(words) | Self::Lost(words) | Self::TooLarge(words) | Self::Foreign(words) => {
                f.write_str(words)
            }
            Self::Limited { words, .. } => write!(f, "rate limit: {words}"),
        }
    }
}

impl Trouble {
    /// Whether nothing came back.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Hung(_) | Self::Lost(_))
    }
}

/// A URL, and how it is reached.
#[derive(Debug)]
pub(super) struct Http {
    agent: Agent,
    url: Uri,
    timeout: Duration,
    secrets: Vec<String>,
}

impl Http {
    /// `None`: it is no URL of a host.
    pub(super) fn new(url: &str, timeout: Duration) -> Option<Self> {
        let url: Uri = url.parse().ok()?;
        let host = url.host().filter(|host| !host.is_empty())?;
        // A port that is none would be another server's: the scheme's.
        let after_host = url.authority()?.as_str().rsplit_once(host).map_or("", |(_, after)| after);
        if !after_host.is_empty() && url.port_u16().is_none() {
            return None;
        }
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("ecrecheck/", env!("CARGO_PKG_VERSION")));
        // A proxy of the environment does not know this machine's loopback.
        let config = if is_loopback(host) { config.proxy(None) } else { config };
        let secrets = secrets(&url);
        Some(Self { agent: config.build().into(), url, timeout, secrets })
    }

    /// Scheme, host and port.
    pub(super) fn place(&self) -> String {
        place(&self.url)
    }

    /// A text that somebody else wrote, as a part of a line: one line, not long, without this URL's secrets.
    pub(super) fn quoted(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            text = text.replace(secret.as_str(), "…");
        }
        let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        line.collect::<Vec<_>>().join(" ").chars().take(200).collect()
    }

    /// Posts a body of JSON, and gives the JSON of the answer.
    ///
    /// A connection that was kept may have ended since, so that one which is lost is tried again once.
    pub(super) fn post(&self, body: &str) -> Result<Value, Trouble> {
        match self.post_once(body) {
            Err(Trouble::Lost(_)) => self.post_once(body),
            result => result,
        }
    }

    fn post_once(&self, body: &str) -> Result<Value, Trouble> {
        let request = self.agent.post(&self.url).header(header::CONTENT_TYPE, "application/json");
        let mut response = request.send(body).map_err(|error| self.trouble(&error))?;
        self.refused(&response)?;
        let status = response.status();
        let read = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
        let answer = read.map_err(|error| self.trouble(&error))?;
        match serde_json::from_slice(&answer) {
            Ok(answer @ (Value::Array(_) | Value::Object(_))) => Ok(answer),
            _ if status.is_success() => Err(Trouble::Foreign(format!(
                "answers with {}, expected JSON-RPC",
                if answer.trim_ascii().is_empty() { "nothing" } else { kind(&response) }
            ))),
            _ => {
                let words = format!("answers HTTP {}, expected JSON-RPC", status.as_u16());
                // A proxy, of a node that is down.
                let down = matches!(status.as_u16(), 500 | 502..=504);
                Err(if down { Trouble::Lost(words) } else { Trouble::Foreign(words) })
            }
        }
    }

    /// What a status alone says, whatever the body is.
    fn refused(&self, response: &Response<Body>) -> Result<(), Trouble> {
        let status = response.status();
        let number = status.as_u16();
        match status {
            status if status.is_redirection() => {
                let to = match response.headers().get(header::LOCATION).map(|to| to.to_str()) {
                    Some(Ok(to)) => match to.parse::<Uri>() {
                        Ok(to) if to.host().is_some() && place(&to) != self.place() => place(&to),
                        _ => format!("another path of {}", self.place()),
                    },
                    _ => "nowhere".to_owned(),
                };
                Err(Trouble::Foreign(format!(
                    "redirects to {to} (HTTP {number}): redirects are not followed, give the URL of the node itself"
                )))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Trouble::Foreign(format!(
                "asks for a password or a key (HTTP {number}): give it in the URL, http://USER:PASSWORD@HOST or as \
                 the node's provider says"
            ))),
            StatusCode::PAYLOAD_TOO_LARGE => Err(Trouble::TooLarge(format!("HTTP {number}"))),
            StatusCode::TOO_MANY_REQUESTS => Err(Trouble::Limited {
                words: format!("HTTP {number}"),
                wait: retry_after(response.headers()),
            }),
            StatusCode::SERVICE_UNAVAILABLE => match retry_after(response.headers()) {
                wait @ Some(_) => Err(Trouble::Limited { words: format!("HTTP {number}"), wait }),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn trouble(&self, error: &ureq::Error) -> Trouble {
        let lost = |words: &str| Trouble::Lost(words.to_owned());
        match error {
            ureq::Error::Timeout(_) => Trouble::Hung(format!("no answer within {:?}", self.timeout)),
            ureq::Error::HostNotFound => lost(NO_HOST),
            ureq::Error::BodyExceedsLimit(_) => {
                Trouble::Foreign(format!("answers with more than {MAX_ANSWER} bytes"))
            }
            ureq::Error::Io(error) => match error.kind() {
                ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                    Trouble::Hung(format!("no answer within {:?}", self.timeout))
                }
                ErrorKind::ConnectionRefused => lost("connection refused: does a node listen there?"),
                // The standard library has no kind for it, and these words on every platform.
                _ if error.to_string().starts_with("failed to lookup address") => lost(NO_HOST),
                ErrorKind::InvalidData if self.url.scheme_str() == Some("https") => {
                    Trouble::Foreign(format!("TLS failed: {}", self.quoted(&error.to_string())))
                }
                _ => Trouble::Lost(format!("connection lost: {}", self.quoted(&error.to_string()))),
            },
            ureq::Error::Rustls(error) => {
                Trouble::Foreign(format!("TLS failed: {}", self.quoted(&error.to_string())))
            }
            ureq::Error::Protocol(error) => {
                Trouble::Foreign(format!("answers with no HTTP: {}", self.quoted(&error.to_string())))
            }
            error => Trouble::Foreign(self.quoted(&error.to_string())),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// A URL without what may be a secret: user, password, path and query.
pub(in crate::outsider) fn place(url: &Uri) -> String {
    let scheme = url.scheme_str().unwrap_or("http");
    let host = url.host().unwrap_or_default();
    match url.port_u16() {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

/// What of a URL no error may quote: user and password, and every longer piece of its path and query.
fn secrets(url: &Uri) -> Vec<String> {
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    let path = url.path_and_query().map_or("", |path| path.as_str());
    let pieces = path.split(['/', '?', '&', '=', '#']).filter(|piece| piece.len() >= 8);
    let mut secrets: Vec<_> =
        user.split(':').filter(|piece| !piece.is_empty()).chain(pieces).map(str::to_owned).collect();
    // The longest first: one may be a part of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

/// What an answer says that it is, for a line about one that is not what it should be.
fn kind(response: &Response<Body>) -> &'static str {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    match kind {
        Some(kind) if kind.starts_with("text/html") => "HTML",
        Some(kind) if kind.starts_with("application/json") => "bad JSON",
        _ => "another text",
    }
}

/// How many seconds a node asks to wait, if it says them in seconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
