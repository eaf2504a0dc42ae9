#include "proxseg/recipe/locate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/builtin.h"
#include "proxseg/recipe/suggest.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;

RecipeText locate_builtin(const std::string& name) {
  std::vector<std::string> names;
  for (const BuiltinRecipe& recipe : builtin_recipes()) {
    if (recipe.name == name) {
      return {"built-in " + name, "built-in " + name + ".json", {}, std::string(recipe.text)};
    }
    names.emplace_back(recipe.name);
  }
  throw ConfigError(
      fmt::format("no built-in recipe {} among {}; a file needs a '/' or the ending .json{}",
                  in_quotes(name), fmt::join(names, ", "), did_you_mean(nearest(name, names))));
}

// Reads no more than it accepts: the path may be a device without end.
std::string read_bounded(const fs::path& path) {
  const auto fail = [&](const std::string& reason) {
    throw ConfigError(fmt::format("cannot read {}: {}", in_quotes(path.string()), reason));
  };
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) fail("it is a folder");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail(std::strerror(errno));
  std::string text(kMaxBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) fail("read error");
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMaxBytes) fail("larger than 1 MiB, which no recipe is");
  return text;
}

RecipeText locate_file(const fs::path& path) {
  std::string text = read_bounded(path);
  std::error_code ignored;
  const fs::path canonical = fs::weakly_canonical(path, ignored);
  return {canonical.string(), path.string(), path.parent_path(), std::move(text)};
}

}  // namespace

RecipeText locate_recipe(const std::string& name_or_path, const fs::path& folder) {
  const bool is_path =
      name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".json");
  if (!is_path) return locate_builtin(name_or_path);
  return locate_file((folder / name_or_path).lexically_normal());
}

}  // namespace proxseg
