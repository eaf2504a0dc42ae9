// The files of one sequence's results: which there are, which are present, writing them.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "proxseg/infer/session.h"
#include "proxseg/media/sink.h"

namespace proxseg {

class ProductWriter {
 public:
  ProductWriter(std::filesystem::path folder, const ExportOptions& options, cv::Size size);

  // Every file that the frame would be written to is there, and may stay.
  bool is_present(const Frame& frame) const;

  void write(const Frame& frame, const Segmentation& result);

  // Waits until all is on disk. Throws OutputError.
  void finish();

 private:
  std::filesystem::path path_of(Product product, const Frame& frame) const;

  std::filesystem::path folder_;
  ExportOptions options_;
  ImageWriterQueue queue_;
  std::unique_ptr<VideoWriter> overlay_;
};

}  // namespace proxseg
