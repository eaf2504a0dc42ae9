#include "workflow/watch/live_pages.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "proxseg/core/text.h"
#include "workflow/report/html.h"

namespace proxseg {
namespace {

HttpResponse json_response(const nlohmann::ordered_json& value) {
  return {.type = "application/json", .body = json_line(value) + "\n"};
}

// As a content security policy names an element by its text.
std::string policy_hash(const std::string& text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 64> base64{};
  ::EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return fmt::format("'sha256-{}'", reinterpret_cast<const char*>(base64.data()));
}

std::string with(std::string text, const std::string& place, const std::string& what) {
  return text.replace(text.find(place), place.size(), what);
}

// Nothing but what is in it can run, and it asks nobody but this program.
HttpResponse page_with_policy() {
  const std::string style = std::string(page_style()) + watch_page_style();
  const std::string script = std::string("\n\"use strict\";\n") + watch_page_script();
  HttpResponse page = {.type = "text/html; charset=utf-8"};
  page.body = with(with(watch_page_html(), "@STYLE@", style), "@SCRIPT@", script);
  page.headers["Content-Security-Policy"] = fmt::format(
      "default-src 'none'; connect-src 'self'; img-src data:; style-src {}; script-src {}; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      policy_hash(style), policy_hash(script));
  return page;
}

template <typename Number>
Number number_in(const HttpRequest& request, const std::string& name, Number otherwise) {
  const auto place = request.query.find(name);
  if (place == request.query.end()) return otherwise;
  return parse_number<Number>(place->second).value_or(otherwise);
}

// One of a few, so that many readers share a picture.
int width_in(const HttpRequest& request) {
  const int wanted = number_in(request, "width", 960);
  for (const int width : {320, 640, 960, 1280}) {
    if (wanted <= width) return width;
  }
  return 1920;
}

// The box of {"box": [x, y, width, height]}; empty of {}; nothing of what is no such body.
std::optional<cv::Rect> box_in(const std::string& body) {
  const auto object = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return {};
  if (!object.contains("box")) return cv::Rect();
  const nlohmann::json& box = object["box"];
  if (!box.is_array() || box.size() != 4) return {};
  for (const nlohmann::json& value : box) {
    constexpr int64_t kMost = 1 << 20;
    if (!value.is_number_integer() || value < -kMost || value > kMost) return {};
  }
  const cv::Rect rect(box[0], box[1], box[2], box[3]);
  if (rect.width < 1 || rect.height < 1) return {};
  return rect;
}

HttpResponse picture_response(LiveCamera& camera, LiveCamera::Picture kind,
                              const HttpRequest& request) {
  const LiveCamera::Jpeg jpeg = camera.picture(kind, width_in(request));
  if (jpeg.bytes.empty()) return plain_response(404, "no frame yet");
  const std::string tag = fmt::format("\"{}\"", jpeg.frame);
  HttpResponse response = {.type = "image/jpeg", .body = jpeg.bytes};
  if (request.header("if-none-match") == tag) response = {.status = 304};
  response.headers = {{"ETag", tag}, {"X-Objects", json_line(jpeg.objects)}};
  return response;
}

HttpResponse command_response(LiveCamera& camera, const WatchCommand& command) {
  if (camera.ask(command)) return plain_response(202, "asked for");
  return plain_response(503, "too much has been asked for already, or watching has ended");
}

}  // namespace

LivePages::LivePages(const std::vector<std::string>& cameras, const std::string& token)
    : guard_(token), page_(page_with_policy()) {
  for (const std::string& name : cameras) cameras_.push_back(std::make_unique<LiveCamera>(name));
}

HttpResponse LivePages::answer(const HttpRequest& request) {
  const auto answer = [&]() -> HttpResponse {
    if (request.method != "GET" && request.method != "POST") {
      HttpResponse response = plain_response(405, "not this method");
      response.headers["Allow"] = "GET, HEAD, POST";
      return response;
    }
    if (request.path == "/" && request.method == "GET") {
      return guard_.refusal_of_page(request).value_or(page_);
    }
    if (auto refusal = guard_.refusal(request)) return *refusal;
    if (request.path == "/cameras" && request.method == "GET") {
      nlohmann::ordered_json states = nlohmann::ordered_json::array();
      for (const auto& camera : cameras_) states.push_back(camera->state());
      return json_response(states);
    }
    const std::string cameras = "/cameras/";
    const size_t slash = request.path.find('/', cameras.size());
    if (!request.path.starts_with(cameras) || slash == std::string::npos) {
      return plain_response(404, "there is no such thing");
    }
    const auto i = parse_number<size_t>(
        std::string_view(request.path).substr(cameras.size(), slash - cameras.size()));
    if (!i || *i >= cameras_.size()) return plain_response(404, "there is no such camera");
    return answer_of_camera(*cameras_[*i], request.path.substr(slash + 1), request);
  };
  HttpResponse response = answer();
  response.headers.insert({{"Cache-Control", "no-store"},
                           {"Cross-Origin-Resource-Policy", "same-origin"},
                           {"Referrer-Policy", "no-referrer"},
                           {"X-Content-Type-Options", "nosniff"},
                           {"X-Frame-Options", "DENY"}});
  return response;
}

HttpResponse LivePages::answer_of_camera(LiveCamera& camera, const std::string& what,
                                         const HttpRequest& request) {
  using Picture = LiveCamera::Picture;
  const bool is_get = request.method == "GET";
  if (is_get && what == "frame.jpg") {
    const bool with_masks = number_in(request, "masks", 1) != 0;
    return picture_response(camera, with_masks ? Picture::kMasks : Picture::kFrame, request);
  }
  if (is_get && what == "background.jpg") {
    return picture_response(camera, Picture::kBackground, request);
  }
  if (is_get && what == "events") {
    return json_response(camera.events(number_in<int64_t>(request, "after", 0)));
  }
  if (is_get || (what != "relearn" && what != "accept"))
    return plain_response(404, "there is no such thing");
  const auto box = box_in(request.body);
  if (!box) return plain_response(400, "the body has to be {} or {\"box\": [x, y, width, height]}");
  const cv::Size frame = camera.frame_size();
  if (!frame.empty() && !box->empty() && (*box & cv::Rect({}, frame)).empty()) {
    return plain_response(400, fmt::format("the box lies outside of the frame, which is {} x {}",
                                           frame.width, frame.height));
  }
  if (what == "accept") return command_response(camera, {WatchCommand::Kind::kAccept, *box});
  return command_response(camera, {WatchCommand::Kind::kRelearn});
}

}  // namespace proxseg
