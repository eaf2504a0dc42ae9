#include "train/run/run_folder.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/stream.h"
#include "proxseg/train/session.h"
#include "train/run/run_log.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

void refuse_occupied(const fs::path& run) {
  std::error_code error;
  if (!is_there(run)) return;
  if (is_folder(run) && fs::is_empty(run, error)) return;
  throw OutputError(fmt::format("'{}' exists and is not an empty folder", run.string()),
                    "Choose another --output, go on with --resume, or overwrite with --force.");
}

// What clear() removes. Last what makes it a run, so that one which was killed meanwhile can be cleared again.
std::vector<fs::path> cleared_in(const fs::path& run) {
  std::vector<fs::path> paths;
  for (const char* name : kRunLogs) paths.push_back(run / name);
  for (const char* name : {"checkpoints", "backgrounds", "model.safetensors", "summary.json",
                           "report.html", "config.json"}) {
    paths.push_back(run / name);
  }
  return paths;
}

void refuse_foreign(const fs::path& run) {
  if (is_run(run)) return;
  for (const fs::path& path : cleared_in(run)) {
    if (!is_there(path)) continue;
    throw OutputError(fmt::format("'{}' holds no run, and a run there would replace its '{}'",
                                  run.string(), path.filename().string()),
                      "Move it away, or choose another --output.");
  }
}

}  // namespace

bool is_run(const fs::path& folder) {
  return is_file(folder / "config.json") && is_file(folder / "provenance.json");
}

void expect_run_apart(const fs::path& run, const std::string& input) {
  expect_apart({run}, {}, input);
  if (is_stream(input)) return;
  for (const fs::path& path : cleared_in(run)) {
    if (!lies_in(path, input)) continue;
    throw OutputError(
        fmt::format("'{}' lies where a run in '{}' has its '{}', and would be removed", input,
                    run.string(), path.filename().string()),
        "Choose another --output.");
  }
}

NewRun::NewRun(fs::path run, bool force) : run_(std::move(run)) {
  force ? refuse_foreign(run_) : refuse_occupied(run_);
  created_ = !is_there(run_);
  make_writable_folder(run_);
  lock_.emplace(run_, kTrainsIn);
  // Another run may have ended here since the first look.
  if (!force) refuse_occupied(run_);
}

NewRun::~NewRun() {
  std::error_code ignored;
  if (created_) fs::remove(run_, ignored);  // fails unless the folder is empty
}

void NewRun::clear() const {
  std::error_code ignored;
  for (const fs::path& path : cleared_in(run_)) fs::remove_all(path, ignored);
}

}  // namespace proxseg
