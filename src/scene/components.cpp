#include "proxseg/scene/components.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace proxseg {
namespace {

// Pixels [begin, end) of a row. Runs that touch form a tree by their parents; the root's area is
// the component's.
struct Run {
  int row, begin, end;
  size_t parent;
  int area;
};

class Runs {
 public:
  Runs(const cv::Mat& mask, uchar value) {
    size_t above = 0;  // the first run of the row above
    for (int y = 0; y < mask.rows; ++y) {
      const size_t first = runs_.size();
      add_row(mask.ptr(y), mask.cols, value, y);
      join(above, first);
      above = first;
    }
    for (size_t i = 0; i < runs_.size(); ++i) {
      if (const size_t root = root_of(i); root != i) runs_[root].area += runs_[i].area;
    }
  }

  // Calls visit(run, pixels of its component).
  template <typename Visit>
  void for_each(const Visit& visit) {
    for (size_t i = 0; i < runs_.size(); ++i) visit(runs_[i], runs_[root_of(i)].area);
  }

  // Calls visit(run) for those of components with a run that is chosen.
  template <typename Choose, typename Visit>
  void for_each_with(const Choose& is_chosen, const Visit& visit) {
    std::vector<bool> chosen(runs_.size());
    for (size_t i = 0; i < runs_.size(); ++i) {
      if (!chosen[root_of(i)] && is_chosen(runs_[i])) chosen[root_of(i)] = true;
    }
    for (size_t i = 0; i < runs_.size(); ++i) {
      if (chosen[root_of(i)]) visit(runs_[i]);
    }
  }

 private:
  void add_row(const uchar* row, int width, uchar value, int y) {
    for (int x = 0; x < width;) {
      const auto left = static_cast<size_t>(width - x);
      const auto* begin = static_cast<const uchar*>(std::memchr(row + x, value, left));
      if (begin == nullptr) return;
      const auto rest = static_cast<size_t>(row + width - begin);
      const auto* end = static_cast<const uchar*>(std::memchr(begin, 255 - value, rest));
      x = end == nullptr ? width : static_cast<int>(end - row);
      const int first = static_cast<int>(begin - row);
      runs_.push_back({y, first, x, runs_.size(), x - first});
    }
  }

  // Runs [above, below) with those that follow, of the next row; corners touch.
  void join(size_t above, size_t below) {
    for (size_t i = above, j = below; i < below && j < runs_.size();) {
      const Run &upper = runs_[i], &lower = runs_[j];
      if (upper.begin <= lower.end && lower.begin <= upper.end) unite(i, j);
      upper.end < lower.end ? ++i : ++j;
    }
  }

  void unite(size_t i, size_t j) {
    const size_t a = root_of(i), b = root_of(j);
    runs_[std::max(a, b)].parent = std::min(a, b);
  }

  size_t root_of(size_t i) {
    while (runs_[i].parent != i) i = runs_[i].parent = runs_[runs_[i].parent].parent;
    return i;
  }

  std::vector<Run> runs_;
};

void fill(cv::Mat& mask, const Run& run, uchar value) {
  std::memset(mask.ptr(run.row) + run.begin, value, static_cast<size_t>(run.end - run.begin));
}

}  // namespace

void flip_small_components(cv::Mat& mask, uchar value, double min_area) {
  Runs(mask, value).for_each([&](const Run& run, int area) {
    if (area < min_area) fill(mask, run, 255 - value);
  });
}

void add_marked_components(cv::Mat& mask, const cv::Mat& components, const cv::Mat& marks) {
  const auto is_marked = [&](const Run& run) {
    const auto count = static_cast<size_t>(run.end - run.begin);
    return std::memchr(marks.ptr(run.row) + run.begin, 255, count) != nullptr;
  };
  Runs(components, 255).for_each_with(is_marked, [&](const Run& run) { fill(mask, run, 255); });
}

}  // namespace proxseg
