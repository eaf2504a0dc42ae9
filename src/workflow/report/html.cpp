#include "workflow/report/html.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "proxseg/core/text.h"
#include "proxseg/media/transform.h"

namespace proxseg {

std::string escape_html(std::string_view bytes) {
  // Names may hold any bytes; the page is UTF-8.
  const auto text = nlohmann::json::parse(json_line(nlohmann::json(bytes))).get<std::string>();
  static const std::map<char, std::string> kEscapes = {
      {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
  std::string escaped;
  for (const char c : text) {
    const auto special = kEscapes.find(c);
    escaped += special == kEscapes.end() ? std::string(1, c) : special->second;
  }
  return escaped;
}

std::string jpeg_of(const cv::Mat& image, int width) {
  constexpr int kQuality = 85;
  cv::Mat shown = image;
  if (image.cols > width) {
    shown = resize_frame(image, scaled_size(image.size(), 1.0 * width / image.cols));
  }
  std::vector<uchar> bytes;
  cv::imencode(".jpg", shown, bytes, {cv::IMWRITE_JPEG_QUALITY, kQuality});
  return {bytes.begin(), bytes.end()};
}

std::string jpeg_uri(std::string_view bytes) {
  std::string base64((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock() ends it with a 0
  ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                    reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
  base64.pop_back();
  return "data:image/jpeg;base64," + base64;
}

std::string json_element(const std::string& id, const nlohmann::ordered_json& data) {
  std::string text;
  for (const char c : json_line(data)) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return fmt::format("<script type=\"application/json\" id=\"{}\">{}</script>\n", id, text);
}

std::string html_page(const std::string& title, const std::string& body) {
  return fmt::format(R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{}</title>
<style>
{}</style>
</head>
<body>
{}<script>
"use strict";
{}</script>
</body>
</html>
)",
                     escape_html(title), page_style(), body, page_script());
}

}  // namespace proxseg
