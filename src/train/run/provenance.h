// What made a run: config.json, provenance.json, environment.json and reproduce.sh of its folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/recipe/load.h"

namespace proxseg {

// A sequence that a run is trained on, and the hash of its frames.
struct RunInput {
  NamedSequence sequence;
  Fingerprint fingerprint;  // its sha256 is empty where the run has not recorded it
};

// Steps by one recipe on one number of threads in one precision, up to the next stage's first step.
struct Stage {
  int64_t first_step = 0;
  Recipe recipe;
  int64_t threads = 1;
  Precision precision = Precision::kFloat32;  // what the recipe's stood for, never kAuto
};

// A call that the run came from.
struct Call {
  std::vector<std::string> words;
  std::string folder, time;
};

struct Provenance {
  std::vector<RunInput> inputs;
  std::string init_sha256;                   // of the weights that train.init names; empty without
  std::map<std::string, std::string> files;  // hashes of the files that the recipe names, by field
  std::vector<Stage> stages;
  std::vector<Call> calls;
  std::map<std::string, std::string> origins;  // of the recipe's values

  // The steps from first_step on are made by this call, by that recipe.
  void begin_call(int64_t first_step, const ResolvedRecipe& recipe);
};

// Of sequences that are there. Throws InputError.
std::vector<RunInput> inputs_of(const std::vector<NamedSequence>& sequences);

// Writes the four files, config.json last: where it is, there is a run to go on with. Throws
// OutputError.
void write_provenance(const std::filesystem::path& run, const Provenance& provenance);

// Throws InputError, or ConfigError where a file is damaged.
Provenance read_provenance(const std::filesystem::path& run);

// The sequences in the order and under the names of the recorded inputs: each where its hash is
// found, else in its place. Throws UsageError for another number of sequences, InputError where
// frames are missing.
std::vector<RunInput> pair_inputs(const std::filesystem::path& run, const Provenance& provenance,
                                  const std::vector<NamedSequence>& given);

// A line for each thing that made the run and that is recorded otherwise than it is here: frames,
// the weights of train.init, threads, precision. found: as pair_inputs() returns them.
std::vector<std::string> differences_from(const Provenance& provenance,
                                          const std::vector<RunInput>& found, const Recipe& recipe);

// The same for program, libraries and processor, which may change a result in its last bits.
std::vector<std::string> differences_of_environment(const std::filesystem::path& run);

// The recorded inputs where they now are: at the given paths, in any order, or where they were if
// none is given. Throws InputError where frames are missing or are not those of the recorded hash; UsageError
// for another number of paths.
std::vector<RunInput> find_inputs(const std::filesystem::path& run, const Provenance& provenance,
                                  const std::vector<NamedSequence>& given);

// Throws InputError where a file that the run's recipe and the one that is asked for name by the same path, and which
// is there, is another one by now.
void refuse_other_files(const std::filesystem::path& run, const Provenance& provenance,
                        const Recipe& asked);

}  // namespace proxseg
