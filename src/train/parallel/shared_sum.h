// Sums over the processes of one host in memory that they share. A message from one to the other
// costs a tenth of a millisecond, most of it the kernel's; a sum in shared memory a few
// microseconds.
#pragma once

#include <torch/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>

#include "proxseg/core/file_descriptor.h"

namespace proxseg {

class SharedSum {
 public:
  // What a process adds at a time, bytes; larger tensors go in parts.
  static constexpr size_t kPart = 16 << 10;

  // token: of these processes alone. Process 0 makes the memory, before the others open it. Throws
  // std::system_error where it is not to be had, as by a process of another host.
  SharedSum(uint64_t token, int rank, int size, std::chrono::milliseconds patience);
  ~SharedSum();
  SharedSum(const SharedSum&) = delete;
  SharedSum& operator=(const SharedSum&) = delete;

  // Once all have opened it: nobody else can, and it goes when the last of them ends.
  static void forget_name(uint64_t token);

  // Replaces x by its sum over the processes, added in the order of their ranks. x: contiguous, on
  // the CPU, of the same shape and dtype in all. Throws std::runtime_error where a process has
  // ended or has not come within the patience.
  void sum(torch::Tensor& x);

 private:
  struct alignas(64) Progress {
    std::atomic<uint64_t> rounds;  // the parts that a process has put down
  };

  std::byte* part_of(int process) const;
  void wait_for(int process) const;
  bool lives(int process) const;

  int rank_, size_;
  std::chrono::milliseconds patience_;
  FileDescriptor file_;
  size_t bytes_;
  Progress* progress_;  // [size], then two parts for each process, of even and odd rounds
  uint64_t round_ = 0;
};

}  // namespace proxseg
