// A scene has states where what the camera sees changes at once and almost everywhere: the presets of
// a camera that turns, or day and night vision.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// What frames of a state look like: a few small images that differ from each other, 8UC1 or 8UC3.
using Look = std::vector<cv::Mat>;

// The images divided by the state that they show: for each state the indices of its images in
// ascending order, the state of most images first. One group unless the groups are far apart:
// with the distance of two images the share of their pixels that differ once their exposure is
// levelled, the mean silhouette of the images (Rousseeuw 1987) is at least a half, each group holds
// at least a twentieth of the images, and three, and most parts of the picture differ between the
// groups, so that no object explains it. images: at least one, 8UC1 or 8UC3, of one size and type.
std::vector<std::vector<size_t>> group_by_state(const std::vector<cv::Mat>& images);

// Whether most parts of the picture are the same in both images, once their exposure is levelled.
bool show_one_state(const cv::Mat& a, const cv::Mat& b);

// The look of images that show one state.
Look look_of(const std::vector<cv::Mat>& images);

// The index of the look that the frame is nearest to; 0 where there is only one.
size_t nearest_look(const cv::Mat& frame, const std::vector<Look>& looks);

}  // namespace proxseg
