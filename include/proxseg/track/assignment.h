// The linear assignment problem.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// Pairs rows with columns, each with one at most, so that there are as many pairs as can be and the
// sum of their costs is the least that so many pairs can have. cost: 64FC1, finite, or +infinity for
// pairs that must not be; may be empty. Returns the column of each row, -1 where it has none.
// Shortest augmenting paths (Jonker and Volgenant, "A shortest augmenting path algorithm for dense
// and sparse linear assignment problems", Computing 38, 1987): O(n^2 m) for n rows and m columns,
// n <= m.
std::vector<int> assign(const cv::Mat& cost);

}  // namespace proxseg
