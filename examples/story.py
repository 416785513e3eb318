"""The story of the white lilies, told by a client that knows nothing but the address: server reflection does the rest.

    pip install grpcio grpcio-reflection grpcio-status
    python examples/story.py 127.0.0.1:50051 "$(largesse token --tenant demo --agent fl-101 --role requester)"
"""

import sys
import uuid

import grpc
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase


class Largesse:
    def __init__(self, address, token):
        self.channel = grpc.insecure_channel(address)
        self.pool = DescriptorPool(ProtoReflectionDescriptorDatabase(self.channel))
        self.metadata = [("authorization", "Bearer " + token)]

    def call(self, service, method, **request):
        """Calls a method with a request in JSON's shape; answers in the same."""
        found = self.pool.FindServiceByName("largesse.v1." + service).FindMethodByName(method)
        ask, answer = (message_factory.GetMessageClass(t) for t in (found.input_type, found.output_type))
        stub = self.channel.unary_unary(
            f"/largesse.v1.{service}/{method}", request_serializer=ask.SerializeToString, response_deserializer=answer.FromString)
        response = stub(json_format.ParseDict(request, ask()), metadata=self.metadata, timeout=10)
        return json_format.MessageToDict(response, preserving_proto_field_name=True)


def euros(cents):
    return {"minor_units": cents, "currency": "EUR"}


def main(address, token):
    largesse = Largesse(address, token)
    case = f"case-{uuid.uuid4()}"
    for_ida = {
        "customer": {"id": f"ida-{case}"},
        "case_id": case,
        "occasion": "bereavement",
        "recipient": {"full_name": "Ida Sommer", "address_lines": ["Lindenweg 4"], "locality": "Potsdam",
                      "postal_code": "14467", "country": "DE"},
    }

    def request(request_id, **gesture):
        return largesse.call("GestureService", "RequestGesture", request_id=request_id, gesture={**for_ida, **gesture})

    for item in largesse.call("AuthorityService", "GetAuthority")["items"]:
        if item.get("offered"):
            print(f"may give {item['kind']}, now up to {int(item['largest_now'].get('minor_units', 0)) / 100:.2f} EUR")

    courier = request(str(uuid.uuid4()), kind="courier-pickup", amount=euros(1200),
                      waived_policies=["return-window-15-days", "customer-drops-parcel-off"])["gesture"]
    print("courier pickup:", courier["state"])
    assert courier["state"] == "GESTURE_STATE_APPROVED"

    lilies_id = str(uuid.uuid4())
    lilies = dict(kind="flowers", amount=euros(4500), reason="Her mother has died.", message="With our condolences.")
    first, again = request(lilies_id, **lilies), request(lilies_id, **lilies)
    print("white lilies:", first["gesture"]["state"], "- and again:", "a replay" if again.get("replayed") else "twice!")
    assert first["gesture"] == again["gesture"] and again["replayed"] and not first.get("replayed")

    basket = request(str(uuid.uuid4()), kind="gift-basket", amount=euros(7000))["gesture"]
    print("gift basket:", basket["decision"]["outcome"])
    for reason in basket["decision"]["reasons"]:
        print("   ", reason["text"])
    assert basket["decision"]["outcome"] == "DECISION_OUTCOME_NEEDS_APPROVAL"

    yacht = request(str(uuid.uuid4()), kind="yacht", amount=euros(100))["gesture"]
    print("yacht:", yacht["decision"]["outcome"], "-", yacht["decision"]["reasons"][0]["text"])
    assert yacht["decision"]["reasons"][0]["code"] == "KIND_NOT_OFFERED"

    cancelled = largesse.call("GestureService", "CancelGesture", gesture_id=lilies_id, etag=first["gesture"]["etag"])
    print("white lilies again:", cancelled["gesture"]["state"])
    assert cancelled["gesture"]["state"] == "GESTURE_STATE_CANCELLED"

    try:
        request("not-a-uuid", kind="", amount=euros(0))
    except grpc.RpcError as error:
        print("bad input:", error.code().name, "-", error.details())
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT


if __name__ == "__main__":
    main(*sys.argv[1:3])
