// What a service tells the service manager, systemd, that has started it: sd_notify(3), spoken over its socket.
// Without one, which NOTIFY_SOCKET names, nothing is told.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace proxseg::cli {

class Service {
 public:
  struct State {
    bool is_ready = false;
    bool is_stopping = false;
    bool is_alive = true;  // else the manager starts it anew, where it has a watchdog
    std::string status{};  // one line, for `systemctl status`
  };

  // look: what is to be told, asked a few times a second by another thread, until the end of this object, when
  // the service stops.
  explicit Service(std::function<State()> look);
  ~Service() = default;

 private:
  void tell(const std::stop_token& stop, const std::function<State()>& look);

  std::jthread teller_;
};

}  // namespace proxseg::cli
