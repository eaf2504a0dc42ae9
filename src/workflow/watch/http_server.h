// An HTTP/1.1 server for a few readers, by libmicrohttpd. Whoever sends slowly, much or nothing at all loses
// his connection, and nobody else anything.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace proxseg {

struct HttpRequest {
  std::string method;                          // "GET"; HEAD is one to the handler, too
  std::string path;                            // decoded, without the query
  std::map<std::string, std::string> query{};  // decoded
  std::map<std::string, std::string>
      headers{};  // by names in small letters; of two of a name the last
  std::string body{};

  // "" where there is none of that name, in small letters.
  const std::string& header(const std::string& name) const;
};

struct HttpResponse {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body{};
  std::map<std::string, std::string> headers{};
};

// A line of text.
inline HttpResponse plain_response(int status, const std::string& text) {
  return {.status = status, .body = text + "\n"};
}

struct HttpLimits {
  size_t body = 4096;              // bytes of a request's body
  unsigned connections = 64;       // at once
  unsigned connections_each = 24;  // of one address
  double seconds = 20.0;           // for a request and its answer, and between two of a connection
};

// Where to listen.
struct HttpAddress {
  std::string host;  // a name or a number; IPv6 without brackets
  int port = 0;      // 0: any that is free
};

// Reads "HOST:PORT", "[IPV6]:PORT" or "PORT", which means 127.0.0.1. Throws UsageError.
HttpAddress parse_http_address(const std::string& text);

// Whether nobody but this machine can reach the address. Throws UsageError where there is no such host.
bool is_loopback(const HttpAddress& address);

class HttpServer {
 public:
  // handle: called on the server's own thread; what it throws becomes status 500. Throws UsageError
  // where the program was built without libmicrohttpd or there is no such host, OutputError where the
  // port is taken.
  HttpServer(const HttpAddress& address, std::function<HttpResponse(const HttpRequest&)> handle,
             const HttpLimits& limits = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;

  static bool is_built_in();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proxseg
