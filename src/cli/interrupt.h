// Ctrl-C: the first asks the command to stop where it loses nothing, the second ends the program at
// once.
#pragma once

namespace proxseg::cli {

void watch_for_interrupt();
bool interrupt_requested();

}  // namespace proxseg::cli
