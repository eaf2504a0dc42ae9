#include "proxseg/segment/rpca_segmenter.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/stream.h"
#include "proxseg/media/transform.h"
#include "proxseg/prox/rpca.h"
#include "proxseg/scene/mask.h"
#include "proxseg/scene/reservoir.h"
#include "proxseg/scene/tensors.h"
#include "segment/layers.h"

namespace proxseg {
namespace {

constexpr int64_t kLogEvery = 50;

// At most count images, spread evenly over the source.
std::vector<cv::Mat> spread_images(FrameSource& source, int64_t count) {
  FrameReservoir reservoir(2 * count);
  while (auto frame = source.next()) reservoir.add(std::move(*frame));
  const auto& frames = reservoir.frames();
  std::vector<cv::Mat> images;
  for (const int64_t i : spread_evenly(count, static_cast<int64_t>(frames.size()))) {
    images.push_back(frames[static_cast<size_t>(i)].image);
  }
  return images;
}

RpcaResult solve(const torch::Tensor& frames) {
  const auto log = [](int64_t iteration, double objective, double bound) {
    if (iteration % kLogEvery != 0) return;
    spdlog::info("rpca: iteration {}, objective {:.6g} >= {:.6g}", iteration, objective, bound);
  };
  RpcaResult result = rpca(frames.flatten(1), {}, log);
  spdlog::info("rpca: {} frames, objective {:.6g} (no smaller than {:.6g}), {} iterations{}",
               frames.size(0), result.objective, result.lower_bound, result.iterations,
               result.converged ? "" : ", not converged");
  return result;
}

}  // namespace

RpcaSegmenter::RpcaSegmenter(const Recipe& recipe) : recipe_(recipe) {}

std::vector<cv::Mat> RpcaSegmenter::training_images(const SequenceInfo& sequence) const {
  SourceOptions options;
  options.scale = recipe_.input.scale;
  options.pixels = recipe_.input.pixels;
  options.gray = recipe_.input.gray;
  auto frames = prepare(open_ahead(sequence, {.on_error = OnError::kSkipSilently}), options);
  auto images = spread_images(*prefetch(std::move(frames)), recipe_.train.batch);
  if (images.empty()) {
    throw InputError(fmt::format("'{}' has no readable frame", sequence.path));
  }
  return images;
}

void RpcaSegmenter::begin(const SequenceInfo& sequence, const std::set<Product>& /*products*/) {
  const auto images = training_images(sequence);
  size_ = sequence.size;
  scaled_size_ = images.front().size();
  const auto frames = to_unit_range(to_tensor(images));
  const torch::Tensor background = solve(frames).background;
  basis_ = background_basis(background);
  const auto mean = background.mean(0).view_as(frames[0]).unsqueeze(0);
  background_ = to_image(interpolate(mean, size_).squeeze(0));
  scene_ = {};
  if (!sequence.roi.empty()) scene_.roi = to_unit_range(to_tensor({sequence.roi}));
}

std::vector<Segmentation> RpcaSegmenter::segment(const std::vector<cv::Mat>& frames,
                                                 const std::set<Product>& products) {
  torch::NoGradGuard no_grad;
  expect_frames(frames, size_);
  std::vector<cv::Mat> full, scaled;
  for (const cv::Mat& frame : frames) {
    full.push_back(recipe_.input.gray ? to_gray(frame) : frame);
    scaled.push_back(resize_frame(full.back(), scaled_size_));
  }
  const auto rows = to_unit_range(to_tensor(scaled));
  const auto foreground = project_frames(rows.flatten(1), basis_).view_as(rows);
  const auto layers = decompose(Form::kSigned, interpolate(foreground, size_),
                                to_unit_range(to_tensor(full)), scene_);
  std::vector<Segmentation> results(frames.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    const auto k = static_cast<int64_t>(i);
    results[i].soft = to_soft(layers.mask[k]);
    results[i].mask = clean_mask(results[i].soft > recipe_.mask.threshold, recipe_.mask);
    add_layers(results[i], layers, k, products);
  }
  return results;
}

}  // namespace proxseg
