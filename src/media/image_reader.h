// Images one after the other, decoded only where they are wanted.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <string>

namespace proxseg {

class ImageReader {
 public:
  virtual ~ImageReader() = default;

  // Goes to the next image; false at the end.
  virtual bool grab() = 0;

  // The image that was grabbed last, 8UC1 or 8UC3; false if it cannot be decoded.
  virtual bool retrieve(cv::Mat& image) = 0;

  // Images a second; 0 if unknown.
  virtual double fps() const = 0;
};

}  // namespace proxseg
