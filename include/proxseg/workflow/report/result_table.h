// Many results on one page: a table that sorts by any column, and a scatter plot of any two.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/eval/measures.h"
#include "proxseg/workflow/report/run_record.h"

namespace proxseg {

struct ResultTable {
  struct Row {
    std::string name = {};
    std::string link = {};                      // relative to the page; "" for none
    std::vector<nlohmann::ordered_json> cells;  // as columns: a number, a text, or null
    std::string group = {};  // rows that a link to "#group-GROUP" marks; "" for none
  };

  // A table of its own, such as means over some rows.
  struct Part {
    std::string title = {};
    std::vector<std::string> columns = {};
    std::vector<Row> rows = {};
    std::string row = "run";  // what a row is
  };

  // The best of the rows, and what to do with it.
  struct Best {
    std::string text = {}, settings = {};
    Part trials = {};
    std::vector<std::string> warnings = {};
    std::vector<std::pair<std::string, std::string>> commands = {};  // what for, and the command
  };

  std::string title = {};
  std::string note = {};  // what the rows are, in one line
  std::optional<Best> best = {};
  std::vector<Part> above = {};  // the rows, parts that are to be seen before them
  std::vector<std::string> columns = {};
  std::vector<Row> rows = {};
  std::string row = "run";  // what a row is
  std::string up = {};      // the column that rows are judged by
  std::vector<std::string> across =
      {};                   // columns that may tell why; plotted is the first whose values differ
  std::string colour = {};  // the column that colours its points; "" for one colour
  // The columns of the parallel coordinates, what rows are judged by last; none for no such plot.
  std::vector<std::string> axes = {};
  // Columns whose axes are logarithmic at first, beside those whose values suit that.
  std::set<std::string> log_columns = {};
  std::vector<Part> parts = {};
  std::vector<std::pair<std::string, double>> shares = {};  // of fields in what `up` varies by
  std::string missing_shares = {};                          // why there are none
};

// The link from page to the report.html of a run; "" where it has none.
std::string link_to_run(const std::filesystem::path& run, const std::filesystem::path& page);

// One self-contained HTML page. refresh: as for html_page().
std::string table_page(const ResultTable& table, int64_t refresh = 0);

struct MeasuredRun {
  RunRecord run;
  std::optional<Measures> measures;  // where there is ground truth, and masks
};

// Columns: F and the label-free score where any run has them, loss, steps, seconds in steps, the
// sequences where they differ, and each recipe field but the description in which the runs differ.
// Runs are judged by F or the score, whichever more of them have. The best F comes first. page:
// where the table will be written.
ResultTable table_of(const std::string& title, std::vector<MeasuredRun> runs,
                     const std::filesystem::path& page);

}  // namespace proxseg
