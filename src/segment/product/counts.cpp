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
  explicit CountFiles(const ProductContext& context)
      : context_(context), occupancy_("frame,number,seconds") {
    for (const CountZone& zone : options().zones) occupancy_ += ',' + csv_field(zone.name);
    occupancy_ += '\n';
  }

  void add(const FrameResult& result) override {
    const Frame& frame = result.frame;
    names_.push_back(frame.name);
    const std::string when =
        fmt::format("{},{},{}", csv_field(frame.name), frame.number, csv_number(frame.seconds));
    occupancy_ += when;
    for (const int64_t count : context_.counter.occupancy())
      occupancy_ += fmt::format(",{}", count);
    occupancy_ += '\n';
    const auto& crossings = context_.counter.crossings();
    for (; listed_ < crossings.size(); ++listed_) add_crossing(when, crossings[listed_]);
  }

  void finish(const cv::Mat& /*background*/) override {
    const std::filesystem::path& folder = context_.folder;
    write_file_atomically(folder / "crossings.csv", crossings_);
    write_file_atomically(folder / "visits.csv", visits());
    write_file_atomically(folder / "occupancy.csv", occupancy_);
    write_file_atomically(folder / "counts.json", json_text(json_of(context_.counter.counts())));
  }

 private:
  const CountOptions& options() const { return context_.counter.options(); }

  void add_crossing(const std::string& when, const LineCrossing& crossing) {
    const bool is_to_right = crossing.direction == Direction::kLeftToRight;
    crossings_ += fmt::format("{},{},{},{}\n", when, csv_field(options().lines[crossing.line].name),
                              crossing.id, is_to_right ? "left-to-right" : "right-to-left");
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
  std::vector<std::string> names_;  // of frames
  size_t listed_ = 0;               // crossings
  std::string crossings_ = "frame,number,seconds,line,id,direction\n";
  std::string occupancy_;
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
