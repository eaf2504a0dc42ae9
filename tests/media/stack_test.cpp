// Sequences that are one file of many pages or frames.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <opencv2/imgproc.hpp>

#include "proxseg/core/error.h"
#include "proxseg/media/inspect.h"
#include "support/expect_error.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

using ::testing::HasSubstr;

// Each page is as bright as its number says.
std::vector<cv::Mat> pages_of(int count, int type, double step = 1.0) {
  std::vector<cv::Mat> pages;
  for (int i = 1; i <= count; ++i) pages.emplace_back(12, 16, type, cv::Scalar::all(step * i));
  return pages;
}

void put_number(std::string& bytes, size_t at, uint32_t value, size_t count) {
  for (size_t i = 0; i < count; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

// A little-endian TIFF of 8-bit pages of 4 x 2 pixels; the first is described as given.
std::string described_tiff(int pages, const std::string& description) {
  std::string bytes("II*\0\0\0\0\0", 8);
  size_t link = 4;
  for (int i = 0; i < pages; ++i) {
    const size_t pixels = bytes.size();
    bytes += std::string(8, static_cast<char>(10 * (i + 1)));
    const size_t text = bytes.size();
    bytes += description + std::string(1 + description.size() % 2, '\0');
    const std::vector<std::array<uint32_t, 4>> fields = {
        {256, 3, 1, 4},
        {257, 3, 1, 2},
        {258, 3, 1, 8},
        {259, 3, 1, 1},
        {262, 3, 1, 1},
        {270, 2, static_cast<uint32_t>(description.size() + 1), static_cast<uint32_t>(text)},
        {273, 4, 1, static_cast<uint32_t>(pixels)},
        {277, 3, 1, 1},
        {278, 3, 1, 2},
        {279, 4, 1, 8}};
    if (bytes.size() % 2 == 1) bytes += '\0';
    put_number(bytes, link, static_cast<uint32_t>(bytes.size()), 4);
    const size_t start = bytes.size();
    bytes += std::string(2 + 12 * fields.size() + 4, '\0');
    put_number(bytes, start, static_cast<uint32_t>(fields.size()), 2);
    for (size_t f = 0; f < fields.size(); ++f) {
      const size_t at = start + 2 + 12 * f;
      put_number(bytes, at, fields[f][0], 2);
      put_number(bytes, at + 2, fields[f][1], 2);
      put_number(bytes, at + 4, fields[f][2], 4);
      put_number(bytes, at + 8, fields[f][3], 4);
    }
    link = start + 2 + 12 * fields.size();
  }
  return bytes;
}

class Stack : public testing::Test {
 protected:
  std::string save_pages(const std::vector<cv::Mat>& pages, const char* name = "stack.tif") const {
    EXPECT_TRUE(cv::imwritemulti((folder_ / name).string(), pages));
    return (folder_ / name).string();
  }

  std::string save_described(int pages, const std::string& description) const {
    save_text(folder_ / "described.tif", described_tiff(pages, description));
    return (folder_ / "described.tif").string();
  }

  const TemporaryFolder folder_;
};

TEST_F(Stack, PagesAreFramesInTheirOrder) {
  const std::string path = save_pages(pages_of(40, CV_8UC1));
  const auto source = open_source(path);
  EXPECT_EQ(source->info().frames, 40);
  EXPECT_EQ(source->info().name, "stack");
  EXPECT_EQ(source->info().kind, SequenceKind::kStack);
  for (int i = 1; i <= 40; ++i) {
    const auto frame = source->next();
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(frame->name, fmt::format("frame{:06}", i));
    EXPECT_EQ(frame->image.at<uchar>(5, 5), i);
  }
  EXPECT_FALSE(source->next().has_value());
}

TEST_F(Stack, RangesAndEveryNthPage) {
  const std::string path = save_pages(pages_of(30, CV_8UC3));
  const auto source = open_source(path, {.every = 7, .range = "5:26"});
  std::vector<int> seen;
  while (const auto frame = source->next()) seen.push_back(frame->image.at<cv::Vec3b>(0, 0)[0]);
  EXPECT_EQ(seen, (std::vector<int>{5, 12, 19, 26}));
}

TEST_F(Stack, PagesOfMoreThanEightBitsShareTheirLevels) {
  for (const auto& [type, step] : {std::pair{CV_16UC1, 20.0}, {CV_32FC1, 0.001}}) {
    const auto source = open_source(save_pages(pages_of(52, type, step)));
    ASSERT_TRUE(source->info().levels.has_value());
    EXPECT_NEAR(source->info().levels->low, step, 1e-6);
    EXPECT_NEAR(source->info().levels->high, 52.0 * step, 1e-6);
    for (int i = 1; const auto frame = source->next(); ++i) {
      ASSERT_EQ(frame->image.type(), CV_8UC1);
      EXPECT_NEAR(frame->image.at<uchar>(3, 3), 5 * (i - 1), 1) << i;
    }
  }
}

TEST_F(Stack, APageThatIsCutIsNamedAndMayBeLeftOut) {
  const std::string path = save_pages(pages_of(3, CV_8UC1));
  const std::string described = save_described(3, "plain");
  std::string bytes = read_file(described);
  // The second page's pixels lie beyond the end of the file.
  const std::string second(8, static_cast<char>(20));
  const auto offset = static_cast<uint32_t>(bytes.find(second));
  std::string link(4, '\0');
  put_number(link, 0, offset, 4);
  put_number(bytes, bytes.find(link, offset), 0x7fffff00, 4);
  save_text(described, bytes);
  expect_error(ExitCode::kInput, {"page 2", "described.tif"}, [&] {
    const auto source = open_source(described);
    while (source->next()) continue;
  });
  const auto source = open_source(described, {.on_error = OnError::kSkip});
  EXPECT_EQ(names_of(*source), (std::vector<std::string>{"frame000001", "frame000003"}));
}

TEST_F(Stack, PagesThatAreChannelsOrDepthsAreRefusedWithAWord) {
  const auto refuse = [&](int pages, const std::string& description, const char* word) {
    const std::string path = save_described(pages, description);
    expect_error(ExitCode::kInput, {"described.tif", word}, [&] { open_source(path); });
  };
  refuse(4, "ImageJ=1.53\nimages=4\nchannels=2\nframes=2\nhyperstack=true\n", "2 channels");
  refuse(4, "ImageJ=1.53\nimages=4\nslices=2\nframes=2\n", "2 depths at 2 times");
  refuse(4, "ImageJ=1.53\nimages=900\nframes=900\n", "900 images");
  // As ImageJ writes stacks of more than 4 GiB.
  refuse(1, "ImageJ=1.53\nimages=30\nframes=30\n", "30 images");
  refuse(6, R"(<?xml version="1.0"?><OME><Image><Pixels SizeC="3" SizeT="2" SizeZ="1"/></OME>)",
         "3 channels");
  refuse(6, R"(<OME><Pixels SizeC="1" SizeT="3" SizeZ="2"></OME>)", "2 depths at 3 times");
  for (const std::string description :
       {"ImageJ=1.53\nimages=4\nframes=4\n", "ImageJ=1.53\nimages=4\nslices=4\n",
        R"(<OME><Pixels SizeC="1" SizeT="4" SizeZ="1"></OME>)", "channels=2"}) {
    EXPECT_EQ(names_in(save_described(4, description)).size(), 4U) << description;
  }
}

TEST_F(Stack, PagesOfAnotherSizeAreRefused) {
  std::vector<cv::Mat> pages = pages_of(3, CV_8UC1);
  pages[2] = gray_image(3, {8, 8});
  const std::string path = save_pages(pages);
  expect_error(ExitCode::kInput, {"frame000003", "8 x 8"}, [&] { names_in(path); });
}

TEST_F(Stack, AnAnimatedWebpIsASequenceWithItsOwnTimes) {
  WebPAnimEncoderOptions options;
  WebPAnimEncoderOptionsInit(&options);
  WebPAnimEncoder* encoder = WebPAnimEncoderNew(16, 12, &options);
  WebPConfig config;
  WebPConfigInit(&config);
  config.lossless = 1;
  const std::vector<int> starts = {0, 40, 240};
  for (size_t i = 0; i < starts.size(); ++i) {
    cv::Mat image(12, 16, CV_8UC3, cv::Scalar(10.0 + static_cast<double>(i), 100, 200));
    WebPPicture picture;
    WebPPictureInit(&picture);
    picture.use_argb = 1;
    picture.width = 16;
    picture.height = 12;
    ASSERT_TRUE(WebPPictureImportBGR(&picture, image.data, static_cast<int>(image.step)));
    ASSERT_TRUE(WebPAnimEncoderAdd(encoder, &picture, starts[i], &config));
    WebPPictureFree(&picture);
  }
  WebPAnimEncoderAdd(encoder, nullptr, 280, nullptr);
  WebPData data;
  WebPDataInit(&data);
  ASSERT_TRUE(WebPAnimEncoderAssemble(encoder, &data));
  save_text(folder_ / "moves.webp",
            std::string(reinterpret_cast<const char*>(data.bytes), data.size));
  WebPDataClear(&data);
  WebPAnimEncoderDelete(encoder);
  const auto source = open_source((folder_ / "moves.webp").string());
  for (size_t i = 0; i < starts.size(); ++i) {
    const auto frame = source->next();
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(frame->image.at<cv::Vec3b>(2, 2), cv::Vec3b(static_cast<uchar>(10 + i), 100, 200));
    EXPECT_NEAR(*frame->seconds, starts[i] / 1000.0, 1e-9);
  }
  EXPECT_FALSE(source->next().has_value());
}

TEST_F(Stack, InspectSaysBitsValuesAndLevels) {
  const SequenceReport report = inspect_sequence(save_pages(pages_of(20, CV_16UC1, 100.0)));
  EXPECT_EQ(report.frames, 20);
  EXPECT_EQ(report.readable, 20);
  EXPECT_EQ(report.values, (std::pair{100.0, 2000.0}));
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("16 bits"));
  EXPECT_THAT(text, HasSubstr("100 to 2000; black and white at 100 and 2000"));
}

}  // namespace
}  // namespace proxseg
