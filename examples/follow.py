"""Follows what happens, from a cursor in a file: broken off anywhere and started again, it misses nothing, and prints nothing
twice but the event at which it was killed between printing and keeping its cursor.

    pip install grpcio grpcio-reflection
    python examples/follow.py 127.0.0.1:50051 "$(largesse token --tenant demo --agent feed --role follower)" cursor.txt
"""

import os
import sys
import time

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase


def pages(channel, token, cursor):
    """Pages of events after a cursor, without an end. The service ends a stream now and then: begin again where it ended."""
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    watch = pool.FindServiceByName("largesse.v1.EventService").FindMethodByName("WatchEvents")
    request, response = (message_factory.GetMessageClass(t) for t in (watch.input_type, watch.output_type))
    stub = channel.unary_stream(
        "/largesse.v1.EventService/WatchEvents", request_serializer=request.SerializeToString,
        response_deserializer=response.FromString)
    while True:
        start = {"start": {"cursor": cursor}} if cursor else {}
        try:
            for page in stub(request(**start), metadata=[("authorization", "Bearer " + token)]):
                yield page
                cursor = page.cursor
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
        time.sleep(1)


def main(address, token, file):
    cursor = open(file).read() if os.path.exists(file) else ""
    for page in pages(grpc.insecure_channel(address), token, cursor):
        for event in page.events:
            amount = f"{event.amount.minor_units / 100:.2f} {event.amount.currency}" if event.HasField("amount") else ""
            print(event.type, event.gesture_id, amount, event.actor, event.facts, sep="\t", flush=True)
            keep(file, event.cursor)
        keep(file, page.cursor)


def keep(file, cursor):
    """What is done with an event and where one stands belong together: a database would keep both in one transaction."""
    with open(file + ".new", "w") as f:
        f.write(cursor)
    os.replace(file + ".new", file)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        pass
