#include "track/association.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "proxseg/track/assignment.h"

namespace proxseg {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
// Squared Mahalanobis distance that 99 % of the measurements in two dimensions stay below.
constexpr double kGate = 9.21;
// Of the pixels of an object that the component most of it lies in has, a component must have so many
// to be that object; one with fewer is a fragment.
constexpr double kFragment = 0.25;
constexpr double kMost = 0.5;  // part of pixels that counts as most

class Associator {
 public:
  Associator(const std::vector<ExpectedObject>& objects, const std::vector<Shape>& components)
      : objects_(objects),
        components_(components),
        shared_(static_cast<int>(objects.size()), static_cast<int>(components.size()), CV_32SC1) {
    for (int i = 0; i < shared_.rows; ++i) {
      for (int j = 0; j < shared_.cols; ++j) {
        shared_.at<int>(i, j) = overlap(object(i).shape, component(j));
      }
    }
    result_.component.assign(objects.size(), -1);
    result_.source.assign(components.size(), -1);
  }

  Association run() {
    pair([&](int i, int j) { return object(i).was_seen ? cost_of_overlap(i, j) : kNever; });
    join();
    pair([&](int i, int j) { return cost_of_motion(i, j); });
    pair([&](int i, int j) { return cost_of_place(i, j); });
    find_sources();
    return std::move(result_);
  }

 private:
  const ExpectedObject& object(int i) const { return objects_[static_cast<size_t>(i)]; }
  const Shape& component(int j) const { return components_[static_cast<size_t>(j)]; }
  int& component_of(int i) { return result_.component[static_cast<size_t>(i)]; }
  bool is_taken(int j) const {
    return std::find(result_.component.begin(), result_.component.end(), j) !=
           result_.component.end();
  }

  // The component with most of the object's expected pixels.
  int home_of(int i) const {
    int home = 0;
    for (int j = 1; j < shared_.cols; ++j) {
      if (shared_.at<int>(i, j) > shared_.at<int>(i, home)) home = j;
    }
    return home;
  }

  // (1 - IoU) + min(d^2 / gate, 1), d^2: the Mahalanobis distance.
  double cost(int i, int j) const {
    const int shared = shared_.at<int>(i, j);
    const int all = object(i).shape.area + component(j).area - shared;
    return 1.0 - static_cast<double>(shared) / all +
           std::min(object(i).motion->distance(component(j).centroid) / kGate, 1.0);
  }

  double cost_of_overlap(int i, int j) const {
    const int shared = shared_.at<int>(i, j);
    const bool is_fragment = shared < kFragment * shared_.at<int>(i, home_of(i));
    return shared > 0 && !is_fragment ? cost(i, j) : kNever;
  }

  double cost_of_motion(int i, int j) const {
    return object(i).motion->distance(component(j).centroid) < kGate ? cost(i, j) : kNever;
  }

  // Of what did not move as expected, as where frames come unevenly: by the pixels that it had last.
  double cost_of_place(int i, int j) const {
    const Shape* last = object(i).last;
    const int shared = last == nullptr ? 0 : overlap(*last, component(j));
    return shared > 0
               ? 1.0 - static_cast<double>(shared) / (last->area + component(j).area - shared)
               : kNever;
  }

  // Pairs what has no partner yet.
  void pair(const std::function<double(int i, int j)>& cost) {
    cv::Mat costs(shared_.size(), CV_64FC1, cv::Scalar(kNever));
    for (int j = 0; j < costs.cols; ++j) {
      if (is_taken(j)) continue;
      for (int i = 0; i < costs.rows; ++i) {
        if (component_of(i) < 0) costs.at<double>(i, j) = cost(i, j);
      }
    }
    const std::vector<int> columns = assign(costs);
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] >= 0) result_.component[i] = columns[i];
    }
  }

  // Objects without a component of their own, most of whose expected pixels lie in another's.
  void join() {
    if (shared_.cols == 0) return;
    for (int i = 0; i < shared_.rows; ++i) {
      if (component_of(i) >= 0 || object(i).is_new || !object(i).was_seen) continue;
      const int home = home_of(i), shared = shared_.at<int>(i, home);
      const bool is_inside = shared > 0 && shared >= kMost * object(i).shape.area;
      if (is_inside && is_taken(home)) component_of(i) = home;
    }
  }

  void find_sources() {
    for (int j = 0; j < shared_.cols; ++j) {
      if (is_taken(j)) continue;
      double most = kMost * component(j).area;
      for (int i = 0; i < shared_.rows; ++i) {
        if (component_of(i) < 0 || shared_.at<int>(i, j) < most) continue;
        most = shared_.at<int>(i, j);
        result_.source[static_cast<size_t>(j)] = i;
      }
    }
  }

  const std::vector<ExpectedObject>& objects_;
  const std::vector<Shape>& components_;
  cv::Mat shared_;  // 32SC1: pixels that each object and each component have in common
  Association result_;
};

}  // namespace

Association associate(const std::vector<ExpectedObject>& objects,
                      const std::vector<Shape>& components) {
  return Associator(objects, components).run();
}

}  // namespace proxseg
