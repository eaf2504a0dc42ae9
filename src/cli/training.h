// Training as the commands train and run show it.
#pragma once

#include <string>
#include <vector>

#include "proxseg/train/session.h"

namespace proxseg::cli {

// Progress on stderr and Ctrl-C for a training session.
TrainCallbacks training_callbacks();

// Says on stdout what came out and what to type next, or prints the summary as JSON.
// Returns normally when interrupted; the caller then ends with ExitCode::kInterrupted.
void print_training(const TrainSummary& summary, bool json);

// Ends the command with ExitCode::kInterrupted if the session was.
void stop_if_interrupted(const TrainSummary& summary);

}  // namespace proxseg::cli
