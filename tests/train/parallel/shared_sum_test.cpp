// Threads stand for the processes: each has a file and a mapping of its own, as a process has.
#include "train/parallel/shared_sum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <system_error>
#include <thread>
#include <vector>

namespace proxseg {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct SharedSums : testing::Test {
  void join(int size, std::chrono::milliseconds patience = 10s) {
    for (int rank = 0; rank < size; ++rank) {
      members.push_back(std::make_unique<SharedSum>(token, rank, size, patience));
    }
  }

  template <typename Work>
  void in_each(const Work& work) {
    std::vector<std::thread> threads;
    for (size_t rank = 0; rank < members.size(); ++rank) {
      threads.emplace_back([&, rank] { work(*members[rank], static_cast<int>(rank)); });
    }
    for (std::thread& thread : threads) thread.join();
  }

  void TearDown() override { SharedSum::forget_name(token); }

  const uint64_t token = std::random_device()();  // other tests run beside this one
  std::vector<std::unique_ptr<SharedSum>> members;
};

std::string message_of_sum(SharedSum& member) {
  torch::Tensor x = torch::ones({1});
  try {
    member.sum(x);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "summed";
}

TEST_F(SharedSums, AllGetTheSumOfTheirTensorsManyTimes) {
  join(3);
  const auto options = torch::dtype(torch::kFloat64);
  std::vector<double> wrong(members.size(), 0.0);
  in_each([&](SharedSum& member, int rank) {
    for (int round = 0; round < 500; ++round) {
      torch::Tensor x = torch::tensor({rank + 1.0, round * (rank + 2.0)}, options);
      member.sum(x);
      const torch::Tensor expected = torch::tensor({6.0, round * 9.0}, options);
      wrong[static_cast<size_t>(rank)] += (x - expected).abs().sum().item<double>();
    }
  });
  EXPECT_THAT(wrong, testing::Each(0.0));
}

TEST_F(SharedSums, TensorsOfAnyTypeAndSizeGoInParts) {
  join(2);
  for (const auto dtype : {torch::kFloat32, torch::kFloat64, torch::kInt64}) {
    const torch::Tensor x = torch::arange(2 * 3 * 5000, dtype).view({2, 3, 5000});
    std::vector<torch::Tensor> sums = {x.clone(), 10 * x};
    in_each([&](SharedSum& member, int rank) { member.sum(sums[static_cast<size_t>(rank)]); });
    EXPECT_TRUE(torch::equal(sums[0], 11 * x)) << dtype;
    EXPECT_TRUE(torch::equal(sums[1], 11 * x)) << dtype;
  }
}

TEST_F(SharedSums, RoundingIsTheSameInAll) {
  join(3);
  torch::manual_seed(0);
  std::vector<torch::Tensor> sums;
  for (size_t i = 0; i < members.size(); ++i) sums.push_back(torch::randn({1000}));
  const torch::Tensor expected = (sums[0] + sums[1]) + sums[2];
  in_each([&](SharedSum& member, int rank) { member.sum(sums[static_cast<size_t>(rank)]); });
  for (const torch::Tensor& sum : sums) EXPECT_TRUE(torch::equal(sum, expected));
}

TEST_F(SharedSums, AMemberThatEndsIsNamed) {
  join(3);
  std::vector<std::string> messages(3);
  in_each([&](SharedSum& member, int rank) {
    if (rank == 1) {
      std::this_thread::sleep_for(20ms);
      members[1] = nullptr;
    } else {
      messages[static_cast<size_t>(rank)] = message_of_sum(member);
    }
  });
  EXPECT_THAT(messages[0], HasSubstr("process 1 has ended"));
  EXPECT_THAT(messages[2], HasSubstr("process 1 has ended"));
}

TEST_F(SharedSums, AMemberThatDoesNotComeIsNamed) {
  join(2, 30ms);
  EXPECT_THAT(message_of_sum(*members[0]), HasSubstr("process 1 has not come"));
}

TEST_F(SharedSums, ThereIsNoneWithoutTheFirstOrForOthersOnceTheNameIsForgotten) {
  EXPECT_THROW(SharedSum(token, 1, 2, 1s), std::system_error);
  join(2);
  EXPECT_THROW(SharedSum(token, 0, 2, 1s), std::system_error);
  SharedSum::forget_name(token);
  EXPECT_THROW(SharedSum(token, 1, 2, 1s), std::system_error);
}

}  // namespace
}  // namespace proxseg
