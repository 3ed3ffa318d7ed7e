//! One connection: requests that are read within limits, and their answers.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::ext::ReasonPhrase;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::{BODY_TIME, CONNECTION_TIME, HEAD_TIME, MAX_DISCARDED, MAX_HEAD, MAX_HEADERS, Shared};
use crate::dstack::guest::{GuestRequest, GuestResponse, LogLine, MAX_BODY};

/// Serves a connection to its end.
pub(super) async fn serve<S>(stream: S, shared: Arc<Shared>, watcher: Watcher, permit: OwnedSemaphorePermit)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer(&shared, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let ended = timeout(CONNECTION_TIME, watcher.watch(connection)).await;
    // hyper has answered what was no request; that a client leaves, or says nothing, is no request.
    if let Ok(Err(error)) = ended
        && error.is_parse()
    {
        let status = if error.is_parse_too_large() { 431 } else { 400 };
        (shared.log)(&LogLine::refused("-", status, &format!("no request of HTTP: {error}")));
    }
    drop(permit);
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let refused = |response: GuestResponse| {
        let line = LogLine::refused("-", response.status, &response.reason);
        (response, line)
    };
    let (response, line) = match timeout(BODY_TIME, read(body)).await {
        Err(_) => refused(GuestResponse::too_slow()),
        Ok(ReadBody::TooLarge) => refused(GuestResponse::too_large()),
        // Nobody is there to receive it.
        Ok(ReadBody::Broken) => refused(GuestResponse::cut_off()),
        Ok(ReadBody::Whole(body)) => shared.agent.respond(&GuestRequest {
            verb: head.method.as_str(),
            path: head.uri.path(),
            query: head.uri.query().unwrap_or_default(),
            content_type: head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()),
            body: &body,
        }),
    };
    (shared.log)(&line);
    http(response)
}

enum ReadBody {
    Whole(Vec<u8>),
    TooLarge,
    Broken,
}

/// Reads a body. One that is too large is read and thrown away, up to a limit: a client that is still sending sees no
/// answer.
async fn read(mut body: Incoming) -> ReadBody {
    if body.size_hint().lower() > MAX_DISCARDED {
        return ReadBody::TooLarge;
    }
    let (mut kept, mut length) = (Vec::new(), 0u64);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return ReadBody::Broken };
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > MAX_DISCARDED {
            return ReadBody::TooLarge;
        }
        if length <= MAX_BODY as u64 {
            kept.extend_from_slice(&data);
        }
    }
    if length > MAX_BODY as u64 { ReadBody::TooLarge } else { ReadBody::Whole(kept) }
}

fn http(response: GuestResponse) -> Response<Full<Bytes>> {
    let mut http = Response::new(Full::new(Bytes::from(response.body.as_bytes().to_vec())));
    *http.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    http.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(reason) = ReasonPhrase::try_from(response.reason) {
        http.extensions_mut().insert(reason);
    }
    http
}
