#include "workflow/watch/request_guard.h"

#include <openssl/crypto.h>

#include <strings.h>

#include <set>

#include "proxseg/core/sha256.h"

namespace proxseg {
namespace {

// Whether "HOST" or "HOST:PORT" names this machine and nothing else. Any port, as of a tunnel.
bool is_of_this_machine(const std::string& host) {
  const size_t end = host.front() == '[' ? host.find(']') + 1 : host.find(':');
  static const std::set<std::string> kNames = {"localhost", "127.0.0.1", "[::1]"};
  return kNames.contains(host.substr(0, end));
}

}  // namespace

RequestGuard::RequestGuard(const std::string& token)
    : token_hash_(token.empty() ? "" : sha256(token)) {}

std::optional<HttpResponse> RequestGuard::refusal_of_page(const HttpRequest& request) const {
  const std::string& host = request.header("host");
  if (host.empty()) return plain_response(400, "a request needs a Host");
  // With a token any name may lead here: a page that is brought here by one does not have it.
  if (token_hash_.empty() && !is_of_this_machine(host)) {
    return plain_response(403, "ask for it as localhost");
  }
  return {};
}

std::optional<HttpResponse> RequestGuard::refusal(const HttpRequest& request) const {
  if (auto refusal = refusal_of_page(request)) return refusal;
  const std::string& host = request.header("host");
  const std::string& origin = request.header("origin");
  const std::string& site = request.header("sec-fetch-site");
  const bool is_other =
      !origin.empty() && origin != "http://" + host && origin != "https://" + host;
  if (is_other || (!site.empty() && site != "same-origin" && site != "none")) {
    return plain_response(403, "not from another origin");
  }
  // Browsers ask before they send this for a page of another origin, and are refused.
  if (request.method == "POST" && request.header("content-type") != "application/json") {
    return plain_response(415, "the body has to be application/json");
  }
  if (has_token(request)) return {};
  HttpResponse response = plain_response(401, "a token is needed");
  response.headers["WWW-Authenticate"] = "Bearer";
  return response;
}

// Hashes take the same time whatever differs.
bool RequestGuard::has_token(const HttpRequest& request) const {
  if (token_hash_.empty()) return true;
  const std::string kind = "Bearer ";
  const std::string& given = request.header("authorization");
  if (::strncasecmp(given.c_str(), kind.c_str(), kind.size()) != 0) return false;
  const std::string hash = sha256(given.substr(kind.size()));
  return ::CRYPTO_memcmp(hash.data(), token_hash_.data(), token_hash_.size()) == 0;
}

}  // namespace proxseg
