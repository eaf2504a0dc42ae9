// What the page of watch answers to whom. docs/inputs-outputs.md lists the addresses.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "workflow/watch/http_server.h"
#include "workflow/watch/live_camera.h"
#include "workflow/watch/request_guard.h"

namespace proxseg {

class LivePages {
 public:
  // token: as of RequestGuard.
  LivePages(const std::vector<std::string>& cameras, const std::string& token);

  LiveCamera& camera(size_t i) { return *cameras_.at(i); }

  // From any thread.
  HttpResponse answer(const HttpRequest& request);

 private:
  HttpResponse answer_of_camera(LiveCamera& camera, const std::string& what,
                                const HttpRequest& request);

  std::vector<std::unique_ptr<LiveCamera>> cameras_;
  RequestGuard guard_;
  HttpResponse page_;
};

// The parts of the page, compiled in from src/workflow/watch/page/.
const char* watch_page_html();  // with @STYLE@ and @SCRIPT@ where they belong
const char* watch_page_style();
const char* watch_page_script();

}  // namespace proxseg
