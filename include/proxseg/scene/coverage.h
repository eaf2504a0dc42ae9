// Tells objects from background without a network, even if an object stands still for most of a
// clip. images: 8UC1 or 8UC3, at least one, all of one size and type, in any order.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// What the images repeat at each place, the temporal median where half of them agree with it,
// corrected where that is an object that stood still.
//
// A blob in which an image differs from it is an object in that image, or a "ghost": the place of
// an object that the background shows and the image does not. The contour of an object follows
// edges of the image, that of a ghost follows edges of the background. A blob whose contour does a bit
// of both is judged part by part. Every blob of every image votes. Where ghosts are frequent and agree on a
// value, it replaces the background's; if far more images show an object there, nearly all ghosts have to
// agree. Then the blobs are judged again, until nothing changes.
cv::Mat settled_background(const std::vector<cv::Mat>& images);

// The same, corrected from another one than that: of the images' size and type.
cv::Mat settled_background(const std::vector<cv::Mat>& images, const cv::Mat& before);

// How many grey levels lie between the darkest hundredth of the images' values and the brightest:
// in [0, 255]. images: at least one, 8UC1 or 8UC3. Bars and clocks in the picture count.
double range_of(const std::vector<cv::Mat>& images);

enum class Verdict : signed char { kGhost = -1, kUndecided = 0, kObject = 1 };

// What the blob is in which the image differs from the background: 8UC1 of their size, not 0
// within; the vote of one image above.
Verdict verdict_on(const cv::Mat& blob, const cv::Mat& image, const cv::Mat& background);

// 8UC1: 255 on the blobs of an image, and on their fringe, that are objects before the background.
cv::Mat objects_before(const cv::Mat& image, const cv::Mat& background);

// An 8UC1 mask for each image: 255 on the blobs in which it differs from the background, and on
// their fringe. Specks, such as those of waves and leaves, are left out.
std::vector<cv::Mat> covered_areas(const std::vector<cv::Mat>& images, const cv::Mat& background);

}  // namespace proxseg
