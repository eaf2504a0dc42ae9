// All bytes go to files here.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace proxseg {

// Returns 0 or errno.
int write_all(int fd, std::string_view bytes);

// What the user can do about a failed write, or "".
std::string remedy_for(int error);

// Throws OutputError.
[[noreturn]] void fail_to_write(const std::filesystem::path& path, int error);

}  // namespace proxseg
