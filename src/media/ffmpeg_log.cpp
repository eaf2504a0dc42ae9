#include "media/ffmpeg_log.h"

#include <cstdarg>

#include "media/ffmpeg.h"

namespace proxseg {
namespace {

FfmpegListener* owner_of(void* speaker) {
  const AVClass* kind = *static_cast<const AVClass**>(speaker);
  void* owner = nullptr;
  if (kind == avformat_get_class()) owner = static_cast<AVFormatContext*>(speaker)->opaque;
  if (kind == avcodec_get_class()) owner = static_cast<AVCodecContext*>(speaker)->opaque;
  return static_cast<FfmpegListener*>(owner);
}

void tell_owner(void* speaker, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_ERROR || speaker == nullptr) return;
  FfmpegListener* owner = owner_of(speaker);
  if (owner == nullptr) return;
  char buffer[200] = {};
  std::vsnprintf(buffer, sizeof buffer, format, arguments);
  std::string text = buffer;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  owner->hear(text);
}

}  // namespace

void listen_to_ffmpeg() { av_log_set_callback(tell_owner); }

}  // namespace proxseg
