// The folder of a run: one process trains in it, and nothing of another run is left there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "proxseg/core/file.h"

namespace proxseg {

// Of a process that holds the lock of a run.
inline constexpr const char* kTrainsIn = "is training in";

// Throws OutputError where the input lies among what a new run writes or removes.
void expect_run_apart(const std::filesystem::path& run, const std::string& input);

// The folder of a new run, created and locked before any work is done for it.
class NewRun {
 public:
  // Throws OutputError where the folder cannot be written, where another process trains in it, and
  // where it is not empty: unless force, or, with it, where it has files of a run and holds none. Removes nothing.
  NewRun(std::filesystem::path run, bool force);
  // Removes a folder that the constructor created and that is still empty.
  ~NewRun();
  NewRun(const NewRun&) = delete;
  NewRun& operator=(const NewRun&) = delete;

  // Removes what an earlier run has left there.
  void clear() const;

 private:
  std::filesystem::path run_;
  bool created_ = false;
  std::optional<FolderLock> lock_;
};

}  // namespace proxseg
