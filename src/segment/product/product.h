// What can be made of a sequence's frames and masks: one class a product, each in a file of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/media/sink.h"
#include "proxseg/media/source.h"
#include "proxseg/segment/segmenter.h"
#include "proxseg/segment/session.h"
#include "proxseg/track/counting.h"
#include "proxseg/track/tracker.h"

namespace proxseg {

// What the products of a sequence share.
struct ProductContext {
  std::filesystem::path folder;
  SequenceInfo sequence;
  ExportOptions options;
  bool has_identities = false;
  FrameFileQueue& queue;  // for files of single frames
  const Counter& counter;
};

struct FrameResult {
  const Frame& frame;
  const Segmentation& segmentation;
  // With has_identities those that the tracker gives; else the components of the mask, their id 0.
  const std::vector<Track>& objects;

  cv::Size size() const { return segmentation.mask.size(); }
};

class SequenceProduct {
 public:
  virtual ~SequenceProduct() = default;

  // Every frame, in order. Throws OutputError.
  virtual void add(const FrameResult& result) = 0;

  // Writes the files of the whole sequence, all of whose frames have been added. background: as of
  // ResultWriter::finish(). Throws OutputError.
  virtual void finish(const cv::Mat& background) = 0;
};

using OpenProduct = std::unique_ptr<SequenceProduct>(const ProductContext&);

// mask, soft, background or foreground: a PNG a frame.
std::unique_ptr<SequenceProduct> open_images(const ProductContext& context, Product product);

OpenProduct open_background_image, open_mask_video, open_overlay, open_boxes, open_contours,
    open_coco, open_tracks, open_labels, open_yolo, open_cvat, open_labelme, open_counts;

// Where the frame's file of a product that has one for each frame lies.
std::filesystem::path frame_file(const ProductContext& context, Product product,
                                 const Frame& frame);

// The one kind of object that there is, as lists call it.
constexpr const char* kObjectName = "moving object";

}  // namespace proxseg
