#include "cli/service.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"

namespace proxseg::cli {
namespace {

using Clock = std::chrono::steady_clock;

// A datagram to the socket, which is a file or, after an '@', an abstract one.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& name)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    address_.sun_family = AF_UNIX;
    if (name.size() >= sizeof address_.sun_path) {
      spdlog::warn("NOTIFY_SOCKET is too long: the service manager is told nothing");
      return;
    }
    std::memcpy(address_.sun_path, name.data(), name.size());
    if (name[0] == '@') address_.sun_path[0] = '\0';
    length_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  }

  void send(const std::string& message) const {
    if (length_ == 0) return;
    (void)::sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                   reinterpret_cast<const sockaddr*>(&address_), length_);
  }

 private:
  FileDescriptor socket_;
  sockaddr_un address_{};
  socklen_t length_ = 0;
};

// How often the watchdog, if there is one for this process, wants to hear of it: half of its patience.
std::optional<Clock::duration> watchdog_period() {
  const char *time = std::getenv("WATCHDOG_USEC"), *process = std::getenv("WATCHDOG_PID");
  const auto microseconds = parse_number<int64_t>(time ? time : "");
  if (!microseconds || *microseconds <= 0) return std::nullopt;
  if (process && parse_number<pid_t>(process) != ::getpid()) return std::nullopt;
  return std::chrono::microseconds(*microseconds / 2);
}

}  // namespace

Service::Service(std::function<State()> look) {
  const char* name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr || (*name != '/' && *name != '@')) return;
  teller_ = std::jthread(
      [this, look = std::move(look)](const std::stop_token& stop) { tell(stop, look); });
}

void Service::tell(const std::stop_token& stop, const std::function<State()>& look) {
  constexpr auto kLook = std::chrono::milliseconds(100);
  constexpr auto kStatus = std::chrono::seconds(5);
  const NotifySocket socket(std::getenv("NOTIFY_SOCKET"));
  const auto period = watchdog_period();
  Clock::time_point next_ping = Clock::now(), next_status = Clock::now();
  bool was_ready = false, was_stopping = false;
  const auto tell_once = [&](bool is, bool& was, const char* message) {
    if (is && !was) socket.send(message);
    was = was || is;
  };
  while (!stop.stop_requested()) {
    const State state = look();
    const Clock::time_point now = Clock::now();
    tell_once(state.is_ready, was_ready, "READY=1");
    tell_once(state.is_stopping, was_stopping, "STOPPING=1");
    if (period && state.is_alive && now >= next_ping) {
      socket.send("WATCHDOG=1");
      next_ping = now + *period;
    }
    if (now >= next_status) {
      socket.send("STATUS=" + state.status);
      next_status = now + kStatus;
    }
    std::this_thread::sleep_for(kLook);
  }
  tell_once(true, was_stopping, "STOPPING=1");
}

}  // namespace proxseg::cli
