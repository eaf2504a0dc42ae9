// Requests to stop: Ctrl-C, SIGTERM and, of a terminal that is closed, SIGHUP. The first asks the
// command to save and stop; a second Ctrl-C or SIGTERM ends the program at once, and what is
// written by then stays.
#pragma once

namespace proxseg::cli {

// Under nohup, SIGHUP stays without effect.
void watch_for_interrupt();
bool interrupt_requested();

}  // namespace proxseg::cli
