//! Protobuf on the wire. As tonic's own, but for one thing: what cannot be read is the caller's mistake
//! (`INVALID_ARGUMENT`, with the field that prost names), where tonic would say that the service is broken (`INTERNAL`).

use std::marker::PhantomData;

use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::{ProstCodec, ProstEncoder};

use super::status::to_status;
use crate::problem::{Problem, Wrong};

/// The codec of every generated service and client.
#[derive(Debug, Clone)]
pub struct MessageCodec<T, U> {
    types: PhantomData<(T, U)>,
}

impl<T, U> Default for MessageCodec<T, U> {
    fn default() -> Self {
        Self { types: PhantomData }
    }
}

impl<T, U> Codec for MessageCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = MessageDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::raw_encoder(tonic::codec::BufferSettings::default())
    }

    fn decoder(&mut self) -> Self::Decoder {
        MessageDecoder {
            message: PhantomData,
        }
    }
}

/// Reads one message.
#[derive(Debug, Clone)]
pub struct MessageDecoder<U> {
    message: PhantomData<U>,
}

impl<U: Message + Default> Decoder for MessageDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        // What prost says of bytes that it cannot read names fields and wire types, never a value.
        U::decode(bytes).map(Some).map_err(|error| {
            to_status(Problem::invalid(
                "(the message)",
                Wrong::Malformed,
                format!("cannot be read: {error}"),
            ))
        })
    }
}
