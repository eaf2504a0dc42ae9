#include <arpa/inet.h>
#include <netdb.h>
#include <sched.h>
#include <sys/socket.h>
#include <torch/version.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include "proxseg/core/error.h"
#include "train/parallel/backend.h"

namespace proxseg {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kJoining = 5min, kAnswering = 10min, kBetweenProbes = 1s;

using Work = c10::intrusive_ptr<c10d::Work>;

template <typename Group>
class C10dBackend : public Backend {
 public:
  explicit C10dBackend(c10::intrusive_ptr<Group> group) : group_(std::move(group)) {}

  Wait begin_sum(torch::Tensor x) override {
    std::vector<torch::Tensor> tensors = {std::move(x)};
    return [this, work = group_->allreduce(tensors)] { await(work); };
  }

  Wait begin_broadcast(torch::Tensor x) override {
    std::vector<torch::Tensor> tensors = {std::move(x)};
    return [this, work = group_->broadcast(tensors)] { await(work); };
  }

  Wait begin_exchange(torch::Tensor sent, std::vector<int64_t> sizes_sent, torch::Tensor received,
                      std::vector<int64_t> sizes_received) override {
    return [this, work = group_->alltoall_base(received, sent, sizes_received, sizes_sent)] {
      await(work);
    };
  }

 protected:
  virtual void await(const Work& work) { work->wait(); }

  c10::intrusive_ptr<Group> group_;
};

// Gloo sums around a ring: 2 (size - 1) messages, one after the other. Small tensors, whose
// messages cost their latency alone, go from each process to all at once; each then adds them in
// the order of the ranks.
//
// When a connection closes, Gloo fails what waits to begin on it and what begins later, but not
// the message under way, which would be waited for until kAnswering is over. So a long wait begins
// something itself now and then.
class GlooBackend : public C10dBackend<c10d::ProcessGroupGloo> {
 public:
  using C10dBackend::C10dBackend;

  // A group that has failed may have threads that still wait, and its destructor waits for them.
  ~GlooBackend() override {
    if (has_failed_) group_.release();
  }

  Wait begin_sum(torch::Tensor x) override {
    if (x.nbytes() > kSmall) return C10dBackend::begin_sum(std::move(x));
    const int64_t size = group_->getSize();
    const torch::Tensor sent = x.flatten().repeat({size}), received = torch::empty_like(sent);
    const std::vector<int64_t> sizes(static_cast<size_t>(size), x.numel());
    const Wait arrived = begin_exchange(sent, sizes, received, sizes);
    return [x, received, size, arrived] {
      arrived();
      x.flatten().copy_(received.view({size, x.numel()}).sum(0));
    };
  }

 private:
  static constexpr size_t kSmall = 16 << 10;  // bytes

  void await(const Work& work) override {
    try {
      while (!ends_soon(work)) {
        if (!are_connected() && !ends_soon(work)) {
          throw std::runtime_error("a connection has closed in the midst of a message");
        }
      }
    } catch (...) {
      has_failed_ = true;
      throw;
    }
  }

  // Whether the work ends within kBetweenProbes. Throws what made it fail.
  static bool ends_soon(const Work& work) {
    try {
      return work->wait(kBetweenProbes);
    } catch (const std::exception&) {
      return work->isCompleted() && work->wait();
    }
  }

  // What this offers to send, under a tag that nothing else has, is received by nobody. A process that
  // has all it needs may have ended, too, so that the work itself has the last word.
  bool are_connected() {
    std::vector<torch::Tensor> nothing = {torch::empty({0})};
    try {
      for (int rank = 0; rank < group_->getSize(); ++rank) {
        if (rank != group_->getRank()) group_->send(nothing, rank, 0);
      }
    } catch (const std::exception&) {
      return false;
    }
    return true;
  }

  bool has_failed_ = false;
};

// The address of this host by which it reaches launch.address.
std::string own_address(const Launch& launch) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(launch.port);
  if (const int error = ::getaddrinfo(launch.address.c_str(), port.c_str(), &hints, &found)) {
    throw UsageError("MASTER_ADDR=" + launch.address + ": " + ::gai_strerror(error),
                     "Set it to the name or address of the host of rank 0.");
  }
  std::string address = launch.address;
  const int socket = ::socket(found->ai_family, SOCK_DGRAM, 0);
  if (socket >= 0 && ::connect(socket, found->ai_addr, found->ai_addrlen) == 0) {
    sockaddr_storage own{};
    socklen_t size = sizeof(own);
    char text[NI_MAXHOST];
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
        ::getnameinfo(reinterpret_cast<sockaddr*>(&own), size, text, sizeof(text), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      address = text;
    }
  }
  if (socket >= 0) ::close(socket);
  ::freeaddrinfo(found);
  return address;
}

c10::intrusive_ptr<c10d::Store> join(const Launch& launch) {
  c10d::TCPStoreOptions options;
  options.port = launch.port;
  options.isServer = launch.rank == 0;
  options.numWorkers = launch.size;
  options.waitWorkers = false;
  options.timeout = kJoining;
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 2)
  options.useLibUV = false;
#endif
  return c10::make_intrusive<c10d::TCPStore>(launch.address, options);
}

std::unique_ptr<Backend> make_gloo(const Launch& launch) {
  const auto options = c10d::ProcessGroupGloo::Options::create(kAnswering);
  options->devices = {c10d::ProcessGroupGloo::createDeviceForHostname(own_address(launch))};
  return std::make_unique<GlooBackend>(
      c10::make_intrusive<c10d::ProcessGroupGloo>(join(launch), launch.rank, launch.size, options));
}

// Gloo's threads inherit the scheduling class of the thread that makes them. In the batch class a
// thread that wakes up does not interrupt the one that runs. Otherwise, where Gloo shares a core
// with the computation, its event loop would spin on a lock whose holder it has just interrupted.
std::unique_ptr<Backend> make_gloo_in_batch_class(const Launch& launch) {
  const auto make = [&] {
    const sched_param priority{};
    ::sched_setscheduler(0, SCHED_BATCH, &priority);  // if refused, it is slower
    return make_gloo(launch);
  };
  return std::async(std::launch::async, make).get();
}

}  // namespace

std::unique_ptr<Backend> make_backend(const Launch& launch, torch::Device device) {
  if (device.is_cpu()) return make_gloo_in_batch_class(launch);
#ifdef USE_C10D_NCCL
  return std::make_unique<C10dBackend<c10d::ProcessGroupNCCL>>(
      c10::make_intrusive<c10d::ProcessGroupNCCL>(join(launch), launch.rank, launch.size));
#else
  throw UsageError("this LibTorch has no NCCL: several processes train on CPUs only",
                   "Leave out --device, or use a LibTorch with CUDA.");
#endif
}

}  // namespace proxseg
