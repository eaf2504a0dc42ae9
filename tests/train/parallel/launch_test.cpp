#include "proxseg/train/parallel/launch.h"

#include <gtest/gtest.h>

#include <map>

#include "support/expect_error.h"

namespace proxseg {
namespace {

Launch launch_with(const std::map<std::string, std::string>& variables) {
  return launch_of([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(Launch, IsOneProcessWithoutALauncher) {
  const Launch launch = launch_with({});
  EXPECT_EQ(launch.rank, 0);
  EXPECT_EQ(launch.size, 1);
  EXPECT_EQ(launch_with({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}).size, 1);
}

TEST(Launch, ReadsTheVariablesOfEveryLauncher) {
  const char* const launchers[][3] = {
      {"RANK", "WORLD_SIZE", "LOCAL_RANK"},
      {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"},
      {"PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"},
      {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID"}};
  for (const auto& [rank, size, local_rank] : launchers) {
    const Launch launch = launch_with({{rank, "5"},
                                       {size, "8"},
                                       {local_rank, "1"},
                                       {"MASTER_ADDR", "10.0.0.7"},
                                       {"MASTER_PORT", "1234"}});
    EXPECT_EQ(launch.rank, 5) << rank;
    EXPECT_EQ(launch.size, 8) << size;
    EXPECT_EQ(launch.local_rank, 1) << local_rank;
    EXPECT_EQ(launch.address, "10.0.0.7");
    EXPECT_EQ(launch.port, 1234);
  }
}

TEST(Launch, RefusesWhatIsNoPlaceInAGroup) {
  for (const char* rank : {"2", "-1", "one", "", "1x"}) {
    expect_error(ExitCode::kUsage, {"RANK=" + std::string(rank), "[0, 1]"}, [&] {
      launch_with({{"RANK", rank}, {"WORLD_SIZE", "2"}});
    });
  }
  expect_error(ExitCode::kUsage, {"MASTER_PORT=70000"}, [&] {
    launch_with({{"MASTER_PORT", "70000"}});
  });
}

}  // namespace
}  // namespace proxseg
