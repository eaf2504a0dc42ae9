// FFmpeg's objects with C++'s lifetimes.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

#include <fmt/format.h>

#include <string>

namespace proxseg {

// Frees by one of FFmpeg's functions that take a pointer to the pointer.
template <auto kFree>
struct FfmpegFree {
  template <typename Object>
  void operator()(Object* object) const {
    kFree(&object);
  }
};
struct FreeScaler {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};

// What the number of an error means.
inline std::string ffmpeg_reason(int error) {
  if (error == AVERROR_EXIT) return "it does not answer in time";
  if (error == AVERROR_INVALIDDATA) return "its data are broken";
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  return av_strerror(error, text, sizeof text) == 0 ? text : fmt::format("error {}", error);
}

}  // namespace proxseg
