#include "proxseg/track/assignment.h"

#include <cmath>
#include <limits>

namespace proxseg {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The costs with a finite one for pairs that must not be: so high that one more of them costs more
// than any choice among the others can save.
cv::Mat finite(const cv::Mat& cost) {
  double total = 1.0;
  for (const double one : cv::Mat_<double>(cost)) {
    if (std::isfinite(one)) total += 2.0 * std::abs(one);
  }
  cv::Mat copy = cost.clone();
  copy.setTo(total, cost == kInfinity);
  return copy;
}

// Rows are added one by one. Each takes the shortest path of reduced costs
//   cost(i, j) - u(i) - v(j) >= 0, which is 0 for pairs,
// from itself over paired columns and their rows to a free column, and all on it move on by one.
// cost: finite, no more rows than columns.
class ShortestPaths {
 public:
  explicit ShortestPaths(const cv::Mat& cost)
      : cost_(cost),
        row_of_(static_cast<size_t>(cost.cols), -1),
        u_(static_cast<size_t>(cost.rows)),
        v_(static_cast<size_t>(cost.cols)) {}

  std::vector<int> solve() {
    for (int row = 0; row < cost_.rows; ++row) add(row);
    std::vector<int> column_of(static_cast<size_t>(cost_.rows), -1);
    for (int j = 0; j < cost_.cols; ++j) {
      if (row_of_[index(j)] >= 0) column_of[index(row_of_[index(j)])] = j;
    }
    return column_of;
  }

 private:
  static size_t index(int i) { return static_cast<size_t>(i); }

  void add(int row) {
    const auto columns = index(cost_.cols);
    std::vector<double> distance(columns, kInfinity);
    std::vector<int> previous(columns, -1);  // column on the path before this one
    std::vector<bool> is_done(columns, false);
    int last = -1, i = row;
    double reached = 0.0;
    do {
      int nearest = -1;
      for (int j = 0; j < cost_.cols; ++j) {
        if (is_done[index(j)]) continue;
        const double through = reached + cost_.at<double>(i, j) - u_[index(i)] - v_[index(j)];
        if (through < distance[index(j)]) {
          distance[index(j)] = through;
          previous[index(j)] = last;
        }
        if (nearest < 0 || distance[index(j)] < distance[index(nearest)]) nearest = j;
      }
      last = nearest;
      reached = distance[index(last)];
      is_done[index(last)] = true;
      i = row_of_[index(last)];
    } while (i >= 0);
    u_[index(row)] += reached;
    for (size_t j = 0; j < columns; ++j) {
      if (!is_done[j] || static_cast<int>(j) == last) continue;
      u_[index(row_of_[j])] += reached - distance[j];
      v_[j] -= reached - distance[j];
    }
    for (; previous[index(last)] >= 0; last = previous[index(last)]) {
      row_of_[index(last)] = row_of_[index(previous[index(last)])];
    }
    row_of_[index(last)] = row;
  }

  const cv::Mat& cost_;
  std::vector<int> row_of_;    // of each column; -1: free
  std::vector<double> u_, v_;  // of rows and columns
};

std::vector<int> inverse(const std::vector<int>& columns, int count) {
  std::vector<int> rows(static_cast<size_t>(count), -1);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] >= 0) rows[static_cast<size_t>(columns[i])] = static_cast<int>(i);
  }
  return rows;
}

}  // namespace

std::vector<int> assign(const cv::Mat& cost) {
  if (cost.empty()) return std::vector<int>(static_cast<size_t>(cost.rows), -1);
  if (cost.rows > cost.cols) return inverse(assign(cost.t()), cost.rows);
  const cv::Mat costs = finite(cost);
  std::vector<int> columns = ShortestPaths(costs).solve();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!std::isfinite(cost.at<double>(static_cast<int>(i), columns[i]))) columns[i] = -1;
  }
  return columns;
}

}  // namespace proxseg
