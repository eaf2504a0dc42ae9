// Groups of this process and one that it forks.
#include "proxseg/train/parallel/process_group.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <torch/torch.h>

#include <chrono>
#include <thread>

#include "proxseg/core/error.h"
#include "support/free_port.h"

namespace proxseg {
namespace {

using namespace std::chrono_literals;

// A tensor of so many values, summed again and again, until it fails.
void sum_forever(const ProcessGroup& group, int64_t values) {
  torch::Tensor x = torch::zeros({values});
  while (true) group.sum(x);
}

pid_t fork_rank_1(Launch launch, int64_t values) {
  const pid_t process = ::fork();
  if (process != 0) return process;
  launch.rank = 1;
  try {
    sum_forever(ProcessGroup(launch, torch::kCPU), values);
  } catch (const std::exception&) {
  }
  ::_exit(1);
}

// Killed while messages are under way, of a few bytes and of more than the kernel takes at once.
TEST(ProcessGroup, SaysThatAnotherProcessHasEndedAtAnyMoment) {
  ::signal(SIGPIPE, SIG_IGN);
  at::set_num_threads(1);  // a forked process has none of the threads that OpenMP counts on
  for (const int64_t values : {1 << 4, 1 << 22}) {
    for (int round = 0; round < 10; ++round) {
      const Launch launch{.size = 2, .port = free_port()};
      const pid_t other = fork_rank_1(launch, values);
      const ProcessGroup group(launch, torch::kCPU);
      torch::Tensor x = torch::zeros({values});
      group.sum(x);
      const std::jthread killer([other, round] {
        std::this_thread::sleep_for(50ms + round * 7ms);
        ::kill(other, SIGKILL);
      });
      EXPECT_THROW(sum_forever(group, values), PeerError);
      ::waitpid(other, nullptr, 0);
    }
  }
}

// Longer than a wait goes on before it looks whether the others are there.
TEST(ProcessGroup, WaitsForASlowProcess) {
  at::set_num_threads(1);
  for (const int64_t values : {1 << 4, 1 << 22}) {
    const Launch launch{.size = 2, .port = free_port()};
    const pid_t other = ::fork();
    const ProcessGroup group({.rank = other == 0 ? 1 : 0, .size = 2, .port = launch.port},
                             torch::kCPU);
    if (other == 0) std::this_thread::sleep_for(2500ms);
    bool right = true;
    for (int round = 1; round <= 3; ++round) {
      torch::Tensor x = torch::full({values}, static_cast<float>(round + group.rank()));
      group.sum(x);
      right = right && x.eq(2.0F * static_cast<float>(round) + 1.0F).all().item<bool>();
    }
    const std::string text = group.broadcast(group.is_first() ? "of rank 0" : "none");
    if (other == 0) ::_exit(right && text == "of rank 0" ? 0 : 1);
    EXPECT_TRUE(right);
    int status = -1;
    ::waitpid(other, &status, 0);
    EXPECT_EQ(status, 0);
  }
}

}  // namespace
}  // namespace proxseg
