// Other programs, started without a shell.
#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace proxseg {

struct Spawned {
  pid_t process = -1;
  int error = 0;  // an errno, or 0
};

// Starts program, a path or a name in PATH. words: its arguments, the first its own name.
Spawned spawn(const std::string& program, std::vector<std::string> words,
              const posix_spawn_file_actions_t* actions = nullptr,
              const posix_spawnattr_t* attributes = nullptr);

}  // namespace proxseg
