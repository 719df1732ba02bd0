//! No creation where there is storage.

use crate::world::*;
use evm_interpreter::Fork;
use fevm_conformance::ethereum::hash::create_address;

#[test]
fn storage_alone_is_a_collision_in_every_fork() {
    for fork in Fork::ALL {
        let taken = create_address(SENDER, 0);
        let mut holder = account(1, 0, Vec::new());
        let deploy = Asm::deploying(&[0]).0;
        let free = World::creating(fork, deploy.clone())
            .with(taken, holder.clone())
            .ran();
        assert_eq!(
            free.receipt.created,
            Some(taken),
            "a balance is no obstacle"
        );
        holder.storage = vec![(1.into(), 1.into())];
        let ran = World::creating(fork, deploy.clone())
            .with(taken, holder.clone())
            .ran();
        assert_eq!(ran.receipt.created, None);
        assert_eq!(ran.receipt.gas_used, 10_000_000);
        // A slot of zero is no slot.
        holder.storage = vec![(1.into(), 0.into())];
        let ran = World::creating(fork, deploy).with(taken, holder).ran();
        assert_eq!(ran.receipt.created, Some(taken));
    }
}
