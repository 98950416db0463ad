//! What things cost in memory, allocator included: limits in bytes hold for small captures only when
//! the bookkeeping is counted as it is.

use std::mem::size_of;

/// Bytes that an allocation takes: glibc's malloc puts 8 bytes before it and rounds up to 16, with 32
/// as the least. Other allocators differ by little.
pub(super) const fn allocation(bytes: usize) -> u64 {
    if bytes == 0 {
        return 0;
    }
    let whole = bytes.saturating_add(8 + 15) & !15;
    (if whole < 32 { 32 } else { whole }) as u64
}

/// Bytes that a value behind an `Arc` takes: it stands after two counters.
pub(super) const fn shared<T>() -> u64 {
    allocation(2 * size_of::<usize>() + size_of::<T>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allocations_are_rounded_as_malloc_does() {
        for (bytes, expected) in [(0, 0), (1, 32), (24, 32), (25, 48), (40, 48), (41, 64), (8_000, 8_016)] {
            assert_eq!(allocation(bytes), expected, "{bytes}");
        }
        assert_eq!(shared::<[u64; 3]>(), 48);
    }
}
