// Sequences that are one file of many pages or frames.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <opencv2/imgproc.hpp>

#include "media/stack.h"
#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"
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

struct RawTiff {
  uint32_t width = 4, height = 2;
  uint32_t bits = 8, samples = 1, format = 1;
  uint32_t color = 1;  // 0: 0 is white, 1: grey, 2: red, green and blue
  std::string order = "II";
  std::string description = "ImageJ=1.53\nimages=3\nframes=3\n";

  std::string number(uint64_t value, size_t count) const {
    std::string bytes;
    for (size_t i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
    if (order == "MM") std::reverse(bytes.begin(), bytes.end());
    return bytes;
  }

  // All before the pixels: one directory, the text and the bits of each sample.
  std::string head() const {
    constexpr size_t kFields = 10, kText = 8 + 2 + 12 * kFields + 4;
    const size_t bits_at = kText + description.size() + 1 + (description.size() + 1) % 2;
    const size_t pixels = bits_at + 2 * samples;
    std::string bytes = order + number(42, 2) + number(8, 4) + number(kFields, 2);
    const auto field = [&](uint64_t tag, uint64_t type, uint64_t count, uint64_t value) {
      const bool is_short = type == 3 && count == 1;
      bytes += number(tag, 2) + number(type, 2) + number(count, 4);
      bytes += is_short ? number(value, 2) + number(0, 2) : number(value, 4);
    };
    field(256, 4, 1, width);
    field(257, 4, 1, height);
    const uint64_t both = bits << 16 | bits;  // two fit in the field
    field(258, 3, samples, samples == 1 ? bits : samples == 2 ? both : bits_at);
    field(259, 3, 1, 1);
    field(262, 3, 1, color);
    field(270, 2, description.size() + 1, kText);
    field(273, 4, 1, pixels);
    field(277, 3, 1, samples);
    field(279, 4, 1, uint64_t{width} * height * samples * bits / 8);
    field(339, 3, 1, format);
    bytes += number(0, 4) + description;
    bytes.resize(bits_at, '\0');
    for (uint32_t i = 0; i < samples; ++i) bytes += number(bits, 2);
    return bytes;
  }
};

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
  refuse(4, R"({"axes": "TCYX", "shape": [2, 2, 2, 4]})", "2 channels");
  refuse(4, R"({"axes": "TZYX", "shape": [2, 2, 2, 4]})", "2 depths at 2 times");
  for (const std::string description :
       {R"({"axes": "TYX", "shape": [4, 2, 4]})", R"({"shape": [4, 2, 4]})", "{not JSON",
        "ImageJ=1.53\nimages=4\nframes=4\n", "ImageJ=1.53\nimages=4\nslices=4\n",
        R"(<OME><Pixels SizeC="1" SizeT="4" SizeZ="1"></OME>)", "channels=2"}) {
    EXPECT_EQ(frame_names(save_described(4, description)).size(), 4U) << description;
  }
}

// Three pages, whose first values are those given.
TEST_F(Stack, ImageJsPagesBehindOneDirectoryAreFrames) {
  const auto first_values = [&](const RawTiff& tiff, const std::vector<uint32_t>& values) {
    std::string bytes = tiff.head();
    for (const uint32_t value : values) {
      const size_t size = tiff.bits / 8;
      bytes += tiff.number(value, size);
      bytes += std::string(tiff.width * tiff.height * tiff.samples * size - size, '\0');
    }
    save_text(folder_ / "raw.tif", bytes);
    const auto source = open_stack((folder_ / "raw.tif").string());
    std::vector<cv::Mat> images;
    while (auto frame = source->next()) images.push_back(frame->image);
    return images;
  };
  const auto bytes = first_values({}, {7, 8, 9});
  ASSERT_EQ(bytes.size(), 3U);
  EXPECT_EQ(bytes[2].type(), CV_8UC1);
  EXPECT_EQ(bytes[2].size(), cv::Size(4, 2));
  EXPECT_EQ(bytes[2].at<uchar>(0, 0), 9);
  for (const char* order : {"II", "MM"}) {
    const auto words = first_values({.bits = 16, .order = order}, {700, 800, 4000});
    ASSERT_EQ(words.size(), 3U) << order;
    EXPECT_EQ(words[2].at<ushort>(0, 0), 4000) << order;
    const auto floats =
        first_values({.bits = 32, .format = 3, .order = order}, {0, 0x3f000000, 0xbf800000});
    EXPECT_EQ(floats.at(1).at<float>(0, 0), 0.5F) << order;
    EXPECT_EQ(floats.at(2).at<float>(0, 0), -1.0F) << order;
  }
  const auto colors = first_values({.samples = 3, .color = 2}, {7, 8, 9});
  ASSERT_EQ(colors.size(), 3U);
  EXPECT_EQ(colors[1].at<cv::Vec3b>(0, 0), cv::Vec3b(0, 0, 8));  // red
}

// One pixel wide and high: its values are samples of the kind that the head says.
cv::Mat plain_image(const std::filesystem::path& file, const RawTiff& tiff,
                    const std::vector<uint64_t>& samples) {
  std::string bytes = tiff.head();
  for (const uint64_t sample : samples) bytes += tiff.number(sample, tiff.bits / 8);
  save_text(file, bytes);
  return read_stored_image(file);
}

TEST_F(Stack, ImagesOfGreyOfAnyKindKeepTheirValues) {
  const std::filesystem::path file = folder_ / "kinds.tif";
  const auto value = [&](RawTiff tiff, uint64_t stored) {
    tiff.width = tiff.height = 1;
    tiff.description = "plain";
    const cv::Mat image = plain_image(file, tiff, std::vector<uint64_t>(tiff.samples, stored));
    EXPECT_EQ(image.channels(), 1);
    return image.depth() == CV_16U ? image.at<ushort>(0, 0) : image.at<float>(0, 0);
  };
  for (const char* order : {"II", "MM"}) {
    EXPECT_EQ(value({.bits = 16, .format = 2, .order = order}, 0xfc18), -1000.0F);
    EXPECT_EQ(value({.bits = 16, .format = 3, .order = order}, 0x3e00), 1.5F);
    EXPECT_EQ(value({.bits = 32, .format = 1, .order = order}, 0xffffff00), 4294967040.0F);
    EXPECT_EQ(value({.bits = 32, .format = 2, .order = order}, 0xffffffff), -1.0F);
    EXPECT_EQ(value({.bits = 64, .format = 3, .order = order}, 0xc004000000000000), -2.5F);
    EXPECT_EQ(value({.bits = 16, .samples = 2, .order = order}, 3000), 3000.0F);
    EXPECT_EQ(value({.bits = 16, .color = 0, .order = order}, 3000), 65535.0F - 3000.0F);
  }
}

TEST_F(Stack, ThatIsCutBehindAPageSaysSo) {
  for (const int pages : {1, 3}) {
    std::string bytes = described_tiff(pages + 1, "plain");
    const std::string next(8, static_cast<char>(10 * (pages + 1)));
    bytes.resize(bytes.find(next));
    const std::string path = (folder_ / "cut.tif").string();
    save_text(path, bytes);
    const SequenceReport report = inspect_sequence(path);
    EXPECT_EQ(report.frames, pages + 1);
    EXPECT_EQ(report.readable, pages);
    EXPECT_FALSE(report.intact());
    ASSERT_EQ(report.problems.size(), 1U);
    EXPECT_THAT(report.problems[0].reason, HasSubstr("cut short"));
    const std::string last = fmt::format("page {}", pages + 1);
    expect_error(ExitCode::kInput, {"cut.tif", last.c_str(), "cut short"},
                 [&] { frame_names(path); });
    const auto source = open_source(path, {.on_error = OnError::kSkip});
    EXPECT_EQ(std::ssize(names_of(*source)), pages);
  }
}

TEST_F(Stack, ThatClaimsMorePixelsThanItHoldsIsRefusedByItsPage) {
  std::string bytes = described_tiff(2, "plain");
  for (const uint32_t tag : {256, 257, 278}) {
    std::string field(8, '\0');
    put_number(field, 0, tag, 2);
    put_number(field, 2, 3, 2);
    put_number(field, 4, 1, 4);
    for (size_t at = 0; (at = bytes.find(field, at)) != std::string::npos; ++at) {
      put_number(bytes, at + 8, 65000, 2);
    }
  }
  const std::string path = (folder_ / "claims.tif").string();
  save_text(path, bytes);
  expect_error(ExitCode::kInput, {"claims.tif", "page 1", "ends before it"},
               [&] { open_source(path); });
}

TEST_F(Stack, OfPagesThatLeadRoundInACircleHasEachOnce) {
  std::string bytes = described_tiff(2, "plain");
  put_number(bytes, bytes.size() - 4, static_cast<uint8_t>(bytes[4]), 4);
  const std::string path = (folder_ / "circle.tif").string();
  save_text(path, bytes + std::string(10'000, '\0'));
  EXPECT_EQ(std::ssize(frame_names(path)), 2);
}

// As large as those that ImageJ writes so: the file has holes, and takes no room.
TEST_F(Stack, OfMoreThanFourGibibytesIsReadPageByPage) {
  const RawTiff tiff = {.width = 1024,
                        .height = 1024,
                        .bits = 16,
                        .order = "MM",
                        .description = "ImageJ=1.53\nimages=2100\nframes=2100\n"};
  const std::string head = tiff.head(), path = (folder_ / "large.tif").string();
  const uint64_t page = uint64_t{2} << 20, size = head.size() + 2100 * page;
  ASSERT_GT(size, uint64_t{1} << 32);
  save_text(path, head);
  std::filesystem::resize_file(path, size);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size - page));
  file << tiff.number(1234, 2);
  file.close();
  const auto source = open_source(path, {.range = "2099:", .levels = "0:2468"});
  EXPECT_EQ(source->info().frames, 2);
  EXPECT_EQ(source->next()->image.at<uchar>(0, 0), 0);
  const auto last = source->next();
  EXPECT_EQ(last->name, "frame002100");
  EXPECT_NEAR(last->image.at<uchar>(0, 0), 128, 1);
  EXPECT_FALSE(source->next().has_value());
  std::filesystem::resize_file(path, size - 1);
  expect_error(ExitCode::kInput, {"large.tif", "2100 images", "cut short"},
               [&] { open_source(path); });
}

TEST_F(Stack, PagesHaveTheTimesThatImageJAndOmeTell) {
  const auto second_at = [&](const std::string& description) {
    const auto source = open_source(save_described(3, description));
    EXPECT_TRUE(source->next().has_value());
    const auto seconds = source->next()->seconds;
    EXPECT_NEAR(source->info().fps, seconds ? 1.0 / *seconds : 0.0, 1e-9);
    return seconds.value_or(0.0);
  };
  const std::string imagej = "ImageJ=1.53\nimages=3\nframes=3\n";
  EXPECT_NEAR(second_at(imagej + "finterval=0.25\n"), 0.25, 1e-9);
  EXPECT_NEAR(second_at(imagej + "finterval=40\ntunit=ms\n"), 0.04, 1e-9);
  EXPECT_NEAR(second_at(imagej + "fps=20.0\nfinterval=10\ntunit=min\n"), 600.0, 1e-9);
  EXPECT_NEAR(second_at(imagej + "fps=20.0\nloop=false\n"), 0.05, 1e-9);
  EXPECT_EQ(second_at(imagej + "finterval=3\ntunit=moons\n"), 0.0);
  EXPECT_EQ(second_at(imagej), 0.0);
  const std::string ome = R"(<OME><Pixels SizeC="1" SizeT="3" SizeZ="1" TimeIncrement="0.5")";
  EXPECT_NEAR(second_at(ome + "></OME>"), 0.5, 1e-9);
  EXPECT_NEAR(second_at(ome + R"( TimeIncrementUnit="ms"></OME>)"), 0.0005, 1e-9);
  const SequenceReport report = inspect_sequence(save_described(3, imagej + "finterval=0.25\n"));
  EXPECT_EQ(report.fps, 4.0);
  EXPECT_NEAR(report.seconds, 0.75, 1e-9);
}

TEST_F(Stack, OmesTimesOfItsPlanesGoBeforeItsIncrement) {
  const auto times = [&](const std::string& last) {
    std::vector<double> seconds;
    const auto source = open_source(save_described(
        3,
        R"(<OME><Pixels SizeC="1" SizeT="3" SizeZ="1" TimeIncrement="9"><Plane TheT="0" DeltaT="2"/>)"
        R"(<Plane TheT="1" DeltaT="2.5" DeltaTUnit="s"/><Plane TheT="2" )" +
            last + "/></Pixels></OME>"));
    while (const auto frame = source->next()) seconds.push_back(frame->seconds.value_or(-1.0));
    return seconds;
  };
  EXPECT_THAT(times(R"(DeltaT="6000" DeltaTUnit="ms")"), testing::ElementsAre(0.0, 0.5, 4.0));
  EXPECT_THAT(times(R"(DeltaT="1")"), testing::ElementsAre(0.0, 9.0, 18.0));
  EXPECT_THAT(times(""), testing::ElementsAre(0.0, 9.0, 18.0));
}

TEST_F(Stack, PagesOfAnotherSizeAreRefused) {
  std::vector<cv::Mat> pages = pages_of(3, CV_8UC1);
  pages[2] = gray_image(3, {8, 8});
  const std::string path = save_pages(pages);
  expect_error(ExitCode::kInput, {"frame000003", "8 x 8"}, [&] { frame_names(path); });
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
  const SequenceReport report = inspect_sequence((folder_ / "moves.webp").string());
  EXPECT_NEAR(report.seconds, 0.28, 1e-9);
  EXPECT_NEAR(report.fps, 3 / 0.28, 1e-9);
  EXPECT_THAT(to_text(report), HasSubstr("0.28 s"));
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
