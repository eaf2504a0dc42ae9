// Parts of a report page, and self-contained pages.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "proxseg/workflow/report/gallery.h"
#include "proxseg/workflow/report/result_table.h"
#include "proxseg/workflow/report/run_record.h"

namespace proxseg {

// Text escaped for use between tags and in quoted attributes.
std::string escape_html(std::string_view text);

// The same, with places to break a line: after the dots of the name of a field and in paths.
std::string breakable_html(std::string_view text);

// A JPEG file of image, scaled down to width if it is wider. image: 8UC1 or 8UC3.
std::string jpeg_of(const cv::Mat& image, int width);

// "data:image/jpeg;base64,..."
std::string jpeg_uri(std::string_view bytes);

// Data for the page's scripts, as <script type="application/json" id="ID">; no text in it can end
// the element.
std::string json_element(const std::string& id, const nlohmann::ordered_json& data);

// A whole page around body, with style and scripts. Its content security policy forbids all
// requests. refresh: seconds after which the page loads itself again and keeps the state of its
// controls; 0 for never.
std::string html_page(const std::string& title, const std::string& body, int64_t refresh = 0);

// A command of a shell, which a reader can copy.
std::string command_element(const std::string& command);

// The path of a file from the folder of a page, as a link.
std::string relative_link(const std::filesystem::path& file, const std::filesystem::path& page);

// A table that sorts by any column. named: the first column, under `names`, holds the names of the
// rows, which lead to their pages.
std::string table_element(const std::vector<std::string>& columns,
                          const std::vector<ResultTable::Row>& rows, bool named,
                          const std::string& names);

// The same of runs, on a card that scrolls sideways.
std::string sortable_table(const std::vector<std::string>& columns,
                           const std::vector<ResultTable::Row>& rows, bool named);

// A main number of a page under its name, with all digits under the pointer.
std::string tile(const std::string& name, const std::string& value, const std::string& exact = {});

// A player of page/player.js. panels: figures with an image for each layer; frames: objects of a name
// and a picture for each layer; views: names of layers that all panels can show, separated by commas.
std::string player(const std::string& id, const std::string& name, const std::string& panels,
                   const nlohmann::ordered_json& frames, const std::string& legend = {},
                   const std::string& views = {});

// What the colours of draw_errors() mean.
const char* error_legend();

// Loss, rank, mask, singular values and learning rate as curves; "" for a run without steps.
std::string training_curves(const RunRecord& run);

// The loss of several runs and its terms on one chart, under the names of the runs.
std::string loss_comparison(const std::vector<std::string>& names,
                            const std::vector<const RunRecord*>& runs);

// F, precision and recall by the threshold of soft masks; threshold: that of the recipe. id: of the
// element that holds the data.
std::string threshold_curve(const GalleryTruth& truth, double threshold, const std::string& id);

// The style and the scripts of src/workflow/report/page/, compiled in.
const char* page_style();
const char* page_script();

}  // namespace proxseg
