// The classical methods by name.
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
  // The fields of the recipe that its masks depend on, as settings_of() takes them.
  std::vector<std::string> fields;
  std::function<std::unique_ptr<Segmenter>(const Recipe&)> make;
};

// Those of this build: mog, gmg, cnt, lsbp and gsoc need OpenCV's bgsegm module.
const std::vector<BaselineMethod>& baseline_methods();

// Throws UsageError listing the known methods.
const BaselineMethod& baseline_method(const std::string& name);

// The method, set up by the fields of recipe that it uses. Throws as baseline_method() does.
std::unique_ptr<Segmenter> make_baseline(const std::string& name, const Recipe& recipe);

}  // namespace proxseg
