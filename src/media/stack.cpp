#include "media/stack.h"

#include <fmt/format.h>
#include <webp/demux.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "media/image_header.h"
#include "media/mapped_file.h"
#include "media/opencv_log.h"
#include "media/stored.h"
#include "media/tiff.h"
#include "media/tiff_pixels.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/image_file.h"

namespace proxseg {
namespace {

// seconds: from one frame to the next, 0 where that is unknown.
SequenceInfo info_of(const std::string& path, int64_t frames, double seconds) {
  SequenceInfo info;
  info.name = std::filesystem::path(path).stem().string();
  info.path = path;
  info.kind = SequenceKind::kStack;
  info.frames = frames;
  info.fps = seconds > 0.0 ? 1.0 / seconds : 0.0;
  info.seconds = seconds * static_cast<double>(frames);
  return info;
}

// From one to the next; 0 without times.
double mean_step(const std::vector<double>& times) {
  return times.size() < 2 ? 0.0 : times.back() / static_cast<double>(times.size() - 1);
}

// Pages at the times that their file tells. One more where the file ends before it: that one cannot
// be read.
class TiffPages : public FrameSource {
 public:
  TiffPages(const std::string& path, int64_t pages, bool is_cut, std::vector<double> times)
      : info_(info_of(path, pages + (is_cut ? 1 : 0), mean_step(times))),
        pages_(pages),
        times_(std::move(times)) {}

  const SequenceInfo& info() const override { return info_; }

  std::optional<Frame> grab() override {
    if (grabbed_ == info_.frames) return std::nullopt;
    Frame frame = frame_at(++grabbed_);
    if (grabbed_ <= std::ssize(times_)) frame.seconds = times_[static_cast<size_t>(grabbed_ - 1)];
    return frame;
  }

  void decode(Frame& frame) override {
    const auto page = static_cast<size_t>(grabbed_ - 1);
    if (grabbed_ > pages_)
      refuse(page, "the page before leads past the end; the file is cut short");
    frame.image = read(page);
  }

 protected:
  // From 0.
  virtual cv::Mat read(size_t page) = 0;

  [[noreturn]] void refuse(size_t page, const std::string& reason) const {
    throw InputError(fmt::format("cannot read page {} of '{}': {}", page + 1, info_.path, reason));
  }

  SequenceInfo info_;

 private:
  int64_t pages_;              // in the file
  std::vector<double> times_;  // of the pages; empty where they have none
  int64_t grabbed_ = 0;
};

class PlainTiffStack final : public TiffPages {
 public:
  PlainTiffStack(const std::string& path, std::vector<PlainPage> pages, bool is_cut,
                 std::vector<double> times)
      : TiffPages(path, std::ssize(pages), is_cut, std::move(times)),
        pages_(std::move(pages)),
        file_(path, std::ios::binary | std::ios::ate),
        file_size_(static_cast<uint64_t>(file_.tellg())) {}

 private:
  cv::Mat read(size_t page) override {
    if (!pages_[page].lies_in(file_size_)) refuse(page, "the file ends before it");
    std::string pixels(pages_[page].size(), '\0');
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(pages_[page].start));
    file_.read(pixels.data(), static_cast<std::streamsize>(pixels.size()));
    if (!file_) refuse(page, "it cannot be read");
    return decode_plain(pages_[page], pixels);
  }

  std::vector<PlainPage> pages_;
  std::ifstream file_;
  uint64_t file_size_;
};

// Pages that OpenCV decodes.
class TiffStack final : public TiffPages {
 public:
  // values: what they are, in words; bits: of a value.
  TiffStack(const std::string& path, std::vector<int> pages, bool is_cut, std::vector<double> times,
            int bits, std::string values)
      : TiffPages(path, std::ssize(pages), is_cut, std::move(times)),
        pages_(std::move(pages)),
        bits_(bits),
        values_(std::move(values)) {}

 private:
  cv::Mat read(size_t page) override {
    const bool is_read = page >= first_ && page - first_ < read_.size();
    if (!is_read) read_from(page);
    return read_[page - first_];
  }

  // Each call of OpenCV passes all the pages before: as many as fit are read at once, where they
  // are asked for in turn.
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
    if (read_.empty()) refuse(page, "broken, or of a kind that is not read: " + values_);
    for (cv::Mat& image : read_) image = in_depth_of_frames(image);
    std::string fault = fault_of_frame(read_[0]);
    if (fault.empty()) fault = fault_of_bits(read_[0], bits_, values_);
    if (!fault.empty()) {
      read_.clear();
      refuse(page, fault);
    }
  }

  std::vector<int> pages_;  // their directories
  int bits_;
  std::string values_;
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
    info_ = info_of(path, animation.frame_count, duration() / animation.frame_count);
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
  // Of all frames, in seconds.
  double duration() const {
    int64_t milliseconds = 0;
    WebPIterator frame;
    if (WebPDemuxGetFrame(WebPAnimDecoderGetDemuxer(decoder_.get()), 1, &frame) == 0) return 0.0;
    do {
      milliseconds += frame.duration;
    } while (WebPDemuxNextFrame(&frame) != 0);
    WebPDemuxReleaseIterator(&frame);
    return static_cast<double>(milliseconds) / 1000.0;
  }

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
  const std::string_view bytes = file.bytes();
  if (pages_of_image(bytes) < 2) return SequenceKind::kFolder;
  return is_tiff(bytes) || bytes.starts_with("RIFF") ? SequenceKind::kStack : SequenceKind::kVideo;
}

std::unique_ptr<FrameSource> open_stack(const std::string& path) {
  const MappedFile file(path);
  const std::string_view bytes = file.bytes();
  if (!is_tiff(bytes)) return std::make_unique<WebpAnimation>(path);
  const TiffDirectories tiff(bytes);
  if (const std::string fault = fault_of_stack(tiff); !fault.empty()) {
    throw InputError(fmt::format("cannot read '{}': {}", path, fault),
                     "Save it as a plain stack of one channel and depth over time, for example "
                     "with ImageJ: Image > Duplicate, then File > Save As > Tiff.");
  }
  const bool is_cut = tiff_is_cut(tiff);
  if (auto plain = plain_pages(tiff); !plain.empty()) {
    auto times = times_of_pages(tiff, std::ssize(plain));
    return std::make_unique<PlainTiffStack>(path, std::move(plain), is_cut, std::move(times));
  }
  const std::vector<int> pages = tiff_pages(tiff);
  return std::make_unique<TiffStack>(path, pages, is_cut, times_of_pages(tiff, std::ssize(pages)),
                                     tiff_bits(tiff), tiff_values_text(tiff));
}

}  // namespace proxseg
