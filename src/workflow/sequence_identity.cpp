#include "workflow/sequence_identity.h"

#include <fmt/format.h>

#include <filesystem>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/sha256.h"
#include "proxseg/media/dataset.h"
#include "proxseg/media/sequences.h"
#include "proxseg/recipe/named_files.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

void add_files(const fs::path& folder, Sha256& hash) {
  for (const std::string& name : names_if_any(folder)) {
    if (!is_file(folder / name)) continue;
    const std::string bytes = read_file(folder / name);
    hash.add(fmt::format("{}\n{}\n", name, bytes.size()));
    hash.add(bytes);
  }
}

}  // namespace

std::string hash_of_sequence(const std::string& path) {
  Sha256 hash;
  hash.add(fingerprint_of(path).sha256);
  if (!is_folder(path)) return hash.hex();
  const SequenceFolders folders = folders_of(path);
  for (const fs::path& folder : {fs::path(path), folders.ground_truth}) {
    if (!folder.empty() && folder != folders.frames) add_files(folder, hash);
  }
  return hash.hex();
}

std::map<std::string, std::string> hashes_of_all_files(const Recipe& recipe) {
  auto hashes = hashes_of_files(recipe);
  try {
    if (std::string init = sha256_of_init(recipe); !init.empty()) hashes["train.init"] = init;
  } catch (const ModelError&) {  // the training says it
  }
  return hashes;
}

}  // namespace proxseg
