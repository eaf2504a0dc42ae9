#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/stream.h"
#include "support/file_size_limit.h"
#include "support/sequence_files.h"
#include "support/video_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;

constexpr int kFrames = 12;

// Grey levels 10, 30, 50, ... that survive compression.
void write_video(const std::filesystem::path& path, cv::Size size = {64, 48}) {
  VideoWriter writer(path, size, 25.0);
  for (int i = 0; i < kFrames; ++i) writer.write(gray_image(10 + 20 * i, size));
  writer.close();
}

TEST(Video, IsReadBackFrameByFrame) {
  const TemporaryFolder folder;
  write_video(folder / "clip.mp4");
  EXPECT_THAT(listing(folder.string()), ElementsAre("clip.mp4"));
  const auto source = open_source((folder / "clip.mp4").string());
  EXPECT_EQ(source->info().kind, SequenceKind::kVideo);
  EXPECT_EQ(source->info().name, "clip");
  EXPECT_EQ(source->info().frames, kFrames);
  EXPECT_EQ(source->info().size, cv::Size(64, 48));
  for (int i = 0; i < kFrames; ++i) {
    const auto frame = source->next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->number, i + 1);
    EXPECT_NEAR(cv::mean(frame->image)[0], 10 + 20 * i, 8) << frame->name;
  }
  EXPECT_FALSE(source->next());
}

TEST(Video, TakesRangesStridesScaleAndGray) {
  const TemporaryFolder folder;
  write_video(folder / "clip.mp4");
  SourceOptions options;
  options.range = "3:9";
  options.every = 3;
  options.scale = 0.5;
  options.gray = true;
  const auto source = open_source((folder / "clip.mp4").string(), options);
  EXPECT_EQ(source->info().frames, 3);
  EXPECT_EQ(source->info().size, cv::Size(32, 24));
  EXPECT_EQ(source->info().channels, 1);
  const auto first = source->next();
  EXPECT_NEAR(cv::mean(first->image)[0], 50, 8);
  EXPECT_EQ(first->name, "frame000003");
  EXPECT_THAT(names_of(*source), ElementsAre("frame000006", "frame000009"));
}

TEST(Video, TakesTimesUpToTheirEnd) {
  const TemporaryFolder folder;
  write_video(folder / "clip.mp4");
  const auto range = [&](const std::string& text) {
    const auto names = frame_names((folder / "clip.mp4").string(), {.range = text});
    return names.front() + " " + names.back();
  };
  EXPECT_EQ(range("0.08s:0.2s"), "frame000003 frame000005");
  EXPECT_EQ(range("0:00-0:00:00.2"), "frame000001 frame000005");
  EXPECT_EQ(range("0:00.4-"), "frame000011 frame000012");
  EXPECT_EQ(range("3:0.2s"), "frame000003 frame000005");
  EXPECT_EQ(range("-4"), "frame000001 frame000004");
  for (const char* text : {"0:70-0:80", "1:2:3:4-", "0.2s:0.1s", "1s2:3s", "-1s:2s"}) {
    EXPECT_THAT(message_of<InputError>([&] { range(text); }), HasSubstr(text));
  }
}

TEST(Video, OfOddSizeKeepsEveryPixel) {
  const TemporaryFolder folder;
  write_video(folder / "odd.mp4", {63, 47});
  EXPECT_EQ(open_source((folder / "odd.mp4").string())->info().size, cv::Size(64, 48));
}

// The same pixels as in the whole video, in its order.
TEST(KeyFrames, AreThoseFramesOfTheVideoThatNeedNoOthers) {
  const TemporaryFolder folder;
  const cv::Size size(64, 48);
  for (const char* name : {"clip.mp4", "lossless.mkv", "turned.mp4"}) {
    const std::string path = (folder / name).string();
    {
      VideoWriter writer(path, size, 25.0);
      for (int i = 0; i < 40; ++i) {
        cv::Mat image = gray_image(10 + 5 * i, size);
        image(cv::Rect(i, 4, 9, 30)) = 240;
        if (!path.ends_with("mkv")) cv::cvtColor(image, image, cv::COLOR_GRAY2BGR);
        writer.write(image);
      }
      writer.close();
    }
    if (std::string_view(name) == "turned.mp4") orient_mp4(path, 0, 1, -1, 0);
    std::vector<cv::Mat> all;
    const auto source = open_source(path);
    while (auto frame = source->next()) all.push_back(frame->image);
    const int64_t count = count_key_frames(source->info());
    EXPECT_THAT(count, AllOf(Ge(2), Le(path.ends_with("mkv") ? 40 : 20))) << name;
    for (const int64_t every : {1, 2}) {
      const auto keys = open_key_frames(source->info(), {.every = every});
      EXPECT_EQ(keys->info().size, source->info().size) << name;
      int64_t found = 0;
      size_t next = 0;
      for (; const auto frame = keys->next(); ++found) {
        const auto same = [&](const cv::Mat& image) {
          return image.size() == frame->image.size() &&
                 cv::norm(image, frame->image, cv::NORM_INF) == 0.0;
        };
        const auto place =
            std::find_if(all.begin() + static_cast<std::ptrdiff_t>(next), all.end(), same);
        ASSERT_NE(place, all.end()) << name << " " << found;
        next = static_cast<size_t>(place - all.begin()) + 1;
      }
      EXPECT_EQ(found, (count + every - 1) / every) << name;
    }
  }
}

// False where there is no ffmpeg with that encoder.
bool encode(const fs::path& path, const std::string& options) {
  const std::string command =
      "ffmpeg -loglevel error -f lavfi -i testsrc=size=64x48:rate=25:duration=12 -c:v libx264 "
      "-pix_fmt yuv420p " +
      options + " '" + path.string() + "' 2>/dev/null";
  return std::system(command.c_str()) == 0;
}

// Of one in which one part has many and all else none, a background would be that part's.
TEST(KeyFrames, OfOnePartOfAVideoDoNotStandForIt) {
  const TemporaryFolder folder;
  for (const auto& [part, count] :
       {std::pair{"lt(t,2)", 0}, {"gt(t,9)", 0}, {"not(mod(n,6))", 50}}) {
    const fs::path path = folder / "clip.mp4";
    fs::remove(path);
    if (!encode(path, std::string("-g 9999 -force_key_frames 'expr:") + part + "'")) {
      GTEST_SKIP() << "no ffmpeg with libx264 here";
    }
    EXPECT_EQ(count_key_frames(open_source(path.string())->info()), count) << part;
  }
}

// Whose frames are decoded in another order than they are shown in.
TEST(KeyFrames, OfAVideoWithBFramesAreThoseThatItsIndexNames) {
  const TemporaryFolder folder;
  for (const char* name : {"clip.mp4", "clip.mkv"}) {
    const fs::path path = folder / name;
    if (!encode(path, "-bf 3 -g 10")) GTEST_SKIP() << "no ffmpeg with libx264 here";
    std::vector<cv::Mat> all;
    const auto source = open_source(path.string());
    while (auto frame = source->next()) all.push_back(frame->image);
    ASSERT_EQ(all.size(), 300U);
    const auto keys = open_key_frames(source->info());
    ASSERT_EQ(keys->info().frames, 30) << name;
    for (size_t i = 0; const auto frame = keys->next(); i += 10) {
      EXPECT_EQ(cv::norm(frame->image, all[i], cv::NORM_INF), 0.0) << name << " " << i;
    }
  }
}

// Three parts of 300 frames.
void expect_parts(const std::string& path) {
  const auto whole = open_source(path);
  SequenceInfo info = whole->info();
  const double length = 100.0 / info.rate();
  std::unique_ptr<FrameSource> part;
  for (int i = 0; i < 300; ++i) {
    if (i % 100 == 0) {
      if (part) {
        EXPECT_FALSE(part->next()) << i;
      }
      const double start = i / 100 * length;
      info.part = {start, i < 200 ? start + length : Span().end};
      part = open_ahead(info);
    }
    ASSERT_TRUE(part);
    const auto expected = whole->next(), frame = part->next();
    ASSERT_TRUE(expected && frame) << i;
    EXPECT_EQ(cv::norm(frame->image, expected->image, cv::NORM_INF), 0.0) << i;
  }
  EXPECT_FALSE(part->next());
}

TEST(OpenAhead, GivesAPartOfImages) {
  const TemporaryFolder folder;
  for (int i = 1; i <= 300; ++i) {
    save(folder / "images" / fmt::format("in{:03}.png", i), gray_image(i % 256));
  }
  expect_parts((folder / "images").string());
}

// With an index or without, and with key frames far apart.
TEST(OpenAhead, GivesAPartOfAVideo) {
  const TemporaryFolder folder;
  for (const char* name : {"clip.mp4", "clip.mkv", "clip.ts"}) {
    const fs::path path = folder / name;
    for (const char* times : {"", "-vf setpts=25*PTS -r 1 "}) {  // 12 seconds, and 5 minutes
      for (const char* key_frames : {"-bf 3 -g 70", "-bf 3 -g 1000"}) {
        fs::remove(path);
        if (!encode(path, std::string(times) + key_frames)) {
          GTEST_SKIP() << "no ffmpeg with libx264 here";
        }
        SCOPED_TRACE(fmt::format("{} {} {}", name, times, key_frames));
        expect_parts(path.string());
      }
    }
  }
}

TEST(KeyFrames, AreOfVideoFilesAlone) {
  const TemporaryFolder folder;
  save(folder / "images/in1.png", gray_image(7));
  EXPECT_EQ(count_key_frames(open_source((folder / "images").string())->info()), 0);
  write_video(folder / "clip.mp4");
  SequenceInfo stream = open_source((folder / "clip.mp4").string())->info();
  stream.kind = SequenceKind::kStream;
  EXPECT_EQ(count_key_frames(stream), 0);
}

TEST(KeyFrames, ThatCannotBeDecodedAreLeftOutIfWished) {
  const TemporaryFolder folder;
  const fs::path path = folder / "clip.avi";
  std::vector<cv::Mat> images;
  for (int i = 0; i < 20; ++i) images.emplace_back(48, 64, CV_8UC3, cv::Scalar::all(10 + 10 * i));
  write_avi(path, images);
  std::string bytes = read_file(path);
  const std::string start = "\xff\xd8\xff";  // of a JPEG
  size_t at = 0;
  for (int i = 0; i < 5; ++i) at = bytes.find(start, at + 1);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 200, '\0');
  write_file_atomically(path, bytes);
  const SequenceInfo info = open_source(path.string())->info();
  const auto keys = open_key_frames(info, {.on_error = OnError::kSkip});
  int64_t found = 0;
  while (keys->next()) ++found;
  EXPECT_EQ(found, 19);
  EXPECT_EQ(keys->skipped().size(), 1U);
  const auto strict = open_key_frames(info);
  EXPECT_THROW(
      {
        while (strict->next()) continue;
      },
      InputError);
}

TEST(Video, RefusesWhatItCannotRead) {
  const TemporaryFolder folder;
  write_video(folder / "cut.mp4");
  truncate(folder / "cut.mp4", 0.5);
  save_text(folder / "text.mp4", "not a video");
  write_video(folder / "short.mp4");
  for (const char* name : {"cut.mp4", "text.mp4"}) {
    EXPECT_THAT(message_of<InputError>([&] { open_source((folder / name).string()); }),
                HasSubstr(name));
  }
  SourceOptions options;
  options.range = "13:";
  EXPECT_THAT(
      message_of<InputError>([&] { open_source((folder / "short.mp4").string(), options); }),
      HasSubstr("none of the 12 frames"));
  options.range = "roi";
  EXPECT_THROW(open_source((folder / "short.mp4").string(), options), InputError);
}

TEST(VideoWriterTest, KeepsEveryGreyPixelInMatroska) {
  const TemporaryFolder folder;
  VideoWriter writer(folder / "masks.mkv", {63, 47}, 12.5);
  std::vector<cv::Mat> images;
  for (int i = 0; i < 3; ++i) {
    images.emplace_back(47, 63, CV_8UC1);
    cv::randu(images.back(), 0, 256);
    writer.write(images.back());
  }
  EXPECT_THROW(writer.write(color_image(1, {63, 47})), std::invalid_argument);
  writer.close();
  const auto source = open_source((folder / "masks.mkv").string(), {.gray = true});
  EXPECT_EQ(source->info().frames, 3);
  EXPECT_DOUBLE_EQ(source->info().fps, 12.5);
  for (const cv::Mat& image : images) {
    const cv::Mat padded = source->next()->image;
    EXPECT_EQ(padded.size(), cv::Size(64, 48));
    EXPECT_EQ(cv::norm(padded(cv::Rect(0, 0, 63, 47)), image, cv::NORM_INF), 0.0);
  }
}

TEST(VideoWriterTest, ShowsFramesWhenTheyWereSeen) {
  const TemporaryFolder folder;
  // Much closer together than at the rate of 25.
  std::vector<double> seconds = {2.0, 2.04, 2.5, 2.52, 4.0};
  for (int i = 1; i <= 40; ++i) seconds.push_back(4.0 + 0.002 * i);
  for (const char* name : {"clip.mp4", "masks.mkv"}) {
    VideoWriter writer(folder / name, {64, 48}, 25.0);
    for (const double time : seconds) writer.write(gray_image(50, {64, 48}), time);
    writer.close();
    const auto source = open_source((folder / name).string());
    for (const double time : seconds) {
      const auto frame = source->next();
      ASSERT_TRUE(frame.has_value());
      EXPECT_NEAR(*frame->seconds, time - seconds.front(), 1e-3) << name;
    }
  }
}

TEST(VideoWriterTest, GoesOnEvenlyWhereAFrameHasNoTimeOrAnEarlierOne) {
  const TemporaryFolder folder;
  VideoWriter writer(folder / "clip.mp4", {64, 48}, 10.0);
  for (const std::optional<double> time : {std::optional(7.0), {}, {}, std::optional(7.1)}) {
    writer.write(gray_image(50, {64, 48}), time);
  }
  writer.close();
  const auto source = open_source((folder / "clip.mp4").string());
  std::vector<double> seen;
  while (const auto frame = source->next()) seen.push_back(*frame->seconds);
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_NEAR(seen[1], 0.1, 1e-3);
  EXPECT_NEAR(seen[2], 0.2, 1e-3);
  EXPECT_GT(seen[3], seen[2]);
}

TEST(VideoWriterTest, LeavesNothingWithoutClose) {
  const TemporaryFolder folder;
  {
    VideoWriter writer(folder / "clip.mp4", {64, 48}, 25.0);
    writer.write(gray_image(1, {64, 48}));
  }
  EXPECT_THAT(listing(folder.string()), IsEmpty());
}

TEST(VideoWriterTest, LeavesTheOlderVideoUntouchedUntilClose) {
  const TemporaryFolder folder;
  save_text(folder / "clip.mp4", "older");
  VideoWriter writer(folder / "clip.mp4", {64, 48}, 25.0);
  writer.write(gray_image(1, {64, 48}));
  EXPECT_EQ(read_file(folder / "clip.mp4"), "older");
  writer.close();
  EXPECT_NE(read_file(folder / "clip.mp4"), "older");
}

TEST(VideoWriterTest, NoticesAFullDiskAndLeavesNothing) {
  const TemporaryFolder folder;
  {
    VideoWriter writer(folder / "clip.mp4", {320, 240}, 25.0);
    const FileSizeLimit limit(20000);
    for (int i = 0; i < 30; ++i) writer.write(noise_image(i, {320, 240}));
    EXPECT_THAT(message_of<OutputError>([&] { writer.close(); }), HasSubstr("disk full"));
  }
  EXPECT_THAT(listing(folder.string()), IsEmpty());
}

TEST(VideoWriterTest, RefusesWhatItCannotWrite) {
  const TemporaryFolder folder;
  save_text(folder / "file", "");
  const cv::Size size(64, 48);
  const auto message = [&](const char* name, cv::Size of, double fps) {
    return message_of<Error>([&] { VideoWriter(folder / name, of, fps); });
  };
  EXPECT_THAT(message("clip.xyz", size, 25.0), HasSubstr(".mp4"));
  EXPECT_THAT(message("file/clip.mp4", size, 25.0), HasSubstr("cannot create the folder"));
  EXPECT_THAT(message("clip.mp4", size, 0.0), HasSubstr("0 frames a second"));
  EXPECT_THAT(message("clip.mp4", {0, 48}, 25.0), HasSubstr("0 x 48"));
  VideoWriter writer(folder / "clip.mp4", size, 25.0);
  EXPECT_THROW(writer.write(gray_image(1, {32, 48})), std::invalid_argument);
  EXPECT_THAT(message_of<OutputError>([&] { writer.close(); }), HasSubstr("no frame"));
  EXPECT_THAT(listing(folder.string()), ElementsAre("file"));
}

}  // namespace
}  // namespace proxseg
