// The program in two processes on this machine.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "support/free_port.h"
#include "support/scene_files.h"

namespace proxseg {
namespace {

pid_t start(const std::string& shell_command) {
  std::string words[] = {"/bin/sh", "-c", shell_command};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t process = -1;
  EXPECT_EQ(::posix_spawn(&process, argv[0], nullptr, nullptr, argv, environ), 0);
  return process;
}

// The exit code, or minus the signal that ended it.
int wait_for(pid_t process) {
  int status = 0;
  ::waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::vector<std::vector<double>> metrics_of(const std::filesystem::path& run) {
  std::istringstream lines(read_file(run / "metrics.csv"));
  std::vector<std::vector<double>> rows;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    rows.emplace_back();
    for (std::string field; std::getline(fields, field, ',');) {
      rows.back().push_back(std::stod(field));
    }
  }
  return rows;
}

constexpr size_t kLoss = 1, kRank = 6, kSparsity = 7;

// The first row up to rounding; the optimiser multiplies it from step to step.
void expect_same_curves(const std::filesystem::path& one, const std::filesystem::path& two) {
  const auto expected = metrics_of(one), rows = metrics_of(two);
  ASSERT_EQ(rows.size(), expected.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const double tolerance = i == 0 ? 1e-6 : 1e-3;
    for (size_t column = 0; column < kRank; ++column) {
      EXPECT_NEAR(rows[i][column], expected[i][column], tolerance * expected[i][kLoss])
          << "row " << i;
    }
    EXPECT_NEAR(rows[i][kSparsity], expected[i][kSparsity], 1e-2);
  }
}

struct Distributed : testing::Test {
  // The command line of rank `rank` of two; `output` gets what it says.
  std::string of_rank(int rank, const std::string& arguments) const {
    return fmt::format(
        "RANK={} WORLD_SIZE=2 LOCAL_RANK={} MASTER_ADDR=127.0.0.1 MASTER_PORT={} "
        "exec {} {} >{} 2>&1",
        rank, rank, port, PROXSEG_PROGRAM, arguments, output(rank));
  }

  std::string output(int rank) const { return folder / fmt::format("rank{}.out", rank); }

  std::string training(const std::string& run, const std::string& settings) const {
    return fmt::format(
        "train --input {} --output {} --threads 1 --set model.channels=4 --set "
        "train.batch=6 --set input.gray=true {}",
        scene, (folder / run).string(), settings);
  }

  void train_in_one(const std::string& run, const std::string& settings) const {
    const std::string command =
        fmt::format("exec {} {} >{} 2>&1", PROXSEG_PROGRAM, training(run, settings), output(0));
    ASSERT_EQ(wait_for(start(command)), 0) << read_file(output(0));
  }

  void train_in_two(const std::string& run, const std::string& settings) const {
    const std::string arguments = training(run, settings);
    const pid_t first = start(of_rank(0, arguments)), second = start(of_rank(1, arguments));
    EXPECT_EQ(wait_for(first), 0) << read_file(output(0));
    EXPECT_EQ(wait_for(second), 0) << read_file(output(1));
  }

  void wait_for_steps(const std::filesystem::path& run, size_t steps) const {
    using namespace std::chrono_literals;
    while (!std::filesystem::exists(run / "metrics.csv") || metrics_of(run).size() < steps) {
      std::this_thread::sleep_for(10ms);
    }
  }

  const TemporaryFolder folder;
  const std::string scene = write_tiny_scene(folder);
  const int port = free_port();
};

TEST_F(Distributed, TwoProcessesLearnAsOne) {
  const std::string settings = "--set train.steps=6 --set train.learning_rate=1e-3";
  train_in_one("one", settings);
  train_in_two("two", settings);
  expect_same_curves(folder / "one", folder / "two");
  EXPECT_TRUE(std::filesystem::exists(folder / "two/model.safetensors"));
  EXPECT_THAT(read_file(output(1)), testing::Not(testing::HasSubstr("loss")));
}

TEST_F(Distributed, TwoProcessesOfUnequalSharesLearnAsOneInThePapersForm) {
  const std::string settings =
      "--config sakai2021 --set train.batch=5 --set train.steps=3 --set train.alternating_steps=2 "
      "--set input.gray=false";
  train_in_one("one", settings);
  train_in_two("two", settings);
  expect_same_curves(folder / "one", folder / "two");
}

TEST_F(Distributed, TwoProcessesShareTheChunksOfABatch) {
  // One frame at a time: a chunk is one frame in one process and two in two.
  const std::string settings =
      "--set train.steps=4 --set train.memory=3e-4 --set model.norm=group --precision fp32";
  train_in_one("one", settings);
  train_in_two("two", settings);
  expect_same_curves(folder / "one", folder / "two");
}

TEST_F(Distributed, AProcessThatDiesEndsTheOtherAndTheRunGoesOnInOne) {
  const std::string settings =
      "--set train.steps=150 --set train.checkpoint_every=2 --set train.learning_rate=1e-5";
  train_in_one("whole", settings);
  const int peer = static_cast<int>(ExitCode::kPeer);
  for (const int victim : {0, 1}) {
    const std::filesystem::path run = folder / fmt::format("run{}", victim);
    pid_t processes[2];
    for (const int rank : {0, 1}) {
      processes[rank] = start(of_rank(rank, training(run.filename(), settings)));
    }
    wait_for_steps(run, 6);
    ::kill(processes[victim], SIGKILL);
    EXPECT_EQ(wait_for(processes[victim]), -SIGKILL);
    EXPECT_EQ(wait_for(processes[1 - victim]), peer);
    EXPECT_THAT(read_file(output(1 - victim)),
                testing::HasSubstr("another process of this training has ended"));
    const std::string resumed =
        fmt::format("{} train --resume {} >{} 2>&1", PROXSEG_PROGRAM, run.string(), output(0));
    EXPECT_EQ(wait_for(start(resumed)), 0) << read_file(output(0));
    expect_same_curves(folder / "whole", run);
  }
}

TEST_F(Distributed, RefusesMoreProcessesThanFramesOfABatch) {
  const std::string arguments = training("run", "--set train.batch=1");
  const pid_t first = start(of_rank(0, arguments)), second = start(of_rank(1, arguments));
  EXPECT_EQ(wait_for(first), static_cast<int>(ExitCode::kUsage));
  EXPECT_EQ(wait_for(second), static_cast<int>(ExitCode::kUsage));
  EXPECT_THAT(read_file(output(0)), testing::HasSubstr("2 processes share a batch of 1 frames"));
}

TEST_F(Distributed, LaunchLocalStartsThemAndGivesBackAFailure) {
  const std::string launch = fmt::format("exec {}/scripts/launch-local.sh -n 2 -- {} ",
                                         PROXSEG_SOURCE_DIR, PROXSEG_PROGRAM);
  const std::string sink = fmt::format(" >{} 2>&1", output(0));
  EXPECT_EQ(wait_for(start(launch + training("run", "--set train.steps=2") + sink)), 0)
      << read_file(output(0));
  EXPECT_THAT(read_file(output(0)), testing::HasSubstr("2 processes"));
  EXPECT_NE(wait_for(start(launch + training("run", "--set train.steps=2") + sink)), 0);
  EXPECT_THAT(read_file(output(0)), testing::HasSubstr("not an empty folder"));
}

}  // namespace
}  // namespace proxseg
