#include "media/stack.h"

#include <fmt/format.h>
#include <webp/demux.h>

#include <algorithm>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "media/image_header.h"
#include "media/mapped_file.h"
#include "media/opencv_log.h"
#include "media/stored.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/image_file.h"

namespace proxseg {
namespace {

SequenceInfo info_of(const std::string& path, int64_t frames) {
  SequenceInfo info;
  info.name = std::filesystem::path(path).stem().string();
  info.path = path;
  info.kind = SequenceKind::kStack;
  info.frames = frames;
  return info;
}

class TiffStack final : public FrameSource {
 public:
  explicit TiffStack(const std::string& path) {
    const MappedFile file(path);
    if (const std::string fault = fault_of_stack(file.bytes()); !fault.empty()) {
      throw InputError(fmt::format("cannot read '{}': {}", path, fault),
                       "Save it as a plain stack of one channel and depth over time, for example "
                       "with ImageJ: Image > Duplicate, then File > Save As > Tiff.");
    }
    pages_ = tiff_pages(file.bytes());
    info_ = info_of(path, std::ssize(pages_));
  }

  const SequenceInfo& info() const override { return info_; }

  std::optional<Frame> grab() override {
    if (next_ == pages_.size()) return std::nullopt;
    return frame_at(static_cast<int64_t>(++next_));
  }

  void decode(Frame& frame) override {
    const size_t page = next_ - 1;
    const bool is_read = page >= first_ && page - first_ < read_.size();
    if (!is_read) read_from(page);
    frame.image = read_[page - first_];
  }

 private:
  // Each call of OpenCV passes all the pages before: as many as fit are read at once, where they are
  // asked for in turn.
  void read_from(size_t page) {
    constexpr size_t kMostBytes = size_t{32} << 20;
    const bool goes_on = !read_.empty() && page == first_ + read_.size();
    const size_t most =
        goes_on ? std::max<size_t>(1, kMostBytes / (read_[0].total() * read_[0].elemSize())) : 1;
    size_t count = 1;
    while (count < most && page + count < pages_.size() &&
           pages_[page + count] == pages_[page] + static_cast<int>(count)) {
      ++count;
    }
    read_.clear();
    first_ = page;
    quiet_opencv();
    try {
      cv::imreadmulti(info_.path, read_, pages_[page], static_cast<int>(count),
                      cv::IMREAD_ANYCOLOR | cv::IMREAD_ANYDEPTH);
    } catch (const cv::Exception& error) {
      if (read_.empty()) refuse(page, error.err);
    }
    if (read_.empty()) refuse(page, "broken, or of a kind that OpenCV does not read");
    if (const std::string fault = fault_of_frame(read_[0]); !fault.empty()) {
      read_.clear();
      refuse(page, fault);
    }
  }

  [[noreturn]] void refuse(size_t page, const std::string& reason) const {
    throw InputError(fmt::format("cannot read page {} of '{}': {}", page + 1, info_.path, reason));
  }

  SequenceInfo info_;
  std::vector<int> pages_;     // their directories
  size_t next_ = 0;            // of pages_
  std::vector<cv::Mat> read_;  // from pages_[first_] on
  size_t first_ = 0;
};

struct FreeDecoder {
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

class WebpAnimation final : public FrameSource {
 public:
  explicit WebpAnimation(const std::string& path) : bytes_(read_file(path)) {
    WebPAnimDecoderOptions options;
    WebPAnimDecoderOptionsInit(&options);
    options.color_mode = MODE_BGRA;
    const WebPData data = {reinterpret_cast<const uint8_t*>(bytes_.data()), bytes_.size()};
    decoder_.reset(WebPAnimDecoderNew(&data, &options));
    WebPAnimInfo animation;
    if (!decoder_ || !WebPAnimDecoderGetInfo(decoder_.get(), &animation)) {
      throw InputError(fmt::format("cannot read '{}': a broken WebP animation", path));
    }
    size_ = {static_cast<int>(animation.canvas_width), static_cast<int>(animation.canvas_height)};
    info_ = info_of(path, animation.frame_count);
  }

  const SequenceInfo& info() const override { return info_; }

  std::optional<Frame> grab() override {
    if (position_ == info_.frames) return std::nullopt;
    Frame frame = frame_at(++position_);
    frame.seconds = end_ / 1000.0;  // of the one before
    if (!WebPAnimDecoderGetNext(decoder_.get(), &pixels_, &end_)) pixels_ = nullptr;
    return frame;
  }

  void decode(Frame& frame) override {
    if (pixels_ == nullptr) {
      throw InputError(fmt::format("cannot read frame {} of '{}'", position_, info_.path));
    }
    cv::cvtColor(cv::Mat(size_, CV_8UC4, pixels_), frame.image, cv::COLOR_BGRA2BGR);
  }

 private:
  std::string bytes_;
  std::unique_ptr<WebPAnimDecoder, FreeDecoder> decoder_;
  cv::Size size_;
  SequenceInfo info_;
  int64_t position_ = 0;
  uint8_t* pixels_ = nullptr;  // the decoder's
  int end_ = 0;                // of the frame shown, in milliseconds
};

}  // namespace

SequenceKind kind_of_image_file(const std::string& path) {
  if (!has_extension(path, {".tif", ".tiff", ".webp", ".png"})) return SequenceKind::kFolder;
  const MappedFile file(path);
  if (pages_of_image(file.bytes()) < 2) return SequenceKind::kFolder;
  const bool is_stack = is_tiff(file.bytes()) || file.bytes().starts_with("RIFF");
  return is_stack ? SequenceKind::kStack : SequenceKind::kVideo;
}

std::unique_ptr<FrameSource> open_stack(const std::string& path) {
  if (is_tiff(MappedFile(path).bytes())) return std::make_unique<TiffStack>(path);
  return std::make_unique<WebpAnimation>(path);
}

}  // namespace proxseg
