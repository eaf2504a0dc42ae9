#include "proxseg/train/parallel/process_group.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/utils/lambda_post_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "proxseg/core/error.h"
#include "train/parallel/backend.h"

namespace proxseg {

struct ProcessGroup::Impl {
  Launch launch;
  torch::Device device;
  std::unique_ptr<Backend> backend;

  // Runs a step that needs the other processes.
  template <typename Step>
  auto reach(const Step& step) const {
    try {
      return step();
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
      const std::string why = torch_error ? torch_error->what_without_backtrace() : error.what();
      throw PeerError(
          fmt::format("process {} of {}: another process of this training has ended or does not "
                      "answer: {}",
                      launch.rank, launch.size, why.substr(0, why.find('\n'))),
          "See what the other processes say, then go on with --resume; the number of processes may "
          "change.");
    }
  }

  void collect(torch::Tensor& x, Backend::Wait (Backend::*begin)(torch::Tensor)) const {
    const torch::NoGradGuard no_grad;
    torch::Tensor staged = x.detach().to(device).contiguous();
    reach([&] { (backend.get()->*begin)(staged)(); });
    if (staged.data_ptr() != x.data_ptr()) x.detach().copy_(staged);
  }
};

ProcessGroup::ProcessGroup(const Launch& launch, torch::Device device) {
  if (launch.size == 1) return;
  impl_ = std::make_shared<Impl>(Impl{launch, device, nullptr});
  impl_->backend = impl_->reach([&] { return make_backend(launch, device); });
}

int64_t ProcessGroup::rank() const { return impl_ ? impl_->launch.rank : 0; }
int64_t ProcessGroup::size() const { return impl_ ? impl_->launch.size : 1; }

torch::Device ProcessGroup::device() const { return impl_ ? impl_->device : torch::kCPU; }

void ProcessGroup::sum(torch::Tensor& x) const {
  if (impl_) impl_->collect(x, &Backend::begin_sum);
}

void ProcessGroup::broadcast(torch::Tensor& x) const {
  if (impl_) impl_->collect(x, &Backend::begin_broadcast);
}

std::string ProcessGroup::broadcast(const std::string& bytes) const {
  if (!impl_) return bytes;
  torch::Tensor size = torch::tensor({static_cast<int64_t>(bytes.size())});
  broadcast(size);
  // Memory of its own: where the broadcast fails, a thread may still write to it.
  torch::Tensor received = torch::empty({size.item<int64_t>()}, torch::kUInt8);
  if (is_first()) std::memcpy(received.data_ptr(), bytes.data(), bytes.size());
  broadcast(received);
  return {static_cast<const char*>(received.data_ptr()), static_cast<size_t>(received.numel())};
}

torch::Tensor ProcessGroup::exchange(const std::vector<torch::Tensor>& sent,
                                     const std::vector<int64_t>& sizes) const {
  const torch::NoGradGuard no_grad;
  torch::Tensor joined = torch::cat(sent);
  if (!impl_) return joined;
  std::vector<int64_t> sizes_sent;
  for (const torch::Tensor& x : sent) sizes_sent.push_back(x.numel());
  const torch::Device device = joined.device();
  joined = joined.detach().to(impl_->device);
  const torch::Tensor received =
      torch::empty({std::accumulate(sizes.begin(), sizes.end(), int64_t{0})}, joined.options());
  impl_->reach([&] { impl_->backend->begin_exchange(joined, sizes_sent, received, sizes)(); });
  return received.to(device);
}

bool ProcessGroup::any(bool holds) const {
  torch::Tensor count = torch::tensor({holds ? 1.0 : 0.0});
  sum(count);
  return count.item<double>() > 0.0;
}

struct GradientSum::Impl {
  static constexpr int64_t kValues = 64 << 10;  // of a bucket: 256 KiB

  struct Bucket {
    std::vector<torch::Tensor> parameters;
    size_t missing = 0;  // gradients that the backward pass has yet to compute
    torch::Tensor sum;
    Backend::Wait wait;
  };

  ProcessGroup group;
  std::vector<Bucket> buckets;  // in the order in which a backward pass fills them
  std::vector<std::shared_ptr<torch::autograd::Node>> accumulators;
  bool summing = false;
  size_t begun = 0;  // buckets whose sum has begun

  // Sums begin in the order of the buckets: all processes must sum the same one at a time.
  void count_gradient(size_t bucket) {
    if (!summing) return;
    --buckets[bucket].missing;
    while (begun < buckets.size() && buckets[begun].missing == 0) begin_next();
  }

  void begin_next() {
    const torch::NoGradGuard no_grad;
    Bucket& bucket = buckets[begun++];
    std::vector<torch::Tensor> flat;
    for (const torch::Tensor& p : bucket.parameters) {
      flat.push_back(p.grad().defined() ? p.grad().flatten() : torch::zeros_like(p).flatten());
    }
    bucket.sum = torch::cat(flat);
    group.impl_->reach([&] { bucket.wait = group.impl_->backend->begin_sum(bucket.sum); });
  }

  void give_back(Bucket& bucket) const {
    const torch::NoGradGuard no_grad;
    group.impl_->reach([&] { bucket.wait(); });
    int64_t first = 0;
    for (torch::Tensor& p : bucket.parameters) {
      const torch::Tensor part = bucket.sum.narrow(0, first, p.numel()).view(p.sizes());
      if (!p.grad().defined()) p.mutable_grad() = torch::zeros_like(p);
      p.mutable_grad().copy_(part);
      first += p.numel();
    }
  }
};

GradientSum::GradientSum(ProcessGroup group, std::vector<torch::Tensor> parameters) {
  if (group.size() == 1) return;
  impl_ = std::make_unique<Impl>();
  impl_->group = std::move(group);
  std::reverse(parameters.begin(), parameters.end());
  int64_t values = Impl::kValues;
  for (const torch::Tensor& p : parameters) {
    if (values >= Impl::kValues) {
      impl_->buckets.emplace_back();
      values = 0;
    }
    impl_->buckets.back().parameters.push_back(p);
    values += p.numel();
    const auto accumulator = torch::autograd::impl::grad_accumulator(p);
    accumulator->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(
        [impl = impl_.get(), bucket = impl_->buckets.size() - 1](const auto& outputs, const auto&) {
          impl->count_gradient(bucket);
          return outputs;
        }));
    impl_->accumulators.push_back(accumulator);
  }
}

GradientSum::~GradientSum() = default;

void GradientSum::begin() {
  if (!impl_) return;
  for (auto& bucket : impl_->buckets) bucket.missing = bucket.parameters.size();
  impl_->begun = 0;
  impl_->summing = true;
}

void GradientSum::finish() {
  if (!impl_) return;
  impl_->summing = false;
  while (impl_->begun < impl_->buckets.size()) impl_->begin_next();
  for (auto& bucket : impl_->buckets) impl_->give_back(bucket);
}

}  // namespace proxseg
