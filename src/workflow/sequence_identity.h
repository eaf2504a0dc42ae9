// Which files a sequence consists of.
#pragma once

#include <string>

namespace proxseg {

// Equal for the same files: the canonical path, and the names and sizes of what lies there and in
// the folders of its frames and labels. path: a sequence, or a glob.
std::string identity_of(const std::string& path);

}  // namespace proxseg
