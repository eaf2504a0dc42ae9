#include "proxseg/segment/subtractor_segmenter.h"

#include <gtest/gtest.h>

namespace proxseg {
namespace {

const std::set<Product> kSubtractorProducts = {Product::kMask, Product::kSoft, Product::kBackground,
                                               Product::kForeground};

// Its labels are the frame itself, its background is 50 everywhere.
class LabelsOfTheFrame : public cv::BackgroundSubtractor {
 public:
  void apply(cv::InputArray frame, cv::OutputArray labels, double) override {
    frame.copyTo(labels);
    size_ = frame.size();
  }
  void getBackgroundImage(cv::OutputArray background) const override {
    cv::Mat(size_, CV_8UC1, cv::Scalar(50)).copyTo(background);
  }

 private:
  cv::Size size_;
};

SubtractorSegmenter segmenter(bool has_background) {
  const auto create = [] { return cv::makePtr<LabelsOfTheFrame>(); };
  return {Subtractor{.create = create, .has_background = has_background}, 1};
}

SequenceInfo sequence(cv::Size size) {
  SequenceInfo info;
  info.size = size;
  info.channels = 1;
  return info;
}

template <typename T>
std::vector<T> row(const cv::Mat& image) {
  return image.reshape(1, 1);
}

const cv::Mat kEarlier = (cv::Mat_<uchar>(1, 4) << 10, 20, 30, 255);
const cv::Mat kLabels = (cv::Mat_<uchar>(1, 4) << 0, 127, 255, 255);
using Bytes = std::vector<uchar>;

TEST(SubtractorSegmenter, CountsShadowsAsBackground) {
  auto subtractor = segmenter(true);
  subtractor.begin(sequence({4, 1}), {});
  const Segmentation result = subtractor.segment({kLabels}, kSubtractorProducts).front();
  EXPECT_EQ(row<uchar>(result.mask), (Bytes{0, 0, 255, 255}));
  EXPECT_EQ(row<float>(result.soft), (std::vector<float>{0, 0, 1, 1}));
  EXPECT_EQ(row<uchar>(result.background), (Bytes{50, 50, 50, 50}));
  EXPECT_EQ(row<uchar>(result.foreground), (Bytes{0, 0, 205, 205}));
}

TEST(SubtractorSegmenter, LeavesOutWhatIsOutsideTheRoi) {
  auto subtractor = segmenter(true);
  SequenceInfo info = sequence({4, 1});
  info.roi = (cv::Mat_<uchar>(1, 4) << 255, 255, 0, 255);
  subtractor.begin(info, {});
  const Segmentation result = subtractor.segment({kLabels}, kSubtractorProducts).front();
  EXPECT_EQ(row<uchar>(result.mask), (Bytes{0, 0, 0, 255}));
  EXPECT_EQ(row<float>(result.soft), (std::vector<float>{0, 0, 0, 1}));
  EXPECT_EQ(row<uchar>(result.foreground), (Bytes{0, 0, 0, 205}));
}

TEST(SubtractorSegmenter, WithoutABackgroundShowsTheLastThatWasSeenOfIt) {
  auto subtractor = segmenter(false);
  subtractor.begin(sequence({4, 1}), {});
  subtractor.segment({kEarlier}, {});
  const Segmentation result = subtractor.segment({kLabels}, kSubtractorProducts).front();
  EXPECT_EQ(row<uchar>(result.background), (Bytes{0, 127, 30, 255}));
  EXPECT_EQ(row<uchar>(result.foreground), (Bytes{0, 0, 225, 0}));
  subtractor.begin(sequence({4, 1}), {});
  const Segmentation fresh = subtractor.segment({kLabels}, kSubtractorProducts).front();
  EXPECT_EQ(row<uchar>(fresh.background), (Bytes{0, 127, 255, 255}));
}

}  // namespace
}  // namespace proxseg
