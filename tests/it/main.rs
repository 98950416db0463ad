//! Tests of the library's parts against real sockets, without the executable.

mod client;
