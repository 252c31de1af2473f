//! The floor of a login: argon2id on every core at once, with nothing around it.

use std::{
    thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::Failure;

/// The server's default parameters.
const MEMORY_KIB: u32 = 19_456;
const ITERATIONS: u32 = 2;

/// Hashes per second, all cores together.
pub(crate) fn measure(length: Duration) -> Result<f64, Failure> {
    let cores = thread::available_parallelism()?.get();
    let started = Instant::now();
    let threads: Vec<_> = (0..cores).map(|_| thread::spawn(move || hash_for(length))).collect();
    let mut hashes = 0;
    for thread in threads {
        hashes += thread.join().map_err(|_| "a hashing thread died")??;
    }
    Ok(f64::from(hashes) / started.elapsed().as_secs_f64())
}

fn hash_for(length: Duration) -> Result<u32, String> {
    let params = Params::new(MEMORY_KIB, ITERATIONS, 1, Some(32)).map_err(|e| e.to_string())?;
    let mut memory = Vec::with_capacity(params.block_count());
    // As the server does: a floor is as good as it can be.
    fastauth_huge_pages::prefer(memory.spare_capacity_mut());
    memory.resize(params.block_count(), Block::default());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (started, mut hashes) = (Instant::now(), 0);
    while started.elapsed() < length {
        let mut tag = [0; 32];
        argon2
            .hash_password_into_with_memory(b"securepassword123", &[7; 16], &mut tag, &mut memory)
            .map_err(|e| e.to_string())?;
        hashes += 1;
    }
    Ok(hashes)
}
