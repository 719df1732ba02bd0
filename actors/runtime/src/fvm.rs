//! The Filecoin VM behind [`Runtime`].

use crate::abort::Abort;
use crate::actor_type::ActorType;
use crate::cbor::to_be_bytes;
use crate::cid::{BLAKE2B_256, Cid, RAW};
use crate::exit_code::ExitCode;
use crate::params::Params;
use crate::runtime::{
    CidBytes, EVENT_FLAGS, EventEntry, Hash, MessageContext, NetworkContext, OpenBlock, Runtime,
    SendRequest, Sent,
};
use crate::{ActorId, ErrorNumber};
use core::cell::OnceCell;
#[cfg(target_arch = "wasm32")]
use core::mem::MaybeUninit;
use fvm_sdk::sys;
use fvm_shared::event::Flags;
use fvm_shared::sys::{SendFlags, TokenAmount};
use primitive_types::U256;

/// The hash syscall as it is: the SDK's function around it is not inlined where it is called twice.
#[cfg(target_arch = "wasm32")]
mod import {
    #[link(wasm_import_module = "crypto")]
    unsafe extern "C" {
        /// Writes the digest's length to `len`; gives an error number, 0 for none.
        pub(super) fn hash(
            len: *mut u32,
            code: u64,
            data: *const u8,
            data_len: u32,
            digest: *mut u8,
            digest_len: u32,
        ) -> u32;
    }
}

/// Handle of "no block".
const NO_BLOCK: u32 = 0;

/// The machine that runs this instance.
#[derive(Debug)]
pub struct Fvm {
    message: MessageContext,
    network: OnceCell<NetworkContext>,
    params: u32,
}

const fn atto(amount: TokenAmount) -> u128 {
    ((amount.hi as u128) << 64) | amount.lo as u128
}

/// [`Runtime::hash`], for code that has no runtime at hand.
pub fn hash(hash: Hash, data: &[u8], digest: &mut [u8]) {
    // SAFETY: pointers and lengths are those of the slices.
    let result = unsafe {
        sys::crypto::hash(
            hash as u64,
            data.as_ptr(),
            data.len() as u32,
            digest.as_mut_ptr(),
            digest.len() as u32,
        )
    };
    if result.is_err() {
        panic!("hash function refused")
    }
}

/// [`Runtime::recover_secp256k1`], for code that has no runtime at hand.
pub fn recover_secp256k1(digest: &[u8; 32], signature: &[u8; 65]) -> Result<[u8; 65], ErrorNumber> {
    // SAFETY: the pointers are to arrays of the lengths that the call reads.
    unsafe { sys::crypto::recover_secp_public_key(digest.as_ptr(), signature.as_ptr()) }
}

impl Fvm {
    /// The machine, asked for the message context: one host call. `params` is the handle that
    /// `invoke` was given.
    #[must_use]
    pub fn new(params: u32) -> Self {
        // SAFETY: the call takes no pointers but the SDK's own for the result.
        let context = unsafe { sys::vm::message_context() };
        let Ok(context) = context else {
            panic!("no message context")
        };
        Self {
            message: MessageContext {
                origin: context.origin,
                nonce: context.nonce,
                caller: context.caller,
                receiver: context.receiver,
                method: context.method_number,
                value: atto(context.value_received),
                gas_premium: atto(context.gas_premium),
                read_only: { context.flags }.read_only(),
            },
            network: OnceCell::new(),
            params,
        }
    }
}

impl Runtime for Fvm {
    #[inline]
    fn message(&self) -> &MessageContext {
        &self.message
    }

    #[inline]
    fn network(&self) -> &NetworkContext {
        self.network.get_or_init(|| {
            // SAFETY: the call takes no pointers but the SDK's own for the result.
            let context = unsafe { sys::network::context() };
            let Ok(context) = context else {
                panic!("no network context")
            };
            NetworkContext {
                epoch: context.epoch,
                timestamp: context.timestamp,
                base_fee: atto(context.base_fee),
                chain_id: context.chain_id,
                network_version: { context.network_version }.into(),
            }
        })
    }

    fn params(&self) -> Result<Params, Abort> {
        if self.params == NO_BLOCK {
            return Ok(Params::default());
        }
        // SAFETY: the call takes no pointers but the SDK's own for the result.
        let stat = unsafe { sys::ipld::block_stat(self.params) };
        let (codec, size) = match stat {
            Ok(stat) => (stat.codec, stat.size),
            Err(_) => return Err(Abort::illegal_argument("no parameter block")),
        };
        let data = self
            .read_whole(self.params, size)
            .map_err(|_| Abort::illegal_argument("unreadable parameters"))?;
        Ok(Params {
            codec,
            data: Some(data),
        })
    }

    fn root(&self) -> Result<Cid, ErrorNumber> {
        let mut buffer = [0; CidBytes::MAX];
        // SAFETY: pointer and length are those of the buffer.
        let len = unsafe { sys::sself::root(buffer.as_mut_ptr(), CidBytes::MAX as u32) }?;
        Cid::from_bytes(buffer.get(..len as usize).unwrap_or_default())
            .ok_or(ErrorNumber::IllegalCid)
    }

    fn set_root(&self, root: &Cid) -> Result<(), ErrorNumber> {
        // SAFETY: the pointer is to a whole CID, whose length its own bytes tell.
        unsafe { sys::sself::set_root(root.as_bytes().as_ptr()) }
    }

    fn open_block(&self, cid: &Cid) -> Result<OpenBlock, ErrorNumber> {
        // SAFETY: the pointer is to a whole CID, whose length its own bytes tell.
        let block = unsafe { sys::ipld::block_open(cid.as_bytes().as_ptr()) }?;
        Ok(OpenBlock {
            id: block.id,
            codec: block.codec,
            size: block.size,
        })
    }

    fn read_block(&self, id: u32, offset: u32, buffer: &mut [u8]) -> Result<usize, ErrorNumber> {
        let len = buffer.len() as u32;
        // SAFETY: pointer and length are those of the buffer.
        let remaining = unsafe { sys::ipld::block_read(id, offset, buffer.as_mut_ptr(), len) }?;
        Ok(if remaining < 0 {
            len.saturating_sub(remaining.unsigned_abs()) as usize
        } else {
            len as usize
        })
    }

    fn create_block(&self, codec: u64, data: &[u8]) -> Result<u32, ErrorNumber> {
        // SAFETY: pointer and length are those of the slice.
        unsafe { sys::ipld::block_create(codec, data.as_ptr(), data.len() as u32) }
    }

    fn link_block(&self, id: u32) -> Result<Cid, ErrorNumber> {
        let mut buffer = [0; Cid::LEN];
        // SAFETY: pointer and length are those of the buffer.
        let len = unsafe {
            sys::ipld::block_link(id, BLAKE2B_256, 32, buffer.as_mut_ptr(), Cid::LEN as u32)
        }?;
        Cid::from_bytes(buffer.get(..len as usize).unwrap_or_default())
            .ok_or(ErrorNumber::IllegalCid)
    }

    fn send(&self, request: SendRequest<'_>) -> Result<Sent, ErrorNumber> {
        let params = match request.params {
            Some((codec, data)) => self.create_block(codec, data)?,
            None => NO_BLOCK,
        };
        let flags = if request.read_only {
            SendFlags::READ_ONLY
        } else {
            SendFlags::empty()
        };
        // SAFETY: pointer and length are those of the address.
        let sent = unsafe {
            sys::send::send(
                request.to.as_ptr(),
                request.to.len() as u32,
                request.method,
                params,
                (request.value >> 64) as u64,
                request.value as u64,
                request.gas_limit.unwrap_or(u64::MAX),
                flags,
            )
        }?;
        Ok(Sent {
            exit_code: ExitCode::new(sent.exit_code),
            block: sent.return_id,
            codec: sent.return_codec,
            size: sent.return_size,
        })
    }

    fn resolve_address(&self, address: &[u8]) -> Result<Option<ActorId>, ErrorNumber> {
        // SAFETY: pointer and length are those of the address.
        match unsafe { sys::actor::resolve_address(address.as_ptr(), address.len() as u32) } {
            Ok(id) => Ok(Some(id)),
            Err(ErrorNumber::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn delegated_address(
        &self,
        actor: ActorId,
        buffer: &mut [u8; 65],
    ) -> Result<usize, ErrorNumber> {
        // SAFETY: pointer and length are those of the buffer.
        unsafe { sys::actor::lookup_delegated_address(actor, buffer.as_mut_ptr(), 65) }
            .map(|len| (len as usize).min(65))
    }

    fn code_cid(&self, actor: ActorId) -> Result<Option<CidBytes>, ErrorNumber> {
        let mut buffer = [0; CidBytes::MAX];
        // SAFETY: pointer and length are those of the buffer.
        let len = unsafe {
            sys::actor::get_actor_code_cid(actor, buffer.as_mut_ptr(), CidBytes::MAX as u32)
        };
        match len {
            Ok(len) => Ok(Some(CidBytes::new(buffer, len as usize))),
            Err(ErrorNumber::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn type_of_code(&self, code: &CidBytes) -> Result<Option<ActorType>, ErrorNumber> {
        // SAFETY: the pointer is to a whole CID, whose length its own bytes tell.
        let number = unsafe { sys::actor::get_builtin_actor_type(code.buffer().as_ptr()) }?;
        Ok(ActorType::from_number(number))
    }

    fn code_of_type(&self, actor_type: ActorType) -> Result<CidBytes, ErrorNumber> {
        let mut buffer = [0; CidBytes::MAX];
        // SAFETY: pointer and length are those of the buffer.
        let len = unsafe {
            sys::actor::get_code_cid_for_type(
                actor_type as i32,
                buffer.as_mut_ptr(),
                CidBytes::MAX as u32,
            )
        }?;
        Ok(CidBytes::new(buffer, len as usize))
    }

    fn next_actor_address(&self) -> Result<Vec<u8>, ErrorNumber> {
        let mut buffer = vec![0; 65];
        // SAFETY: pointer and length are those of the buffer.
        let len = unsafe { sys::actor::next_actor_address(buffer.as_mut_ptr(), 65) }?;
        buffer.truncate(len as usize);
        Ok(buffer)
    }

    fn create_actor(
        &self,
        actor: ActorId,
        code: &CidBytes,
        delegated: Option<&[u8]>,
    ) -> Result<(), ErrorNumber> {
        let delegated = delegated.unwrap_or_default();
        // SAFETY: the code pointer is to a whole CID, whose length its own bytes tell; pointer and
        // length of the address are those of its slice.
        unsafe {
            sys::actor::create_actor(
                actor,
                code.buffer().as_ptr(),
                delegated.as_ptr(),
                delegated.len() as u32,
            )
        }
    }

    fn balance_of(&self, actor: ActorId) -> Result<u128, ErrorNumber> {
        // SAFETY: the call takes no pointers but the SDK's own for the result.
        unsafe { sys::actor::balance_of(actor) }.map(atto)
    }

    fn balance(&self) -> u128 {
        // SAFETY: the call takes no pointers but the SDK's own for the result.
        match unsafe { sys::sself::current_balance() } {
            Ok(balance) => atto(balance),
            Err(_) => panic!("no balance"),
        }
    }

    fn gas_available(&self) -> u64 {
        // SAFETY: the call takes no pointers but the SDK's own for the result.
        match unsafe { sys::gas::available() } {
            Ok(gas) => gas,
            Err(_) => panic!("no gas counter"),
        }
    }

    fn hash(&self, hash: Hash, data: &[u8], digest: &mut [u8]) {
        self::hash(hash, data, digest);
    }

    #[cfg(target_arch = "wasm32")]
    #[inline(always)]
    fn keccak256(&self, data: &[u8]) -> [u8; 32] {
        let mut digest = MaybeUninit::<[u8; 32]>::uninit();
        let mut len = MaybeUninit::<u32>::uninit();
        // SAFETY: pointers and lengths are those of the slice, the digest and its length, both of which the
        // call fills if it succeeds.
        unsafe {
            let error = import::hash(
                len.as_mut_ptr(),
                Hash::Keccak256 as u64,
                data.as_ptr(),
                data.len() as u32,
                digest.as_mut_ptr().cast(),
                32,
            );
            if error != 0 {
                panic!("hash function refused");
            }
            digest.assume_init()
        }
    }

    fn recover_secp256k1(
        &self,
        digest: &[u8; 32],
        signature: &[u8; 65],
    ) -> Result<[u8; 65], ErrorNumber> {
        recover_secp256k1(digest, signature)
    }

    fn verify_signature(
        &self,
        signature_type: u32,
        signature: &[u8],
        signer: &[u8],
        message: &[u8],
    ) -> Result<bool, ErrorNumber> {
        // SAFETY: pointers and lengths are those of the slices.
        unsafe {
            sys::crypto::verify_signature(
                signature_type,
                signature.as_ptr(),
                signature.len() as u32,
                signer.as_ptr(),
                signer.len() as u32,
                message.as_ptr(),
                message.len() as u32,
            )
        }
        .map(|result| result == 0)
    }

    fn beacon_randomness(&self, epoch: i64) -> Result<[u8; 32], ErrorNumber> {
        // SAFETY: the call takes no pointers but the SDK's own for the result.
        unsafe { sys::rand::get_beacon_randomness(epoch) }
    }

    fn tipset_cid(&self, epoch: i64) -> Result<CidBytes, ErrorNumber> {
        let mut buffer = [0; CidBytes::MAX];
        // SAFETY: pointer and length are those of the buffer.
        let len =
            unsafe { sys::network::tipset_cid(epoch, buffer.as_mut_ptr(), CidBytes::MAX as u32) }?;
        Ok(CidBytes::new(buffer, len as usize))
    }

    fn emit_event(&self, entries: &[EventEntry<'_>]) -> Result<(), ErrorNumber> {
        let mut heads = Vec::with_capacity(entries.len());
        let mut keys = Vec::with_capacity(entries.iter().map(|e| e.key.len()).sum());
        let mut values = Vec::with_capacity(entries.iter().map(|e| e.value.len()).sum());
        for entry in entries {
            heads.push(head(entry.key.len() as u32, entry.value.len() as u32));
            keys.extend_from_slice(entry.key.as_bytes());
            values.extend_from_slice(entry.value);
        }
        // SAFETY: pointers and lengths are those of the vectors.
        unsafe {
            sys::event::emit_event(
                heads.as_ptr(),
                heads.len() as u32,
                keys.as_ptr(),
                keys.len() as u32,
                values.as_ptr(),
                values.len() as u32,
            )
        }
    }

    fn emit_log(&self, topics: &[U256], data: &[u8]) -> Result<(), ErrorNumber> {
        // As `emit_event`, with heads and keys from constants.
        const KEYS: &[u8; 9] = b"t1t2t3t4d";
        let count = topics.len().min(4);
        let mut heads = [(); 5].map(|()| head(2, 32));
        let mut values = Vec::with_capacity(count * 32 + data.len());
        for topic in &topics[..count] {
            values.extend_from_slice(&to_be_bytes(topic));
        }
        let mut keys = [0; 9];
        keys.copy_from_slice(KEYS);
        keys[count * 2] = b'd';
        let mut entries = count;
        if !data.is_empty() {
            values.extend_from_slice(data);
            heads[count] = head(1, data.len() as u32);
            entries += 1;
        }
        // SAFETY: pointers are to buffers of at least the lengths given: at most five heads, and
        // two bytes of keys a topic and one for data.
        unsafe {
            sys::event::emit_event(
                heads.as_ptr(),
                entries as u32,
                keys.as_ptr(),
                (count * 2 + (entries - count)) as u32,
                values.as_ptr(),
                values.len() as u32,
            )
        }
    }
}

/// Head of an event entry.
const fn head(key_len: u32, val_len: u32) -> sys::event::EventEntry {
    sys::event::EventEntry {
        flags: Flags::from_bits_retain(EVENT_FLAGS),
        codec: RAW,
        key_len,
        val_len,
    }
}
