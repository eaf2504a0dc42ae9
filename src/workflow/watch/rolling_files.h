// The names of files that follow one another, of which the old ones go.
#pragma once

#include <filesystem>
#include <string>

namespace proxseg {

// For a file that begins now: "20260131T120000.000Z" and the extension, in UTC.
std::string rolling_name(const std::string& extension);

// Removes those files of such names in folder that were written last more than so many seconds ago; others stay.
void remove_old_files(const std::filesystem::path& folder, const std::string& extension,
                      double keep);

}  // namespace proxseg
