//! Text that came over the wire, made visible: placeholder, see the helper's version.
