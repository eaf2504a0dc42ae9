// Parts of a report page, and self-contained pages.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>

#include "proxseg/workflow/report/gallery.h"
#include "proxseg/workflow/report/run_record.h"

namespace proxseg {

// Text escaped for use between tags and in quoted attributes.
std::string escape_html(std::string_view text);

// A JPEG file of image, scaled down to width if it is wider. image: 8UC1 or 8UC3.
std::string jpeg_of(const cv::Mat& image, int width);

// "data:image/jpeg;base64,..."
std::string jpeg_uri(std::string_view bytes);

// Data for the page's scripts, as <script type="application/json" id="ID">; no text in it can end
// the element.
std::string json_element(const std::string& id, const nlohmann::ordered_json& data);

// A whole page around body, with style and scripts. Its content security policy forbids all
// requests.
std::string html_page(const std::string& title, const std::string& body);

// Loss, rank, mask, singular values and learning rate as curves; "" for a run without steps.
std::string training_curves(const RunRecord& run);

// F, precision and recall by the threshold of soft masks; threshold: that of the recipe. id: of the
// element that holds the data.
std::string threshold_curve(const GalleryTruth& truth, double threshold, const std::string& id);

// The style and the scripts of src/workflow/report/page/, compiled in.
const char* page_style();
const char* page_script();

}  // namespace proxseg
