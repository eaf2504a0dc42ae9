#include "proxseg/track/motchallenge.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace {

std::optional<MotBox> box_of(const std::string& row) {
  const auto numbers = parse_numbers(row);
  if (!numbers || numbers->size() < 6) return std::nullopt;
  const auto& n = *numbers;
  constexpr double kMostExact = 1e15;  // whole numbers up to it are exact
  if (std::abs(n[0]) > kMostExact || std::abs(n[1]) > kMostExact) return std::nullopt;
  MotBox box{static_cast<int64_t>(n[0]), static_cast<int64_t>(n[1]), {n[2], n[3], n[4], n[5]}};
  if (n.size() > 6) box.confidence = n[6];
  const bool is_whole =
      n[0] == static_cast<double>(box.frame) && n[1] == static_cast<double>(box.id);
  return is_whole && box.frame >= 0 && n[4] > 0.0 && n[5] > 0.0 ? std::optional(box) : std::nullopt;
}

}  // namespace

std::vector<MotBox> read_motchallenge(const std::filesystem::path& file) {
  std::vector<MotBox> boxes;
  std::set<std::pair<int64_t, int64_t>> known;
  std::istringstream rows(read_file(file));
  int64_t line = 0;
  for (std::string row; std::getline(rows, row);) {
    ++line;
    if (row.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto box = box_of(row);
    if (!box) {
      throw InputError(fmt::format("'{}', line {}: {} is no row of MOTChallenge", file.string(),
                                   line, in_quotes(row)),
                       "Rows are frame,id,left,top,width,height,conf,-1,-1,-1.");
    }
    if (!known.insert({box->frame, box->id}).second) {
      throw InputError(fmt::format("'{}', line {}: a second box of {} in frame {}", file.string(),
                                   line, box->id, box->frame));
    }
    boxes.push_back(*box);
  }
  return boxes;
}

std::string to_motchallenge(const std::vector<MotBox>& boxes) {
  std::string text;
  for (const MotBox& box : boxes) {
    text += fmt::format("{},{},{},{},{},{},{},-1,-1,-1\n", box.frame, box.id, box.box.x, box.box.y,
                        box.box.width, box.box.height, box.confidence);
  }
  return text;
}

}  // namespace proxseg
