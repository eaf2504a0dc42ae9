#include "proxseg/nn/unet.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/nn.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "nn/kernels/kernels.h"
#include "nn/normalisation.h"
#include "proxseg/core/check.h"
#include "proxseg/core/device.h"
#include "proxseg/core/error.h"

namespace proxseg {
namespace nn = torch::nn;
namespace {

// 3 x 3 convolution, norm, ReLU.
struct ConvBlockImpl : nn::Module {
  ConvBlockImpl(int64_t in, int64_t out, const UNetOptions& options)
      : reflect(options.padding == Padding::kReflect) {
    conv =
        register_module("conv", nn::Conv2d(nn::Conv2dOptions(in, out, 3).padding(reflect ? 0 : 1)));
    if (options.norm == Norm::kBatch) batch_norm = register_module("norm", nn::BatchNorm2d(out));
    if (options.norm == Norm::kGroup) {
      group_norm = register_module("norm", nn::GroupNorm(group_count(out), out));
    }
  }

  torch::Tensor forward(torch::Tensor x) {
    if (reflect) x = pad_by_reflection(x);
    if (fused) return (*fused)(x);
    x = conv(x);
    if (batch_norm && is_training()) return batch_norm_relu(x, *batch_norm, sum);
    if (batch_norm) x = batch_norm(x);
    if (group_norm) x = group_norm(x.to(group_norm->weight.scalar_type()));
    return torch::relu_(x);
  }

  // Reflection needs two pixels on each side; a single row or column is repeated instead.
  static torch::Tensor pad_by_reflection(const torch::Tensor& x) {
    if (x.size(2) >= 2 && x.size(3) >= 2) return reflection_pad(x);
    return torch::replication_pad2d(x, {1, 1, 1, 1}).contiguous(torch::MemoryFormat::ChannelsLast);
  }

  void fold_norm() {
    if (!batch_norm) return;
    const auto folded = fold(
        {conv->weight, conv->bias},
        {batch_norm->weight, batch_norm->bias, batch_norm->running_mean, batch_norm->running_var});
    conv->weight.copy_(folded.weight);
    conv->bias.copy_(folded.bias);
    unregister_module("norm");
    batch_norm = nullptr;
  }

  // For inference only; again whenever the weights, their dtype or device have changed.
  void fuse_relu() {
    if (!batch_norm && !group_norm)
      fused.emplace(Convolution{conv->weight, conv->bias}, reflect ? 0 : 1);
  }

  bool reflect;
  SumOverProcesses sum;
  nn::Conv2d conv{nullptr};
  nn::BatchNorm2d batch_norm{nullptr};
  nn::GroupNorm group_norm{nullptr};
  std::optional<ConvolutionRelu> fused;
};
TORCH_MODULE(ConvBlock);

struct DoubleConvImpl : nn::Module {
  DoubleConvImpl(int64_t in, int64_t middle, int64_t out, const UNetOptions& options)
      : first(register_module("first", ConvBlock(in, middle, options))),
        second(register_module("second", ConvBlock(middle, out, options))) {}
  torch::Tensor forward(const torch::Tensor& x) { return second(first(x)); }

  ConvBlock first, second;
};
TORCH_MODULE(DoubleConv);

void check_options(const UNetOptions& o) {
  expect_value(o.in_channels >= 1, "in_channels", o.in_channels, ">= 1");
  expect_value(o.out_channels >= 1, "out_channels", o.out_channels, ">= 1");
  expect_value(o.channels >= 1 && o.channels <= 1024, "channels", o.channels, "in [1, 1024]");
  expect_value(o.depth >= 1 && o.depth <= 6, "depth", o.depth, "in [1, 6]");
  const auto r = o.pixel_unshuffle;
  expect_value(r == 1 || r == 2 || r == 4, "pixel_unshuffle", r, "1, 2 or 4");
}

// Seeds LibTorch's global generator, from which its layers draw their weights, for as long as this
// lives; then the generator is what it was.
class SeededGenerator {
 public:
  explicit SeededGenerator(uint64_t seed) : before_(generator_.get_state()) {
    generator_.set_current_seed(seed);
  }
  ~SeededGenerator() { generator_.set_state(before_); }
  SeededGenerator(const SeededGenerator&) = delete;
  SeededGenerator& operator=(const SeededGenerator&) = delete;

 private:
  at::Generator generator_ = at::detail::getDefaultCPUGenerator();
  torch::Tensor before_;
};

}  // namespace

struct UNet::Impl : nn::Module {
  explicit Impl(const UNetOptions& o) : options(o) {
    const int64_t cells = o.pixel_unshuffle * o.pixel_unshuffle;
    int64_t in = o.in_channels * cells;
    for (int64_t i = 0; i < o.depth; ++i) {
      const int64_t c = o.channels << i;
      encoder.push_back(register_module(fmt::format("encoder{}", i), DoubleConv(in, c, c, o)));
      in = c;
    }
    middle = register_module("middle", DoubleConv(in, 2 * in, in, o));
    for (int64_t i = o.depth - 1; i >= 0; --i) {
      const int64_t c = o.channels << i;
      decoder.push_back(
          register_module(fmt::format("decoder{}", i), DoubleConv(2 * c, c, i > 0 ? c / 2 : c, o)));
    }
    const int64_t seen = o.channels + (o.detail ? o.in_channels * cells : 0);
    const auto out = nn::Conv2dOptions(seen, o.out_channels * cells, 1).bias(o.out_bias);
    output = register_module("output", nn::Conv2d(out));
    for (auto& p : this->parameters()) {
      if (p.dim() == 4) p.set_data(p.contiguous(torch::MemoryFormat::ChannelsLast));
    }
  }

  // What the first convolution sees of an image: its cells, a multiple of the stride of its pixels.
  torch::Tensor cells_of(const torch::Tensor& image) const {
    const int64_t r = options.pixel_unshuffle, stride = stride_of(options);
    const auto x = image.to(computing_type(output->weight));
    if (r > 1 && folded) return stack_pixels(x, r, stride);
    const auto padded = pad_to_stride(x, stride);
    return r > 1 ? unshuffle_pixels(padded, r)
                 : padded.contiguous(torch::MemoryFormat::ChannelsLast);
  }

  // For the image of these cells, padded as they are.
  torch::Tensor forward(const torch::Tensor& cells) {
    auto x = cells;
    std::vector<torch::Tensor> features, pooled;
    for (auto& level : encoder) {
      features.push_back(level(x));
      pooled.push_back(torch::max_pool2d(features.back(), 2));
      x = pooled.back();
    }
    x = middle(x);
    for (auto& level : decoder) {
      if (options.skip == Skip::kDifference) x = x - pooled.back();
      x = level(upsample_beside(x, features.back()));
      features.pop_back();
      pooled.pop_back();
    }
    return output_layer({output->weight, output->bias}, x, options.detail ? cells : torch::Tensor(),
                        options.pixel_unshuffle);
  }

  void for_each_block(const std::function<void(ConvBlockImpl&)>& visit) {
    for (const auto& module : modules(/*include_self=*/false)) {
      if (auto* block = module->as<ConvBlockImpl>()) visit(*block);
    }
  }

  // Puts the weights that see cells in the order in which a folded network stacks their pixels.
  void stack_cells() {
    const int64_t r = options.pixel_unshuffle;
    if (r == 1) return;
    const auto order = stacking_order(options.in_channels, r);
    const auto follow = [&](const torch::Tensor& weights) {
      weights.copy_(weights.index_select(1, order.to(weights.device())));
    };
    follow(encoder.front()->first->conv->weight);
    if (options.detail) follow(output->weight.narrow(1, options.channels, order.numel()));
  }

  void fuse_relus() {
    for_each_block([](ConvBlockImpl& block) { block.fuse_relu(); });
  }

  UNetOptions options;
  bool folded = false;  // for inference only
  std::vector<DoubleConv> encoder, decoder;
  DoubleConv middle{nullptr};
  nn::Conv2d output{nullptr};
};

int64_t stride_of(const UNetOptions& options) { return options.pixel_unshuffle << options.depth; }

// In cells of r x r pixels: 2 x 2^i by the two convolutions of a level i, once down and once up, 2^(i+1) by
// the bilinear upsampling onto it, 2 x 2^d in the middle, and 2^d - 1 by the poolings.
int64_t reach_of(const UNetOptions& options) {
  if (options.norm == Norm::kGroup) return std::numeric_limits<int64_t>::max();
  const int64_t middle = int64_t{1} << options.depth;
  const int64_t levels = 6 * (middle - 1);
  return options.pixel_unshuffle * (levels + 2 * middle + middle);
}

torch::Tensor pad_to_stride(const torch::Tensor& x, int64_t stride) {
  const int64_t h = x.size(2), w = x.size(3);
  const int64_t bottom = padded_size(h, stride) - h, right = padded_size(w, stride) - w;
  if (bottom == 0 && right == 0) return x;
  auto y = torch::empty({x.size(0), x.size(1), h + bottom, w + right}, x.options(),
                        x.suggest_memory_format());
  y.narrow(2, 0, h).narrow(3, 0, w).copy_(x);
  for (int64_t i = 0; i < right; ++i) y.narrow(2, 0, h).select(3, w + i).copy_(x.select(3, w - 1));
  for (int64_t i = 0; i < bottom; ++i) y.select(2, h + i).copy_(y.select(2, h - 1));
  return y;
}

UNet::UNet(const UNetOptions& options, uint64_t seed) {
  check_options(options);
  const SeededGenerator generator(seed);
  impl_ = std::make_unique<Impl>(options);
}
UNet::~UNet() = default;
UNet::UNet(UNet&&) noexcept = default;
UNet& UNet::operator=(UNet&&) noexcept = default;

torch::Tensor UNet::forward(const torch::Tensor& x) {
  expect_tensor(x, {"N", impl_->options.in_channels, "H", "W"}, "x", /*or_bfloat16=*/true);
  const auto y = impl_->forward(impl_->cells_of(x));
  return y.narrow(2, 0, x.size(2)).narrow(3, 0, x.size(3));
}

void UNet::train(bool on) {
  if (on && impl_->folded) throw UsageError("a network with folded norms cannot be trained");
  impl_->train(on);
}

void UNet::to(torch::Device device) {
  impl_->to(device);
  if (impl_->folded) impl_->fuse_relus();
}

void UNet::use_bfloat16() {
  impl_->train(false);
  impl_->to(torch::kBFloat16);
  if (impl_->folded) impl_->fuse_relus();
}

void UNet::share_statistics(std::function<void(torch::Tensor&)> sum) {
  impl_->for_each_block([&](ConvBlockImpl& block) { block.sum = sum; });
}

void UNet::fold_norms() {
  torch::NoGradGuard no_grad;
  impl_->train(false);
  impl_->for_each_block([](ConvBlockImpl& block) { block.fold_norm(); });
  if (!impl_->folded) impl_->stack_cells();
  impl_->fuse_relus();
  impl_->folded = true;
}

void UNet::begin_statistics() {
  train(true);
  impl_->for_each_block([](ConvBlockImpl& block) {
    if (!block.batch_norm) return;
    block.batch_norm->reset_running_stats();
    block.batch_norm->options.momentum(c10::nullopt);  // cumulative average
  });
}

void UNet::finish_statistics() {
  const auto momentum = nn::BatchNormOptions(1).momentum();
  impl_->for_each_block([&](ConvBlockImpl& block) {
    if (block.batch_norm) block.batch_norm->options.momentum(momentum);
  });
}

const UNetOptions& UNet::options() const { return impl_->options; }

std::vector<torch::Tensor> UNet::parameters() const { return impl_->parameters(); }

int64_t UNet::parameter_count() const {
  int64_t count = 0;
  for (const auto& p : parameters()) count += p.numel();
  return count;
}

int64_t UNet::multiply_adds(int64_t height, int64_t width) const {
  const UNetOptions& o = impl_->options;
  const int64_t stride = stride_of(o);
  // Pixels of the lowest level; those of level i are 4^(depth - i) times as many.
  const int64_t lowest =
      padded_size(height, stride) * padded_size(width, stride) / (stride * stride);
  const auto pixels = [&](int64_t level) { return lowest << (2 * (o.depth - level)); };
  const auto weights = [](const auto& module) {
    int64_t count = 0;
    for (const auto& p : module->parameters()) count += p.dim() == 4 ? p.numel() : 0;
    return count;
  };
  int64_t sum = weights(impl_->middle) * lowest + weights(impl_->output) * pixels(0);
  for (int64_t i = 0; i < o.depth; ++i) {
    const auto k = static_cast<size_t>(i);
    sum += weights(impl_->encoder[k]) * pixels(i);
    sum += weights(impl_->decoder[k]) * pixels(o.depth - 1 - i);
  }
  return sum;
}

std::vector<NamedTensor> UNet::state() const {
  if (impl_->folded) throw UsageError("a network with folded norms has no state to save");
  std::vector<NamedTensor> state;
  for (const auto& item : impl_->named_parameters())
    state.emplace_back(item.key(), item.value().detach());
  for (const auto& item : impl_->named_buffers()) state.emplace_back(item.key(), item.value());
  std::sort(state.begin(), state.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return state;
}

void load_state(UNet& network, const std::vector<NamedTensor>& weights, const std::string& where) {
  torch::NoGradGuard no_grad;
  std::map<std::string, torch::Tensor> given(weights.begin(), weights.end());
  std::vector<std::string> problems;
  const auto state = network.state();
  const auto describe = [](const torch::Tensor& t) {
    return fmt::format("[{}] {}", fmt::join(t.sizes().begin(), t.sizes().end(), ", "),
                       c10::toString(t.scalar_type()));
  };
  for (const auto& [name, tensor] : state) {
    const auto found = given.find(name);
    if (found == given.end()) {
      problems.push_back(fmt::format("'{}' is missing", name));
      continue;
    }
    const auto& value = found->second;
    if (value.sizes() != tensor.sizes() || value.scalar_type() != tensor.scalar_type()) {
      problems.push_back(
          fmt::format("'{}' is {}, expected {}", name, describe(value), describe(tensor)));
    }
  }
  for (const auto& [name, tensor] : given) {
    const bool known = std::any_of(state.begin(), state.end(),
                                   [&n = name](const auto& s) { return s.first == n; });
    if (!known) problems.push_back(fmt::format("'{}' is not part of the network", name));
  }
  if (!problems.empty()) {
    throw ModelError(
        fmt::format("'{}' does not fit the network: {}", where, fmt::join(problems, "; ")),
        "Use weights that were trained with the same recipe.");
  }
  for (const auto& [name, tensor] : state) tensor.copy_(given.at(name));
}

}  // namespace proxseg
