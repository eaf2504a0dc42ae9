// All bytes go to files here.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace proxseg {

// Returns 0 or errno.
int write_all(int fd, std::string_view bytes);

// What the user can do about a failed write, or "".
std::string remedy_for(int error);

// Throws OutputError.
[[noreturn]] void fail_to_write(const std::filesystem::path& path, int error);

// A fault on purpose, for tests of what a full disk leaves behind.
// Called before each write that core/file.h makes. What it returns, unless 0, is
// the errno that the write fails with: ENOSPC for a full disk. From any thread, one call at a time.
using WriteFault = std::function<int()>;

// Takes the place of the fault before; an empty one ends it.
void set_write_fault(WriteFault fault);

}  // namespace proxseg
