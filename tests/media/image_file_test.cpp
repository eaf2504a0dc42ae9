#include "proxseg/media/image_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxseg/core/error.h"
#include "support/expect_error.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string with_thumbnail(const std::string& jpeg, const std::string& thumbnail) {
  const size_t length = thumbnail.size() + 2;
  std::string segment = "\xff\xe1";
  segment += static_cast<char>(length >> 8);
  segment += static_cast<char>(length & 0xff);
  return jpeg.substr(0, 2) + segment + thumbnail + jpeg.substr(2);
}

TEST(ReadImage, ScalesSixteenBitsAndDropsAlpha) {
  const TemporaryFolder folder;
  cv::Mat deep(1, 3, CV_16UC1);
  deep.at<ushort>(0) = 0;
  deep.at<ushort>(1) = 257 * 100;
  deep.at<ushort>(2) = 65535;
  save(folder / "deep.png", deep);
  const cv::Mat image = read_image(folder / "deep.png");
  ASSERT_EQ(image.type(), CV_8UC1);
  EXPECT_EQ(image.at<uchar>(0), 0);
  EXPECT_EQ(image.at<uchar>(1), 100);
  EXPECT_EQ(image.at<uchar>(2), 255);
  save(folder / "alpha.png", cv::Mat(2, 2, CV_8UC4, cv::Scalar(1, 2, 3, 0)));
  EXPECT_EQ(read_image(folder / "alpha.png").at<cv::Vec3b>(0, 0), cv::Vec3b(1, 2, 3));
}

TEST(ReadImage, RefusesEveryFormatCutShort) {
  const TemporaryFolder folder;
  for (const char* extension : {"jpg", "png", "bmp", "tif", "webp", "ppm"}) {
    const std::string name = std::string("cut.") + extension;
    save(folder / name, noise_image(1));
    EXPECT_EQ(read_image(folder / name).size(), cv::Size(64, 48)) << name;
    truncate(folder / name, 0.7);
    EXPECT_THAT(message_of<InputError>([path = folder / name] { read_image(path); }),
                HasSubstr(name));
  }
}

TEST(ReadImage, FindsCutsAnywhereInAJpeg) {
  const TemporaryFolder folder;
  for (const bool progressive : {false, true}) {
    std::vector<uchar> bytes;
    cv::imencode(".jpg", noise_image(2), bytes, {cv::IMWRITE_JPEG_PROGRESSIVE, progressive});
    const std::string whole(bytes.begin(), bytes.end());
    save_text(folder / "whole.jpg", whole);
    EXPECT_NO_THROW(read_image(folder / "whole.jpg"));
    for (size_t kept = 2; kept < whole.size(); kept += 97) {
      save_text(folder / "cut.jpg", whole.substr(0, kept));
      EXPECT_THAT(message_of<InputError>([&] { read_image(folder / "cut.jpg"); }),
                  HasSubstr("truncated"))
          << kept << " bytes";
    }
  }
}

TEST(ReadImage, IsNotFooledByAThumbnail) {
  const TemporaryFolder folder;
  std::vector<uchar> bytes;
  cv::imencode(".jpg", noise_image(3), bytes);
  const std::string picture(bytes.begin(), bytes.end());
  cv::imencode(".jpg", gray_image(9), bytes);
  const std::string thumbnail(bytes.begin(), bytes.end());
  const std::string whole = with_thumbnail(picture, thumbnail);
  save_text(folder / "whole.jpg", whole);
  EXPECT_EQ(read_image(folder / "whole.jpg").size(), cv::Size(64, 48));
  save_text(folder / "cut.jpg", whole.substr(0, whole.size() * 2 / 3));
  EXPECT_THAT(message_of<InputError>([&] { read_image(folder / "cut.jpg"); }),
              HasSubstr("truncated"));
}

TEST(ReadImage, RefusesWhatIsNoImage) {
  const TemporaryFolder folder;
  save_text(folder / "empty.png", "");
  save_text(folder / "text.jpg", "not an image");
  save_text(folder / "soi.jpg", "\xff\xd8");
  save(folder / "float.tif", cv::Mat(4, 4, CV_32FC1, cv::Scalar(0.5)));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"empty.png", "is empty"},       {"text.jpg", "not an image"},
      {"soi.jpg", "truncated"},        {"float.tif", "neither of 8 nor of 16 bits"},
      {"missing.png", "No such file"},
  };
  for (const auto& [name, part] : cases) {
    EXPECT_THAT(message_of<InputError>([path = folder / name] { read_image(path); }),
                AllOf(HasSubstr(name), HasSubstr(part)));
  }
}

TEST(ReadImage, TakesNoMemoryForPixelsThatAreOnlyAnnounced) {
  const TemporaryFolder folder;
  const auto refuse = [&](const char* name, const std::vector<size_t>& digits) {
    save(folder / name, gray_image(1));
    std::string bytes = read_file(folder / name);
    for (const size_t digit : digits) bytes[digit] = 0x70;  // sides of 28,000 pixels and more
    save_text(folder / name, bytes);
    EXPECT_THAT(message_of<InputError>([path = folder / name] { read_image(path); }),
                AllOf(HasSubstr(name), HasSubstr("more pixels than it can hold")));
  };
  refuse("large.png", {18, 22});
  refuse("large.bmp", {19, 23});
}

TEST(ReadImage, OfSeveralPagesIsRefusedWithTheirNumber) {
  const TemporaryFolder folder;
  const std::vector<cv::Mat> pages(7, gray_image(3));
  ASSERT_TRUE(cv::imwritemulti((folder / "pages.tif").string(), pages));
  save(folder / "moves.png", gray_image(1));
  std::string bytes = read_file(folder / "moves.png");
  const size_t after_header = 33;
  bytes.insert(after_header, std::string("\0\0\0\x08"
                                         "acTL\0\0\0\x05\0\0\0\0\0\0\0\0",
                                         20));
  save_text(folder / "moves.png", bytes);
  std::string webp("RIFF\x3c\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x0f\0\0\x0b\0\0", 30);
  for (int i = 0; i < 3; ++i) webp += std::string("ANMF\x03\0\0\0abc\0", 12);
  save_text(folder / "moves.webp", webp);
  const auto refuse = [&](const char* name, const char* count) {
    expect_error(ExitCode::kInput, {name, count}, [&] { read_image(folder / name); });
  };
  refuse("pages.tif", "7 pages");
  refuse("moves.png", "5 pages or frames");
  refuse("moves.webp", "3 pages or frames");
  save(folder / "one.tif", gray_image(4));
  EXPECT_EQ(read_image(folder / "one.tif").at<uchar>(0), 4);
}

TEST(ReadImage, OfGreyWithAlphaIsGrey) {
  const TemporaryFolder folder;
  // 2 x 1 pixels: 10 with alpha 128, 200 with alpha 255.
  const std::string bytes(
      "\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x02"
      "\x00\x00\x00\x01\x08\x04\x00\x00\x00\x5e\x2b\xb7\x01\x00\x00\x00\x0d\x49\x44\x41"
      "\x54\x78\x9c\x63\xe0\x6a\x38\xf1\x1f\x00\x04\x3c\x02\x52\x8f\xad\xc8\xee\x00\x00"
      "\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82",
      70);
  save_text(folder / "alpha.png", bytes);
  const cv::Mat image = read_image(folder / "alpha.png");
  ASSERT_EQ(image.type(), CV_8UC1);
  EXPECT_EQ(image.at<uchar>(0), 10);
  EXPECT_EQ(image.at<uchar>(1), 200);
}

TEST(ReadImage, LeavesFormatsOfOtherLibrariesAlone) {
  const TemporaryFolder folder;
  save_text(folder / "grid.png", "ncols 2\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n");
  EXPECT_THAT(message_of<InputError>([&] { read_image(folder / "grid.png"); }),
              HasSubstr("not an image of a known format"));
}

TEST(ImageFile, KnowsWhenItWasTaken) {
  const TemporaryFolder folder;
  save_with_time(folder / "a.jpg", gray_image(9), "2024:02:29 23:59:58");
  EXPECT_EQ(time_taken(folder / "a.jpg"), 1709251198);
  EXPECT_EQ(format_time(1709251198), "2024-02-29 23:59:58");
  EXPECT_EQ(read_stored_image(folder / "a.jpg").size(), gray_image(9).size());
  for (const char* none : {"2023:02:29 10:00:00", "0000:00:00 00:00:00", "                   "}) {
    save_with_time(folder / "b.jpg", gray_image(9), none);
    EXPECT_FALSE(time_taken(folder / "b.jpg")) << none;
  }
  save(folder / "c.jpg", gray_image(9));
  save(folder / "c.png", gray_image(9));
  EXPECT_FALSE(time_taken(folder / "c.jpg"));
  EXPECT_FALSE(time_taken(folder / "c.png"));
  std::string bytes = read_file(folder / "a.jpg");
  for (size_t length = 0; length < 76; ++length) {  // its last digit is at 75
    save_text(folder / "d.jpg", bytes.substr(0, length));
    EXPECT_FALSE(time_taken(folder / "d.jpg")) << length;
  }
  expect_error(ExitCode::kInput, {"none.jpg"}, [&] { time_taken(folder / "none.jpg"); });
}

}  // namespace
}  // namespace proxseg
