#include "proxseg/infer/segmenter.h"

#include <fmt/format.h>

#include <opencv2/imgproc.hpp>

#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/decomposition.h"
#include "proxseg/scene/mask.h"
#include "proxseg/scene/tensors.h"

namespace proxseg {
namespace {

cv::Mat to_mat(const torch::Tensor& plane) {
  const auto values = plane.to(torch::kCPU).to(torch::kFloat32).contiguous();
  return cv::Mat(static_cast<int>(values.size(0)), static_cast<int>(values.size(1)), CV_32FC1,
                 values.data_ptr())
      .clone();
}

}  // namespace

Segmenter::Segmenter(Model model)
    : model_(std::move(model)),
      device_(parse_device(model_.recipe.device)),
      bfloat16_(model_.recipe.precision == Precision::kBFloat16) {
  torch::NoGradGuard no_grad;
  model_.network.fold_norms();
  model_.network.to(device_);
}

void Segmenter::set_scene(const cv::Mat& background, const cv::Mat& roi) {
  const std::vector<cv::Mat> reference = {to_model_channels(background)};
  background_ = to_unit_range(to_tensor(reference).to(device_));
  network_background_ = network_frames(reference);
  roi_ = roi.empty() ? torch::Tensor() : to_unit_range(to_tensor({roi}).to(device_));
}

cv::Mat Segmenter::to_model_channels(const cv::Mat& image) const {
  if (image.channels() == model_.frame_channels) return image;
  if (model_.frame_channels == 1) return to_gray(image);
  cv::Mat color;
  cv::cvtColor(image, color, cv::COLOR_GRAY2BGR);
  return color;
}

torch::Tensor Segmenter::network_frames(const std::vector<cv::Mat>& images) const {
  const cv::Size size = scaled_size(images.at(0).size(), model_.recipe.input.scale);
  std::vector<cv::Mat> resized;
  for (const cv::Mat& image : images) resized.push_back(resize_frame(image, size));
  return to_unit_range(to_tensor(resized).to(device_));
}

std::vector<Segmentation> Segmenter::segment(const std::vector<cv::Mat>& frames) {
  torch::InferenceMode inference;
  if (!background_.defined()) throw UsageError("segment: set_scene() comes first");
  std::vector<cv::Mat> images;
  for (const cv::Mat& frame : frames) {
    if (frame.rows != background_.size(2) || frame.cols != background_.size(3)) {
      throw UsageError(fmt::format("segment: a frame is {} x {}, the background {} x {}",
                                   frame.cols, frame.rows, background_.size(3),
                                   background_.size(2)));
    }
    images.push_back(to_model_channels(frame));
  }
  const Form form = model_.recipe.model.form;
  const auto full = to_unit_range(to_tensor(images).to(device_));
  torch::Tensor output;
  {
    AutocastGuard autocast(device_, bfloat16_);
    output =
        model_.network.forward(network_input(form, network_frames(images), network_background_));
  }
  output = output.to(torch::kFloat32);
  if (output.sizes().slice(2) != full.sizes().slice(2)) {
    output =
        torch::upsample_bilinear2d(output, {full.size(2), full.size(3)}, /*align_corners=*/false);
  }
  const auto d = decompose(form, output, full, background_, roi_);

  std::vector<Segmentation> results;
  for (int64_t i = 0; i < full.size(0); ++i) {
    Segmentation result;
    result.soft = to_mat(d.mask[i][0]);
    result.mask = clean_mask(result.soft, model_.recipe.mask);
    result.background = to_image(d.background[i]);
    result.foreground = to_image(d.foreground[i].abs());
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace proxseg
