// Which requests are those of the person who may see the camera.
#pragma once

#include <optional>
#include <string>

#include "workflow/watch/http_server.h"

namespace proxseg {

// Refuses what a page of somebody else makes a browser ask for: by names that lead here though they
// are not of this machine (DNS rebinding), and from other origins. Where a token is wanted, all but
// those who have it.
class RequestGuard {
 public:
  // token: "" where only this machine can ask.
  explicit RequestGuard(const std::string& token);

  // Nothing for a request that may have a page without anything on it.
  std::optional<HttpResponse> refusal_of_page(const HttpRequest& request) const;

  // Nothing for one that may see and do all.
  std::optional<HttpResponse> refusal(const HttpRequest& request) const;

 private:
  bool has_token(const HttpRequest& request) const;

  std::string token_hash_;  // empty without one
};

}  // namespace proxseg
