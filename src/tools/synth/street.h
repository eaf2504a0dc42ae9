// The static part of the scene as a function of the place, in units of 1/120 of the frame's height.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// Bands of the ground, from top to bottom.
inline constexpr double kHouseFoot = 47.0;
inline constexpr double kGrassEnd = 54.0;
inline constexpr double kFarPavementEnd = 66.0;
inline constexpr double kRoadEnd = 104.0;
inline constexpr double kSceneHeight = 120.0;

class Street {
 public:
  Street(uint64_t seed, double width);

  // BGR in [0, 255].
  cv::Vec3d color(double x, double y) const;

  // How far a place follows the swaying of the trees: 1 within a crown, 0 away from it.
  double sway(double x, double y) const;

 private:
  struct House {
    double left;
    double right;
    double top;
    cv::Vec3d color;
    double window_width;
    double window_height;
  };
  struct Tree {
    cv::Point2d center;
    cv::Point2d radius;

    // 0 in the centre of the crown, 1 on its outline.
    double distance(double x, double y) const;
  };

  cv::Vec3d ground(double x, double y) const;
  cv::Vec3d skyline(double x, double y) const;
  cv::Vec3d facade(const House& house, double x, double y) const;
  bool in_crown(const Tree& tree, double x, double y) const;

  uint64_t seed_;
  std::vector<House> houses_;
  std::vector<Tree> trees_;
  double lamp_;
};

}  // namespace proxseg
