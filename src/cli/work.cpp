#include "cli/work.h"

#include <fmt/format.h>

#include <memory>

#include "cli/interrupt.h"
#include "cli/libraries.h"
#include "cli/progress.h"
#include "cli/training.h"

namespace proxseg::cli {

WorkCallbacks work_callbacks() {
  struct Shown {
    std::string what;
    std::unique_ptr<Progress> progress;
  };
  const auto shown = std::make_shared<Shown>();
  WorkCallbacks callbacks;
  callbacks.on_recipe = start_libraries;
  callbacks.on_stage = [shown](const std::string& heading) {
    shown->progress.reset();
    fmt::print(stderr, "{}\n", heading);
  };
  callbacks.training = training_callbacks();
  callbacks.on_progress = [shown](const std::string& what, const char* unit, int64_t done,
                                  int64_t total) {
    if (!shown->progress || shown->what != what) {
      shown->progress = std::make_unique<Progress>(what, unit);
      shown->what = what;
    }
    shown->progress->update(done, total);
  };
  callbacks.should_stop = interrupt_requested;
  return callbacks;
}

}  // namespace proxseg::cli
