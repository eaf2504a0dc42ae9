#include "nn/export/operations.h"

#include <fmt/format.h>

namespace proxseg {
namespace {

class OperationList {
 public:
  size_t add(OperationKind kind, std::vector<size_t> inputs, std::string module = {},
             int64_t channels = 0) {
    operations_.push_back({kind, std::move(inputs), std::move(module), channels});
    return operations_.size() - 1;
  }

  size_t add_blocks(size_t x, const std::string& module) {
    x = add(OperationKind::kConvBlock, {x}, module + ".first");
    return add(OperationKind::kConvBlock, {x}, module + ".second");
  }

  std::vector<Operation> take() { return std::move(operations_); }

 private:
  std::vector<Operation> operations_;
};

}  // namespace

std::vector<Operation> forward_operations(const UNetOptions& options) {
  OperationList list;
  std::vector<size_t> features, pooled;
  size_t x = list.add(OperationKind::kInput, {});
  if (options.pixel_unshuffle > 1) x = list.add(OperationKind::kPixelUnshuffle, {x});
  const size_t seen = x;
  for (int64_t i = 0; i < options.depth; ++i) {
    features.push_back(list.add_blocks(x, fmt::format("encoder{}", i)));
    pooled.push_back(list.add(OperationKind::kMaxPool, {features.back()}));
    x = pooled.back();
  }
  x = list.add_blocks(x, "middle");
  for (int64_t i = options.depth - 1; i >= 0; --i) {
    const auto level = static_cast<size_t>(i);
    if (options.skip == Skip::kDifference) {
      x = list.add(OperationKind::kSubtract, {x, pooled[level]}, "", options.channels << i);
    }
    x = list.add(OperationKind::kUpsample, {x});
    x = list.add(OperationKind::kConcat, {x, features[level]});
    x = list.add_blocks(x, fmt::format("decoder{}", i));
  }
  if (options.detail) {
    x = list.add(OperationKind::kConcat, {x, list.add(OperationKind::kMagnitude, {seen})});
  }
  x = list.add(OperationKind::kOutput, {x}, "output");
  if (options.pixel_unshuffle > 1) list.add(OperationKind::kPixelShuffle, {x});
  return list.take();
}

}  // namespace proxseg
