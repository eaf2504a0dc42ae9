// Frames of a sequence, one after the other, whatever they are stored in.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/media/source_options.h"

namespace proxseg {

struct Frame {
  // Name of the input without its extension ("in000001"); "frame000001" for videos and streams.
  // Outputs are named after it.
  std::string name;
  // The number that ends the name ("in000470" is 470), else the position in the sequence, from 1.
  int64_t number = 0;
  // 8UC1 grey or 8UC3 BGR; where frames are as they are stored, also of 16U or 32F.
  cv::Mat image;
  // Name of the image file ("in000001.jpg"); "" for frames of videos and streams.
  std::string file{};
  // Time since the first frame of the input, where the input knows it.
  std::optional<double> seconds{};
  // From 1, among all frames of the input, by select(); 0 where that has not seen it.
  int64_t position = 0;
  // What the decoder complains of, though it made a picture; "" where it does not.
  std::string damage{};
  // Of a stream that is opened again where it is lost: when it came here.
  std::optional<std::chrono::steady_clock::time_point> arrived{};
  // Frames of the stream since the one before that were left out, by keep_up().
  int64_t dropped = 0;
  // Where the image file lies; "" where there is none, and for one that was given by its name
  // alone.
  std::string folder{};
  // Of the frame, where its image may be a smaller one; empty where it is not.
  cv::Size full_size{};

  cv::Size size() const { return full_size.empty() ? image.size() : full_size; }

  // What people call it: the name of its file, where it is one.
  const std::string& label() const { return file.empty() ? name : file; }
};

// kStack: one image file of many pages or frames.
enum class SequenceKind { kFolder, kGlob, kVideo, kCdnet, kStream, kStack };

// The values that become 0 and 255 where stored frames have more than 8 bits; low < high.
struct Levels {
  double low = 0.0;
  double high = 0.0;
};

// Seconds since the first frame of an input, by time_in(): from start up to end.
struct Span {
  double start = 0.0;
  double end = std::numeric_limits<double>::infinity();
};

struct SequenceInfo {
  // Last part of the path, without the extension of a video; for a glob, the folder of its first
  // match.
  std::string name;
  std::string path;  // as the user gave it
  SequenceKind kind = SequenceKind::kFolder;
  // Frames that next() will give if all are readable. An estimate, >= 1, of a video, because
  // containers may announce more or fewer and seconds in a range count by the average frame rate
  // here, and of a range "roi" with gaps between its numbers. 0 for a stream: nobody knows.
  int64_t frames = 0;
  // Frames a second, on average, before `every` leaves some out; 0 where the input does not say.
  double fps = 0.0;
  // The same, where nobody knows it that of a usual camera.
  double rate() const { return fps > 0.0 ? fps : 25.0; }
  // When the last frame ends, since the first frame of the input; 0 where the input does not say.
  double seconds = 0.0;
  // Size and channels (1 or 3) of the frames that next() gives.
  cv::Size size;
  // Of their images: `size`, or smaller by SourceOptions::images_only.
  cv::Size image_size;
  int channels = 3;
  // CV_8U; where frames are as they are stored, also CV_16U or CV_32F.
  int depth = CV_8U;
  // How frames of more than 8 bits became frames of 8.
  std::optional<Levels> levels;
  // Region of interest, 8UC1, 0 outside and 255 inside, of the frames' size; empty where the
  // sequence has none.
  cv::Mat roi;
  // Numbers (Frame::number) of the first and last evaluated frame, by temporalROI.txt.
  std::optional<std::pair<int64_t, int64_t>> temporal_roi;
  // Of a stream that is about to be segmented, its first images: what can be learned of it
  // beforehand. Empty for all else, which can be read twice.
  std::vector<cv::Mat> head;
  // Where a recording is segmented part by part, the one that is next: what is to be learned of it beforehand.
  std::optional<Span> part;
};

// When a frame was taken, in seconds since the first one of the input: where nobody knows, of a camera with a
// usual frame rate.
double time_in(const SequenceInfo& input, const Frame& frame);

class FrameSource {
 public:
  virtual ~FrameSource() = default;

  virtual const SequenceInfo& info() const = 0;

  // The next frame, or nothing at the end.
  // Throws InputError naming the frame: unreadable or truncated (unless OnError::kSkip), of another
  // size or another number of channels than the first (always refused).
  std::optional<Frame> next();

  // The two halves of next(), for views. grab() goes to the next frame and says all that is known
  // without decoding it; decode() adds the image of the frame grabbed last, unless grab() had to.
  virtual std::optional<Frame> grab() = 0;
  virtual void decode(Frame& /*frame*/) {}

  // Names of the frames skipped so far as unreadable.
  virtual const std::vector<std::string>& skipped() const;

  // From any thread: a next() that waits for more of a stream ends soon, as at its end.
  virtual void interrupt() {}
};

// A source that shows the frames of another one in its own way: the base class of views. What it
// does not override is as in that source.
class FrameView : public FrameSource {
 public:
  explicit FrameView(std::unique_ptr<FrameSource> source)
      : source_(std::move(source)), info_(source_->info()) {}

  const SequenceInfo& info() const override { return info_; }
  std::optional<Frame> grab() override { return source_->grab(); }
  void decode(Frame& frame) override { source_->decode(frame); }
  const std::vector<std::string>& skipped() const override { return source_->skipped(); }
  void interrupt() override { source_->interrupt(); }

 protected:
  std::unique_ptr<FrameSource> source_;
  SequenceInfo info_;
};

// Frames that are in memory already.
class MemorySource final : public FrameSource {
 public:
  // info() is as given but for the number, the sizes and the channels of the frames. Pixels are
  // shared, not copied.
  explicit MemorySource(std::vector<Frame> frames, SequenceInfo info = {});

  // Named frame000001, frame000002, ...; images may be smaller than their frames, of info.size if that is given.
  explicit MemorySource(const std::vector<cv::Mat>& images, const SequenceInfo& info = {});

  const SequenceInfo& info() const override { return info_; }
  std::optional<Frame> grab() override;

  size_t given() const { return position_; }  // frames so far

 private:
  std::vector<Frame> frames_;
  SequenceInfo info_;
  size_t position_ = 0;
};

// Opens path: a folder of images (natural order), one image, a glob ('frames/*.png'), a video file,
// a TIFF of many pages, an animated WebP, or a sequence folder of a dataset (dataset.h; of CDnet's
// ROI.bmp and temporalROI.txt are honoured, a ROI of another size is resized with a warning).
// Videos are turned upright as their containers say. The first frame is decoded at once. Where smaller
// frames are asked for, JPEGs are decoded to hardly more pixels than that; their values differ somewhat
// from those of frames that are made smaller afterwards. Throws InputError: nothing there, no
// image in it, several sequences in it, two frames of one name, no readable frame, a bad range, a stream
// (see stream.h); UsageError for bad options.
std::unique_ptr<FrameSource> open_source(const std::string& path,
                                         const SourceOptions& options = {});

// The views below take a source and are one; they compose in any order. open_source() is select()
// and prepare() around the frames as they are stored, and
//   prefetch(prepare(select(std::make_unique<MemorySource>(frames), "10:"), {.gray = true}))
// gives frames that are in memory, from the tenth on, in grey, converted on a thread of its own.

// The frames that lie in range, as SourceOptions::range says, and of these every n-th; others are
// passed over without being decoded. Throws InputError for a bad range, and from next() if the
// source ends and none of its frames lay in the range; UsageError unless every >= 1.
std::unique_ptr<FrameSource> select(std::unique_ptr<FrameSource> source, const std::string& range,
                                    int64_t every = 1);

// The same frames converted as options.gray, scale, pixels and images_only say; info() has the region of
// interest of options.roi, within that of the source. Other options do not count. next() throws
// InputError for a frame of another size or another number of channels than the first. Throws
// InputError for a bad region, UsageError for bad options.
std::unique_ptr<FrameSource> prepare(std::unique_ptr<FrameSource> source,
                                     const SourceOptions& options);

// The same frames, decoded ahead on a thread of their own, at most depth frames in advance.
// Errors surface from next() in order, and again from each later call. skipped() is as of the last
// frame given. Throws UsageError unless depth >= 1.
std::unique_ptr<FrameSource> prefetch(std::unique_ptr<FrameSource> source, int depth = 8);

// The same for a source that does not wait: where frames come faster than they are taken, every
// second, fourth, ... is left out, so that no more than depth frames wait. How many were is said by
// Frame::dropped, and in a warning at the end. Names of skipped() may be those of frames that were left out.
std::unique_ptr<FrameSource> keep_up(std::unique_ptr<FrameSource> source, int depth = 8);

}  // namespace proxseg
