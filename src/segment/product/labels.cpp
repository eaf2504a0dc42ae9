// labels/NAME.png: 16-bit images, 0 outside of objects, else the object's id. labels.csv: a row an
// object,
//   id,first,last,parent
// first and last: the frames in which it is seen, counted from 0; parent: the id of the object that it
// was a part of before, 0 for none. So the Cell Tracking Challenge (Ulman et al., "An objective
// comparison of cell-tracking algorithms", Nature Methods 2017) describes tracks.
#include <fmt/format.h>

#include <limits>
#include <map>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "segment/product/product.h"

namespace proxseg {
namespace {

class Labels final : public SequenceProduct {
 public:
  explicit Labels(const ProductContext& context) : context_(context) {}

  void add(const FrameResult& result) override {
    cv::Mat labels(result.size(), CV_16UC1, cv::Scalar(0));
    for (const Track& object : result.objects) {
      expect_label(object.id);
      labels(object.shape.box).setTo(static_cast<double>(object.id), object.shape.mask);
      auto [entry, is_new] = lives_.try_emplace(object.id, Life{frames_, frames_, object.parent});
      if (!is_new) entry->second.last = frames_;
    }
    context_.queue.push(frame_file(context_, Product::kLabels, result.frame), labels);
    ++frames_;
  }

  void finish(const cv::Mat& /*background*/) override {
    std::string rows = "id,first,last,parent\n";
    for (const auto& [id, life] : lives_) {
      rows += fmt::format("{},{},{},{}\n", id, life.first, life.last, life.parent);
    }
    write_file_atomically(context_.folder / "labels.csv", rows);
  }

 private:
  struct Life {
    int64_t first, last, parent;
  };

  static void expect_label(int64_t id) {
    if (id <= std::numeric_limits<uint16_t>::max()) return;
    throw OutputError("labels are images of 16 bits, and there are more than 65535 objects",
                      "Save coco or tracks instead, or segment the sequence in parts by --range.");
  }

  const ProductContext& context_;
  int64_t frames_ = 0;
  std::map<int64_t, Life> lives_;
};

}  // namespace

std::unique_ptr<SequenceProduct> open_labels(const ProductContext& context) {
  return std::make_unique<Labels>(context);
}

}  // namespace proxseg
