//! Large pages, for memory that is read and written all over.
//!
//! Argon2id jumps about in 19 MiB, which are five thousand pages of the usual size. Where each lies has to
//! be looked up, and is forgotten whenever another thread has had the core, which is all the time in a
//! server that has anything else to do; in a virtual machine each look-up is two.

use std::mem::MaybeUninit;

/// Less than this is not worth a large page.
const WORTHWHILE: usize = 2 * 1_024 * 1_024;

/// Asks the system to keep memory in large pages, as far as it has any: now, while nothing has been written
/// to it, and it has no pages yet. It is advice, and nothing is said of what became of it.
///
/// On systems other than Linux, nothing is asked.
pub fn prefer<T>(memory: &mut [MaybeUninit<T>]) {
    if size_of_val(memory) >= WORTHWHILE {
        advise(memory);
    }
}

#[cfg(target_os = "linux")]
fn advise<T>(memory: &mut [MaybeUninit<T>]) {
    use rustix::mm::{Advice, madvise};
    let page = rustix::param::page_size();
    let whole = memory.as_mut_ptr_range();
    // Whole pages alone: what else is on the first and the last is somebody else's.
    let first = whole.start.addr().next_multiple_of(page);
    let end = whole.end.addr() / page * page;
    let start = whole.start.with_addr(first).cast();
    // SAFETY: the pages from `first` to `end` are within memory that is borrowed exclusively, and this
    // advice changes neither what is in them nor who may read and write them.
    let _ = unsafe { madvise(start, end.saturating_sub(first), Advice::LinuxHugepage) };
}

#[cfg(not(target_os = "linux"))]
const fn advise<T>(_: &mut [MaybeUninit<T>]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_what_it_was() {
        for length in [0, 1, 4_096, WORTHWHILE - 1, WORTHWHILE, 3 * WORTHWHILE + 5] {
            let mut memory: Vec<u8> = Vec::with_capacity(length);
            prefer(memory.spare_capacity_mut());
            memory.resize(length, 7);
            prefer(memory.spare_capacity_mut());
            assert!(memory.iter().all(|byte| *byte == 7) && memory.len() == length);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn large_memory_is_advised_of() {
        let mut memory: Vec<u8> = Vec::with_capacity(32 * WORTHWHILE);
        let inside = memory.spare_capacity_mut().as_ptr().addr() + WORTHWHILE;
        let flags = || {
            let maps = std::fs::read_to_string("/proc/self/smaps").unwrap_or_default();
            flags_at(&maps, inside)
        };
        assert!(!flags().contains(" hg"));
        prefer(memory.spare_capacity_mut());
        assert!(flags().contains(" hg"), "{}", flags());
        memory.push(0);
    }

    /// What the system knows of the memory around an address.
    #[cfg(target_os = "linux")]
    fn flags_at(maps: &str, address: usize) -> String {
        let mut is_meant = false;
        for line in maps.lines() {
            let range = line.split(' ').next().and_then(|range| range.split_once('-'));
            let [start, end] = [range.map(|it| it.0), range.map(|it| it.1)]
                .map(|it| it.and_then(|it| usize::from_str_radix(it, 16).ok()));
            if let Some((start, end)) = start.zip(end) {
                is_meant = (start..end).contains(&address);
            } else if is_meant && line.starts_with("VmFlags") {
                return line.to_owned();
            }
        }
        String::new()
    }
}
