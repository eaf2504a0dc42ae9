// The process of a command: its standard streams, requests to stop, and the threads and memory of
// all numerical libraries.
#pragma once

#include <cstddef>
#include <cstdio>

#include "proxseg/core/error.h"
#include "proxseg/recipe/recipe.h"

namespace proxseg::cli {

// ---- the standard streams, whose failures end no command

// Call before anything else. A standard stream that is closed gets a descriptor that refuses reads
// and writes, so that no file opened later takes its place. What cannot be written to stderr is
// dropped; what cannot be written to stdout makes finish_output() throw. A reader that has gone away
// does not end the program.
void guard_streams();

// Throws OutputError if something that was printed did not reach stdout; kOutput, of which nothing is
// to be said, where its reader has gone away.
ExitCode finish_output();

// The columns and rows of the terminal that stderr is, 80 and 24 where they are unknown; 0 where
// stderr is no terminal that can renew a line.
int terminal_width();
int terminal_height();

// The columns that text on stdout, such as --help, and on stderr keeps to: text_width().
int help_width();
int error_width();

// The columns of the terminal that stdout or stderr is; 0 where it is none.
size_t line_width(std::FILE* stream);
// And its rows.
size_t line_count(std::FILE* stream);

// Whether stderr is a terminal that shows colours and NO_COLOR is not set (no-color.org).
bool shows_colors();

// ---- requests to stop: Ctrl-C, SIGTERM, of a terminal that is closed SIGHUP, of a limit on time SIGXCPU and SIGUSR1, as
// schedulers send it

// The first asks the command to save and stop; a second Ctrl-C or SIGTERM ends the program at once,
// and what is written by then stays. Of SIGHUP, SIGXCPU and SIGUSR1, those stay without effect
// that whoever started the program ignores, as nohup does.
void watch_for_interrupt();
bool interrupt_requested();
// The first ends the program, too: of a command that has nothing to save.
void end_at_first_interrupt();

// ---- ends of programs that this one starts

// Lets them be known also where SIGCHLD is ignored, as some that start services leave it. Call before the
// first is started.
void restore_child_signal();

// ---- environment

// Whether PROXSEG_REPRODUCE_ANYWAY is set: a run is made again though something differs.
bool reproduces_anyway();

// ---- threads, memory and time

// Where the launcher has not chosen short spins (cli/start.h), this does and starts the program anew.
// Where that cannot be done, it returns. words: of main().
void restart_with_short_spins(char** words);

// Warns where there are more than cores.
void warn_of_many_threads(int64_t threads);

// Sets threads and allocator once a command knows its recipe. Throws Error with ExitCode::kMemory
// where the limit on address space is too low for the libraries.
void start_libraries(const Recipe& recipe);

// Since the program was started: the time that its user has waited so far.
double seconds_since_start();

}  // namespace proxseg::cli
