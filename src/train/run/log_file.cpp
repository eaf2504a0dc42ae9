#include "proxseg/train/run/log_file.h"

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

#include "proxseg/core/clock.h"
#include "proxseg/core/file.h"

namespace proxseg {

class LogFile::Sink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void open(const std::filesystem::path& path) {
    const std::lock_guard lock(mutex_);
    file_.emplace(path);
    file_->append(std::exchange(waiting_, {}));
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
    if (file_) {
      file_->append(line);
    } else {
      waiting_ += line;
    }
  }
  void flush_() override {}

 private:
  std::optional<AppendedFile> file_;
  std::string waiting_;
  std::vector<std::string> warnings_;
};

LogFile::LogFile(const std::vector<std::string>& warnings) : sink_(std::make_shared<Sink>()) {
  for (const std::string& warning : warnings) {
    sink_->log(spdlog::details::log_msg("proxseg", spdlog::level::warn, warning));
  }
  spdlog::default_logger()->sinks().push_back(sink_);
}

LogFile::~LogFile() { std::erase(spdlog::default_logger()->sinks(), sink_); }

void LogFile::open(const std::filesystem::path& path) { sink_->open(path); }

void LogFile::write(const std::string& text) {
  sink_->log(spdlog::details::log_msg("proxseg", spdlog::level::info, text));
}

std::vector<std::string> LogFile::take_warnings() { return sink_->take_warnings(); }

}  // namespace proxseg
