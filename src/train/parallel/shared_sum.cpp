#include "train/parallel/shared_sum.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

namespace proxseg {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what, int error) {
  throw std::system_error(error, std::generic_category(), what);
}

std::string name_of(uint64_t token) { return fmt::format("/proxseg-{:016x}", token); }

// A process holds the lock of byte `rank` of the memory as long as it lives: the kernel takes it
// back when it ends, whichever way.
struct flock lock_of(int rank) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = rank;
  lock.l_len = 1;
  return lock;
}

// Tries `arrived` for as long as another core may need to get there, then lets others have this
// core, and after a millisecond sleeps in between. False when the time is over or `lost` says so.
template <typename Arrived, typename Lost>
bool await(const Arrived& arrived, const Lost& lost, std::chrono::milliseconds patience) {
  constexpr int kTries = 2000;
  for (int i = 0; i < kTries; ++i) {
    if (arrived()) return true;
  }
  const auto start = Clock::now();
  while (!arrived()) {
    const auto waited = Clock::now() - start;
    if (waited > patience || lost()) return arrived();
    if (waited < std::chrono::milliseconds(1)) {
      ::sched_yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }
  return true;
}

}  // namespace

SharedSum::SharedSum(uint64_t token, int rank, int size, std::chrono::milliseconds patience)
    : rank_(rank),
      size_(size),
      patience_(patience),
      file_(::shm_open(name_of(token).c_str(), O_RDWR | (rank == 0 ? O_CREAT | O_EXCL : 0), 0600)),
      bytes_(static_cast<size_t>(size) * (sizeof(Progress) + 2 * kPart)) {
  if (file_.get() < 0) fail("shm_open", errno);
  // Reserved at once: where there is too little, writing to it would be the end of the process.
  if (rank == 0) {
    const int error = ::posix_fallocate(file_.get(), 0, static_cast<off_t>(bytes_));
    if (error != 0) fail("posix_fallocate", error);
  }
  struct flock lock = lock_of(rank);
  if (::fcntl(file_.get(), F_OFD_SETLK, &lock) != 0) fail("fcntl", errno);
  void* const memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (memory == MAP_FAILED) fail("mmap", errno);
  progress_ = static_cast<Progress*>(memory);
}

SharedSum::~SharedSum() { ::munmap(progress_, bytes_); }

void SharedSum::forget_name(uint64_t token) { ::shm_unlink(name_of(token).c_str()); }

// Two parts for each process are enough: who puts down a part of round k has seen all others put
// down theirs of round k - 1, so they have done with those of round k - 2.
std::byte* SharedSum::part_of(int process) const {
  const auto parts = reinterpret_cast<std::byte*>(progress_ + size_);
  return parts + (2 * static_cast<size_t>(process) + round_ % 2) * kPart;
}

bool SharedSum::lives(int process) const {
  struct flock lock = lock_of(process);
  return ::fcntl(file_.get(), F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

void SharedSum::wait_for(int process) const {
  const auto arrived = [&] {
    return progress_[process].rounds.load(std::memory_order_acquire) >= round_;
  };
  bool ended = false;
  const auto lost = [&] { return ended = !lives(process); };
  if (await(arrived, lost, patience_)) return;
  throw std::runtime_error(
      fmt::format("process {} {}", process, ended ? "has ended" : "has not come to a sum"));
}

void SharedSum::sum(torch::Tensor& x) {
  torch::Tensor values = x.view(-1);
  const int64_t most = static_cast<int64_t>(kPart) / x.element_size();
  for (int64_t first = 0; first < values.numel(); first += most) {
    torch::Tensor part = values.narrow(0, first, std::min(most, values.numel() - first));
    ++round_;
    std::memcpy(part_of(rank_), part.data_ptr(), part.nbytes());
    progress_[rank_].rounds.store(round_, std::memory_order_release);
    for (int process = 0; process < size_; ++process) {
      wait_for(process);
      const torch::Tensor theirs = torch::from_blob(part_of(process), part.sizes(), part.options());
      process == 0 ? part.copy_(theirs) : part.add_(theirs);
    }
  }
}

}  // namespace proxseg
