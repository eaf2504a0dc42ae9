#include "proxseg/train/phases.h"

namespace proxseg {

double PhaseSeconds::sum() const {
  double total = 0.0;
  for (const auto& [name, seconds] : kPhases) total += this->*seconds;
  return total;
}

PhaseSeconds& PhaseSeconds::operator+=(const PhaseSeconds& other) {
  for (const auto& [name, seconds] : kPhases) this->*seconds += other.*seconds;
  return *this;
}

void PhaseClock::spent_on(double PhaseSeconds::*phase) {
  const auto now = std::chrono::steady_clock::now();
  seconds_.*phase += std::chrono::duration<double>(now - last_).count();
  last_ = now;
}

void PhaseClock::spent_as(const PhaseSeconds& measured) {
  seconds_ += measured;
  last_ = std::chrono::steady_clock::now();
}

}  // namespace proxseg
