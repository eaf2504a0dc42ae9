// The masks, pictures and tracks that watch leaves in a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "proxseg/media/sink.h"
#include "proxseg/media/source.h"
#include "proxseg/workflow/watch.h"
#include "workflow/watch/rolling_files.h"

namespace proxseg {

// The files of bounded length in the folder of a Recorder that were finished more than so many seconds ago. From
// any thread.
void remove_old_recordings(const std::filesystem::path& folder, double keep);

class Recorder {
 public:
  // is_stream: the images of earlier calls stay, and numbers go on after theirs. Throws OutputError.
  Recorder(const std::filesystem::path& folder, const WatchOptions& options, double fps,
           bool is_stream);

  // Both images are of one size. objects: in the frame. Throws OutputError, perhaps for an earlier frame.
  void write(const Frame& frame, const cv::Mat& mask, const std::vector<LiveObject>& objects,
             double seconds);

  // Everything is whole afterwards.
  void finish();

 private:
  std::filesystem::path images_folder_;
  std::optional<RollingVideo> masks_, overlays_;
  std::optional<RollingTable> tracks_;
  std::unique_ptr<FrameFileQueue> images_;
  int64_t images_before_ = 0;
};

}  // namespace proxseg
