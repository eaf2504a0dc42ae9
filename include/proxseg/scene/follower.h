// A scene that is followed for as long as a stream lasts: light, lamps, presets, knocks, and what
// stays or leaves.
#pragma once

#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/scene/follower_state.h"
#include "proxseg/scene/options.h"
#include "proxseg/scene/scene_model.h"

namespace proxseg {

struct FollowOptions {
  // Seconds after which an object that stays at rest becomes background; nothing: never.
  std::optional<double> absorb = 120.0;
  // Frames of each state that are kept to learn from, of mixed ages: about as many of the last
  // minute as of the hour before and of the day before that. >= 20. Memory is samples x states x
  // bytes of a frame at most.
  int64_t samples = 60;
  // Backgrounds that are kept: presets, day and night. >= 1.
  int64_t states = 6;
  // Learn on another thread, of low priority, and take what it has learned when it is there. Else
  // learning holds the frames up, and the same frames give the same scenes.
  bool beside = false;
};

// What happened to the scene as a whole, or within box. kind:
//   light      it is lit otherwise: a lamp, the sun, infrared
//   knock      the camera stands otherwise, by less than a tenth of the picture
//   covered    the picture shows nothing any more
//   changed    something else is different almost everywhere, as where it turns
//   returned   a background that was known already fits again
//   relearned  a background was learned anew
//   absorbed   an object that stayed at rest is background now
//   left       what was background has gone; what was behind it is background now
//   relearn    somebody asked for it: all that was known is forgotten
//   accepted   somebody said that what is there is background
//   damaged    frames are broken and left out; repaired: they are whole again
//   frozen     the same picture again and again; thawed: it moves again
struct SceneEvent {
  std::string kind;
  double seconds = 0.0;
  std::string reason{};  // for people; may be empty
  cv::Rect box{};        // in pixels of the frame; empty: all of it
};

class SceneFollower {
 public:
  // scene: as model_scene() has it of the frames of the beginning, which took so many seconds.
  // last: the last one of them, 8UC1 or 8UC3.
  SceneFollower(SceneModel scene, const cv::Mat& last, double seconds,
                const BackgroundOptions& background, const FollowOptions& options);
  // The same of those frames: at least one, of one size.
  SceneFollower(std::vector<cv::Mat> first, const BackgroundOptions& background,
                const FollowOptions& options);
  // Goes on with what another one knew, of frames of the same size; the clock goes on from state.now. Throws
  // UsageError where nothing is known.
  SceneFollower(const FollowerState& state, const BackgroundOptions& background,
                const FollowOptions& options);
  ~SceneFollower();
  SceneFollower(const SceneFollower&) = delete;
  SceneFollower& operator=(const SceneFollower&) = delete;

  // The next frame, before it is segmented. seconds: when it was taken, by any clock that does not
  // run back. True where scene() is another one from here on.
  bool look(const cv::Mat& frame, double seconds);

  // Its mask, 8UC1 of its size. What stands under it is not learned as background.
  void learn(const cv::Mat& mask);

  // The one state that the frame shows.
  const SceneState& scene() const;

  // False from a change until the scene is known again, and for damaged frames: masks can't be
  // trusted.
  bool is_certain() const;

  // The share of the frame's pixels that differ from the background, in [0, 1].
  double unexplained() const;

  // False from a change to a scene that is not known until it has been learned: no pixel of such a
  // frame can be told from the background.
  bool knows_scene() const;

  // How many of the frame's rows, from the top, are whole: all but for damaged ones.
  int whole_rows() const;

  // Whether nothing at all differs from it: then its mask is empty.
  bool shows_nothing() const;

  // Forgets every background and learns anew what the next frames show.
  void relearn();

  // What rests within box, in pixels of the frame, is background from here on; empty: all that
  // rests anywhere. Of a box that is given all of it is background, as it looks now.
  void accept(const cv::Rect& box);

  // What it knows now. Pixels are shared, and don't change.
  FollowerState state() const;

  // What has happened since the last call, in its order.
  std::vector<SceneEvent> take_events();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proxseg
