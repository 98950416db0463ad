//! Settings, keys and themes: what a configuration file and the command line say, parsed and checked.
//!
//! Nothing here reads a file, the environment or a clock: texts come in, [`Settings`] and
//! [`Problem`]s go out. All problems of a file are found in one pass, each with its line, and no
//! problem repeats a value, because any value could be a secret that was put in the wrong place.
//!
//! | module | holds |
//! |---|---|
//! | `settings` | [`Settings`] with its defaults |
//! | `file` | the text of `hookglass.toml` to [`Settings`] |
//! | `rule`, `answer` | an `[[endpoint]]` and its fixed answers |
//! | `fragment` | tables that other parts read by themselves: `[[provider]]`, `[keys]` |
//! | `reader`, `value`, `quantity` | typed reading of TOML values with their places |
//! | `script` | [`Script`]: the flags for scripts and CI |
//! | `secret`, `network` | where a secret is; addresses and URLs |
//! | `dotenv` | the text of a `.env` file |
//! | [`key`], [`keymap`] | what a key is, and what it does where |
//! | [`theme`] | colours by role |
//! | `problem`, `suggest` | what is wrong, where, and what was probably meant |

pub mod action;
mod answer;
pub mod dotenv;
mod dotenv_line;
mod file;
mod fragment;
pub mod key;
pub mod keymap;
mod network;
mod problem;
pub mod quantity;
mod reader;
mod rule;
mod script;
mod secret;
mod settings;
mod suggest;
pub mod theme;
mod value;

pub use self::{
    file::{KEYS, TEMPLATE, parse},
    fragment::Fragment,
    network::{Network, PublicUrl, bind_address},
    problem::{Located, Place, Problem, Severity},
    script::{Expression, Script},
    secret::{PublicKey, SecretSource, SourceError},
    settings::{Interface, Listen, Output, Session, Settings},
    suggest::nearest,
    value::{provider_id, sync_full},
};
