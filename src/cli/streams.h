// The standard streams, whose failures end no command.
#pragma once

namespace proxseg::cli {

// Call before anything else. A standard stream that is closed gets a descriptor that refuses reads
// and writes, so that no file that is opened later takes its place. What stderr does not take is
// left out; that stdout does not take is said by finish_output(). A reader that has gone away is
// such a failure rather than the end.
void guard_streams();

// Throws OutputError if something that was printed did not reach stdout.
void finish_output();

// The columns of the terminal that stderr is, 80 where they are unknown; 0 where stderr is no
// terminal that can renew a line.
int terminal_width();

}  // namespace proxseg::cli
