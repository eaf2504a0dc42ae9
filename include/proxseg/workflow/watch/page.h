// A page that shows what watch sees, and by which one can ask it for something. Whoever can reach it and has
// its token sees the cameras.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxseg/workflow/watch/observer.h"

namespace proxseg {

class WatchPage {
 public:
  struct Options {
    std::string address = "127.0.0.1:8080";  // HOST:PORT, [IPV6]:PORT or PORT; port 0: any
    std::string token{};                     // 16 characters at least, or none
  };

  // Serves until it is destroyed. Throws UsageError for a bad address, for a token that is short, for
  // none where the address is not that of this machine alone, and in a program without a server;
  // OutputError where the port is taken.
  WatchPage(const Options& options, const std::vector<std::string>& cameras);
  ~WatchPage();
  WatchPage(const WatchPage&) = delete;
  WatchPage& operator=(const WatchPage&) = delete;

  std::string url() const;

  // Of the camera at that position.
  WatchObserver& observer(size_t camera);

  // Whether the program was built with a server.
  static bool is_built_in();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proxseg
