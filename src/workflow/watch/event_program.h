// The program that is told of each event of a camera.
#pragma once

#include <atomic>
#include <memory>
#include <string>

namespace proxseg {

class EventProgram {
 public:
  // path: as of WatchOptions::on_event.
  explicit EventProgram(std::string path);

  // Starts it with the line as its only argument, which no shell reads. Warns where it cannot be started, and
  // where too many of it are still running. One call at a time.
  void tell(const std::string& line);

 private:
  std::string path_;
  std::shared_ptr<std::atomic<int>> running_;  // by those who wait for their ends, too
};

}  // namespace proxseg
