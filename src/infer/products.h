// The files of one sequence's results: which there are, which are present, writing them.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <vector>

#include "objects.h"
#include "proxseg/infer/session.h"
#include "proxseg/media/sink.h"

namespace proxseg {

class ProductWriter {
 public:
  ProductWriter(std::filesystem::path folder, const ExportOptions& options, cv::Size size);

  // Every file that the frame would be written to is there, and may stay.
  bool is_present(const Frame& frame) const;

  void write(const Frame& frame, const Segmentation& result);

  // Waits until all is on disk. whole: every frame was written; else the files that are one for the
  // sequence are left out. Throws OutputError.
  void finish(bool whole);

 private:
  std::filesystem::path path_of(Product product, const Frame& frame) const;

  std::filesystem::path folder_;
  ExportOptions options_;
  ImageWriterQueue queue_;
  std::set<Product> open_;  // those that are one file for the sequence, and to be written
  std::unique_ptr<VideoWriter> overlay_;
  ObjectList objects_;
};

}  // namespace proxseg
