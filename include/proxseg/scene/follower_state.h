// What a SceneFollower knows, to go on with later, in another process.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/media/image_store.h"
#include "proxseg/scene/scene_model.h"

namespace proxseg {

// A frame to learn the background from.
struct Sample {
  double seconds = 0.0;
  cv::Mat image;
  // 8UC1 of any size: 255 where the image does not show what is the background now.
  cv::Mat covered;
};

struct FollowerState {
  // A background that is known, and how it came about. Times are seconds by the follower's clock.
  struct Known {
    int64_t id = 0;
    SceneState scene{};
    std::vector<Sample> samples{};
    double since = 0.0, seen = 0.0, learned = 0.0;
    double usual = 0.0, share = 0.0, gain = 1.0;
    bool is_renewed = false;
  };
  // An object at rest.
  struct Standing {
    cv::Mat mask;  // 8UC1
    double since = 0.0;
  };

  double now = 0.0;
  double mask_share = 0.0;
  std::vector<Known> known{};  // the one that is shown first; empty: nothing is known
  std::vector<Standing> standing{};
};

// As JSON, with the images in the store. Of the samples of each background 24 of mixed ages are kept: no more
// than 6 x 24 images for as many backgrounds. Throws OutputError.
nlohmann::ordered_json to_json(const FollowerState& state, ImageStore& store);

// The inverse. frame: the size that the frames have. Throws InputError for anything but what to_json() gives, and
// for images that are missing, cut or of another size.
FollowerState follower_state_from(const nlohmann::ordered_json& json, const ImageStore& store,
                                  cv::Size frame);

}  // namespace proxseg
