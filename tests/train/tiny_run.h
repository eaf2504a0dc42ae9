// A run of a few steps on a tiny scene.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <sstream>

#include "proxseg/core/file.h"
#include "proxseg/train/session.h"
#include "support/scene_files.h"

namespace proxseg {

inline ResolvedRecipe recipe_with(const std::vector<std::string>& assignments) {
  std::vector<Override> overrides = {{"model.channels=4"},
                                     {"train.batch=4"},
                                     {"train.steps=6"},
                                     {"train.checkpoint_every=2"},
                                     {"input.gray=true"}};
  for (const auto& assignment : assignments) overrides.push_back({assignment});
  return resolve_recipe("default", overrides);
}

// After 0 steps: while the frames are read.
inline TrainCallbacks stop_after(int64_t steps) {
  auto seen = std::make_shared<int64_t>(0);
  TrainCallbacks callbacks;
  callbacks.on_step = [seen](const StepReport&, int64_t) { ++*seen; };
  callbacks.should_stop = [seen, steps] { return *seen >= steps; };
  return callbacks;
}

inline std::vector<std::string> rows_of(const std::filesystem::path& path) {
  std::istringstream stream(read_file(path));
  std::vector<std::string> rows;
  for (std::string row; std::getline(stream, row);) rows.push_back(row);
  return rows;
}

// The columns of a metrics row but the last, which is the time the step took.
inline std::string without_seconds(const std::string& row) { return row.substr(0, row.rfind(',')); }

struct Session : testing::Test {
  const TemporaryFolder folder;
  const std::string scene = write_tiny_scene(folder);
  const std::vector<NamedSequence> scenes = {{scene, "scene"}};
  const std::filesystem::path run = folder / "run";
};

}  // namespace proxseg
