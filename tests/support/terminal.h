// The built program in a terminal of a given size.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/program.h"

namespace proxseg {

class Terminal : public Program {
 public:
  using Variables = std::vector<std::pair<std::string, std::string>>;

  // What the program writes to a terminal of that size, control sequences included; lines end in
  // "\r\n".
  static std::string shown(int columns, int rows, const Arguments& arguments,
                           const Variables& variables = {}) {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(columns);
    size.ws_row = static_cast<unsigned short>(rows);
    int terminal = -1;
    const pid_t process = ::forkpty(&terminal, nullptr, nullptr, &size);
    if (process == 0) {
      ::setenv("TERM", "xterm-256color", 1);
      ::unsetenv("NO_COLOR");
      for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
      Arguments words = arguments;
      words.insert(words.begin(), "proxseg");  // as found in PATH
      std::vector<char*> argv;
      for (std::string& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      ::execv(PROXSEG_PROGRAM, argv.data());
      ::_exit(127);
    }
    EXPECT_GT(process, 0);
    std::string text(1 << 16, '\0'), all;
    for (ssize_t n; (n = ::read(terminal, text.data(), text.size())) > 0;) {
      all.append(text.data(), static_cast<size_t>(n));
    }
    ::close(terminal);
    ::waitpid(process, nullptr, 0);
    return all;
  }

  // The rows that were written one after the other, also those that others have replaced.
  static std::vector<std::string> rows_of(std::string text) {
    for (const char* control : {"\r\033[K", "\033[K", "\033[J", "\r"}) {
      const std::string found = control;
      const bool renews = found == "\r\033[K";
      for (size_t at; (at = text.find(found)) != std::string::npos;) {
        text.replace(at, found.size(), renews ? "\n" : "");
      }
    }
    std::vector<std::string> rows;
    std::istringstream stream(text);
    for (std::string row; std::getline(stream, row);) {
      // "up by so many rows"
      if (row.starts_with("\033[")) row.erase(0, row.find('A') + 1);
      rows.push_back(row);
    }
    return rows;
  }
};

}  // namespace proxseg
