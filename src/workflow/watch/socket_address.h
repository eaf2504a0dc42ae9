// An address as the system's sockets have it.
#pragma once

#include <sys/socket.h>

#include "workflow/watch/http_server.h"

namespace proxseg {

struct SocketAddress {
  sockaddr_storage storage{};

  bool is_ipv6() const { return storage.ss_family == AF_INET6; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Throws UsageError where there is no such host.
SocketAddress resolve(const HttpAddress& address);

}  // namespace proxseg
