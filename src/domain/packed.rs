//! A few short texts in one block of memory. A list keeps them for a million captures, and an
//! allocation for each would cost more than the texts.

/// The length that stands for a text that is not there.
const NONE: u16 = u16::MAX;

/// `N` texts, each of which may be missing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packed<const N: usize> {
    block: Box<[u8]>,
    lengths: [u16; N],
}

impl<const N: usize> Packed<N> {
    /// Copies the texts. One that is longer than 65,534 bytes is cut.
    pub(super) fn new(texts: [Option<&[u8]>; N]) -> Self {
        let texts = texts.map(|text| text.map(|text| &text[..text.len().min(usize::from(NONE) - 1)]));
        let mut block = Vec::with_capacity(texts.iter().flatten().map(|text| text.len()).sum());
        for text in texts.iter().flatten() {
            block.extend_from_slice(text);
        }
        let length = |text: &[u8]| u16::try_from(text.len()).unwrap_or(NONE);
        Self { block: block.into_boxed_slice(), lengths: texts.map(|text| text.map_or(NONE, length)) }
    }

    /// The text at a place, if it is there.
    pub(super) fn get(&self, place: usize) -> Option<&[u8]> {
        let length = self.lengths.get(place).copied().filter(|&length| length != NONE)?;
        let before = self.lengths[..place].iter().filter(|&&length| length != NONE);
        let start = before.map(|&length| usize::from(length)).sum();
        self.block.get(start..start + usize::from(length))
    }

    /// Bytes of all texts together.
    pub(super) const fn len(&self) -> usize {
        self.block.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_out_as_they_went_in() {
        let texts = [Some(&b"POST"[..]), None, Some(b""), Some(b"a\xffb"), None];
        let packed = Packed::new(texts);
        for (place, text) in texts.into_iter().enumerate() {
            assert_eq!(packed.get(place), text, "{place}");
        }
        assert_eq!((packed.get(5), packed.len()), (None, 7));
    }

    #[test]
    fn long_texts_are_cut() {
        let long = vec![b'x'; 70_000];
        let packed = Packed::new([Some(&long[..]), Some(b"y")]);
        assert_eq!(packed.get(0).map(<[u8]>::len), Some(65_534));
        assert_eq!(packed.get(1), Some(&b"y"[..]));
    }
}
