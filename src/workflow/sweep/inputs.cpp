#include "workflow/sweep/inputs.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/eval/evaluate.h"
#include "workflow/sequence_identity.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// Where two names are alike, the paths take their place.
void name_apart(std::vector<SweepInput>& inputs) {
  std::map<std::string, int> uses;
  for (const SweepInput& input : inputs) ++uses[input.sequence.name];
  for (auto& [sequence, identity, has_ground_truth] : inputs) {
    // Relative, as files of a run are named after it.
    if (uses[sequence.name] > 1) sequence.name = fs::path(sequence.path).relative_path().string();
  }
}

}  // namespace

std::vector<SweepInput> find_inputs(const std::vector<Text>& inputs, const fs::path& folder,
                                    std::vector<std::string>& problems) {
  std::vector<SweepInput> found;
  std::set<std::string> known;
  for (const Text& input : inputs) {
    const std::string path = fs::absolute(folder / input.text).lexically_normal().string();
    try {
      for (NamedSequence& sequence : find_sequences(path)) {
        const std::string place = fs::weakly_canonical(sequence.path).string();
        if (!known.insert(place).second) continue;
        const bool is_labelled = has_labels(sequence.path);
        if (is_labelled) check_ground_truth(sequence.path);
        const std::string identity = place + '\n' + hash_of_sequence(sequence.path);
        found.push_back({std::move(sequence), identity, is_labelled});
      }
    } catch (const InputError& error) {
      problems.push_back(fmt::format("{}: inputs: {}", input.origin, error.what()));
    }
  }
  name_apart(found);
  return found;
}

}  // namespace proxseg
