#include "proxseg/recipe/named_files.h"

#include <filesystem>

#include "proxseg/core/file.h"
#include "proxseg/core/sha256.h"
#include "proxseg/recipe/generic.h"

namespace proxseg {

std::map<std::string, std::string> named_files(const Recipe& recipe) {
  return {{"background.file", recipe.background.file}, {"input.roi", recipe.input.roi}};
}

std::map<std::string, std::string> hashes_of_files(const Recipe& recipe) {
  std::map<std::string, std::string> hashes;
  for (const auto& [field, file] : named_files(recipe)) {
    if (is_file(file)) hashes[field] = sha256(read_file(file));
  }
  return hashes;
}

std::string sha256_of_init(const Recipe& recipe) {
  const std::filesystem::path init = initial_weights(recipe);
  return init.empty() ? "" : sha256_of_model(init);
}

}  // namespace proxseg
