// Recipe files for tests, in a folder that goes when the test ends.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/recipe/load.h"

namespace proxseg {

// The JSON pointer of "loss.l1.weight" is "/loss/l1/weight"; `between` stands before each part.
inline std::string pointer_of(const std::string& key, const std::string& between = "") {
  std::string path = between + "/";
  for (const char c : key) path += c == '.' ? between + "/" : std::string(1, c);
  return path;
}

class RecipeFiles : public testing::Test {
 protected:
  RecipeFiles() {
    std::string name = testing::TempDir() + "proxseg-config-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~RecipeFiles() override { std::filesystem::remove_all(folder_); }

  // Its path.
  std::string write(const std::string& name, std::string_view text) const {
    write_file_atomically(folder_ / name, text);
    return (folder_ / name).string();
  }

  std::filesystem::path folder_;
};

// What resolve_recipe() says of a bad recipe; fails where it accepts it.
inline std::string refusal(const std::string& name_or_path,
                           const std::vector<Override>& overrides = {}) {
  try {
    resolve_recipe(name_or_path, overrides);
  } catch (const ConfigError& error) {
    return error.what();
  }
  ADD_FAILURE() << name_or_path << " was accepted";
  return {};
}

}  // namespace proxseg
