"""A gRPC client that knows the API from server reflection only. Import it after venv.enter()."""

import grpc
from google.protobuf import descriptor_pool, message_factory
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase)


class Client:
    def __init__(self, port):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.reflection = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = descriptor_pool.DescriptorPool(self.reflection)

    def message(self, name, /, **fields):
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))(**fields)

    def call(self, service, method, as_=None, timeout=10, **fields):
        found = self.pool.FindServiceByName(service).FindMethodByName(method)
        request = message_factory.GetMessageClass(found.input_type)
        reply = message_factory.GetMessageClass(found.output_type)
        stub = self.channel.unary_unary(f"/{service}/{method}",
                                        request_serializer=request.SerializeToString,
                                        response_deserializer=reply.FromString)
        metadata = [("x-spm-as", as_)] if as_ else None
        return stub(request(**fields), timeout=timeout, metadata=metadata)


def details(error):
    """ErrorInfo and {field: remedy} of the status in the trailers."""
    info, fields = None, {}
    for key, value in error.trailing_metadata():
        if key == "grpc-status-details-bin":
            for one in status_pb2.Status.FromString(value).details:
                if one.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
                    info = error_details_pb2.ErrorInfo.FromString(one.value)
                if one.Is(error_details_pb2.BadRequest.DESCRIPTOR):
                    bad = error_details_pb2.BadRequest.FromString(one.value)
                    fields = {v.field: v.description for v in bad.field_violations}
    return info, fields
