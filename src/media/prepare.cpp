#include <fmt/format.h>

#include <utility>

#include "media/image_source.h"
#include "media/region.h"
#include "media/selection.h"
#include "proxseg/core/error.h"
#include "proxseg/media/source.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

class PreparedSource final : public FrameSource {
 public:
  PreparedSource(std::unique_ptr<FrameSource> source, const SourceOptions& options)
      : source_(std::move(source)), options_(options), info_(source_->info()) {
    stored_size_ = info_.size;
    info_.size = scaled_size(info_.size, options_.scale, options_.pixels);
    if (options_.gray) info_.channels = 1;
    info_.roi = region_of_interest(options_, source_->info().roi, stored_size_, info_.size);
  }

  const SequenceInfo& info() const override { return info_; }
  const std::vector<std::string>& skipped() const override { return source_->skipped(); }
  void interrupt() override { source_->interrupt(); }

  std::optional<Frame> next() override {
    auto frame = source_->next();
    if (!frame) return frame;
    const cv::Mat image = options_.gray ? to_gray(frame->image) : frame->image;
    if (image.size() != stored_size_ || image.channels() != info_.channels) {
      throw InputError(fmt::format("frame '{}' of '{}' is {}, but the first one is {}",
                                   frame->file.empty() ? frame->name : frame->file, info_.path,
                                   shape_text(image.size(), image.channels()),
                                   shape_text(stored_size_, info_.channels)),
                       "All frames of a sequence must have one size and one number of channels.");
    }
    frame->image = resize_frame(image, info_.size);
    return frame;
  }

 private:
  std::unique_ptr<FrameSource> source_;
  SourceOptions options_;
  SequenceInfo info_;
  cv::Size stored_size_;
};

}  // namespace

std::unique_ptr<FrameSource> prepare(std::unique_ptr<FrameSource> source,
                                     const SourceOptions& options) {
  check_source_options(options);
  return std::make_unique<PreparedSource>(std::move(source), options);
}

}  // namespace proxseg
