// The formats of LibTorch itself.
// The TorchScript form is source text that LibTorch compiles, rather than a trace of the network:
// so it keeps any size of its input, and reads well in Python's `print(module.code)`.
#include <fmt/format.h>
#include <torch/script.h>
#include <torch/serialize.h>

#include <memory>
#include <sstream>

#include "nn/export/operations.h"
#include "nn/normalisation.h"
#include "proxseg/nn/export/export.h"

namespace proxseg {
namespace {

namespace jit = torch::jit;

// Convolution, norm and ReLU as a module with children conv and norm.
std::string block_source(const UNetOptions& options, int64_t channels) {
  const bool reflect = options.padding == Padding::kReflect;
  std::string source = "def forward(self, x):\n";
  if (reflect) source += "    x = torch.reflection_pad2d(x, [1, 1, 1, 1])\n";
  source += fmt::format("    x = torch.conv2d(x, self.conv.weight, self.conv.bias, 1, {})\n",
                        reflect ? 0 : 1);
  if (options.norm == Norm::kBatch) {
    source += fmt::format(
        "    x = torch.batch_norm(x, self.norm.weight, self.norm.bias, self.norm.running_mean,\n"
        "                         self.norm.running_var, False, 0.0, {}, True)\n",
        kNormEpsilon);
  } else if (options.norm == Norm::kGroup) {
    source += fmt::format("    x = torch.group_norm(x, {}, self.norm.weight, self.norm.bias, {})\n",
                          group_count(channels), kNormEpsilon);
  }
  return source + "    return torch.relu(x)\n";
}

std::string expression(const Operation& operation, const UNetOptions& options) {
  const auto x = [&](size_t i) { return fmt::format("x{}", operation.inputs[i]); };
  const int64_t r = options.pixel_unshuffle, stride = stride_of(options);
  switch (operation.kind) {
    case OperationKind::kInput:
      return fmt::format("torch.replication_pad2d(x, [0, -width % {0}, 0, -height % {0}])", stride);
    case OperationKind::kPixelUnshuffle:
      return fmt::format("torch.pixel_unshuffle({}, {})", x(0), r);
    case OperationKind::kConvBlock:
      return fmt::format("self.{}.forward({})", operation.module, x(0));
    case OperationKind::kMagnitude:
      return fmt::format("torch.abs({})", x(0));
    case OperationKind::kMaxPool:
      return fmt::format("torch.max_pool2d({}, 2)", x(0));
    case OperationKind::kUpsample:
      return fmt::format("torch.upsample_bilinear2d({}, None, False, [2.0, 2.0])", x(0));
    case OperationKind::kSubtract:
      return fmt::format("{} - {}", x(0), x(1));
    case OperationKind::kConcat:
      return fmt::format("torch.cat([{}, {}], 1)", x(0), x(1));
    case OperationKind::kOutput:
      return fmt::format("torch.conv2d({}, self.{m}.weight, {bias})", x(0),
                         fmt::arg("m", operation.module),
                         fmt::arg("bias", options.out_bias ? "self.output.bias" : "None"));
    case OperationKind::kPixelShuffle:
      return fmt::format("torch.pixel_shuffle({}, {})", x(0), r);
  }
  return "";
}

std::string network_source(const UNetOptions& options) {
  const auto operations = forward_operations(options);
  std::string source =
      "def forward(self, x):\n"
      "    height, width = x.size(2), x.size(3)\n";
  for (size_t i = 0; i < operations.size(); ++i) {
    source += fmt::format("    x{} = {}\n", i, expression(operations[i], options));
  }
  return source + fmt::format("    return x{}[:, :, :height, :width]\n", operations.size() - 1);
}

std::pair<std::string, std::string> split_last(const std::string& path) {
  const size_t dot = path.rfind('.');
  if (dot == std::string::npos) return {"", path};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

// Modules within modules, made as the names of the weights ask for them.
class ModuleTree {
 public:
  ModuleTree() { modules_.emplace("", make()); }

  void add(const NamedTensor& weight) {
    const auto [path, name] = split_last(weight.first);
    const bool is_parameter = name == "weight" || name == "bias";
    at(path).register_parameter(name, weight.second.clone(), /*is_buffer=*/!is_parameter);
  }

  // path: "" is the whole.
  jit::Module& at(const std::string& path) {
    const auto found = modules_.find(path);
    if (found != modules_.end()) return found->second;
    const auto [parent, name] = split_last(path);
    jit::Module& module = modules_.emplace(path, make()).first->second;
    at(parent).register_module(name, module);
    return module;
  }

 private:
  jit::Module make() const {
    return jit::Module(c10::QualifiedName("__torch__.proxseg.Module"), unit_,
                       /*shouldMangle=*/true);
  }

  std::shared_ptr<jit::CompilationUnit> unit_ = std::make_shared<jit::CompilationUnit>();
  std::map<std::string, jit::Module> modules_;
};

}  // namespace

std::string to_torchscript(const UNet& network, const Metadata& metadata) {
  const UNetOptions& options = network.options();
  ModuleTree tree;
  for (const NamedTensor& weight : network.state()) tree.add(weight);
  for (const Operation& operation : forward_operations(options)) {
    if (operation.kind != OperationKind::kConvBlock) continue;
    jit::Module& block = tree.at(operation.module);
    const int64_t channels = tree.at(operation.module + ".conv").attr("bias").toTensor().size(0);
    block.define(block_source(options, channels));
  }
  tree.at("").define(network_source(options));
  std::ostringstream bytes;
  tree.at("").save(bytes, jit::ExtraFilesMap(metadata.begin(), metadata.end()));
  return std::move(bytes).str();
}

torch::Tensor forward_torchscript(const std::string& bytes, const torch::Tensor& x) {
  torch::NoGradGuard no_grad;
  std::istringstream stream(bytes);
  return jit::load(stream).forward({x}).toTensor();
}

// A tuple of pairs: Python's safe loader refuses the typed dictionaries that LibTorch writes.
std::string to_state_dict(const UNet& network) {
  std::vector<c10::IValue> pairs;
  for (const auto& [name, tensor] : network.state()) {
    pairs.emplace_back(c10::ivalue::Tuple::create({name, tensor.contiguous()}));
  }
  const auto bytes = torch::pickle_save(c10::ivalue::Tuple::create(std::move(pairs)));
  return {bytes.begin(), bytes.end()};
}

std::vector<NamedTensor> parse_state_dict(const std::string& bytes) {
  const c10::IValue pairs = torch::pickle_load({bytes.begin(), bytes.end()});
  std::vector<NamedTensor> state;
  for (const c10::IValue& pair : pairs.toTupleRef().elements()) {
    const auto& elements = pair.toTupleRef().elements();
    state.emplace_back(elements[0].toStringRef(), elements[1].toTensor());
  }
  return state;
}

}  // namespace proxseg
