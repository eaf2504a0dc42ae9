// The files of a run folder that say what it is: config.json, provenance.json, environment.json and
// reproduce.sh.
#pragma once

#include <filesystem>
#include <vector>

#include "proxseg/core/file_descriptor.h"
#include "proxseg/media/sequences.h"
#include "proxseg/recipe/load.h"

namespace proxseg {

// Throws OutputError if run exists and is not an empty folder.
void refuse_occupied(const std::filesystem::path& run);

// While it lives, no other process trains in the folder. It ends with the process, however that
// ends. Not on file systems without locks.
class RunLock {
 public:
  // Throws OutputError where another process holds it.
  explicit RunLock(const std::filesystem::path& run);

 private:
  FileDescriptor folder_;
};

// Removes what a killed process has left half written.
void remove_partial_files(const std::filesystem::path& run);

// Removes what an earlier run has left there.
void remove_earlier_run(const std::filesystem::path& run);

// Writes the four files, config.json last: where it is, there is a run to go on with. Throws
// OutputError, InputError.
void describe_run(const std::filesystem::path& run, const ResolvedRecipe& recipe,
                  const std::vector<NamedSequence>& sequences);

// The inputs of a run that is there. Throws InputError, or ConfigError if provenance.json is
// damaged.
std::vector<NamedSequence> inputs_of_run(const std::filesystem::path& run);

// Origins that name the run's own config.json give way to those that were there when it was
// written.
void restore_origins(const std::filesystem::path& run, ResolvedRecipe& recipe);

}  // namespace proxseg
