#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "workflow/watch/http_server.h"
#include "workflow/watch/socket_address.h"

namespace proxseg {

const std::string& HttpRequest::header(const std::string& name) const {
  static const std::string kNone;
  const auto place = headers.find(name);
  return place == headers.end() ? kNone : place->second;
}

HttpAddress parse_http_address(const std::string& text) {
  const size_t colon = text.rfind(':');
  std::string host = colon == std::string::npos ? "127.0.0.1" : text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    host.clear();
  }
  const auto port = parse_number<int>(colon == std::string::npos ? text : text.substr(colon + 1));
  constexpr int kHighest = 65535;
  if (!host.empty() && port && *port >= 0 && *port <= kHighest) return {host, *port};
  throw UsageError(fmt::format("'{}' is no address to listen at", text),
                   "Give it as 127.0.0.1:8080, [::1]:8080 or 8080.");
}

SocketAddress resolve(const HttpAddress& address) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  const int error =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) {
    throw UsageError(fmt::format("cannot listen at {}: {}", address.host, ::gai_strerror(error)));
  }
  SocketAddress result;
  std::memcpy(&result.storage, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return result;
}

bool is_loopback(const HttpAddress& address) {
  const SocketAddress resolved = resolve(address);
  if (resolved.is_ipv6()) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(resolved.storage);
    return IN6_IS_ADDR_LOOPBACK(&ipv6.sin6_addr) != 0;
  }
  const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(resolved.storage);
  constexpr unsigned kNetwork = 127;
  return ntohl(ipv4.sin_addr.s_addr) >> 24U == kNetwork;
}

}  // namespace proxseg
