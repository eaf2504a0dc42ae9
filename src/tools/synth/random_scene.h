// Scenes of which no two are alike, to learn from rather than to look at: surfaces, objects, motion,
// light, weather and camera are all drawn at random.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/tools/synth.h"
#include "tools/synth/actor.h"
#include "tools/synth/noise.h"

namespace proxseg {

// Lengths are in pixels, times in frames.
class RandomScene {
 public:
  RandomScene(cv::Size size, int64_t frames, uint64_t seed);

  cv::Size size() const { return size_; }
  int jpeg_quality() const { return jpeg_quality_; }
  bool gray() const { return gray_; }

  // As of SynthScene. 8UC1 where gray().
  cv::Mat background() const;
  SynthFrame frame(int64_t index) const;

 private:
  // An actor on its way: straight on with or without a halt, or round and round.
  struct Mover {
    Actor actor;
    cv::Point2d from = {}, along = {};  // `along`: the whole way, or the radii of the round
    double start = 0.0, duration = 1.0;
    double halt = 1.0, halt_duration = 0.0;  // part of the way to the halt
    bool round = false;
    double height = 1.0;
    double angle = 0.0;  // of the actor's own axes, radians
    double gait = 0.0;   // radians a pixel of way
    double contrast = 1.0,
           tint = 0.0;  // of its colour: against the surroundings, and part of `color`
    cv::Vec3d color = {};
  };
  // What moves each place of the background, or what the air lets through.
  struct Weather {
    double shake = 0.0, turbulence = 0.0, sway = 0.0, ripple = 0.0;
    double flakes = 0.0, clouds = 0.0, lamp = 0.0, drift = 0.0, flicker = 0.0;
  };

  void paint(Random& random);
  void draw_weather(Random& random);
  void draw_camera(Random& random);
  void draw_movers(Random& random);
  Mover mover(Random& random, double height) const;
  static cv::Point2d way_of(const Mover& mover, double time, double& walked);

  cv::Mat backdrop(int64_t index) const;
  void cast_shadow(const Mover& mover, double time, cv::Mat& shade) const;
  void draw(const Mover& mover, int id, double time, cv::Mat& light, cv::Mat& solid,
            cv::Mat& objects) const;
  void illuminate(double time, cv::Mat& light) const;
  void snow(int64_t index, cv::Mat& light) const;
  cv::Mat expose(const cv::Mat& light, Random* noise) const;

  cv::Size size_;
  int64_t frames_;
  uint64_t seed_;
  cv::Mat canvas_;  // 32FC3 with a margin on each side
  cv::Mat broad_;   // canvas_ without its detail
  cv::Mat living_;  // 32FC1: how much the weather moves each place of the canvas, 0 to 1
  std::vector<Mover> movers_;
  Weather weather_;
  cv::Vec2d shadow_;              // a point at height 1 casts its shadow this much right and down
  double shadow_strength_ = 0.0;  // part of the light that is missing; 0: no shadows
  double contrast_ = 1.0, veil_ = 0.0, noise_ = 2.0, grain_ = 0.0, blur_ = 0.0;
  int jpeg_quality_ = 90;
  bool gray_ = false;
  double saturation_ = 1.0;
};

}  // namespace proxseg
