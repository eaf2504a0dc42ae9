// What results on a sequence, or by a recipe, depend on beside their settings.
#pragma once

#include <map>
#include <string>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

// A SHA-256 of the sequence's frames, as fingerprint_of() looks at them, of its labels, and of what lies beside both, such
// as ROI.bmp. It does not depend on where the sequence lies. Throws InputError.
std::string hash_of_sequence(const std::string& path);

// Those of the files that the recipe names and of the weights that a training starts from, by field. Files that are not
// there are left out.
std::map<std::string, std::string> hashes_of_all_files(const Recipe& recipe);

}  // namespace proxseg
