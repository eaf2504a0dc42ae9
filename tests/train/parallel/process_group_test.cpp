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

}  // namespace
}  // namespace proxseg
