#include "proxseg/train/phases.h"

#include <nlohmann/json.hpp>

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

nlohmann::ordered_json to_json(const PhaseSeconds& phases) {
  nlohmann::ordered_json json;
  for (const auto& [name, seconds] : kPhases) json[name] = phases.*seconds;
  return json;
}

PhaseSeconds phases_from_json(const nlohmann::ordered_json& json) {
  PhaseSeconds phases;
  for (const auto& [name, seconds] : kPhases) phases.*seconds = json.value(name, 0.0);
  return phases;
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
