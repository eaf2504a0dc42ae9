#include "proxseg/workflow/report/gallery.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <opencv2/imgcodecs.hpp>

#include "proxseg/core/file.h"
#include "support/expect_error.h"
#include "support/scene_files.h"

namespace proxseg {
namespace {

// Says that everything to the left of the middle moves.
class LeftHalf : public Segmenter {
 public:
  void begin(const SequenceInfo& sequence, const std::set<Product>&) override {
    size_ = sequence.size;
  }
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                    const std::set<Product>&) override {
    ++calls;
    Segmentation result;
    result.mask = cv::Mat::zeros(size_, CV_8UC1);
    result.mask.colRange(0, size_.width / 2) = 255;
    result.mask.convertTo(result.soft, CV_32F, 0.8 / 255.0);
    result.background = result.foreground = frames[0];
    return {result};
  }
  cv::Mat background() const override { return cv::Mat::zeros(size_, CV_8UC1); }
  int calls = 0;

 private:
  cv::Size size_;
};

cv::Mat decode(const std::string& jpeg) {
  return cv::imdecode(std::vector<uchar>(jpeg.begin(), jpeg.end()), cv::IMREAD_COLOR);
}

struct GalleryOfScene : testing::Test {
  const TemporaryFolder folder;
  const std::string scene = write_tiny_scene(folder);
  LeftHalf segmenter;
};

TEST_F(GalleryOfScene, SpreadsFramesOverTheSequence) {
  const Gallery gallery = make_gallery(segmenter, {scene, "scene"}, {.frames = 4});
  ASSERT_EQ(gallery.frames.size(), 4U);
  EXPECT_EQ(segmenter.calls, 4);
  EXPECT_EQ(gallery.frames[0].name, "in000002");
  EXPECT_EQ(gallery.frames[3].name, "in000011");
  EXPECT_EQ(decode(gallery.frames[0].mask).size(), cv::Size(48, 36));
  EXPECT_TRUE(gallery.frames[0].errors.empty());
  EXPECT_FALSE(gallery.truth.has_value());
}

TEST_F(GalleryOfScene, MeasuresEveryLabelledFrame) {
  const Gallery gallery =
      make_gallery(segmenter, {scene, "scene"}, {.frames = 3, .ground_truth = scene});
  ASSERT_TRUE(gallery.truth.has_value());
  EXPECT_EQ(gallery.frames.size(), 3U);
  EXPECT_FALSE(gallery.frames[0].errors.empty());
  EXPECT_EQ(gallery.truth->evaluation.score.frames, 12);
  EXPECT_EQ(gallery.truth->labelled_frames, 12);
  EXPECT_EQ(gallery.truth->curve[200], gallery.truth->evaluation.confusion);
  EXPECT_EQ(gallery.truth->curve[205].tp, 0);  // soft masks are 204 at most
}

TEST_F(GalleryOfScene, ShowsTheEvaluationThatIsGiven) {
  SequenceEvaluation evaluation;
  evaluation.score.frames = 7;
  const Gallery gallery =
      make_gallery(segmenter, {scene, "scene"}, {.ground_truth = scene, .evaluation = evaluation});
  EXPECT_EQ(gallery.truth->evaluation.score.frames, 7);
  EXPECT_EQ(gallery.truth->curve_frames, 12);
}

TEST_F(GalleryOfScene, RefusesGroundTruthOfAnotherSize) {
  generate_sequence(tiny_scene(12), folder / "other");
  const auto file = folder / "other/groundtruth/gt000001.png";
  for (const auto& entry : std::filesystem::directory_iterator(folder / "other/groundtruth")) {
    cv::imwrite(entry.path().string(), cv::Mat::zeros(20, 30, CV_8UC1));
  }
  std::filesystem::remove(folder / "other/ROI.bmp");
  expect_error(ExitCode::kInput, {file.string(), "30 x 20", "'scene' are 48 x 36"}, [&] {
    make_gallery(segmenter, {scene, "scene"}, {.ground_truth = folder / "other"});
  });
}

TEST(ErrorMap, HasAColourForEachKindOfPixel) {
  const cv::Mat frame(1, 5, CV_8UC1, cv::Scalar(100));
  const cv::Mat mask = (cv::Mat_<uint8_t>(1, 5) << 255, 255, 0, 0, 255);
  const cv::Mat labels = (cv::Mat_<uint8_t>(1, 5) << 255, 50, 255, 0, 170);
  const cv::Mat picture = draw_errors(frame, mask, labels);
  const auto at = [&](int x) { return picture.at<cv::Vec3b>(0, x); };
  EXPECT_EQ(at(0), cv::Vec3b(96, 176, 46));   // found
  EXPECT_EQ(at(1), cv::Vec3b(58, 64, 226));   // wrongly found
  EXPECT_EQ(at(2), cv::Vec3b(250, 145, 60));  // missed
  EXPECT_EQ(at(3), cv::Vec3b(45, 45, 45));    // rightly left alone
  EXPECT_EQ(at(4)[0], at(4)[2]);              // not evaluated: grey
}

}  // namespace
}  // namespace proxseg
