//! TLS to targets: always verified, by what the system trusts.

use std::{io, sync::Arc};

use rustls::{CertificateError, ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::{net::TcpStream, sync::OnceCell};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{connect::name, error::SendError};
use crate::domain::target::Target;

/// The TLS settings, made at the first https target: reading the system's certificates takes a while
/// and plain targets do not need them.
#[derive(Debug, Default)]
pub(super) struct Tls {
    roots: Option<RootCertStore>,
    config: OnceCell<Arc<ClientConfig>>,
}

impl Tls {
    /// TLS that trusts these authorities instead of the system's.
    pub(super) fn trusting(roots: RootCertStore) -> Self {
        Self { roots: Some(roots), config: OnceCell::new() }
    }

    /// Runs the handshake over an open connection.
    pub(super) async fn wrap(
        &self,
        target: &Target,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, SendError> {
        let config = self.config.get_or_try_init(|| make(self.roots.clone())).await?;
        let server = ServerName::try_from(target.host.clone()).map_err(|_| SendError::Certificate {
            authority: name(target),
            why: "no certificate can be for that name",
        })?;
        let connector = TlsConnector::from(Arc::clone(config));
        connector.connect(server, stream).await.map_err(|error| explain(name(target), &error))
    }
}

async fn make(roots: Option<RootCertStore>) -> Result<Arc<ClientConfig>, SendError> {
    // Reads files: not on a thread that other connections need.
    let made = tokio::task::spawn_blocking(move || build(roots)).await;
    made.map_err(|_| SendError::NoTrust)?.map(Arc::new).map_err(|_| SendError::NoTrust)
}

/// The provider is named, as a process-wide default may not be there.
fn build(roots: Option<RootCertStore>) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = match roots {
        Some(roots) => builder.with_root_certificates(roots),
        None => builder.with_platform_verifier()?,
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// A sentence for what rustls says. Its own texts are not passed on: they quote names out of the
/// certificate.
fn explain(authority: String, error: &io::Error) -> SendError {
    use CertificateError as Bad;
    use rustls::Error as E;
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<E>());
    let why = match inner {
        Some(E::InvalidCertificate(bad)) => {
            let why = match bad {
                Bad::Expired | Bad::ExpiredContext { .. } => "it has expired",
                Bad::NotValidYet | Bad::NotValidYetContext { .. } => "it is not valid yet",
                Bad::NotValidForName | Bad::NotValidForNameContext { .. } => "it is for another name",
                Bad::UnknownIssuer => "no authority that is trusted here issued it",
                Bad::Revoked => "it was revoked",
                Bad::BadSignature => "its signature is wrong",
                _ => "it does not hold a check (self-signed, perhaps)",
            };
            return SendError::Certificate { authority, why };
        }
        Some(E::InvalidMessage(_) | E::InappropriateMessage { .. }) => "does not speak TLS",
        Some(E::PeerIncompatible(_)) => "speaks no version of TLS that is still safe",
        Some(E::AlertReceived(_)) => "refused the TLS handshake",
        Some(_) => "failed in the TLS handshake",
        None => "closed the connection in the TLS handshake",
    };
    SendError::Tls { authority, why }
}
