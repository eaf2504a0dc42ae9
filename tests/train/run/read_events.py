"""Prints the events of a TensorBoard file, one a line, read by Google's protobuf with TensorFlow's messages.

Fails where a length or a record does not have its checksum, or where there is an unknown field."""
import struct
import sys

import crcmod.predefined
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FIELD = descriptor_pb2.FieldDescriptorProto
crc32c = crcmod.predefined.mkCrcFun("crc-32c")


def messages():
    """Event and Summary, as far as they are used here, of tensorflow/core/{util/event,framework/summary}.proto."""
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="tensorflow", syntax="proto3")

    def add(message, name, number, kind, label=FIELD.LABEL_OPTIONAL, type_name=None):
        message.field.add(name=name, number=number, type=kind, label=label, type_name=type_name)

    summary = file.message_type.add(name="Summary")
    value = summary.nested_type.add(name="Value")
    add(value, "tag", 1, FIELD.TYPE_STRING)
    add(value, "simple_value", 2, FIELD.TYPE_FLOAT)
    add(summary, "value", 1, FIELD.TYPE_MESSAGE, FIELD.LABEL_REPEATED, ".tensorflow.Summary.Value")
    event = file.message_type.add(name="Event")
    add(event, "wall_time", 1, FIELD.TYPE_DOUBLE)
    add(event, "step", 2, FIELD.TYPE_INT64)
    add(event, "file_version", 3, FIELD.TYPE_STRING)
    add(event, "summary", 5, FIELD.TYPE_MESSAGE, type_name=".tensorflow.Summary")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("tensorflow.Event"))


def masked_crc(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def checked(data, crc):
    assert struct.unpack("<I", crc)[0] == masked_crc(data), "a wrong checksum"
    return data


def records(stream):
    while length := stream.read(8):
        size = struct.unpack("<Q", checked(length, stream.read(4)))[0]
        yield checked(stream.read(size), stream.read(4))


Event = messages()
with open(sys.argv[1], "rb") as stream:
    for record in records(stream):
        event = Event.FromString(record)
        size = event.ByteSize()
        event.DiscardUnknownFields()
        assert event.ByteSize() == size, "an unknown field"
        values = [f"{value.tag}={value.simple_value:.6g}" for value in event.summary.value]
        print(event.wall_time, event.step, event.file_version or "-", *values)
