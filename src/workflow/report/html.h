// Parts of a page, and pages that need nothing but themselves.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace proxseg {

// Text as it may stand between tags and in quoted attributes.
std::string escape_html(std::string_view text);

// "data:image/jpeg;base64,..."
std::string jpeg_uri(std::string_view bytes);

// Data for the page's scripts: <script type="application/json" id="ID">; no text in it can end it.
std::string json_element(const std::string& id, const nlohmann::ordered_json& data);

// A whole page around body, with style and scripts. Its content security policy allows no request
// of any kind.
std::string html_page(const std::string& title, const std::string& body);

}  // namespace proxseg
