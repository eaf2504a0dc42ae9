#include "proxseg/record/log_file.h"

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/record/events.h"

namespace proxseg {

class LogFile::Sink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  bool open(const std::filesystem::path& path) {
    const std::lock_guard lock(mutex_);
    stream_.open(path, std::ios::app);
    stream_ << std::exchange(waiting_, {}) << std::flush;
    return stream_.good();
  }

  std::vector<std::string> take_warnings() {
    const std::lock_guard lock(mutex_);
    return std::exchange(warnings_, {});
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string text(message.payload.data(), message.payload.size());
    const auto level = spdlog::level::to_string_view(message.level);
    const std::string line =
        fmt::format("{} {}: {}\n", utc_time(), std::string_view(level.data(), level.size()), text);
    if (message.level >= spdlog::level::warn) warnings_.push_back(text);
    if (stream_.is_open()) {
      stream_ << line << std::flush;
    } else {
      waiting_ += line;
    }
  }
  void flush_() override {}

 private:
  std::ofstream stream_;
  std::string waiting_;
  std::vector<std::string> warnings_;
};

LogFile::LogFile() : sink_(std::make_shared<Sink>()) {
  spdlog::default_logger()->sinks().push_back(sink_);
}

LogFile::~LogFile() { std::erase(spdlog::default_logger()->sinks(), sink_); }

void LogFile::open(const std::filesystem::path& path) {
  if (sink_->open(path)) return;
  throw OutputError(fmt::format("cannot write '{}'", path.string()));
}

void LogFile::write(const std::string& text) {
  sink_->log(spdlog::details::log_msg("proxseg", spdlog::level::info, text));
}

std::vector<std::string> LogFile::take_warnings() { return sink_->take_warnings(); }

}  // namespace proxseg
