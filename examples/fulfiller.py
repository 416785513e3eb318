"""A fulfiller: leases the tasks of a channel, pretends to order, reports. Knows nothing but the address: reflection does the rest.

    pip install grpcio grpcio-reflection grpcio-status
    python examples/fulfiller.py 127.0.0.1:50051 \
        "$(largesse token --tenant demo --agent florist-1 --role fulfiller --channels florist)" florist

With --once it takes what there is and ends; without, it goes on.
"""

import sys

import grpc
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status
from google.rpc import error_details_pb2


class Fulfilment:
    def __init__(self, address, token):
        self.channel = grpc.insecure_channel(address)
        self.pool = DescriptorPool(ProtoReflectionDescriptorDatabase(self.channel))
        self.metadata = [("authorization", "Bearer " + token)]

    def call(self, method, timeout=30, **request):
        """Calls a method with a request in JSON's shape; a stream is answered as a list."""
        found = self.pool.FindServiceByName("largesse.v1.FulfilmentService").FindMethodByName(method)
        ask, answer = (message_factory.GetMessageClass(t) for t in (found.input_type, found.output_type))
        make = self.channel.unary_stream if found.server_streaming else self.channel.unary_unary
        stub = make(f"/largesse.v1.FulfilmentService/{method}",
                    request_serializer=ask.SerializeToString, response_deserializer=answer.FromString)
        response = stub(json_format.ParseDict(request, ask()), metadata=self.metadata, timeout=timeout)
        as_dict = lambda message: json_format.MessageToDict(message, preserving_proto_field_name=True)
        return map(as_dict, response) if found.server_streaming else as_dict(response)


class Vendor:
    """Somebody with a catalog and a till. The task's id is the idempotency key: ordered twice, it is one order."""

    def __init__(self):
        self.orders = {}

    def order(self, task):
        return self.orders.setdefault(task["task_id"], f"ORDER-{len(self.orders) + 1}")

    def deliver(self, task):
        """What it cost: a little less than was approved."""
        return int(task["amount"]["minor_units"]) * 93 // 100


def reason_of(error):
    """The stable reason of a refusal; none: the connection is to blame."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return info.reason
    return None


def fulfil(largesse, vendor, task):
    lease = {"task_id": task["task_id"], "fencing_token": task["fencing_token"]}
    try:
        order = task.get("order_reference")  # set: somebody has ordered it and was not heard of since
        if not order:
            order = vendor.order(task)
            largesse.call("ReportDispatched", **lease, order_reference=order)
        cost = {"minor_units": vendor.deliver(task), "currency": task["amount"]["currency"]}
        result = largesse.call("ReportDelivered", **lease, actual_cost=cost, proof_reference=f"photo-of-{order}")["result"]
        print(f"{task['kind']} for {task['customer_id']}: {order}, {result['state']}, "
              f"promise {result.get('promise', 'none')}, {int(result['released']['minor_units']) / 100:.2f} given back")
    except grpc.RpcError as error:
        # LEASE_LOST, STATE_FORBIDS: somebody else has it now, or it was cancelled. The vendor is told, not Largesse.
        print(f"task {task['task_id']}: {reason_of(error) or error.code()}")


def main(address, token, channel, once):
    largesse, vendor = Fulfilment(address, token), Vendor()
    while True:
        wait = {} if once else {"wait": "60s"}
        for answer in largesse.call("LeaseTasks", channel=channel, max_tasks=10, lease_duration="60s", timeout=90, **wait):
            for task in answer.get("tasks", []):
                fulfil(largesse, vendor, task)
        if once:
            return


arguments = [argument for argument in sys.argv[1:] if argument != "--once"]
main(*arguments, once="--once" in sys.argv)
