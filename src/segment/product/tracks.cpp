// tracks.csv: a row an object and frame,
//   frame,number,seconds,id,x,y,width,height,centroid_x,centroid_y,area,difference,speed,state,event
// in pixels from 0. difference: the mean of frame - background over the object's pixels, in grey levels
// (luma of ITU-R BT.601). speed: in pixels a second, or a frame where there are no times; empty the
// first time. tracks.txt: the same boxes as MOTChallenge has them, frames counted from 1. Objects that
// are seen in one frame only are left out of both.
#include <fmt/format.h>

#include <map>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/track/motchallenge.h"
#include "segment/product/product.h"

namespace proxseg {
namespace {

// Y = .299 R + .587 G + .114 B (ITU-R BT.601), of a mean in BGR or grey.
double luma(const cv::Scalar& mean, int channels) {
  return channels == 1 ? mean[0] : 0.114 * mean[0] + 0.587 * mean[1] + 0.299 * mean[2];
}

double mean_luma(const cv::Mat& image, const Shape& shape) {
  return luma(cv::mean(image(shape.box), shape.mask), image.channels());
}

std::string difference_of(const cv::Mat& frame, const cv::Mat& background, const Shape& shape) {
  if (background.empty()) return "";
  return fmt::format("{:.2f}", mean_luma(frame, shape) - mean_luma(background, shape));
}

std::string row_of(const FrameResult& result, const Track& track) {
  const Frame& frame = result.frame;
  const Shape& shape = track.shape;
  const cv::Rect& box = shape.box;
  return fmt::format("{},{},{},{},{},{},{},{},{:.2f},{:.2f},{},{},{},{},{}\n",
                     csv_field(frame.name), frame.number, csv_number(frame.seconds), track.id,
                     box.x, box.y, box.width, box.height, shape.centroid.x, shape.centroid.y,
                     shape.area, difference_of(frame.image, result.segmentation.background, shape),
                     track.frames > 1 ? fmt::format("{:.2f}", cv::norm(track.velocity)) : "",
                     track.state == TrackState::kRest ? "rest" : "moving", track.event);
}

class Tracks final : public SequenceProduct {
 public:
  explicit Tracks(const ProductContext& context) : context_(context) {}

  void add(const FrameResult& result) override {
    ++frames_;
    for (const Track& track : result.objects) {
      rows_.push_back({{frames_, track.id, track.shape.box}, row_of(result, track)});
      ++rows_of_[track.id];
    }
  }

  void finish(const cv::Mat& /*background*/) override {
    std::string csv =
        "frame,number,seconds,id,x,y,width,height,centroid_x,centroid_y,area,difference,speed,"
        "state,event\n";
    std::vector<MotBox> boxes;
    for (const Row& row : rows_) {
      if (rows_of_.at(row.box.id) == 1) continue;
      csv += row.csv;
      boxes.push_back(row.box);
    }
    write_file_atomically(context_.folder / "tracks.csv", csv);
    write_file_atomically(context_.folder / "tracks.txt", to_motchallenge(boxes));
  }

 private:
  struct Row {
    MotBox box;
    std::string csv;
  };

  const ProductContext& context_;
  int64_t frames_ = 0;
  std::vector<Row> rows_;
  std::map<int64_t, int64_t> rows_of_;  // how many each id has
};

}  // namespace

std::unique_ptr<SequenceProduct> open_tracks(const ProductContext& context) {
  return std::make_unique<Tracks>(context);
}

}  // namespace proxseg
