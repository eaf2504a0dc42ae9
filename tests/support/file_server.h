// A web server with one file, for whoever asks for whatever; or with a part of it, after which it keeps
// silent while the client waits.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>
#include <thread>

namespace proxseg {

class FileServer {
 public:
  explicit FileServer(std::string bytes, size_t silent_after = std::string::npos)
      : bytes_(std::move(bytes)), silent_after_(silent_after) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket_, 4) != 0) {
      throw std::system_error(errno, std::generic_category(), "FileServer");
    }
    socklen_t length = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    worker_ = std::thread([this] { serve(); });
  }
  ~FileServer() {
    ::shutdown(socket_, SHUT_RDWR);
    worker_.join();
    ::close(socket_);
  }
  FileServer(const FileServer&) = delete;
  FileServer& operator=(const FileServer&) = delete;

  std::string address_of(const std::string& name) const {
    return fmt::format("http://127.0.0.1:{}/{}", port_, name);
  }

  // That have come so far.
  int requests() const { return requests_; }

 private:
  void serve() {
    for (int client; (client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      char request[4096];
      if (::recv(client, request, sizeof request, 0) > 0) {
        ++requests_;
        const std::string reply =
            fmt::format("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", bytes_.size()) +
            bytes_.substr(0, silent_after_);
        size_t sent = 0;
        while (sent < reply.size()) {
          const ssize_t count =
              ::send(client, reply.data() + sent, reply.size() - sent, MSG_NOSIGNAL);
          if (count <= 0) break;
          sent += static_cast<size_t>(count);
        }
        // Until the client goes.
        if (silent_after_ < bytes_.size()) ::recv(client, request, sizeof request, 0);
      }
      ::close(client);
    }
  }

  std::string bytes_;
  size_t silent_after_;
  int socket_ = -1;
  int port_ = 0;
  std::atomic<int> requests_ = 0;
  std::thread worker_;
};

}  // namespace proxseg
