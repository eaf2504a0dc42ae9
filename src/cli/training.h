// Training as the commands train and run show it.
#pragma once

#include "proxseg/train/session.h"

namespace proxseg::cli {

// Joins the other processes if a launcher started several. Each uses the GPU of its number on its
// host if the recipe says "cuda". Call after start_libraries().
ProcessGroup join_processes(const Recipe& recipe);

// True in one process alone and in the first of several, the only one that says anything.
bool is_first_process();

// Progress on stderr and Ctrl-C for a training session.
TrainCallbacks training_callbacks();

// Prints the summary on stdout, as text or as JSON; nothing where the training was interrupted.
void print_training(const TrainSummary& summary, bool json);

// Ends the command with ExitCode::kInterrupted if the session was.
void stop_if_interrupted(const TrainSummary& summary);

}  // namespace proxseg::cli
