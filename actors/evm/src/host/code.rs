//! Code of other actors: EXTCODESIZE, EXTCODEHASH, EXTCODECOPY, and whose code DELEGATECALL runs.

use super::World;
use crate::precompiles;
use crate::state::{EMPTY_CODE, EMPTY_CODE_HASH};
use evm_interpreter::H160;
use fevm_runtime::interface::evm;
use fevm_runtime::params::decode_all;
use fevm_runtime::{Abort, ActorId, ActorType, Cid, ExitCode, Runtime};

/// What stands for the code of native actors: INVALID, which Solidity's `assert` uses.
const NATIVE_CODE: [u8; 1] = [0xfe];

/// Its Keccak-256.
const NATIVE_CODE_HASH: [u8; 32] = [
    0xbc, 0xc9, 0x0f, 0x2d, 0x6d, 0xad, 0xa5, 0xb1, 0x8e, 0x15, 0x5c, 0x17, 0xa1, 0xc0, 0xa5, 0x59,
    0x20, 0xaa, 0xe9, 0x4f, 0x39, 0x85, 0x7d, 0x39, 0xd0, 0xd8, 0xed, 0x07, 0xae, 0x8f, 0x22, 0x8b,
];

/// What runs at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A contract.
    Evm(ActorId),
    /// An account, or a placeholder.
    Account,
    /// Any other actor.
    Native,
    /// A precompile that has a function.
    Precompile,
    /// Nothing.
    Absent,
}

/// A contract whose code this frame has asked for. Code that is there once cannot change while the
/// message runs; that of dead contracts and of constructors can, so it is not kept.
#[derive(Debug)]
pub(super) struct KnownCode {
    address: H160,
    actor: ActorId,
    block: Option<Cid>,
    hash: Option<[u8; 32]>,
    size: Option<u32>,
}

impl<R: Runtime> World<'_, '_, R> {
    fn known(&mut self, address: &H160) -> Option<&mut KnownCode> {
        self.codes.iter_mut().find(|code| code.address == *address)
    }

    /// What runs at an address.
    pub(super) fn kind_of(&mut self, address: &H160) -> Result<Kind, Abort> {
        if precompiles::exists(address) {
            return Ok(Kind::Precompile);
        }
        if let Some(code) = self.known(address) {
            return Ok(Kind::Evm(code.actor));
        }
        let rt = self.rt();
        let filecoin = fevm_address::to_filecoin(address);
        let Ok(Some(actor)) = rt.resolve_address(filecoin.as_bytes()) else {
            return Ok(Kind::Absent);
        };
        let Ok(actor_type) = rt.actor_type(actor) else {
            return Ok(Kind::Absent);
        };
        Ok(match actor_type {
            None => Kind::Absent,
            Some(Some(ActorType::Account | ActorType::Placeholder | ActorType::EthAccount)) => {
                Kind::Account
            }
            Some(Some(ActorType::Evm)) => {
                self.codes.push(KnownCode {
                    address: *address,
                    actor,
                    block: None,
                    hash: None,
                    size: None,
                });
                Kind::Evm(actor)
            }
            Some(_) => Kind::Native,
        })
    }

    /// Whether this is the contract itself.
    fn is_self(&self, actor: ActorId) -> bool {
        actor == self.rt().message().receiver
    }

    /// Block with a contract's code; `None` if the contract is dead.
    pub(super) fn code_block(
        &mut self,
        address: &H160,
        actor: ActorId,
    ) -> Result<Option<Cid>, Abort> {
        if self.is_self(actor) {
            return Ok(self.contract.code().map(|(block, _)| *block));
        }
        if let Some(block) = self.known(address).and_then(|code| code.block) {
            return Ok(Some(block));
        }
        let rt = self.rt();
        let sent = self.contract.query(actor, evm::GET_BYTECODE)?;
        let returned = rt.read_return(&sent).ok().flatten();
        let returned = returned.ok_or_else(|| Abort::serialization("GetBytecode gave nothing"))?;
        let block = decode_all(&returned.data, |reader| {
            if reader.null() {
                Ok(None)
            } else {
                reader.link().map(Some)
            }
        })?;
        if let (Some(code), Some(block)) = (self.known(address), block)
            && block != EMPTY_CODE
        {
            code.block = Some(block);
        }
        Ok(block)
    }

    /// EXTCODESIZE, bytes.
    pub(super) fn size_of_code(&mut self, address: &H160) -> Result<u32, Abort> {
        let actor = match self.kind_of(address)? {
            Kind::Evm(actor) => actor,
            Kind::Native => return Ok(NATIVE_CODE.len() as u32),
            Kind::Account | Kind::Precompile | Kind::Absent => return Ok(0),
        };
        if let Some(size) = self.known(address).and_then(|code| code.size) {
            return Ok(size);
        }
        let Some(block) = self.code_block(address, actor)? else {
            return Ok(0);
        };
        if block == EMPTY_CODE {
            return Ok(0);
        }
        let opened = self.rt().open_block(&block).map_err(no_code)?;
        if let Some(code) = self.known(address) {
            code.size = Some(opened.size);
        }
        Ok(opened.size)
    }

    /// EXTCODEHASH; zero where there is nothing.
    pub(super) fn hash_of_code(&mut self, address: &H160) -> Result<[u8; 32], Abort> {
        let actor = match self.kind_of(address)? {
            Kind::Evm(actor) => actor,
            Kind::Native => return Ok(NATIVE_CODE_HASH),
            Kind::Account | Kind::Precompile => return Ok(EMPTY_CODE_HASH),
            Kind::Absent => return Ok([0; 32]),
        };
        if self.is_self(actor) {
            return Ok(self
                .contract
                .code()
                .map_or(EMPTY_CODE_HASH, |(_, hash)| *hash));
        }
        if let Some(hash) = self.known(address).and_then(|code| code.hash) {
            return Ok(hash);
        }
        let rt = self.rt();
        let sent = self.contract.query(actor, evm::GET_BYTECODE_HASH)?;
        let returned = rt.read_return(&sent).ok().flatten();
        let returned =
            returned.ok_or_else(|| Abort::serialization("GetBytecodeHash gave nothing"))?;
        let hash: [u8; 32] = decode_all(&returned.data, |reader| reader.byte_array())?;
        if let Some(code) = self.known(address)
            && hash != EMPTY_CODE_HASH
        {
            code.hash = Some(hash);
        }
        Ok(hash)
    }

    /// EXTCODECOPY: fills `dest` with code from `offset` on, zeros behind its end.
    pub(super) fn copy_of_code(
        &mut self,
        address: &H160,
        offset: usize,
        dest: &mut [u8],
    ) -> Result<(), Abort> {
        let mut filled = 0;
        match self.kind_of(address)? {
            Kind::Evm(actor) => {
                if let Some(block) = self.code_block(address, actor)?
                    && block != EMPTY_CODE
                {
                    filled = self.read_code(&block, offset, dest)?;
                }
            }
            Kind::Native if offset == 0 && !dest.is_empty() => {
                dest[..1].copy_from_slice(&NATIVE_CODE);
                filled = 1;
            }
            _ => {}
        }
        dest[filled..].fill(0);
        Ok(())
    }

    fn read_code(&self, block: &Cid, offset: usize, dest: &mut [u8]) -> Result<usize, Abort> {
        let rt = self.rt();
        let opened = rt.open_block(block).map_err(no_code)?;
        match u32::try_from(offset) {
            Ok(offset) if offset < opened.size && !dest.is_empty() => {
                rt.read_block(opened.id, offset, dest).map_err(no_code)
            }
            _ => Ok(0),
        }
    }
}

#[cold]
fn no_code(error: fevm_runtime::ErrorNumber) -> Abort {
    Abort::new(
        ExitCode::NOT_FOUND,
        format!("code is not in the store: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha3::Digest;

    #[test]
    fn hash_of_native_code() {
        assert_eq!(
            NATIVE_CODE_HASH[..],
            sha3::Keccak256::digest(NATIVE_CODE)[..]
        );
    }
}
