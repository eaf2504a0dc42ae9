#include "proxseg/train/run/log_file.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "proxseg/core/file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

TEST(LogFile, TakesDownWhatIsLoggedBeforeAndAfterItOpens) {
  const TemporaryFolder folder;
  const auto path = folder / "log.txt";
  {
    LogFile log;
    spdlog::warn("frame {} skipped", 7);
    log.open(path);
    log.write("step 1");
    spdlog::error("late");
    EXPECT_EQ(log.take_warnings(), (std::vector<std::string>{"frame 7 skipped", "late"}));
    EXPECT_TRUE(log.take_warnings().empty());
  }
  spdlog::warn("not of this run");
  const std::string text = read_file(path);
  for (const char* line : {"Z warning: frame 7 skipped\n", "Z info: step 1\n", "Z error: late\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << text;
  }
  EXPECT_EQ(text.find("not of this run"), std::string::npos);
}

TEST(LogFile, GoesOnWithAFileThatIsThere) {
  const TemporaryFolder folder;
  const auto path = folder / "log.txt";
  for (const char* text : {"first", "second"}) {
    LogFile log;
    log.open(path);
    log.write(text);
  }
  const std::string text = read_file(path);
  EXPECT_LT(text.find("first"), text.find("second"));
}

TEST(LogFile, NamesAPathThatCannotBeWritten) {
  const TemporaryFolder folder;
  LogFile log;
  expect_error(ExitCode::kOutput, {(folder / "no/log.txt").string()},
               [&] { log.open(folder / "no/log.txt"); });
}

}  // namespace
}  // namespace proxseg
