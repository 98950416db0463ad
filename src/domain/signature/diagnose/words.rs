//! Findings in sentences for somebody who has never seen a signature. They hold no secret and no
//! signature.

use crate::domain::signature::{
    Code, Provider,
    diagnose::{
        Cause,
        body::Habit,
        reading::{Form, Label},
        search::{Change, Finding},
    },
    provider::Scheme,
};

impl Finding {
    /// What is the matter, by what has to be put right first.
    pub(super) fn cause(&self) -> Cause {
        if self.other.is_some() {
            return Cause::OtherSecret;
        }
        if self.form.is_some() {
            return Cause::SecretForm;
        }
        match self.change.first() {
            Some(Change::Body(..)) => Cause::Body,
            Some(Change::Url(_)) => Cause::Url,
            Some(Change::Recipe(_)) => Cause::Recipe,
            None if self.maker.is_some() => Cause::Algorithm,
            None => Cause::Encoding,
        }
    }

    /// Whether nothing had to be changed.
    pub(super) fn is_right(&self) -> bool {
        self.other.is_none()
            && self.form.is_none()
            && self.change.is_empty()
            && self.maker.is_none()
            && !self.truncated
            && self.spelling.is_right()
    }

    /// All of it in sentences: what was found, and what to do.
    pub(super) fn sentence(&self, provider: &Provider, scheme: &Scheme) -> String {
        let name = provider.name();
        let mut text = String::new();
        let mut say = |sentence: String| {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&sentence);
        };
        match &self.other {
            Some(_) => say(self.stranger(provider)),
            None if self.form.is_none() => {
                if let Some(sentence) = self.right() {
                    say(sentence);
                }
            }
            None => {}
        }
        if let Some(form) = self.form {
            say(format!("The secret {} is the right one, but the sender {form}.", self.label));
        }
        for change in &self.change {
            say(match change {
                Change::Body(how, _) => {
                    format!("The body that arrived is not the one that was signed: the signed body is {how}.")
                }
                Change::Url(how) => {
                    format!("The signature covers another URL than the one this program knows: one {how}.")
                }
                Change::Recipe(how) => {
                    format!("The signature covers {how}; {name} signs `{}`.", scheme.content())
                }
            });
        }
        if let Some(maker) = self.maker {
            say(format!("It was made with {}; {name} uses {}.", maker.describe(), scheme.algorithm.as_str()));
        }
        if self.truncated {
            say("Only the beginning of the signature was sent.".to_owned());
        }
        if !self.spelling.is_right() {
            say(self.spelled(name, scheme));
        }
        say("This is proved by computing the signature again.".to_owned());
        say(self.advice(provider));
        text
    }

    fn right(&self) -> Option<String> {
        // A hash of the content alone needs no secret and so does not prove one.
        let bare = matches!(self.maker, Some(super::maker::Maker::Bare(_)));
        (!bare).then(|| format!("The secret {} is right.", self.label))
    }

    fn stranger(&self, provider: &Provider) -> String {
        let whose = self.other.as_ref();
        let same = whose.and_then(|whose| whose.provider.as_deref()) == Some(provider.id());
        let place = whose.and_then(|whose| whose.endpoint.as_deref());
        let of = match (place, whose.and_then(|whose| whose.provider.as_deref())) {
            (Some(endpoint), _) => format!(", the secret of the endpoint {endpoint}"),
            (None, Some(_)) if same => format!(", another secret of {}", provider.name()),
            (None, Some(id)) => format!(", the secret of {id}"),
            (None, None) => String::new(),
        };
        format!("Another secret signed this request than the one configured for it: {}{of}.", self.label)
    }

    fn spelled(&self, name: &str, scheme: &Scheme) -> String {
        let usual = scheme.place.encoding.as_str();
        let form = match self.spelling.form {
            Form::Right => None,
            Form::Encoded(encoding) => {
                Some(format!("it is written in {}, and {name} writes {usual}", encoding.as_str()))
            }
            Form::UpperCase => {
                Some(format!("its hex digits are in upper case, and {name} writes lower case"))
            }
            Form::MixedCase => Some("its hex digits are of mixed case".to_owned()),
            Form::Unpadded => Some("the padding (`=`) that belongs at its end is missing".to_owned()),
            Form::HexInBase64 => Some(
                "it is hex text encoded in Base64 (a hash function gave hex where bytes were meant)"
                    .to_owned(),
            ),
            Form::Quoted => Some("it stands in quotes".to_owned()),
            Form::Prefixed => Some("it has a `0x` before it".to_owned()),
            Form::Escaped => Some("it has escapes of URLs in it".to_owned()),
            Form::Blanks => Some("its plus signs became blanks, as in a form".to_owned()),
        };
        let label = match self.spelling.label {
            Label::Right => None,
            Label::Missing => Some("the label that belongs before it (its prefix) is missing".to_owned()),
            Label::Blank => Some("a blank stands before or behind its label".to_owned()),
            Label::Other => Some("another label stands before it than the scheme's".to_owned()),
        };
        let both: Vec<String> = form.into_iter().chain(label).collect();
        format!("The signature is not written as {name} writes it: {}.", both.join("; "))
    }

    fn advice(&self, provider: &Provider) -> String {
        let name = provider.name();
        match self.cause() {
            Cause::OtherSecret => format!(
                "Test and live mode, a local CLI and each endpoint have secrets of their own: configure the one \
                 that {name} shows for this endpoint."
            ),
            Cause::SecretForm if self.ours => "Correct the secret where it is configured here.".to_owned(),
            Cause::SecretForm => format!(
                "Correct it in whatever signs the requests; if {name} itself does, the `key` of the scheme."
            ),
            Cause::Body => self.body_advice().to_owned(),
            Cause::Url => {
                "Set public_url to the address that the sender calls, with scheme, host, port and path."
                    .to_owned()
            }
            Cause::Recipe | Cause::Algorithm => {
                "Correct whatever signs the requests, or name the right provider for the endpoint.".to_owned()
            }
            Cause::Encoding => {
                "A receiver that compares texts refuses it: correct whatever signs the requests.".to_owned()
            }
        }
    }

    fn body_advice(&self) -> &'static str {
        match self.change.first() {
            Some(Change::Body(_, Habit::Json)) => {
                "Something parsed the JSON and wrote it again: a framework (Express's req.body, json.dumps of a \
                 parsed request), a proxy or an editor. Sign and pass on the raw bytes."
            }
            Some(Change::Body(_, Habit::Form)) => {
                "Something parsed the form and wrote it again, a framework or a proxy. Sign and pass on the raw bytes."
            }
            Some(Change::Body(_, Habit::Packed)) => {
                "The sender signed before it compressed. Compute the signature over what is sent, or switch the \
                 compression off."
            }
            Some(Change::Body(_, Habit::Part)) => {
                "The signature must cover the raw body as it is sent, all of it."
            }
            _ => {
                "Editors, `echo`, `curl -d` and proxies add and remove line ends. Pass the body on byte for byte \
                 (`curl --data-binary`)."
            }
        }
    }
}

impl Cause {
    /// The code that stands for it outside.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::OtherSecret => Code::WrongSecret,
            Self::SecretForm => Code::WrongSecretForm,
            Self::Body => Code::BodyModified,
            Self::Url => Code::WrongUrl,
            Self::Recipe | Self::Algorithm => Code::WrongAlgorithm,
            Self::Encoding => Code::WrongEncoding,
        }
    }
}
