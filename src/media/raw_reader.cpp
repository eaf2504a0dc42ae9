#include "media/raw_reader.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <string_view>
#include <vector>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace {

constexpr std::string_view kMagic = "YUV4MPEG2";
constexpr int kMostPixelsASide = 1 << 15;

[[noreturn]] void refuse_raw(const std::string& reason) {
  throw InputError("cannot read standard input: " + reason,
                   "Make it with ffmpeg -i VIDEO -pix_fmt yuv420p -f yuv4mpegpipe -, or give raw "
                   "frames (-pix_fmt bgr24 -f rawvideo) and --size WIDTHxHEIGHT.");
}

// 0 unless the text is a side of an image, whole.
int parse_side(std::string_view text) {
  const auto side = parse_number<int>(text);
  return side && *side >= 1 && *side <= kMostPixelsASide ? *side : 0;
}

cv::Size size_of_frames(const std::string& text) {
  const auto size = parse_size(text);
  if (!size || std::max(size->width, size->height) > kMostPixelsASide) {
    throw UsageError(fmt::format("--size: '{}' is not WIDTHxHEIGHT of at least 1x1", text),
                     "Write for example --size 320x240.");
  }
  return {size->width, size->height};
}

// Reads so many bytes; false at the end of the stream, with a warning if that is within them. What
// was only announced takes no memory.
bool read_block(std::istream& stream, size_t wanted, std::vector<char>& bytes) {
  constexpr size_t kBlock = 1 << 20;
  bytes.clear();
  while (bytes.size() < wanted) {
    const size_t held = bytes.size();
    const size_t count = std::min(kBlock, wanted - held);
    bytes.resize(held + count);
    stream.read(bytes.data() + held, static_cast<std::streamsize>(count));
    const auto read = static_cast<size_t>(stream.gcount());
    if (read == count) continue;
    if (held + read > 0) {
      spdlog::warn("standard input ends inside a frame, after {} of its {} bytes: left out",
                   held + read, wanted);
    }
    return false;
  }
  return true;
}

size_t pixels_of(cv::Size size) { return static_cast<size_t>(size.area()); }

class BgrReader final : public ImageReader {
 public:
  BgrReader(std::istream& stream, cv::Size size) : stream_(stream), size_(size) {}

  bool grab() override { return read_block(stream_, 3 * pixels_of(size_), bytes_); }

  bool retrieve(cv::Mat& image) override {
    image = cv::Mat(size_, CV_8UC3, bytes_.data()).clone();
    return true;
  }

  double fps() const override { return 0.0; }

 private:
  std::istream& stream_;
  cv::Size size_;
  std::vector<char> bytes_;
};

// What the header of a YUV4MPEG2 stream says (its manual: yuv4mpeg(5) of mjpegtools).
struct Y4mHeader {
  cv::Size size;
  cv::Size chroma;  // empty: grey
  double fps = 0.0;
  bool full_range = false;
};

cv::Size chroma_size(const std::string& colors, cv::Size size) {
  const int half_width = (size.width + 1) / 2, half_height = (size.height + 1) / 2;
  if (colors == "420" || colors == "420jpeg" || colors == "420mpeg2" || colors == "420paldv") {
    return {half_width, half_height};
  }
  if (colors == "422") return {half_width, size.height};
  if (colors == "444") return size;
  if (colors == "mono") return {};
  refuse_raw(
      fmt::format("its colour format {} is none of 420, 422, 444 and mono, of 8 bit", colors));
}

Y4mHeader parse_header(const std::string& line) {
  Y4mHeader header;
  std::string colors = "420";
  std::istringstream words(line);
  std::string word;
  words >> word;
  if (word != kMagic) refuse_raw("it does not begin with YUV4MPEG2");
  while (words >> word) {
    const std::string value = word.substr(1);
    if (word[0] == 'W') header.size.width = parse_side(value);
    if (word[0] == 'H') header.size.height = parse_side(value);
    if (word[0] == 'C') colors = value;
    if (word == "XCOLORRANGE=FULL") header.full_range = true;
    if (word[0] == 'F') {
      double count = 0.0, seconds = 0.0;
      char colon = 0;
      std::istringstream(value) >> count >> colon >> seconds;
      if (count > 0.0 && seconds > 0.0) header.fps = count / seconds;
    }
  }
  if (header.size.empty()) refuse_raw("its header has no width and height: " + line.substr(0, 80));
  header.chroma = chroma_size(colors, header.size);
  return header;
}

// ITU-R BT.601, from (Y, U, V, 1) to (B, G, R).
cv::Mat to_bgr_matrix(bool full_range) {
  const double y = full_range ? 1.0 : 255.0 / 219.0, c = full_range ? 1.0 : 255.0 / 224.0;
  const double black = full_range ? 0.0 : -16.0 * y;
  const double bu = 1.772 * c, gu = -0.344136 * c, gv = -0.714136 * c, rv = 1.402 * c;
  return (cv::Mat_<double>(3, 4) << y, bu, 0, black - 128 * bu,  //
          y, gu, gv, black - 128 * (gu + gv),                    //
          y, 0, rv, black - 128 * rv);
}

class Y4mReader final : public ImageReader {
 public:
  explicit Y4mReader(std::istream& stream)
      : stream_(stream),
        header_(parse_header(read_line())),
        to_bgr_(to_bgr_matrix(header_.full_range)) {}

  bool grab() override {
    if (stream_.peek() == std::istream::traits_type::eof()) return false;
    const std::string line = read_line();
    if (!line.starts_with("FRAME")) {
      if (stream_.eof()) return false;
      refuse_raw(fmt::format("after {} frames, no other begins", grabbed_));
    }
    grabbed_ += 1;
    return read_block(stream_, pixels_of(header_.size) + 2 * pixels_of(header_.chroma), bytes_);
  }

  bool retrieve(cv::Mat& image) override {
    char* at = bytes_.data();
    const auto plane = [&](cv::Size size) {
      cv::Mat stored(size, CV_8UC1, at);
      at += size.area();
      return stored;
    };
    const cv::Mat luma = plane(header_.size);
    if (header_.chroma.empty()) {
      image = luma.clone();  // of full range, whatever the header says of colours
      return true;
    }
    std::vector<cv::Mat> planes = {luma, plane(header_.chroma), plane(header_.chroma)};
    for (cv::Mat& p : planes) cv::resize(p, p, header_.size, 0, 0, cv::INTER_LINEAR);
    cv::merge(planes, image);
    cv::transform(image, image, to_bgr_);
    return true;
  }

  double fps() const override { return header_.fps; }

 private:
  // Without its end; a stream without lines is not read to its end.
  std::string read_line() {
    constexpr size_t kLongest = 1024;
    std::string line;
    for (char c = 0; line.size() < kLongest && stream_.get(c) && c != '\n';) line += c;
    return line;
  }

  std::istream& stream_;
  Y4mHeader header_;
  cv::Mat to_bgr_;
  std::vector<char> bytes_;
  int64_t grabbed_ = 0;
};

}  // namespace

std::unique_ptr<ImageReader> open_raw(std::istream& stream, const std::string& size) {
  if (size.empty()) return std::make_unique<Y4mReader>(stream);
  return std::make_unique<BgrReader>(stream, size_of_frames(size));
}

}  // namespace proxseg
