#include "proxseg/scene/follower_state.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "proxseg/core/error.h"
#include "scene/relearning.h"

namespace proxseg {
namespace {

using nlohmann::ordered_json;

constexpr int64_t kSamplesKept = 24;
constexpr double kMostSmoothing = 100.0;  // pixels
constexpr int kMostTurbulence = 100;      // pixels
constexpr size_t kMostKnown = 64, kMostSamples = 1000, kMostStanding = 10000;

void expect_state(bool holds, const char* what) {
  if (!holds)
    throw InputError(std::string("the state of the scene is not as it was written: ") + what);
}

ordered_json json_of(const SceneState& scene, ImageStore& store) {
  ordered_json json = {{"background", store.put(scene.background)},
                       {"margin", {scene.margin.width, scene.margin.height}},
                       {"follow_exposure", scene.follow_exposure},
                       {"smoothing", scene.smoothing},
                       {"turbulence", scene.turbulence},
                       {"range", scene.range},
                       {"has_alignment", scene.alignment != nullptr},
                       {"has_light", scene.light != nullptr}};
  if (!scene.scale.empty()) json["scale"] = store.put(scene.scale);
  if (!scene.unknown.empty()) json["unknown"] = store.put(scene.unknown);
  return json;
}

ordered_json json_of(const FollowerState::Known& known, ImageStore& store) {
  std::vector<Sample> some;
  for (const Sample& sample : known.samples) add_sample(some, sample, kSamplesKept);
  ordered_json samples = ordered_json::array();
  for (const Sample& sample : some) {
    samples.push_back({{"seconds", sample.seconds},
                       {"image", store.put(sample.image)},
                       {"covered", store.put(sample.covered)}});
  }
  return {{"id", known.id},
          {"scene", json_of(known.scene, store)},
          {"samples", std::move(samples)},
          {"since", known.since},
          {"seen", known.seen},
          {"learned", known.learned},
          {"usual", known.usual},
          {"share", known.share},
          {"gain", known.gain},
          {"is_renewed", known.is_renewed}};
}

double number_of(const ordered_json& json, const char* key) {
  const auto number = json.at(key).get<double>();
  expect_state(std::isfinite(number), key);
  return number;
}

cv::Mat image_of(const ordered_json& json, const char* key, const ImageStore& store, int type) {
  cv::Mat image = store.get(json.at(key).get<std::string>());
  expect_state(image.type() == type, key);
  return image;
}

// Learns from the samples how far the camera goes.
std::shared_ptr<const Alignment> alignment_onto(const SceneState& scene,
                                                const std::vector<Sample>& samples) {
  auto alignment = std::make_shared<Alignment>(scene.background, scene.margin);
  std::vector<cv::Mat> images;
  for (const Sample& sample : samples) images.push_back(sample.image);
  if (!images.empty()) alignment->follow(images);
  return alignment;
}

SceneState scene_from(const ordered_json& json, const ImageStore& store, cv::Size frame) {
  SceneState scene;
  scene.background = store.get(json.at("background").get<std::string>());
  const auto margin = json.at("margin").get<std::array<int, 2>>();
  scene.margin = {margin[0], margin[1]};
  scene.follow_exposure = json.at("follow_exposure").get<bool>();
  scene.smoothing = json.value("smoothing", 0.0);  // earlier versions knew none of the three
  expect_state(scene.smoothing >= 0.0 && scene.smoothing < kMostSmoothing, "smoothing");
  scene.turbulence = json.value("turbulence", 0);
  expect_state(scene.turbulence >= 0 && scene.turbulence < kMostTurbulence, "turbulence");
  scene.range = json.value("range", 255.0);
  expect_state(scene.range >= 0.0 && scene.range <= 255.0, "range");
  expect_state(scene.background.depth() == CV_8U, "background");
  expect_state(margin[0] >= 0 && margin[0] < scene.background.cols && margin[1] >= 0 &&
                   margin[1] < scene.background.rows && scene.frame_size() == frame,
               "size");
  const cv::Size size = scene.background.size();
  if (json.contains("scale")) scene.scale = image_of(json, "scale", store, CV_32FC1);
  if (json.contains("unknown")) scene.unknown = image_of(json, "unknown", store, CV_8UC1);
  expect_state(scene.scale.empty() || scene.scale.size() == size, "scale");
  expect_state(scene.scale.empty() || cv::checkRange(scene.scale, true, nullptr, 0.0, 1e3),
               "scale");
  expect_state(scene.unknown.empty() || scene.unknown.size() == size, "unknown");
  if (json.at("has_light").get<bool>()) scene.light = std::make_shared<Light>(scene.background);
  return scene;
}

FollowerState::Known known_from(const ordered_json& json, const ImageStore& store, cv::Size frame) {
  FollowerState::Known known;
  known.id = json.at("id").get<int64_t>();
  known.scene = scene_from(json.at("scene"), store, frame);
  expect_state(json.at("samples").size() <= kMostSamples, "samples");
  double before = -HUGE_VAL;
  for (const ordered_json& item : json.at("samples")) {
    Sample sample{number_of(item, "seconds"),
                  image_of(item, "image", store, known.scene.background.type()),
                  image_of(item, "covered", store, CV_8UC1)};
    expect_state(sample.image.size() == frame && sample.seconds >= before, "samples");
    before = sample.seconds;
    known.samples.push_back(std::move(sample));
  }
  known.since = number_of(json, "since");
  known.seen = number_of(json, "seen");
  known.learned = number_of(json, "learned");
  known.usual = number_of(json, "usual");
  known.share = number_of(json, "share");
  known.gain = number_of(json, "gain");
  expect_state(known.gain > 0.0, "gain");
  known.is_renewed = json.at("is_renewed").get<bool>();
  if (json.at("scene").at("has_alignment").get<bool>()) {
    known.scene.alignment = alignment_onto(known.scene, known.samples);
  }
  return known;
}

}  // namespace

ordered_json to_json(const FollowerState& state, ImageStore& store) {
  ordered_json known = ordered_json::array(), standing = ordered_json::array();
  for (const FollowerState::Known& one : state.known) known.push_back(json_of(one, store));
  for (const FollowerState::Standing& object : state.standing) {
    standing.push_back({{"mask", store.put(object.mask)}, {"since", object.since}});
  }
  return {{"now", state.now},
          {"mask_share", state.mask_share},
          {"known", std::move(known)},
          {"standing", std::move(standing)}};
}

FollowerState follower_state_from(const ordered_json& json, const ImageStore& store,
                                  cv::Size frame) {
  try {
    FollowerState state;
    state.now = number_of(json, "now");
    state.mask_share = number_of(json, "mask_share");
    const ordered_json &known = json.at("known"), &standing = json.at("standing");
    expect_state(known.size() <= kMostKnown && standing.size() <= kMostStanding, "numbers");
    for (const ordered_json& one : known) state.known.push_back(known_from(one, store, frame));
    for (const FollowerState::Known& one : state.known) {
      expect_state(one.scene.background.type() == state.known[0].scene.background.type(),
                   "channels");
    }
    for (const ordered_json& item : standing) {
      state.standing.push_back({image_of(item, "mask", store, CV_8UC1), number_of(item, "since")});
      expect_state(state.standing.back().mask.size() == state.standing[0].mask.size(), "standing");
    }
    return state;
  } catch (const nlohmann::json::exception& error) {
    expect_state(false, error.what());
    throw;
  }
}

}  // namespace proxseg
