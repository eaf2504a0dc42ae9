// What a start needs before LibTorch: shared by the launcher and the program, header only.
#pragma once

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace proxseg::cli {

// The columns that prose keeps to, where the terminal has as many: longer lines are hard to read.
constexpr int kPlainColumns = 80, kMostColumns = 100;

// The columns and rows of the terminal, 80 and 24 where they are unknown.
inline winsize window_of(int terminal) {
  winsize size{};
  if (::ioctl(terminal, TIOCGWINSZ, &size) != 0) size = {};
  if (size.ws_col == 0) size.ws_col = kPlainColumns;
  if (size.ws_row == 0) size.ws_row = 24;
  return size;
}

// The columns that text on a stream keeps to: 100 or 80 of the terminal that it is, or all of a
// narrower one; else 80.
inline int text_width(int stream) {
  if (::isatty(stream) != 1) return kPlainColumns;
  const int columns = window_of(stream).ws_col;
  return columns >= kMostColumns ? kMostColumns : std::min(columns, kPlainColumns);
}

// Tells the program that the launcher has printed beginning_of_doctor().
constexpr const char* kDoctorIsBegun = "--begun";

// OpenMP's threads wait by spinning unless told otherwise, which makes a step several times slower
// as soon as anything else wants a core; without spinning, small networks take twice as long, for
// it takes time to wake a thread. A tenth of a millisecond is the middle way. OpenMP reads this as
// it is loaded. False where the environment has settled it.
inline bool choose_short_spins() {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return false;
  return ::setenv("GOMP_SPINCOUNT", "5000", 1) == 0;  // about 0.1 ms
}

}  // namespace proxseg::cli
