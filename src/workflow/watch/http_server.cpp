#include "workflow/watch/http_server.h"

#include "proxseg/core/error.h"

#ifdef PROXSEG_WITH_HTTP

#include <fmt/format.h>
#include <microhttpd.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdarg>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>

#include "proxseg/core/text.h"
#include "workflow/watch/socket_address.h"

namespace proxseg {
namespace {

using HttpClock = std::chrono::steady_clock;

// What came of a request so far.
struct Upload {
  std::string body;
};

// A connection, and when it has to have been answered.
struct Connection {
  int socket = -1;
  HttpClock::time_point deadline{};
};

// Ends the connections that take too long. libmicrohttpd itself ends those alone that are silent,
// and one that sends a byte now and then is not.
class Deadlines {
 public:
  explicit Deadlines(double seconds)
      : allowed_(std::chrono::duration_cast<HttpClock::duration>(
            std::chrono::duration<double>(seconds))),
        worker_([this](const std::stop_token& stop) { run(stop); }) {}

  void begin(Connection& connection) {
    const std::lock_guard lock(mutex_);
    connection.deadline = HttpClock::now() + allowed_;
    connections_.insert(&connection);
  }

  // Before its socket is closed.
  void end(Connection& connection) {
    const std::lock_guard lock(mutex_);
    connections_.erase(&connection);
  }

 private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      wake_.wait_for(lock, stop, std::min<HttpClock::duration>(allowed_, std::chrono::seconds(1)),
                     [] { return false; });
      const auto now = HttpClock::now();
      for (const Connection* connection : connections_) {
        if (now > connection->deadline) ::shutdown(connection->socket, SHUT_RDWR);
      }
    }
  }

  HttpClock::duration allowed_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::set<Connection*> connections_;
  std::jthread worker_;
};

void log_line(void*, const char* format, va_list arguments) {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  std::string line = text;
  while (line.ends_with('\n')) line.pop_back();
  spdlog::debug("http: {}", line);
}

std::string small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::map<std::string, std::string> values_of(MHD_Connection* connection, MHD_ValueKind kind) {
  std::map<std::string, std::string> values;
  ::MHD_get_connection_values(
      connection, kind,
      [](void* into, MHD_ValueKind, const char* key, const char* value) {
        auto& map = *static_cast<std::map<std::string, std::string>*>(into);
        map[small_letters(key)] = value == nullptr ? "" : value;
        return MHD_YES;
      },
      &values);
  return values;
}

MHD_Result send(MHD_Connection* connection, const HttpResponse& answer) {
  MHD_Response* response = ::MHD_create_response_from_buffer(
      answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  ::MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.type.c_str());
  for (const auto& [name, value] : answer.headers) {
    ::MHD_add_response_header(response, name.c_str(), value.c_str());
  }
  const MHD_Result result =
      ::MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  ::MHD_destroy_response(response);
  return result;
}

// Null where the body is acceptable before any of it has come.
std::unique_ptr<HttpResponse> refusal_of_body(MHD_Connection* connection, size_t most) {
  const auto header = [&](const char* name) {
    return ::MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  };
  if (header(MHD_HTTP_HEADER_TRANSFER_ENCODING) != nullptr) {
    return std::make_unique<HttpResponse>(plain_response(411, "say how long it is"));
  }
  const char* length = header(MHD_HTTP_HEADER_CONTENT_LENGTH);
  const auto bytes = length == nullptr ? 0 : parse_number<uint64_t>(length);
  if (bytes && *bytes <= most) return nullptr;
  return std::make_unique<HttpResponse>(plain_response(413, "too long"));
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpAddress& address, std::function<HttpResponse(const HttpRequest&)> handle,
       const HttpLimits& limits)
      : handle_(std::move(handle)), limits_(limits), deadlines_(limits.seconds) {
    constexpr size_t kMemoryEach = 32 * 1024;  // for the head of a request and that of its answer
    const SocketAddress place = resolve(address);
    unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ERROR_LOG;
    if (place.is_ipv6()) flags |= MHD_USE_IPv6;
    daemon_ = ::MHD_start_daemon(
        flags, static_cast<uint16_t>(address.port), nullptr, nullptr, &Impl::on_request, this,
        MHD_OPTION_EXTERNAL_LOGGER, &log_line, nullptr,                            //
        MHD_OPTION_SOCK_ADDR, place.get(),                                         //
        MHD_OPTION_CONNECTION_LIMIT, limits.connections,                           //
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits.connections_each,               //
        MHD_OPTION_CONNECTION_TIMEOUT, static_cast<unsigned>(limits.seconds) + 1,  //
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, kMemoryEach,                           //
        MHD_OPTION_STRICT_FOR_CLIENT, 1,                                           //
        MHD_OPTION_NOTIFY_CONNECTION, &Impl::on_connection, this,                  //
        MHD_OPTION_NOTIFY_COMPLETED, &Impl::on_completed, this,                    //
        MHD_OPTION_END);
    if (daemon_ == nullptr) {
      throw OutputError(fmt::format("cannot listen at {}:{}: {}", address.host, address.port,
                                    std::strerror(errno)),
                        "Another program may listen there: try another port.");
    }
  }

  ~Impl() { ::MHD_stop_daemon(daemon_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  int port() const { return ::MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port; }

 private:
  static void on_connection(void* self, MHD_Connection* connection, void** context,
                            MHD_ConnectionNotificationCode code) {
    Deadlines& deadlines = static_cast<Impl*>(self)->deadlines_;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
      const auto* info = ::MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
      auto opened = std::make_unique<Connection>(Connection{.socket = info->connect_fd});
      deadlines.begin(*opened);
      *context = opened.release();
    } else if (*context != nullptr) {
      const std::unique_ptr<Connection> closed(static_cast<Connection*>(*context));
      deadlines.end(*closed);
    }
  }

  static void on_completed(void* self, MHD_Connection* connection, void** state,
                           MHD_RequestTerminationCode code) {
    delete static_cast<Upload*>(*state);
    *state = nullptr;
    if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK) return;
    const auto* info = ::MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info == nullptr || info->socket_context == nullptr) return;
    static_cast<Impl*>(self)->deadlines_.begin(*static_cast<Connection*>(info->socket_context));
  }

  // Called once when the head of a request is there, once for each piece of its body, and once at
  // its end.
  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url,
                               const char* method, const char*, const char* data, size_t* size,
                               void** state) {
    Impl& server = *static_cast<Impl*>(self);
    try {
      if (*state == nullptr) {
        *state = new Upload;
        const auto refusal = refusal_of_body(connection, server.limits_.body);
        return refusal ? send(connection, *refusal) : MHD_YES;
      }
      Upload& upload = *static_cast<Upload*>(*state);
      if (*size > 0) {
        upload.body.append(data, *size);
        *size = 0;
        return upload.body.size() <= server.limits_.body ? MHD_YES : MHD_NO;
      }
      const HttpRequest request = {.method = std::strcmp(method, "HEAD") == 0 ? "GET" : method,
                                   .path = url,
                                   .query = values_of(connection, MHD_GET_ARGUMENT_KIND),
                                   .headers = values_of(connection, MHD_HEADER_KIND),
                                   .body = std::move(upload.body)};
      return send(connection, server.answer(request));
    } catch (const std::exception& error) {  // no memory, at most
      spdlog::warn("http: {}", error.what());
      return MHD_NO;
    }
  }

  HttpResponse answer(const HttpRequest& request) const {
    try {
      return handle_(request);
    } catch (const std::exception& error) {
      spdlog::warn("http: {} {}: {}", request.method, in_quotes(request.path), error.what());
      return plain_response(500, "an error of the program");
    }
  }

  std::function<HttpResponse(const HttpRequest&)> handle_;
  HttpLimits limits_;
  Deadlines deadlines_;
  MHD_Daemon* daemon_ = nullptr;
};

HttpServer::HttpServer(const HttpAddress& address,
                       std::function<HttpResponse(const HttpRequest&)> handle,
                       const HttpLimits& limits)
    : impl_(std::make_unique<Impl>(address, std::move(handle), limits)) {}

HttpServer::~HttpServer() = default;

int HttpServer::port() const { return impl_->port(); }

bool HttpServer::is_built_in() { return true; }

}  // namespace proxseg

#else

namespace proxseg {

class HttpServer::Impl {};

HttpServer::HttpServer(const HttpAddress&, std::function<HttpResponse(const HttpRequest&)>,
                       const HttpLimits&) {
  throw UsageError("this program was built without libmicrohttpd, and serves no page",
                   "Install libmicrohttpd-dev and build it again.");
}

HttpServer::~HttpServer() = default;

int HttpServer::port() const { return 0; }

bool HttpServer::is_built_in() { return false; }

}  // namespace proxseg

#endif
