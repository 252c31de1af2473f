//! The memory that a thread hashes in, allocated once.
//!
//! Memory that is fresh from the operating system costs a page fault for every four blocks of it:
//! 10 of the 27 ms that a hash of the default cost takes.

use argon2::Block;
use fastauth_ports::unavailable::Unavailable;

/// As many blocks as a hash under today's parameters fills, and more for a moment where a stored
/// hash asks for more.
pub(crate) struct Arena {
    blocks: Vec<Block>,
    usual: usize,
    #[cfg(test)]
    pub(crate) allocations: usize,
}

impl Arena {
    /// Allocates this many blocks, or says that there is no room.
    pub(crate) fn new(usual: usize) -> Result<Self, Unavailable> {
        let mut arena = Self {
            blocks: Vec::new(),
            usual,
            #[cfg(test)]
            allocations: 0,
        };
        arena.grow_to(usual)?;
        Ok(arena)
    }

    /// Lends at least this many blocks, in whatever state they were left.
    pub(crate) fn lend(&mut self, blocks: usize) -> Result<&mut [Block], Unavailable> {
        self.grow_to(blocks)?;
        Ok(&mut self.blocks)
    }

    /// Gives back what was lent beyond the usual.
    pub(crate) fn settle(&mut self) {
        if self.blocks.len() > self.usual {
            self.blocks.truncate(self.usual);
            self.blocks.shrink_to_fit();
        }
    }

    fn grow_to(&mut self, blocks: usize) -> Result<(), Unavailable> {
        let Some(missing) = blocks.checked_sub(self.blocks.len()).filter(|&more| more > 0) else {
            return Ok(());
        };
        self.blocks.try_reserve_exact(missing).map_err(Unavailable::new)?;
        fastauth_huge_pages::prefer(self.blocks.spare_capacity_mut());
        self.blocks.resize(blocks, Block::new());
        #[cfg(test)]
        {
            self.allocations += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arena_grows_for_what_needs_more_and_goes_back() {
        let mut arena = Arena::new(64).unwrap();
        assert_eq!(arena.lend(16).unwrap().len(), 64);
        assert_eq!(arena.lend(256).unwrap().len(), 256);
        arena.settle();
        assert_eq!((arena.blocks.len(), arena.blocks.capacity()), (64, 64));
        assert_eq!(arena.allocations, 2);
    }

    #[test]
    fn memory_that_is_not_to_be_had_is_an_error() {
        assert!(Arena::new(1).unwrap().lend(usize::MAX).is_err());
    }
}
