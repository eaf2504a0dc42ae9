#include "nn/export/onnx_graph.h"

#include <bit>

namespace proxseg {
namespace {

// Numbers of the fields and types, as in onnx.proto.
namespace model_field {
constexpr int kIrVersion = 1, kProducer = 2, kGraph = 7, kOpset = 8, kMetadata = 14;
}
namespace graph_field {
constexpr int kNode = 1, kName = 2, kConstant = 5, kInput = 11, kOutput = 12;
}
namespace node_field {
constexpr int kInput = 1, kOutput = 2, kName = 3, kType = 4, kAttribute = 5;
}
namespace attribute_field {
constexpr int kName = 1, kInteger = 3, kText = 4, kIntegers = 8, kType = 20;
}
namespace tensor_field {
constexpr int kDimension = 1, kType = 2, kName = 8, kData = 9;
}
namespace value_field {
constexpr int kName = 1, kType = 2, kTensor = 1, kElement = 1, kShape = 2, kDimension = 1;
constexpr int kSize = 1, kSymbol = 2;
}  // namespace value_field
constexpr int64_t kIrVersion = 7;  // what came with opset 13
constexpr int64_t kFloatData = 1, kInt64Data = 7;
constexpr int64_t kIntegerType = 2, kTextType = 3, kIntegersType = 7;
static_assert(std::endian::native == std::endian::little, "ONNX data is little-endian");

ProtobufMessage attribute_message(const std::string& name, const OnnxGraph::Attribute& value) {
  using namespace attribute_field;
  ProtobufMessage message;
  message.add_bytes(kName, name);
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    message.add_integer(kInteger, *integer);
    message.add_integer(kType, kIntegerType);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    message.add_bytes(kText, *text);
    message.add_integer(kType, kTextType);
  } else {
    for (const int64_t item : std::get<std::vector<int64_t>>(value)) {
      message.add_integer(kIntegers, item);
    }
    message.add_integer(kType, kIntegersType);
  }
  return message;
}

// A ValueInfoProto: name and type of an input or output.
ProtobufMessage image_value(const std::string& name, int64_t channels) {
  using namespace value_field;
  ProtobufMessage shape;
  for (const char* symbol : {"N", "C", "H", "W"}) {
    ProtobufMessage dimension;
    if (*symbol == 'C') {
      dimension.add_integer(kSize, channels);
    } else {
      dimension.add_bytes(kSymbol, symbol);
    }
    shape.add_bytes(kDimension, dimension.bytes());
  }
  ProtobufMessage tensor, type, value;
  tensor.add_integer(kElement, kFloatData);
  tensor.add_bytes(kShape, shape.bytes());
  type.add_bytes(kTensor, tensor.bytes());
  value.add_bytes(kName, name);
  value.add_bytes(kType, type.bytes());
  return value;
}

}  // namespace

void OnnxGraph::add_input(const std::string& name, int64_t channels) {
  graph_.add_bytes(graph_field::kInput, image_value(name, channels).bytes());
}

void OnnxGraph::add_output(const std::string& name, int64_t channels) {
  graph_.add_bytes(graph_field::kOutput, image_value(name, channels).bytes());
}

std::string OnnxGraph::add_constant(const std::string& name, const torch::Tensor& value) {
  using namespace tensor_field;
  const auto data = value.detach().to(torch::kCPU).contiguous();
  ProtobufMessage tensor;
  for (const int64_t size : data.sizes()) tensor.add_integer(kDimension, size);
  tensor.add_integer(kType, data.scalar_type() == torch::kInt64 ? kInt64Data : kFloatData);
  tensor.add_bytes(kName, name);
  tensor.add_bytes(kData, {static_cast<const char*>(data.data_ptr()), data.nbytes()});
  graph_.add_bytes(graph_field::kConstant, tensor.bytes());
  return name;
}

std::string OnnxGraph::add_node(const std::string& type, const std::vector<std::string>& inputs,
                                const std::string& output, const Attributes& attributes) {
  using namespace node_field;
  ProtobufMessage node;
  for (const std::string& input : inputs) node.add_bytes(kInput, input);
  node.add_bytes(kOutput, output);
  node.add_bytes(kName, output);
  node.add_bytes(kType, type);
  for (const auto& [name, value] : attributes) {
    node.add_bytes(kAttribute, attribute_message(name, value).bytes());
  }
  graph_.add_bytes(graph_field::kNode, node.bytes());
  return output;
}

std::string OnnxGraph::model(int64_t opset,
                             const std::map<std::string, std::string>& metadata) const {
  constexpr int kKey = 1, kValue = 2, kOpsetVersion = 2;
  ProtobufMessage graph = graph_;
  graph.add_bytes(graph_field::kName, "unet");
  ProtobufMessage operators;
  operators.add_integer(kOpsetVersion, opset);
  ProtobufMessage model;
  model.add_integer(model_field::kIrVersion, kIrVersion);
  model.add_bytes(model_field::kProducer, "proxseg");
  model.add_bytes(model_field::kOpset, operators.bytes());
  model.add_bytes(model_field::kGraph, graph.bytes());
  for (const auto& [key, value] : metadata) {
    ProtobufMessage property;
    property.add_bytes(kKey, key);
    property.add_bytes(kValue, value);
    model.add_bytes(model_field::kMetadata, property.bytes());
  }
  return model.bytes();
}

}  // namespace proxseg
