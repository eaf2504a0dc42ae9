// What Counter counts. counts.json: the numbers of each line and zone. crossings.csv:
//   frame,number,seconds,line,id,direction
// a row a crossing; direction: left-to-right or right-to-left. visits.csv:
//   zone,id,first,last,from,to,seconds
// a row a stay in a zone; first and last: names of frames; from and to: their seconds. occupancy.csv:
//   frame,number,seconds, and a column a zone
// a row a frame: how many objects are there. Seconds are empty where frames have no times.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "segment/product/product.h"

namespace proxseg {
namespace {

using nlohmann::ordered_json;

std::string three_digits(std::optional<double> seconds) {
  return seconds ? fmt::format("{:.3f}", *seconds) : "";
}

ordered_json points_of(const std::vector<cv::Point2d>& points) {
  auto list = ordered_json::array();
  for (const cv::Point2d& point : points) list.push_back({point.x, point.y});
  return list;
}

class CountFiles final : public SequenceProduct {
 public:
  explicit CountFiles(const ProductContext& context) : context_(context) {}

  void add(const FrameResult& result) override {
    const Frame& frame = result.frame;
    names_.push_back(frame.name);
    moments_.push_back(
        fmt::format("{},{},{}", csv_field(frame.name), frame.number, csv_number(frame.seconds)));
  }

  void finish(const cv::Mat& /*background*/) override {
    const std::filesystem::path& folder = context_.folder;
    write_file_atomically(folder / "crossings.csv", crossings());
    write_file_atomically(folder / "visits.csv", visits());
    write_file_atomically(folder / "occupancy.csv", occupancy());
    write_file_atomically(folder / "counts.json", json_text(json_of(context_.counter.counts())));
  }

 private:
  const CountOptions& options() const { return context_.counter.options(); }

  std::string crossings() const {
    std::string rows = "frame,number,seconds,line,id,direction\n";
    for (const LineCrossing& crossing : context_.counter.crossings()) {
      const bool is_to_right = crossing.direction == Direction::kLeftToRight;
      rows += fmt::format("{},{},{},{}\n", moments_[static_cast<size_t>(crossing.frame)],
                          csv_field(options().lines[crossing.line].name), crossing.id,
                          is_to_right ? "left-to-right" : "right-to-left");
    }
    return rows;
  }

  std::string occupancy() const {
    std::string rows = "frame,number,seconds";
    for (const CountZone& zone : options().zones) rows += ',' + csv_field(zone.name);
    rows += '\n';
    const auto& occupancies = context_.counter.occupancies();
    for (size_t i = 0; i < moments_.size(); ++i) {
      rows += moments_[i];
      for (const int64_t count : occupancies[i]) rows += fmt::format(",{}", count);
      rows += '\n';
    }
    return rows;
  }

  std::string visits() const {
    std::string rows = "zone,id,first,last,from,to,seconds\n";
    for (const Visit& visit : context_.counter.visits()) {
      rows +=
          fmt::format("{},{},{},{},{},{},{}\n", csv_field(options().zones[visit.zone].name),
                      visit.id, csv_field(names_[static_cast<size_t>(visit.first)]),
                      csv_field(names_[static_cast<size_t>(visit.last)]), csv_number(visit.from),
                      csv_number(visit.to), three_digits(visit.seconds()));
    }
    return rows;
  }

  const ProductContext& context_;
  std::vector<std::string> names_;    // of frames
  std::vector<std::string> moments_;  // likewise, their first three columns
};

}  // namespace

ordered_json json_of(const Counts& counts) {
  ordered_json json = {{"lines", ordered_json::array()}, {"zones", ordered_json::array()}};
  for (const LineCount& count : counts.lines) {
    json["lines"].push_back({{"name", count.line.name},
                             {"points", points_of({count.line.from, count.line.to})},
                             {"left_to_right", count.left_to_right},
                             {"right_to_left", count.right_to_left}});
  }
  for (const ZoneCount& count : counts.zones) {
    json["zones"].push_back(
        {{"name", count.zone.name},
         {"points", points_of(count.zone.polygon)},
         {"visits", count.visits},
         {"objects", count.objects},
         {"most_at_once", count.most},
         {"mean_at_once", count.mean},
         {"mean_seconds", count.mean_stay ? ordered_json(*count.mean_stay) : ordered_json()}});
  }
  return json;
}

std::unique_ptr<SequenceProduct> open_counts(const ProductContext& context) {
  return std::make_unique<CountFiles>(context);
}

}  // namespace proxseg
