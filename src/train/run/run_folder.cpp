#include "train/run/run_folder.h"

#include <fmt/format.h>

#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
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

}  // namespace

NewRun::NewRun(fs::path run, bool force) : run_(std::move(run)) {
  if (!force) refuse_occupied(run_);
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
  for (const char* name : kRunLogs) fs::remove_all(run_ / name, ignored);
  for (const char* name : {"config.json", "checkpoints", "backgrounds", "model.safetensors",
                           "summary.json", "report.html"}) {
    fs::remove_all(run_ / name, ignored);
  }
}

}  // namespace proxseg
