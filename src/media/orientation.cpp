#include "media/orientation.h"

extern "C" {
#include <libavutil/display.h>
}

#include <algorithm>
#include <cmath>

#include "media/ffmpeg.h"

namespace proxseg {
namespace {

// The 3 x 3 matrix by which the container wants pictures to be shown, column by column:
// x' = m[0] x + m[3] y, y' = m[1] x + m[4] y (libavutil/display.h). Null if there is none.
const int32_t* display_matrix(const AVStream& stream) {
#if LIBAVFORMAT_VERSION_MAJOR >= 61
  const AVPacketSideData* data =
      av_packet_side_data_get(stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data,
                              AV_PKT_DATA_DISPLAYMATRIX);
  return data == nullptr ? nullptr : reinterpret_cast<const int32_t*>(data->data);
#else
  return reinterpret_cast<const int32_t*>(
      av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr));
#endif
}

}  // namespace

Orientation::Orientation(const AVStream& stream) {
  const int32_t* m = display_matrix(stream);
  if (m == nullptr) return;
  transposed_ = std::abs(1.0 * m[1]) > std::abs(1.0 * m[0]);
  mirrored_x_ = (transposed_ ? m[3] : m[0]) < 0;
  mirrored_y_ = (transposed_ ? m[1] : m[4]) < 0;
  const double along = std::abs(1.0 * m[0]), across = std::abs(1.0 * m[1]);
  const double off = std::atan2(std::min(along, across), std::max(along, across));
  degrees_off_ = static_cast<int>(std::lround(off / CV_PI * 180.0));
}

std::string Orientation::text() const {
  if (!transposed_ && mirrored_x_ && mirrored_y_) return "180 degrees";
  if (transposed_ && mirrored_x_ != mirrored_y_) {
    return mirrored_x_ ? "90 degrees clockwise" : "90 degrees counter-clockwise";
  }
  if (transposed_) return "90 degrees and mirrored";
  return mirrored_x_ ? "mirrored" : (mirrored_y_ ? "180 degrees and mirrored" : "");
}

cv::Mat Orientation::apply(cv::Mat image) const {
  if (transposed_) cv::transpose(image, image);
  if (mirrored_x_ || mirrored_y_) {
    cv::flip(image, image, mirrored_x_ && mirrored_y_ ? -1 : (mirrored_x_ ? 1 : 0));
  }
  return image;
}

}  // namespace proxseg
