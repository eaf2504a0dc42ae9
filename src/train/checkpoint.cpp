#include "proxseg/train/checkpoint.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr const char* kModelFile = "model.safetensors";
constexpr const char* kOptimizerFile = "optimizer.pt";
constexpr size_t kKept = 2;

// Complete checkpoints, latest first.
std::vector<fs::path> list_checkpoints(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool digits = name.find_first_not_of("0123456789") == std::string::npos;
    if (entry.is_directory() && digits) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    return std::stoll(a.filename()) > std::stoll(b.filename());
  });
  return found;
}

int64_t restore(const fs::path& checkpoint, Trainer& trainer) {
  const std::string state = read_file(checkpoint / kOptimizerFile);
  const int64_t steps = std::stoll(checkpoint.filename());
  trainer.restore_state(state, steps);
  load_weights(checkpoint / kModelFile, trainer.model());
  return steps;
}

}  // namespace

void save_checkpoint(const fs::path& checkpoints, Trainer& trainer) {
  const fs::path final_path = checkpoints / fmt::format("{:06d}", trainer.next_step());
  const fs::path partial = checkpoints / fmt::format(".partial-{}", ::getpid());
  std::error_code error;
  try {
    save_model(partial / kModelFile, trainer.model());
    write_file_atomically(partial / kOptimizerFile, trainer.save_state());
    fs::remove_all(final_path, error);
    fs::rename(partial, final_path, error);
    if (error) {
      throw OutputError(fmt::format("cannot write '{}': {}", final_path.string(), error.message()));
    }
  } catch (const OutputError&) {
    fs::remove_all(partial, error);
    throw;
  }
  const auto all = list_checkpoints(checkpoints);
  for (size_t i = kKept; i < all.size(); ++i) fs::remove_all(all[i], error);
}

std::optional<int64_t> restore_latest_checkpoint(const fs::path& checkpoints, Trainer& trainer) {
  const auto all = list_checkpoints(checkpoints);
  if (all.empty()) return std::nullopt;
  for (const fs::path& checkpoint : all) {
    try {
      return restore(checkpoint, trainer);
    } catch (const Error& error) {
      spdlog::warn("checkpoint '{}' is left out: {}", checkpoint.string(), error.what());
    }
  }
  throw ModelError(fmt::format("no checkpoint in '{}' can be read", checkpoints.string()),
                   "Train anew with --force.");
}

}  // namespace proxseg
