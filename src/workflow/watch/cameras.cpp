// Several cameras in one process.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#include "proxseg/core/clock.h"
#include "proxseg/core/error.h"
#include "proxseg/core/process.h"
#include "proxseg/media/stream.h"
#include "proxseg/workflow/failure.h"
#include "proxseg/workflow/watch.h"
#include "workflow/watch/camera.h"

namespace proxseg {
namespace {

void add(WatchResult& sum, const WatchResult& result) {
  sum.frames += result.frames;
  sum.uncertain += result.uncertain;
  sum.objects += result.objects;
}

// Disks are emptied, and cameras plugged in again; a fault of the program may be one of a single frame.
bool may_pass(ExitCode code) {
  return code == ExitCode::kInput || code == ExitCode::kOutput || code == ExitCode::kMemory ||
         code == ExitCode::kInternal;
}

}  // namespace

int64_t CameraPulse::now() { return steady_now().time_since_epoch().count(); }

void watch_all(const NetworkSegmenter& segmenter, std::deque<WatchedCamera>& cameras,
               const SourceOptions& source, const WatchOptions& options, int64_t threads,
               const std::function<bool()>& should_stop) {
  const bool is_one_of_many = cameras.size() > 1;
  const auto watch_to_the_end = [&](WatchedCamera& camera) {
    constexpr double kLongest = 60.0;
    set_threads_of_this_thread(threads);
    CameraRecord record{EventProgram(options.on_event)};
    const bool lasts = is_stream(camera.input.path) && camera.input.path != "-";
    for (double pause = 1.0;; pause = std::min(2.0 * pause, kLongest)) {
      const SteadyTime begin = steady_now();
      try {
        NetworkSegmenter own(segmenter);
        add(camera.result, watch_camera(own, camera, record, source, options, should_stop));
        return;
      } catch (const std::exception&) {
        const Failure failure = current_failure();
        camera.pulse.has_failed = true;
        const bool was_there = camera.pulse.frames > 0;
        if (!lasts || !may_pass(failure.code) || !(is_one_of_many || was_there)) throw;
        if (steady_now() - begin > std::chrono::minutes(1)) pause = 1.0;
        if (record.failure != failure.message) {
          spdlog::warn("{}: {}; it is tried again", camera.input.name, failure.message);
        }
        record.failure = failure.message;
      }
      if (!pause_for(pause, should_stop)) return;
    }
  };
  std::vector<std::jthread> threads_of_cameras;
  for (WatchedCamera& camera : cameras) {
    threads_of_cameras.emplace_back([&] {
      try {
        watch_to_the_end(camera);
      } catch (...) {
        camera.pulse.has_failed = true;
        if (is_one_of_many) spdlog::error("{}: {}", camera.input.name, current_failure().message);
        camera.error = std::current_exception();
      }
    });
  }
}

}  // namespace proxseg
