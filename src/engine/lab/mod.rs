//! The laboratory: questions about one request, without a listener. Each part takes what the command
//! line names, and returns what it found; nothing here writes to standard output.
//!
//! | module | answers |
//! |---|---|
//! | `input` | what stands in a file or comes from a pipe; what time is meant |
//! | `verify` | is this request rightly signed, and why not |
//! | `sign` | what would a right sender send |
//! | `send` | what does a handler say to a sample event, right or wrong on purpose |
//! | `providers` | what is known of a provider |
//! | `autopsy` | why do captured signatures fail |
//! | `export` | what do captures look like to another program |
//! | `import` | which captures does a file hold |
//! | `store` | where do captures go that were read from files |
//! | `kept` | which captures of the session file are meant |
//! | `doctor` | what is odd about clock, port, configuration and secrets |

pub mod autopsy;
pub mod doctor;
pub mod export;
pub mod import;
pub mod input;
pub mod kept;
pub mod providers;
pub mod send;
pub mod sign;
pub mod store;
pub mod verify;

use crate::{
    config::nearest,
    domain::signature::{Catalog, Provider},
};

/// The provider of this name.
///
/// # Errors
/// A sentence, with the name that was probably meant. It does not repeat what was typed.
pub fn provider<'c>(catalog: &'c Catalog, id: &str) -> Result<&'c Provider, String> {
    catalog.provider(&id.to_ascii_lowercase()).ok_or_else(|| {
        let hint = match nearest(id, catalog.providers().map(Provider::id)) {
            Some(known) => format!("did you mean {known}?"),
            None => "`hookglass providers` lists them".to_owned(),
        };
        format!("there is no such provider; {hint}")
    })
}
