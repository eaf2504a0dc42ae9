// A connection to a port of this machine, byte by byte.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace proxseg {

class TcpClient {
 public:
  explicit TcpClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::system_error(errno, std::generic_category(), "TcpClient");
    }
  }
  ~TcpClient() {
    if (socket_ >= 0) ::close(socket_);
  }
  TcpClient(TcpClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  TcpClient& operator=(TcpClient&&) = delete;

  // False where the other side has gone.
  bool send(const std::string& bytes) const {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0;
  }

  // All that comes until the other side closes.
  std::string receive() const {
    std::string bytes;
    char buffer[4096];
    for (ssize_t count; (count = ::recv(socket_, buffer, sizeof buffer, 0)) > 0;) {
      bytes.append(buffer, static_cast<size_t>(count));
    }
    return bytes;
  }

 private:
  int socket_;
};

// The answer to a request of a client that means well. more: header lines, each with its end.
inline std::string answer_of(int port, const std::string& method, const std::string& path,
                             const std::string& more = "", const std::string& body = "") {
  const TcpClient client(port);
  client.send(
      fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n"
                  "Content-Length: {}\r\n{}\r\n{}",
                  method, path, port, body.size(), more, body));
  return client.receive();
}

// 0 of no answer.
inline int status_of(const std::string& answer) {
  const std::string begin = "HTTP/1.1 ";
  return answer.starts_with(begin) ? std::stoi(answer.substr(begin.size(), 3)) : 0;
}

}  // namespace proxseg
