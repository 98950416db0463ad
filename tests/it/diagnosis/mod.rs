//! Why signatures fail: each cause made on purpose, and named rightly; and none named without proof.

mod causes;
mod claims;
mod request;
