// RUN/log.txt: what the program logs, with times.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace proxseg {

class LogFile {
 public:
  // Records these warnings, and what spdlog's default logger is told from now until the destructor; in memory until
  // open().
  explicit LogFile(const std::vector<std::string>& warnings = {});
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // Appends to path. Throws OutputError.
  void open(const std::filesystem::path& path);

  // A line of the file alone. Throws OutputError.
  void write(const std::string& text);

  // The warnings and errors since the last call.
  std::vector<std::string> take_warnings();

 private:
  class Sink;
  std::shared_ptr<Sink> sink_;
};

}  // namespace proxseg
