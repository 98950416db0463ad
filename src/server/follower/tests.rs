//! Heads and trailers are found whatever the pieces they come in.

use super::*;

/// Three pipelined requests: with a length, chunked with extension and trailers, without a body.
const WIRE: &[u8] = b"POST /a HTTP/1.1\r\nHost: h\r\nX-Dup: 1\r\nx-dup:  2 \r\nContent-Length: 5\r\n\r\nhe\r\n\n\
    \r\nPUT /b HTTP/1.1\r\ntransfer-ENCODING: gzip, Chunked\r\n\r\n4;a=b\r\nabcd\r\n1\r\n\n\r\n0\r\nX-Sum: 1\r\nx-two:2\r\n\r\n\
    GET /c HTTP/1.1\nA: b\n\n";

fn follow(wire: &[u8], piece: usize) -> Follower {
    let mut follower = Follower::new(1_024);
    wire.chunks(piece).for_each(|bytes| follower.push(bytes));
    follower
}

#[test]
fn heads_and_trailers_are_found_whatever_the_pieces() {
    for piece in [1, 2, 3, 7, 37, WIRE.len()] {
        let mut follower = follow(WIRE, piece);
        let mut heads = Vec::new();
        while let Some((number, head)) = follower.next_head() {
            heads.push((number, String::from_utf8(head.bytes).unwrap(), head.ambiguous));
        }
        assert_eq!(heads.len(), 3, "pieces of {piece}");
        assert!(heads[0].1.starts_with("POST /a") && heads[0].1.ends_with("Content-Length: 5\r\n\r\n"));
        assert!(heads[1].1.starts_with("PUT /b") && heads[1].1.ends_with("Chunked\r\n\r\n"));
        assert_eq!(heads[2], (2, "GET /c HTTP/1.1\nA: b\n\n".into(), true));
        assert_eq!(follower.trailers_of(1), b"X-Sum: 1\r\nx-two:2\r\n");
        assert_eq!(follower.trailers_of(2), b"");
        assert_eq!((follower.phase(), follower.completed()), (Phase::Between, 3));
    }
}

#[test]
fn what_hyper_refuses_ends_the_following() {
    for wire in [
        &b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"[..],
        b"POST / HTTP/1.1\r\nContent-Length: +2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\nab",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\n\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0",
    ] {
        for piece in [1_000, 3] {
            assert_eq!(follow(wire, piece).phase(), Phase::Opaque, "{}", wire.escape_ascii());
        }
    }
}

proptest::proptest! {
    /// Whatever arrives in whatever pieces: no panic, bounded memory, and the same heads.
    #[test]
    fn pieces_make_no_difference(
        words in proptest::collection::vec(0..WORDS.len(), 0..60),
        cuts in proptest::collection::vec(1_usize..40, 1..20),
    ) {
        let wire: Vec<u8> = words.iter().flat_map(|&word| WORDS[word].iter().copied()).collect();
        let (mut whole, mut cut) = (follow(&wire, usize::MAX), Follower::new(1_024));
        let (mut rest, mut sizes) = (&wire[..], cuts.iter().cycle());
        while !rest.is_empty() {
            let (piece, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            cut.push(piece);
            rest = after;
        }
        proptest::prop_assert_eq!(whole.completed(), cut.completed());
        proptest::prop_assert_eq!(whole.phase(), cut.phase());
        while let Some(head) = whole.next_head() {
            proptest::prop_assert_eq!(Some(head), cut.next_head());
        }
        for number in 0..whole.completed() {
            proptest::prop_assert_eq!(whole.trailers_of(number), cut.trailers_of(number));
        }
        proptest::prop_assert!(cut.partial.len() <= 2_048);
    }
}

const WORDS: &[&[u8]] = &[
    b"POST / HTTP/1.1\r\n",
    b"GET /a HTTP/1.0\n",
    b"Host: h\r\n",
    b"Content-Length: 3\r\n",
    b"content-length: 7\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b"3\r\nabc\r\n",
    b"A;x=y\r\n0123456789\r\n",
    b"0\r\n",
    b"X-T: 1\r\n",
    b"abc",
    b"\x16\x03",
    b":",
];

#[test]
fn memory_is_bounded() {
    let mut follower = Follower::new(1_024);
    (0..1_000).for_each(|_| follower.push(&[b'a'; 100]));
    assert!(follower.partial.capacity() < 8_192);
    let mut follower = Follower::new(1_024);
    follower.push(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
    (0..1_000).for_each(|_| follower.push(b"X-Trailer: 123456789\r\n"));
    assert!(follower.trailer.capacity() < 8_192);
    assert_eq!(follower.phase(), Phase::Opaque);
}
