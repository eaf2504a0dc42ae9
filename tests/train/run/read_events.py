"""Prints the events of a TensorBoard file, one a line, read by Google's protobuf with TensorFlow's messages.

Fails where a length or a record does not have its checksum, or where there is an unknown field."""
import struct
import sys

import crcmod.predefined
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FIELD = descriptor_pb2.FieldDescriptorProto
crc32c = crcmod.predefined.mkCrcFun("crc-32c")


def messages():
    """Event and HParamsPluginData, as far as they are used here, of tensorflow/core/{util/event,framework/summary}.proto
    and tensorboard/plugins/hparams/{plugin_data,api}.proto."""
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="tensorflow", syntax="proto3")

    def add(message, name, number, kind, label=FIELD.LABEL_OPTIONAL, type_name=None):
        message.field.add(name=name, number=number, type=kind, label=label, type_name=type_name)

    image = file.message_type.add(name="Image")
    for number, name in enumerate(("height", "width", "colorspace"), 1):
        add(image, name, number, FIELD.TYPE_INT32)
    add(image, "encoded_image_string", 4, FIELD.TYPE_BYTES)
    histogram = file.message_type.add(name="HistogramProto")
    for number, name in enumerate(("min", "max", "num", "sum", "sum_squares"), 1):
        add(histogram, name, number, FIELD.TYPE_DOUBLE)
    add(histogram, "bucket_limit", 6, FIELD.TYPE_DOUBLE, FIELD.LABEL_REPEATED)
    add(histogram, "bucket", 7, FIELD.TYPE_DOUBLE, FIELD.LABEL_REPEATED)
    plugin = file.message_type.add(name="PluginData")
    add(plugin, "plugin_name", 1, FIELD.TYPE_STRING)
    add(plugin, "content", 2, FIELD.TYPE_BYTES)
    metadata = file.message_type.add(name="SummaryMetadata")
    add(metadata, "plugin_data", 1, FIELD.TYPE_MESSAGE, type_name=".tensorflow.PluginData")
    summary = file.message_type.add(name="Summary")
    value = summary.nested_type.add(name="Value")
    add(value, "tag", 1, FIELD.TYPE_STRING)
    add(value, "simple_value", 2, FIELD.TYPE_FLOAT)
    add(value, "image", 4, FIELD.TYPE_MESSAGE, type_name=".tensorflow.Image")
    add(value, "histo", 5, FIELD.TYPE_MESSAGE, type_name=".tensorflow.HistogramProto")
    add(value, "metadata", 9, FIELD.TYPE_MESSAGE, type_name=".tensorflow.SummaryMetadata")
    add(summary, "value", 1, FIELD.TYPE_MESSAGE, FIELD.LABEL_REPEATED, ".tensorflow.Summary.Value")
    event = file.message_type.add(name="Event")
    add(event, "wall_time", 1, FIELD.TYPE_DOUBLE)
    add(event, "step", 2, FIELD.TYPE_INT64)
    add(event, "file_version", 3, FIELD.TYPE_STRING)
    add(event, "summary", 5, FIELD.TYPE_MESSAGE, type_name=".tensorflow.Summary")

    hparam = file.message_type.add(name="HParamInfo")
    add(hparam, "name", 1, FIELD.TYPE_STRING)
    add(hparam, "type", 4, FIELD.TYPE_INT32)
    metric_name = file.message_type.add(name="MetricName")
    add(metric_name, "tag", 2, FIELD.TYPE_STRING)
    metric = file.message_type.add(name="MetricInfo")
    add(metric, "name", 1, FIELD.TYPE_MESSAGE, type_name=".tensorflow.MetricName")
    experiment = file.message_type.add(name="Experiment")
    add(experiment, "time_created_secs", 3, FIELD.TYPE_DOUBLE)
    add(experiment, "hparam_infos", 4, FIELD.TYPE_MESSAGE, FIELD.LABEL_REPEATED, ".tensorflow.HParamInfo")
    add(experiment, "metric_infos", 5, FIELD.TYPE_MESSAGE, FIELD.LABEL_REPEATED, ".tensorflow.MetricInfo")
    setting = file.message_type.add(name="Setting")  # google.protobuf.Value
    setting.oneof_decl.add(name="kind")
    for number, name, kind in ((2, "number", FIELD.TYPE_DOUBLE), (3, "text", FIELD.TYPE_STRING), (4, "truth", FIELD.TYPE_BOOL)):
        add(setting, name, number, kind)
        setting.field[-1].oneof_index = 0
    entry = file.message_type.add(name="Entry")  # of a map
    add(entry, "key", 1, FIELD.TYPE_STRING)
    add(entry, "value", 2, FIELD.TYPE_MESSAGE, type_name=".tensorflow.Setting")
    start = file.message_type.add(name="SessionStartInfo")
    add(start, "hparams", 1, FIELD.TYPE_MESSAGE, FIELD.LABEL_REPEATED, ".tensorflow.Entry")
    add(start, "start_time_secs", 5, FIELD.TYPE_DOUBLE)
    end = file.message_type.add(name="SessionEndInfo")
    add(end, "status", 1, FIELD.TYPE_INT32)
    add(end, "end_time_secs", 2, FIELD.TYPE_DOUBLE)
    data = file.message_type.add(name="HParamsPluginData")
    add(data, "version", 1, FIELD.TYPE_INT32)
    add(data, "experiment", 2, FIELD.TYPE_MESSAGE, type_name=".tensorflow.Experiment")
    add(data, "session_start_info", 3, FIELD.TYPE_MESSAGE, type_name=".tensorflow.SessionStartInfo")
    add(data, "session_end_info", 4, FIELD.TYPE_MESSAGE, type_name=".tensorflow.SessionEndInfo")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return [factory.GetPrototype(pool.FindMessageTypeByName(f"tensorflow.{name}")) for name in ("Event", "HParamsPluginData")]


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


Event, HParamsPluginData = messages()


def parsed(kind, data):
    message = kind.FromString(data)
    size = message.ByteSize()
    message.DiscardUnknownFields()
    assert message.ByteSize() == size, "an unknown field"
    return message


def shown_hparams(data):
    if data.HasField("experiment"):
        settings = " ".join(f"{info.name}:{info.type}" for info in data.experiment.hparam_infos)
        return f"{settings} -> " + " ".join(info.name.tag for info in data.experiment.metric_infos)
    if data.HasField("session_start_info"):
        return " ".join(f"{entry.key}={getattr(entry.value, entry.value.WhichOneof('kind'))}"
                        for entry in data.session_start_info.hparams)
    return f"status {data.session_end_info.status}"


def shown(value):
    if value.HasField("image"):
        image = value.image
        return f"{value.tag}: {image.width} x {image.height} x {image.colorspace}, {image.encoded_image_string!r}"
    if value.HasField("histo"):
        histogram = value.histo
        assert sum(histogram.bucket) == histogram.num and len(histogram.bucket) == len(histogram.bucket_limit)
        filled = [f"<={limit:.4g}:{count:g}" for limit, count in zip(histogram.bucket_limit, histogram.bucket) if count]
        return f"{value.tag}: {histogram.min:g}..{histogram.max:g}, sum {histogram.sum:g}, {histogram.sum_squares:g}, " + " ".join(filled)
    if value.HasField("metadata"):
        plugin = value.metadata.plugin_data
        return f"{value.tag}: {plugin.plugin_name}: {shown_hparams(parsed(HParamsPluginData, plugin.content))}"
    return f"{value.tag}={value.simple_value:.6g}"


with open(sys.argv[1], "rb") as stream:
    for record in records(stream):
        event = parsed(Event, record)
        print(event.wall_time, event.step, event.file_version or "-", *map(shown, event.summary.value))
