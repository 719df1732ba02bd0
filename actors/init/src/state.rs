//! State of the init actor: the tuple `[address map, next ID, network name]`.

use fevm_runtime::cbor::{Reader, Writer};
use fevm_runtime::params::decode_all;
use fevm_runtime::{Abort, ActorId, Cid, ErrorNumber, Runtime, cid};

use crate::hamt::{self, AddressMap};

/// IDs below are those of singletons.
const FIRST_ID: ActorId = 100;

pub(crate) struct State {
    address_map: Cid,
    next_id: ActorId,
    network_name: String,
}

impl State {
    /// The state at genesis, stored.
    pub(crate) fn create(rt: &impl Runtime, network_name: &str) -> Result<(), Abort> {
        let address_map = rt
            .put_block(cid::DAG_CBOR, &hamt::EMPTY)
            .map_err(unwritable)?;
        let state = Self {
            address_map,
            next_id: FIRST_ID,
            network_name: network_name.to_owned(),
        };
        state.save(rt)
    }

    pub(crate) fn load(rt: &impl Runtime) -> Result<Self, Abort> {
        let block = rt
            .root()
            .and_then(|root| rt.get_block(&root))
            .map_err(|error| Abort::illegal_argument(format!("cannot read the state: {error}")))?;
        let state = decode_all(&block, |reader: &mut Reader<'_>| {
            reader.tuple(3)?;
            Ok(Self {
                address_map: reader.link()?,
                next_id: reader.u64()?,
                network_name: reader.text()?.into_owned(),
            })
        });
        state.map_err(|error| Abort::illegal_argument(format!("state: {error}")))
    }

    pub(crate) fn save(&self, rt: &impl Runtime) -> Result<(), Abort> {
        let mut writer = Writer::with_capacity(64 + self.network_name.len());
        writer.array(3);
        writer.link(&self.address_map);
        writer.u64(self.next_id);
        writer.text(&self.network_name);
        rt.put_block(cid::DAG_CBOR, &writer.into_bytes())
            .and_then(|root| rt.set_root(&root))
            .map_err(unwritable)
    }

    /// Gives an address the ID that `delegated` has, or the next one; `delegated` gets it too.
    /// Whether the ID was there before comes second.
    ///
    /// # Errors
    /// 18 if the robust address has an ID already.
    pub(crate) fn assign(
        &mut self,
        rt: &impl Runtime,
        robust: &[u8],
        delegated: Option<&[u8]>,
    ) -> Result<(ActorId, bool), Abort> {
        let mut map = AddressMap::load(rt, &self.address_map)?;
        let existing = match delegated {
            Some(address) => map.insert(address, self.next_id)?,
            None => None,
        };
        let id = existing.unwrap_or(self.next_id);
        if existing.is_none() {
            self.next_id += 1;
        }
        if map.insert(robust, id)?.is_some() {
            return Err(Abort::forbidden("the robust address is assigned already"));
        }
        self.address_map = map.flush()?;
        Ok((id, existing.is_some()))
    }
}

#[cold]
fn unwritable(error: ErrorNumber) -> Abort {
    Abort::illegal_state(format!("cannot write the state: {error}"))
}
