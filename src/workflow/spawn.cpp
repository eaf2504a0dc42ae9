#include "workflow/spawn.h"

#include <unistd.h>

namespace proxseg {

Spawned spawn(const std::string& program, std::vector<std::string> words,
              const posix_spawn_file_actions_t* actions, const posix_spawnattr_t* attributes) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  Spawned spawned;
  spawned.error = ::posix_spawnp(&spawned.process, program.c_str(), actions, attributes,
                                 arguments.data(), environ);
  return spawned;
}

}  // namespace proxseg
