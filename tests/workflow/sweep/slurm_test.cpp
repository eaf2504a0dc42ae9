#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "proxseg/core/file.h"
#include "support/temporary_folder.h"
#include "workflow/sweep/workers.h"

namespace proxseg {
namespace {

// Nobody knows then how the command has ended.
TEST(SlurmTasks, AreUnknownWhereEndsOfChildrenAreIgnored) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "squeue", "#!/bin/sh\necho 7_1\n");
  std::filesystem::permissions(folder / "squeue", std::filesystem::perms::owner_all);
  const std::string place = folder / "", path = std::getenv("PATH");
  ::setenv("PATH", (place + ":" + path).c_str(), 1);
  EXPECT_TRUE(slurm_tasks());
  std::signal(SIGCHLD, SIG_IGN);
  EXPECT_FALSE(slurm_tasks());
  std::signal(SIGCHLD, SIG_DFL);
  ::setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace proxseg
