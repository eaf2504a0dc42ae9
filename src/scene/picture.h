// What single pictures show, and in what they differ: by this a scene's changes are told apart.
#pragma once

#include <opencv2/core.hpp>

namespace proxseg {

// The image in grey without what is smooth over side x side pixels: 32FC1, in grey levels.
cv::Mat texture_of(const cv::Mat& image, int side);

// The correlation <x, y> / |x| |y| above which two such textures are of the same surfaces, in whatever
// light.
constexpr double kSameTexture = 0.6;

// The share of a mask's pixels that are set, in [0, 1]. Masks are 8UC1.
double share_of(const cv::Mat& mask);

// Whether more than `least` of the mask is set in most of 4 x 4 parts of the picture.
bool is_almost_everywhere(const cv::Mat& mask, double least);

// The share of the picture that is in the components of off which the mask is part of.
double share_of_components(const cv::Mat& off, const cv::Mat& mask);

// Whether both images, 8UC1 or 8UC3 of one size, show the same surfaces within the mask (empty:
// anywhere), in any light: the correlation of what is left of them without their smooth parts.
// False where there is no texture to tell by.
bool shows_same_texture(const cv::Mat& a, const cv::Mat& b, const cv::Mat& mask);

// The mean difference between a pixel's largest and smallest channel, in grey levels; 0 for 8UC1.
double saturation_of(const cv::Mat& image);

// The rows above those with which a decoder that has lost data fills the rest, to the lower border:
// one row again and again, or one colour. All rows where it has not.
int rows_above_smear(const cv::Mat& frame, const cv::Mat& background);

}  // namespace proxseg
