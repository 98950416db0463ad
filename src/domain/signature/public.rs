//! Public keys, in whatever form a provider publishes them: PEM, Base64 of DER, a certificate, a JWK
//! or a set of them. All are given by the user; nothing is ever fetched.

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use serde::Deserialize;

use crate::domain::signature::{
    Algorithm,
    der::{self, BIT_STRING, INTEGER, OBJECT, Reader, SEQUENCE},
};

/// The most keys that are read from one text: more than any published set has.
const MOST: usize = 32;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicKey {
    pub(super) kind: Kind,
    /// RSAPublicKey (RFC 8017), the uncompressed point, or the 32 bytes.
    pub(super) bytes: Vec<u8>,
    /// The name that it goes by in its set.
    pub(super) id: Option<String>,
}

impl PublicKey {
    /// All public keys in a text. None when the text is something else, above all a shared secret.
    pub(super) fn read(text: &[u8]) -> Vec<Self> {
        let text = text.trim_ascii();
        let keys = match std::str::from_utf8(text) {
            Ok(text) if text.starts_with('{') => jwk(text),
            Ok(text) if text.contains("-----BEGIN ") => pem(text),
            // Base64 and hex of a SEQUENCE; shorter ones are no keys, and may be secrets.
            Ok(text) if text.len() >= 56 => {
                let plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
                let der = base64(&plain).or_else(|| HEXLOWER_PERMISSIVE.decode(plain.as_bytes()).ok());
                der.and_then(|der| from_der(&der)).into_iter().collect()
            }
            _ => from_der(text).into_iter().collect(),
        };
        keys.into_iter().take(MOST).collect()
    }

    /// Whether a signature is this key's.
    pub(super) fn verify(&self, algorithm: Algorithm, content: &[u8], received: &[u8]) -> bool {
        let Some((kind, rule)) = rule(algorithm) else { return false };
        kind == self.kind && UnparsedPublicKey::new(rule, &self.bytes).verify(content, received).is_ok()
    }

    /// Whether it can check signatures of this algorithm.
    pub(super) fn suits(&self, algorithm: Algorithm) -> bool {
        rule(algorithm).is_some_and(|(kind, _)| kind == self.kind)
    }
}

/// Short RSA keys are accepted where providers still use them: the key is the user's choice.
fn rule(algorithm: Algorithm) -> Option<(Kind, &'static dyn VerificationAlgorithm)> {
    Some(match algorithm {
        Algorithm::Ed25519 => (Kind::Ed25519, &signature::ED25519),
        Algorithm::RsaSha1 => (Kind::Rsa, &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        Algorithm::RsaSha256 => (Kind::Rsa, &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        Algorithm::RsaSha384 => (Kind::Rsa, &signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RsaSha512 => (Kind::Rsa, &signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::RsaPssSha512 => (Kind::Rsa, &signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::EcdsaSha256 => (Kind::P256, &signature::ECDSA_P256_SHA256_ASN1),
        Algorithm::EcdsaSha256Raw => (Kind::P256, &signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::EcdsaSha384Raw => (Kind::P384, &signature::ECDSA_P384_SHA384_FIXED),
        _ => return None,
    })
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    if text.last() == Some(&b'=') { BASE64.decode(text) } else { BASE64_NOPAD.decode(text) }.ok()
}

fn pem(text: &str) -> Vec<PublicKey> {
    let blocks = text.split("-----BEGIN ").skip(1);
    let keys = blocks.filter_map(|block| {
        let (label, rest) = block.split_once("-----")?;
        let (body, _) = rest.split_once("-----END ")?;
        // Some tools leave the line ends of a .env file as they were escaped.
        let body = body.replace("\\r", "").replace("\\n", "");
        let plain: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let der = base64(&plain)?;
        match label {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                from_info(der::key_of_certificate(&der)?)
            }
            "PUBLIC KEY" => from_info(Reader(&der).expect(SEQUENCE)?),
            "RSA PUBLIC KEY" => rsa(&der),
            _ => None,
        }
    });
    keys.collect()
}

fn from_der(der: &[u8]) -> Option<PublicKey> {
    let content = Reader(der).expect(SEQUENCE)?;
    from_info(content).or_else(|| der::key_of_certificate(der).and_then(from_info)).or_else(|| rsa(der))
}

/// A SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). Its algorithm decides what the key is; that an
/// RSA key is meant for PSS alone is left to the scheme.
fn from_info(info: &[u8]) -> Option<PublicKey> {
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
    const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
    const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
    let mut info = Reader(info);
    let mut algorithm = Reader(info.expect(SEQUENCE)?);
    let name = algorithm.expect(OBJECT)?;
    let key = info.expect(BIT_STRING)?.strip_prefix(&[0])?;
    let kind = match name {
        RSA | RSA_PSS => return rsa(key),
        EC => match algorithm.expect(OBJECT)? {
            P256 => Kind::P256,
            P384 => Kind::P384,
            _ => return None,
        },
        ED25519 if key.len() == 32 => Kind::Ed25519,
        _ => return None,
    };
    Some(PublicKey { kind, bytes: key.to_vec(), id: None })
}

/// An RSAPublicKey (RFC 8017 appendix A.1.1).
fn rsa(der: &[u8]) -> Option<PublicKey> {
    let mut outer = Reader(der);
    let mut numbers = Reader(outer.expect(SEQUENCE)?);
    let modulus = numbers.expect(INTEGER)?;
    numbers.expect(INTEGER)?;
    let whole = outer.0.is_empty() && numbers.0.is_empty() && modulus.len() >= 128;
    whole.then(|| PublicKey { kind: Kind::Rsa, bytes: der.to_vec(), id: None })
}

#[derive(Deserialize)]
struct Jwk {
    #[serde(default)]
    keys: Vec<Jwk>,
    kty: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// A private key; refused, because it was pasted by mistake.
    d: Option<serde::de::IgnoredAny>,
}

fn jwk(text: &str) -> Vec<PublicKey> {
    let Ok(jwk) = serde_json::from_str::<Jwk>(text) else { return Vec::new() };
    let found = jwk.keys.iter().filter_map(one).chain(one(&jwk)).collect::<Vec<_>>();
    if !found.is_empty() {
        return found;
    }
    // Google and others publish a plain object of key ids and certificates.
    let Ok(certificates) = serde_json::from_str::<std::collections::BTreeMap<String, String>>(text) else {
        return Vec::new();
    };
    let named = certificates.into_iter().flat_map(|(id, certificate)| {
        pem(&certificate).into_iter().map(move |key| PublicKey { id: Some(id.clone()), ..key })
    });
    named.collect()
}

fn one(jwk: &Jwk) -> Option<PublicKey> {
    let number = |text: &Option<String>| BASE64URL_NOPAD.decode(text.as_ref()?.as_bytes()).ok();
    if jwk.d.is_some() {
        return None;
    }
    let (kind, bytes) = match (jwk.kty.as_deref()?, jwk.crv.as_deref()) {
        ("RSA", _) => {
            let numbers = [number(&jwk.n)?, number(&jwk.e)?].map(|n| der::write_unsigned(&n)).concat();
            (Kind::Rsa, rsa(&der::write(SEQUENCE, &numbers))?.bytes)
        }
        ("EC", Some(curve)) => {
            let (kind, size) = match curve {
                "P-256" => (Kind::P256, 32),
                "P-384" => (Kind::P384, 48),
                _ => return None,
            };
            let (x, y) = (number(&jwk.x)?, number(&jwk.y)?);
            if x.len() != size || y.len() != size {
                return None;
            }
            (kind, [&[4][..], &x, &y].concat())
        }
        ("OKP", Some("Ed25519")) => (Kind::Ed25519, number(&jwk.x).filter(|x| x.len() == 32)?),
        _ => return None,
    };
    Some(PublicKey { kind, bytes, id: jwk.kid.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: &str = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";

    fn kinds(text: &str) -> Vec<Kind> {
        PublicKey::read(text.as_bytes()).into_iter().map(|key| key.kind).collect()
    }

    #[test]
    fn reads_every_published_form() {
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{ED25519}\n-----END PUBLIC KEY-----\n");
        let escaped = pem.replace('\n', "\\n");
        let jwk =
            r#"{"kty":"OKP","crv":"Ed25519","kid":"k","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}"#;
        let set = format!(r#"{{"keys":[{jwk},{{"kty":"oct","k":"AA"}}]}}"#);
        for text in [ED25519, &pem, &escaped, jwk, &set] {
            assert_eq!(kinds(text), [Kind::Ed25519], "{text}");
        }
        assert_eq!(PublicKey::read(jwk.as_bytes())[0].id.as_deref(), Some("k"));
        assert_eq!(kinds(&[&pem[..], &pem].concat()), [Kind::Ed25519; 2]);
    }

    #[test]
    fn what_is_no_public_key_is_none() {
        let private = ED25519.replace("MCow", "MC4w");
        let jwk =
            r#"{"kty":"OKP","crv":"Ed25519","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs","d":"AA"}"#;
        let long = "a".repeat(64);
        for text in ["", "secret", "whsec_AAAA", &long, "{}", "-----BEGIN PUBLIC KEY-----", &private, jwk] {
            assert_eq!(kinds(text), [], "{text}");
        }
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJrQ\n-----END PRIVATE KEY-----";
        assert_eq!(kinds(pem), []);
    }
}
