// Images in a folder, each once, under names that follow from their pixels: what is there is not written again, and
// what has been cut or changed is noticed.
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <set>
#include <string>

namespace proxseg {

class ImageStore {
 public:
  // Nothing is created before put().
  explicit ImageStore(std::filesystem::path folder);

  // Writes the image, 8UC1, 8UC3, 16UC1 or 32FC1 and not empty, as a PNG file without loss, unless it is there.
  // Returns its name. Throws OutputError.
  std::string put(const cv::Mat& image);

  // Throws InputError: no such name, missing, cut, or not the pixels that were put.
  cv::Mat get(const std::string& name) const;

  // Removes the images of the folder that were not put since the last call.
  void remove_others();

 private:
  std::filesystem::path folder_;
  std::set<std::string> put_;
};

}  // namespace proxseg
