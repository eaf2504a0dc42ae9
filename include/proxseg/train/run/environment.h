// What a result depends on beside its recipe and its frames.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace proxseg {

// The words that this process was started with; empty where the system does not say.
std::vector<std::string> command_line();
// What it says from now on: the command that a user gave, in a process that this one started.
void set_command_line(std::vector<std::string> words);

// An object with program (version, commit), libraries (LibTorch, OpenCV, oneDNN, BLAS) and machine
// (system, CPU, cores, GPUs, bytes of memory).
nlohmann::ordered_json describe_environment();

}  // namespace proxseg
