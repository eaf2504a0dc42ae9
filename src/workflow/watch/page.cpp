#include "proxseg/workflow/watch/page.h"

#include <fmt/format.h>

#include "proxseg/core/error.h"
#include "workflow/watch/http_server.h"
#include "workflow/watch/live_pages.h"

namespace proxseg {
namespace {

HttpAddress guarded_address(const WatchPage::Options& options) {
  constexpr size_t kShortest = 16;
  if (!options.token.empty() && options.token.size() < kShortest) {
    throw UsageError(fmt::format("the token of the page is shorter than {} characters", kShortest),
                     "Make one with: openssl rand -hex 16");
  }
  const HttpAddress address = parse_http_address(options.address);
  if (options.token.empty() && HttpServer::is_built_in() && !is_loopback(address)) {
    throw UsageError(
        fmt::format("others can reach {}, and the page has no token", options.address),
        "Give one by --http-token-file or PROXSEG_HTTP_TOKEN, or listen at 127.0.0.1.");
  }
  return address;
}

}  // namespace

class WatchPage::Impl {
 public:
  Impl(const Options& options, const std::vector<std::string>& cameras)
      : address_(guarded_address(options)),
        pages_(cameras, options.token),
        server_(address_, [this](const HttpRequest& request) { return pages_.answer(request); }) {}

  std::string url() const {
    const bool is_ipv6 = address_.host.find(':') != std::string::npos;
    const std::string host = is_ipv6 ? "[" + address_.host + "]" : address_.host;
    return fmt::format("http://{}:{}/", host, server_.port());
  }

  LivePages& pages() { return pages_; }

 private:
  HttpAddress address_;
  LivePages pages_;
  HttpServer server_;
};

WatchPage::WatchPage(const Options& options, const std::vector<std::string>& cameras)
    : impl_(std::make_unique<Impl>(options, cameras)) {}

WatchPage::~WatchPage() = default;

std::string WatchPage::url() const { return impl_->url(); }

WatchObserver& WatchPage::observer(size_t camera) { return impl_->pages().camera(camera); }

bool WatchPage::is_built_in() { return HttpServer::is_built_in(); }

}  // namespace proxseg
