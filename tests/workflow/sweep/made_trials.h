// Finished trials for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "proxseg/workflow/sweep/ledger.h"

namespace proxseg {

inline Trial made(const std::string& id, const std::string& configuration,
                  const std::vector<std::pair<std::string, std::string>>& settings,
                  const TrialResult& result) {
  Trial trial;
  trial.id = id;
  trial.configuration = configuration;
  trial.settings = settings;
  trial.sequence = {"/data/a b", "a b"};
  trial.steps = 10;
  trial.state = TrialState::kDone;
  trial.result = result;
  return trial;
}

inline Trial made_with_truth(const std::string& id, const std::string& configuration,
                             const std::vector<std::pair<std::string, std::string>>& settings,
                             double f_measure) {
  Trial trial = made(id, configuration, settings,
                     {.loss = 1.0, .f_measure = f_measure, .precision = 0.5, .recall = 0.5});
  trial.has_ground_truth = true;
  return trial;
}

}  // namespace proxseg
