#include "train/run/previews.h"

#include <fmt/format.h>

#include <algorithm>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgcodecs.hpp>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/preview.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kPerPeriod = 16;

// x: [C, H, W] float32 in [0, 1]. By OpenCV alone, so that no second pool of ATen's threads comes
// up beside the training's.
cv::Mat picture_of(const torch::Tensor& x) {
  std::vector<cv::Mat> planes;
  for (int64_t c = 0; c < x.size(0); ++c) {
    planes.emplace_back(static_cast<int>(x.size(1)), static_cast<int>(x.size(2)), CV_32FC1,
                        x[c].data_ptr<float>());
  }
  cv::Mat merged, picture;
  cv::merge(planes, merged);
  merged.convertTo(picture, CV_8U, 255.0);
  return picture;
}

std::vector<PreviewRow> rows_of(const Snapshot& snapshot, double threshold) {
  std::vector<PreviewRow> rows;
  for (int64_t i = 0; i < snapshot.frames.size(0); ++i) {
    const cv::Mat soft = picture_of(snapshot.soft[i]);
    const cv::Mat mask = soft > 255.0 * threshold;
    rows.push_back({snapshot.names[static_cast<size_t>(i)], picture_of(snapshot.frames[i]),
                    picture_of(snapshot.background[i]), soft, mask});
  }
  return rows;
}

// Pictures of one kind, side by side, in a size that both formats take.
TaggedImage image_of(const char* tag, const std::vector<PreviewRow>& rows,
                     const cv::Mat PreviewRow::*kind, const char* format) {
  std::vector<cv::Mat> pictures;
  for (const PreviewRow& row : rows) pictures.push_back(row.*kind);
  cv::Mat image;
  cv::hconcat(pictures, image);
  constexpr double kLargest = 16384.0;  // pixels
  const double larger = std::max(image.cols, image.rows);
  if (larger > kLargest) image = resize_frame(image, scaled_size(image.size(), kLargest / larger));
  std::vector<uchar> bytes;
  cv::imencode(format, image, bytes);
  return {tag, {bytes.begin(), bytes.end()}, image.cols, image.rows, image.channels()};
}

std::vector<TaggedImage> images_of(const std::vector<PreviewRow>& rows) {
  return {image_of("frame", rows, &PreviewRow::frame, ".jpg"),
          image_of("background", rows, &PreviewRow::background, ".jpg"),
          image_of("mask", rows, &PreviewRow::mask, ".png")};
}

}  // namespace

PreviewWriter::PreviewWriter(fs::path folder, int64_t first_step, double threshold,
                             TensorBoardLog& tensorboard)
    : folder_(std::move(folder)), threshold_(threshold), tensorboard_(tensorboard) {
  std::error_code ignored;
  for (const std::string& name : names_if_any(folder_)) {
    if (parse_number<int64_t>(fs::path(name).stem().string()).value_or(-1) >= first_step)
      fs::remove(folder_ / name, ignored);
  }
}

bool PreviewWriter::is_due() {
  if (Clock::now() < next_) return false;
  if (!writing_.valid()) return true;
  if (writing_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
  writing_.get();
  return true;
}

void PreviewWriter::write(Snapshot snapshot, int64_t step) {
  finish();
  next_ = Clock::now() + period_;
  if (++written_ % kPerPeriod == 0) period_ *= 2;
  writing_ = std::async(std::launch::async, [this, shown = std::move(snapshot), step] {
    const std::vector<PreviewRow> rows = rows_of(shown, threshold_);
    write_image(folder_ / fmt::format("{:06d}.jpg", step), preview_sheet(rows));
    tensorboard_.add_images(step, seconds_since_1970(), images_of(rows));
  });
}

void PreviewWriter::finish() {
  if (writing_.valid()) writing_.get();
}

}  // namespace proxseg
