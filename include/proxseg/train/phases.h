// Where the time of a training went.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>

namespace proxseg {

// Seconds by what they were spent on. A GPU computes while the CPU goes on: its time counts where
// the CPU waits for it.
struct PhaseSeconds {
  double preparation = 0.0;  // reading frames, modelling scenes, putting batches together
  double forward = 0.0;      // the network
  double loss = 0.0;         // the priors and their gradients back to the network's output
  double backward = 0.0;     // the network's gradients; with chunks, its second forward pass, too
  double optimizer = 0.0;
  double output = 0.0;      // logs, pictures, checkpoints, model
  double evaluation = 0.0;  // once, after the last step: statistics of the norms, score, spectra

  double sum() const;
  PhaseSeconds& operator+=(const PhaseSeconds& other);
};

// Names and members, in the order above.
struct Phase {
  const char* name;
  double PhaseSeconds::*seconds;
};
inline constexpr Phase kPhases[] = {{"preparation", &PhaseSeconds::preparation},
                                    {"forward", &PhaseSeconds::forward},
                                    {"loss", &PhaseSeconds::loss},
                                    {"backward", &PhaseSeconds::backward},
                                    {"optimizer", &PhaseSeconds::optimizer},
                                    {"output", &PhaseSeconds::output},
                                    {"evaluation", &PhaseSeconds::evaluation}};

// An object of seconds by name, and back; names that are missing count 0.
nlohmann::ordered_json to_json(const PhaseSeconds& phases);
PhaseSeconds phases_from_json(const nlohmann::ordered_json& json);

// A stopwatch that never stops: every stretch of time counts for a phase.
class PhaseClock {
 public:
  // The time since the last call, at first since construction, was spent on that phase,
  void spent_on(double PhaseSeconds::*phase);
  // or as a clock within it has measured.
  void spent_as(const PhaseSeconds& measured);
  // Adds what was spent before this clock began.
  void spent_earlier(const PhaseSeconds& earlier) { seconds_ += earlier; }

  const PhaseSeconds& seconds() const { return seconds_; }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  PhaseSeconds seconds_;
};

}  // namespace proxseg
