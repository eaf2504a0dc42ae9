// Faults on purpose, for tests of what a full disk leaves behind.
#pragma once

#include <functional>

namespace proxseg {

// Called before each write by core/file.h and core/appended_file.h. What it returns, unless 0, is
// the errno that the write fails with: ENOSPC for a full disk. From any thread, one call at a time.
using WriteFault = std::function<int()>;

// Takes the place of the fault before; an empty one ends it.
void set_write_fault(WriteFault fault);

}  // namespace proxseg
