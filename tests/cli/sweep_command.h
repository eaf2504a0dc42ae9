// A sweep over a tiny scene, run by the program.
#pragma once

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/program.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {

inline constexpr const char* kQuickSet =
    R"("train.batch": 4, "model.channels": 4, "model.depth": 1, "threads": 1)";

class SweepCommand : public Program {
 protected:
  // A sweep file over the scene; search: its grid or the like; set: more fixed fields.
  std::string write_sweep(const std::string& search, const std::string& set = "\"train.steps\": 2",
                          const std::string& name = "sweep.json") const {
    save_text(folder_ / "broken.png", "no image");
    save_text(folder_ / name, fmt::format(R"({{"inputs": ["{}"], "set": {{{}, {}}}, {}}})", scene_,
                                          kQuickSet, set, search));
    return path(name);
  }

  Arguments sweep(const std::string& file, const Arguments& more = {}) const {
    Arguments words = {"sweep", file, "--output", path("out")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  nlohmann::json status() const {
    const Outcome outcome = run({"sweep", "status", path("out"), "--json"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out).at("trials");
  }

  // Starts it and waits until `holds`, at most two minutes.
  template <typename Condition>
  pid_t start_until(const Arguments& arguments, Condition&& holds) const {
    const pid_t process = start(arguments);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!holds() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(holds());
    return process;
  }

  static void kill_hard(pid_t process) {
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
  }

  // Folders of trials in which a checkpoint lies.
  int64_t checkpoints() const {
    if (!std::filesystem::exists(folder_ / "out/trials")) return 0;
    int64_t count = 0;
    for (const auto& trial : std::filesystem::directory_iterator(folder_ / "out/trials")) {
      const std::filesystem::path folder = trial.path() / "run/checkpoints";
      std::error_code error;
      const std::filesystem::directory_iterator entries(folder, error);
      count += std::any_of(begin(entries), end(entries), [](const auto& entry) {
        return !entry.path().filename().string().starts_with('.');
      });
    }
    return count;
  }

  void expect_all_done(const nlohmann::json& trials, size_t count) const {
    ASSERT_EQ(trials.size(), count);
    for (const nlohmann::json& trial : trials)
      EXPECT_EQ(trial.at("state"), "done") << trial.dump(2);
    EXPECT_EQ(listing(folder_ / "out/trials").size(), count);
  }

  const std::string scene_ = write_tiny_scene(folder_);
};

inline std::vector<std::string> column(const nlohmann::json& trials, const char* name) {
  std::vector<std::string> values;
  for (const nlohmann::json& trial : trials) values.push_back(trial.at(name).dump());
  return values;
}

inline constexpr const char* kGrid = R"("grid": {"seed": [1, 2], "mask.threshold": [0.4, 0.6]})";

// The background of the second cannot be read.
inline constexpr const char* kOneOfThreeFails =
    R"("list": [{"seed": 1}, {"background.method": "file", "background.file": "broken.png"}, {"seed": 2}])";

// A process that works off a trial of the sweep in `folder`; -1 if there is none.
inline pid_t find_worker(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream stream(entry.path() / "cmdline");
    const std::string words((std::istreambuf_iterator<char>(stream)), {});
    const bool is_worker = words.find("worker") != std::string::npos;
    if (is_worker && words.find(folder) != std::string::npos) return std::stoi(name);
  }
  return -1;
}

}  // namespace proxseg
