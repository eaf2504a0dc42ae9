#include "workflow/report/html.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/transform.h"
#include "proxseg/workflow/report/report.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// Also what tells the program's pages from others.
constexpr const char* kPolicy =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'";

std::string percent_encoded(const std::string& path) {
  std::string url;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("/-._~").find(c) != std::string_view::npos) {
      url += c;
    } else {
      url += fmt::format("%{:02X}", byte);
    }
  }
  return url;
}

}  // namespace

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

std::string breakable_html(std::string_view text) {
  const std::string escaped = escape_html(text);
  std::string html;
  for (size_t i = 0; i < escaped.size(); ++i) {
    html += escaped[i];
    const bool is_dot = escaped[i] == '.' && i + 1 < escaped.size() &&
                        std::isalpha(static_cast<unsigned char>(escaped[i + 1])) != 0;
    if (is_dot || escaped[i] == '/') html += "<wbr>";
  }
  return html;
}

std::string jpeg_of(const cv::Mat& image, int width) {
  constexpr int kQuality = 85;
  constexpr double kTallest = 16384.0;  // JPEG takes four times as many rows
  cv::Mat shown = image;
  const double scale = std::min(1.0 * width / image.cols, kTallest / image.rows);
  if (scale < 1.0) shown = resize_frame(image, scaled_size(image.size(), scale));
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

std::string command_element(const std::string& command) {
  return fmt::format("<pre class=\"command\">{}</pre>\n", escape_html(command));
}

std::string relative_link(const fs::path& file, const fs::path& page) {
  const fs::path to = fs::absolute(file).lexically_normal();
  const fs::path from = fs::absolute(page).lexically_normal().parent_path();
  const std::string link = percent_encoded(to.lexically_relative(from).string());
  return link.starts_with("../") ? link : "./" + link;
}

std::string tile(const std::string& name, const std::string& value, const std::string& exact) {
  const std::string title =
      exact.empty() || exact == value ? "" : fmt::format(" title=\"{}\"", escape_html(exact));
  return fmt::format("<div><dt>{}</dt><dd{}>{}</dd></div>\n", escape_html(name), title,
                     escape_html(value));
}

std::string player(const std::string& id, const std::string& name, const std::string& panels,
                   const nlohmann::ordered_json& frames, const std::string& legend,
                   const std::string& views) {
  return fmt::format(R"(<section class="card" data-frames="{0}"{4}>
<div class="panels">
{1}</div>
<div class="scrubber"><input type="range" min="0" value="0" aria-label="{2}"><output></output></div>
<div class="strip"></div>
{3}</section>
)",
                     id, panels, escape_html(name), legend,
                     views.empty() ? "" : fmt::format(" data-views=\"{}\"", views)) +
         json_element(id, frames);
}

const char* error_legend() {
  return R"(<p class="note faint">In the errors:
<span class="key"><span class="swatch" style="--colour: #2eb060"></span>found</span>
<span class="key"><span class="swatch" style="--colour: #e2403a"></span>wrongly found</span>
<span class="key"><span class="swatch" style="--colour: #3c91fa"></span>missed</span>
<span class="key"><span class="swatch" style="--colour: #808080"></span>not evaluated</span></p>
)";
}

std::string html_page(const std::string& title, const std::string& body, int64_t refresh) {
  const std::string without_scripts =
      refresh <= 0
          ? ""
          : fmt::format("<noscript><meta http-equiv=\"refresh\" content=\"{}\"></noscript>\n",
                        refresh);
  const std::string note =
      refresh <= 0 ? "" : fmt::format("<p class=\"faint\" data-refresh=\"{}\"></p>\n", refresh);
  return fmt::format(R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
{}<title>{}</title>
<style>
{}</style>
</head>
<body>
{}{}<script>
"use strict";
{}</script>
</body>
</html>
)",
                     kPolicy, without_scripts, escape_html(title), page_style(), note, body,
                     page_script());
}

void expect_own_page(const fs::path& page) {
  // What is no file, such as a pipe, is not read: the writer refuses it.
  if (!is_file(page) || read_file(page).find(kPolicy) != std::string::npos) return;
  throw OutputError(
      fmt::format("'{}' is no page of this program, and would be replaced", page.string()),
      "Move it away, or choose another --output.");
}

}  // namespace proxseg
