#include "proxseg/segment/methods.h"

#include <fmt/format.h>

#ifdef PROXSEG_WITH_BGSEGM
#include <opencv2/bgsegm.hpp>
#endif

#include "proxseg/core/error.h"
#include "proxseg/segment/median_segmenter.h"
#include "proxseg/segment/rpca_segmenter.h"
#include "proxseg/segment/subtractor_segmenter.h"

namespace proxseg {
namespace {

BaselineMethod subtractor(const char* name, const char* summary, const Subtractor& subtractor) {
  return {name, summary, {"seed"}, [subtractor](const Recipe& recipe) {
            return std::make_unique<SubtractorSegmenter>(subtractor, recipe.seed);
          }};
}

}  // namespace

const std::vector<BaselineMethod>& baseline_methods() {
  static const std::vector<BaselineMethod> methods = {
      {"median",
       "difference to the temporal median above 30 of 255, 5 x 5 median filter",
       {"background.frames", "background.period"},
       [](const Recipe& recipe) { return std::make_unique<MedianSegmenter>(recipe.background); }},
      {"rpca",
       "robust PCA on train.batch frames, the others projected on its background",
       {"input.scale", "input.pixels", "input.gray", "train.batch", "mask.threshold", "mask.median",
        "mask.min_area", "mask.fill_holes"},
       [](const Recipe& recipe) { return std::make_unique<RpcaSegmenter>(recipe); }},
      subtractor("mog2", "adaptive mixture of Gaussians (Zivkovic 2004)",
                 {.create = [] { return cv::createBackgroundSubtractorMOG2(); }}),
      subtractor("knn", "k nearest neighbours (Zivkovic, van der Heijden 2006)",
                 {.create = [] { return cv::createBackgroundSubtractorKNN(); }}),
#ifdef PROXSEG_WITH_BGSEGM
      subtractor("mog", "mixture of Gaussians (KaewTraKulPong, Bowden 2001)",
                 {.create = [] { return cv::bgsegm::createBackgroundSubtractorMOG(); },
                  .has_background = false}),
      subtractor("gmg", "histogram and Bayesian inference (Godbehere, Matsukawa, Goldberg 2012)",
                 {.create = [] { return cv::bgsegm::createBackgroundSubtractorGMG(); },
                  .has_background = false}),
      subtractor("cnt", "counting of stable values (Zeevi)",
                 {.create = [] { return cv::bgsegm::createBackgroundSubtractorCNT(); }}),
      subtractor("lsbp", "local SVD binary patterns (Guo, Xu, Qiang 2016)",
                 {.create = [] { return cv::bgsegm::createBackgroundSubtractorLSBP(); },
                  .has_races = true}),
      subtractor("gsoc", "sample-based with blinking suppression, from Google Summer of Code 2017",
                 {.create = [] { return cv::bgsegm::createBackgroundSubtractorGSOC(); },
                  .has_races = true}),
#endif
  };
  return methods;
}

const BaselineMethod& baseline_method(const std::string& name) {
  std::string known;
  for (const BaselineMethod& method : baseline_methods()) {
    if (method.name == name) return method;
    known += (known.empty() ? "" : ", ") + method.name;
  }
  throw UsageError(fmt::format("baseline: the method '{}' is not known", name),
                   fmt::format("Use one of {}.", known));
}

std::unique_ptr<Segmenter> make_baseline(const std::string& name, const Recipe& recipe) {
  const BaselineMethod& method = baseline_method(name);
  auto segmenter = method.make(recipe);
  MaskSettings settings = settings_of(recipe, method.fields);
  settings["method"] = name;
  segmenter->set_settings(std::move(settings));
  return segmenter;
}

}  // namespace proxseg
