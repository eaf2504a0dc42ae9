// Images one after the other, decoded only where they are wanted.
#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <utility>

namespace proxseg {

struct ImageLabel {
  std::string name;    // Frame::name
  int64_t number = 0;  // Frame::number
  std::string file{};  // Frame::file
};

class ImageReader {
 public:
  virtual ~ImageReader() = default;

  // Goes to the next image; false at the end.
  virtual bool grab() = 0;

  // The image that was grabbed last, 8UC1 or 8UC3 BGR. Throws InputError that says why it cannot be
  // decoded.
  virtual cv::Mat retrieve() = 0;

  // How the image grabbed last is called; nothing where only its position tells it apart.
  virtual std::optional<ImageLabel> label() const { return std::nullopt; }

  // What the decoder complains of in the image grabbed last, though it made a picture of it; "" if
  // of nothing.
  virtual std::string damage() const { return ""; }

  // Smallest and largest value stored in the image retrieved last, if it has 16 bits.
  virtual std::optional<std::pair<int, int>> values_of_16_bits() const { return std::nullopt; }

  // Time of the image grabbed last from the first one, in seconds, where the input knows it.
  virtual std::optional<double> seconds() const { return std::nullopt; }

  // Images a second, on average; 0 if unknown.
  virtual double fps() const { return 0.0; }

  // How many images there are, by the container's word; 0 if it does not say.
  virtual int64_t announced() const { return 0; }

  // A grab() that waits for more input, here or in another thread, ends soon as at the end of the
  // input.
  virtual void interrupt() {}
};

// Asked by readers that wait for input: true ends the input.
using ShouldStop = std::function<bool()>;

}  // namespace proxseg
