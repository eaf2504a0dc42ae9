// The baselines by name.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proxseg/recipe/recipe.h"
#include "proxseg/segment/segmenter.h"

namespace proxseg {

struct BaselineMethod {
  std::string name;
  std::string summary;
  std::function<std::unique_ptr<Segmenter>(const Recipe&)> make;
};

// Those that this build knows: mog, gmg, cnt, lsbp and gsoc need OpenCV's bgsegm module.
const std::vector<BaselineMethod>& baseline_methods();

// Of recipe count: background.frames for median; input.scale, input.gray, train.batch and mask for
// rpca; seed for the others. Throws UsageError listing the known methods.
std::unique_ptr<Segmenter> make_baseline(const std::string& name, const Recipe& recipe);

}  // namespace proxseg
