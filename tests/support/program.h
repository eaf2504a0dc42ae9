// The built program as a user runs it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "support/temporary_folder.h"

namespace proxseg {

using Arguments = std::vector<std::string>;

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

class Program : public testing::Test {
 protected:
  // Starts the program with its streams in files of the test's folder; stdin is empty unless there
  // is one.
  pid_t start(const Arguments& arguments) const {
    Arguments words = arguments;
    words.insert(words.begin(), "proxseg");  // as found in PATH
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string out = folder_ / "stdout", err = folder_ / "stderr";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const bool has_input = std::filesystem::exists(folder_ / "stdin");
    const std::string in = has_input ? (folder_ / "stdin").string() : "/dev/null";
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
    // Appended: one that was started before may still write there.
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), kFlags, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), kFlags, 0600);
    pid_t process = -1;
    const int failed =
        ::posix_spawn(&process, PROXSEG_PROGRAM, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    EXPECT_EQ(failed, 0);
    return process;
  }

  Outcome finish(pid_t process) const {
    int status = 0;
    ::waitpid(process, &status, 0);
    EXPECT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
    return {WEXITSTATUS(status), read_file(folder_ / "stdout"), read_file(folder_ / "stderr")};
  }

  Outcome run(const Arguments& arguments) const { return finish(start(arguments)); }

  // Runs it, and expects that exit code and every fragment on stderr.
  void expect_failure(ExitCode code, const Arguments& fragments, const Arguments& arguments) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, static_cast<int>(code)) << outcome.err;
    for (const std::string& fragment : fragments) {
      EXPECT_NE(outcome.err.find(fragment), std::string::npos)
          << "'" << fragment << "' is not in:\n"
          << outcome.err;
    }
    EXPECT_EQ(outcome.err.find("frame #"), std::string::npos) << "a stack trace:\n" << outcome.err;
  }

  // `command` with a recipe that is over in a moment.
  static Arguments quick(const Arguments& command, const Arguments& more = {}) {
    Arguments words = command;
    for (const char* setting : {"train.steps=2", "train.batch=4", "model.channels=4"}) {
      words.insert(words.end(), {"--set", setting});
    }
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  TemporaryFolder folder_;
};

}  // namespace proxseg
