// Run folders as train writes them, without training.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "proxseg/core/file.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/workflow/report/run_record.h"

namespace proxseg {

struct RunFiles {
  std::string input = "/nowhere/street";
  double l1_weight = 0.5;
  std::string description = "A run";
  int steps = 5;
  double last_loss = 1.0;  // falls by 1 a step
};

inline void write_run(const std::filesystem::path& folder, const RunFiles& files = {}) {
  Recipe recipe;
  recipe.description = files.description;
  recipe.loss.l1.weight = files.l1_weight;
  write_file_atomically(folder / "config.json", to_json(recipe));
  const nlohmann::json provenance = {{"inputs", {{{"path", files.input}, {"name", "street"}}}},
                                     {"origins", {{"loss.l1.weight", "--set"}}}};
  write_file_atomically(folder / "provenance.json", provenance.dump());
  const nlohmann::json environment = {{"program", {{"version", "9.8.7"}}},
                                      {"command", {"proxseg", "train", "--input", files.input}},
                                      {"folder", "/home/<me>"}};
  write_file_atomically(folder / "environment.json", environment.dump());
  const nlohmann::json summary = {
      {"parameters", 4321},
      {"singular_values", {{"frames", {9.0, 4.0}}, {"background", {8.0, 0.5}}}}};
  write_file_atomically(folder / "summary.json", summary.dump());
  std::string metrics =
      "step,loss,nuclear,l1,group_l1,tv,learned_rank,sparsity,learning_rate,seconds\n";
  for (int step = 0; step < files.steps; ++step) {
    const double loss = files.last_loss + files.steps - 1 - step;
    metrics += fmt::format("{},{},{},1,0,0,2.5,0.125,0.01,0.5\n", step, loss, loss - 1);
  }
  write_file_atomically(folder / "metrics.csv", metrics);
}

}  // namespace proxseg
