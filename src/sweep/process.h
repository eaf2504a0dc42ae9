// Which process holds a trial, so that others can tell whether it still lives.
#pragma once

#include <sys/types.h>

#include <string>

namespace proxseg {

// "BOOT PID START": no other process, before or after a restart of the machine, has the same. ""
// if there is no such process, or only its remains.
std::string process_identity(pid_t process);

// The process of that identity is still there.
bool is_alive(const std::string& identity);

}  // namespace proxseg
