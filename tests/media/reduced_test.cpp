// Frames that are decoded at a smaller size than they are stored in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "media/stored.h"
#include "proxseg/core/error.h"
#include "proxseg/media/stream.h"
#include "proxseg/media/transform.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Surfaces with edges, as cameras see them.
cv::Mat picture(cv::Size size, int type, int seed = 1) {
  cv::Mat image(size, type, cv::Scalar(90, 120, 100));
  cv::RNG random(static_cast<uint64_t>(seed));
  for (int i = 0; i < 60; ++i) {
    const cv::Point at(random.uniform(0, size.width), random.uniform(0, size.height));
    const cv::Scalar color(random.uniform(0, 255), random.uniform(0, 255), random.uniform(0, 255));
    cv::circle(image, at, random.uniform(9, 60), color, cv::FILLED, cv::LINE_AA);
  }
  cv::GaussianBlur(image, image, {}, 2.0);
  return image;
}

// With the orientation that cameras held upright write: to be turned by 90 degrees clockwise.
void save_turned(const std::filesystem::path& path, const cv::Mat& image) {
  using namespace std::string_literals;
  std::vector<uchar> jpeg;
  cv::imencode(".jpg", image, jpeg);
  const std::string exif = "Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"s;
  const std::string segment = "\xff\xe1"s + '\0' + static_cast<char>(exif.size() + 2) + exif;
  save_text(path, std::string(jpeg.begin(), jpeg.end()).insert(2, segment));
}

double mean_difference(const cv::Mat& a, const cv::Mat& b) {
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total()) / a.channels();
}

// Equal but for a filter of another shape.
void expect_alike(const cv::Mat& small, const cv::Mat& full) {
  ASSERT_EQ(small.type(), full.type());
  ASSERT_LT(small.cols, full.cols);
  const cv::Mat expected = resize_frame(full, small.size());
  EXPECT_LT(mean_difference(small, expected), 2.0);
  EXPECT_LT(cv::norm(small, expected, cv::NORM_INF), 60.0);
}

TEST(ReducedImage, IsTheSmallestThatIsLargeEnough) {
  const TemporaryFolder folder;
  for (const int type : {CV_8UC3, CV_8UC1}) {
    save(folder / "a.jpg", picture({640, 480}, type));
    const cv::Mat full = read_reduced_image(folder / "a.jpg", {}).first;
    ASSERT_EQ(full.size(), cv::Size(640, 480));
    const auto expect_size = [&](double scale, cv::Size expected) {
      const auto [image, size] = read_reduced_image(folder / "a.jpg", {.scale = scale});
      EXPECT_EQ(image.size(), expected) << scale;
      EXPECT_EQ(size, full.size()) << scale;
      if (expected != full.size()) expect_alike(image, full);
    };
    expect_size(1.0, {640, 480});
    expect_size(0.34, {640, 480});
    expect_size(0.33, {320, 240});
    expect_size(0.17, {320, 240});
    expect_size(0.16, {160, 120});
    expect_size(0.08, {80, 60});
    expect_size(0.05, {80, 60});
  }
}

TEST(ReducedImage, IsTurnedAsTheWholeOne) {
  const TemporaryFolder folder;
  save_turned(folder / "a.jpg", picture({640, 480}, CV_8UC3));
  const cv::Mat full = read_reduced_image(folder / "a.jpg", {}).first;
  ASSERT_EQ(full.size(), cv::Size(480, 640));
  const auto [image, size] = read_reduced_image(folder / "a.jpg", {.scale = 0.16});
  EXPECT_EQ(size, full.size());
  ASSERT_EQ(image.size(), cv::Size(120, 160));
  expect_alike(image, full);
}

// Otherwise its last column would lie elsewhere.
TEST(ReducedImage, HasWholePixels) {
  const TemporaryFolder folder;
  const auto expect_size = [&](cv::Size full, cv::Size reduced) {
    save(folder / "a.jpg", picture(full, CV_8UC3));
    const auto [image, size] = read_reduced_image(folder / "a.jpg", {.scale = 0.1});
    EXPECT_EQ(image.size(), reduced);
    EXPECT_EQ(size, full);
  };
  expect_size({641, 480}, {641, 480});
  expect_size({642, 480}, {321, 240});
  expect_size({640, 484}, {160, 121});
}

TEST(ReducedImage, OfOtherFormatsIsWhole) {
  const TemporaryFolder folder;
  for (const char* name : {"a.png", "a.bmp", "a.webp"}) {
    save(folder / name, picture({320, 240}, CV_8UC3));
    const auto [image, size] = read_reduced_image(folder / name, {.scale = 0.1});
    EXPECT_EQ(image.size(), cv::Size(320, 240)) << name;
    EXPECT_EQ(size, cv::Size(320, 240)) << name;
  }
}

TEST(ReducedFrames, HaveExactlyTheSizeAskedFor) {
  const TemporaryFolder folder;
  for (int i = 0; i < 3; ++i) {
    save(folder / ("f/" + std::to_string(i) + ".jpg"), picture({640, 480}, CV_8UC3, i));
  }
  const std::string path = (folder / "f").string();
  for (const SourceOptions& options : {SourceOptions{.scale = 0.3}, SourceOptions{.scale = 0.11},
                                       SourceOptions{.scale = 0.0, .pixels = 30000}}) {
    const cv::Size asked = scaled_size({640, 480}, options.scale, options.pixels);
    const auto small = open_source(path, options), full = open_source(path);
    EXPECT_EQ(small->info().size, asked);
    EXPECT_EQ(small->info().image_size, asked);
    while (const auto frame = small->next()) {
      EXPECT_EQ(frame->size(), asked);
      ASSERT_EQ(frame->image.size(), asked);
      expect_alike(frame->image, full->next()->image);
    }
    EXPECT_FALSE(full->next());
  }
}

TEST(ReducedFrames, AreInspectedAsWholeOnes) {
  const TemporaryFolder folder;
  save(folder / "f/1.jpg", picture({640, 480}, CV_8UC3));
  save(folder / "f/2.jpg", picture({639, 480}, CV_8UC3));
  const auto source = open_source((folder / "f").string(), {.scale = 0.25});
  EXPECT_TRUE(source->next());
  EXPECT_THAT(message_of<InputError>([&] { source->next(); }),
              AllOf(HasSubstr("639 x 480"), HasSubstr("640 x 480")));
  truncate(folder / "f/1.jpg", 0.7);
  EXPECT_THAT(
      message_of<InputError>([&] { open_source((folder / "f").string(), {.scale = 0.25}); }),
      HasSubstr("truncated"));
}

TEST(ReducedFrames, MayKeepTheirSizeForSmallImages) {
  const TemporaryFolder folder;
  save(folder / "f/1.jpg", picture({640, 480}, CV_8UC3));
  const std::string path = (folder / "f").string();
  const SourceOptions options = {
      .roi = "0,0,320,0,320,240,0,240", .scale = 0.25, .images_only = true};
  const auto source = open_source(path, options);
  EXPECT_EQ(source->info().size, cv::Size(640, 480));
  EXPECT_EQ(source->info().image_size, cv::Size(160, 120));
  EXPECT_EQ(source->info().roi.size(), cv::Size(640, 480));
  const auto frame = source->next();
  EXPECT_EQ(frame->size(), cv::Size(640, 480));
  EXPECT_EQ(frame->image.size(), cv::Size(160, 120));
  // A further view sees frames of their own size: it asks for what is there already.
  const auto again = prepare(open_source(path, options), {.scale = 0.25});
  EXPECT_EQ(again->info().size, cv::Size(160, 120));
  EXPECT_EQ(cv::norm(again->next()->image, frame->image, cv::NORM_INF), 0.0);
}

TEST(ReducedFrames, MayBeTheHeadOfAStream) {
  SequenceInfo info;
  info.size = {64, 48};
  info.head = {color_image(10, {16, 12}), color_image(20, {16, 12})};
  const auto source = open_ahead(info, {.scale = 0.25});
  EXPECT_EQ(source->info().size, cv::Size(16, 12));
  EXPECT_EQ(cv::norm(source->next()->image, info.head[0], cv::NORM_INF), 0.0);
}

}  // namespace
}  // namespace proxseg
