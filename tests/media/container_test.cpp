// Containers that lie, and videos that are not what they seem.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <opencv2/imgproc.hpp>
#include <utility>

#include "media/video_reader.h"
#include "proxseg/core/error.h"
#include "proxseg/media/inspect.h"
#include "proxseg/media/sink.h"
#include "support/expect_error.h"
#include "support/logged.h"
#include "support/sequence_files.h"
#include "support/video_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// White but for a black quarter at the top left.
cv::Mat cornered() {
  cv::Mat image(48, 64, CV_8UC3, cv::Scalar::all(255));
  image(cv::Rect(0, 0, 32, 24)).setTo(0);
  return image;
}

cv::Mat first_frame(const fs::path& path) { return open_source(path.string())->next()->image; }

TEST(Orientation, OfPhoneVideosIsUpright) {
  const TemporaryFolder folder;
  const fs::path path = folder / "phone.mp4";
  VideoWriter writer(path, {64, 48}, 25.0);
  for (int i = 0; i < 3; ++i) writer.write(cornered());
  writer.close();
  const cv::Mat stored = first_frame(path);
  struct Case {
    std::string name;
    int a, b, c, d;
    int code;  // of cv::rotate(), -1: as it is, -2: mirrored
    std::string said{};
  };
  for (const Case& turn :
       {Case{"upright", 1, 0, 0, 1, -1},
        Case{"90", 0, 1, -1, 0, cv::ROTATE_90_CLOCKWISE, "90 degrees clockwise"},
        Case{"180", -1, 0, 0, -1, cv::ROTATE_180, "180 degrees"},
        Case{"270", 0, -1, 1, 0, cv::ROTATE_90_COUNTERCLOCKWISE, "90 degrees counter-clockwise"},
        Case{"mirrored", -1, 0, 0, 1, -2, "mirrored"}}) {
    orient_mp4(path, turn.a, turn.b, turn.c, turn.d);
    cv::Mat expected = stored.clone();
    if (turn.code >= 0) cv::rotate(stored, expected, turn.code);
    if (turn.code == -2) cv::flip(stored, expected, 1);
    const cv::Mat shown = first_frame(path);
    ASSERT_EQ(shown.size(), expected.size()) << turn.name;
    EXPECT_EQ(cv::norm(shown, expected, cv::NORM_INF), 0.0) << turn.name;
    const SequenceReport report = inspect_sequence(path.string());
    EXPECT_EQ(report.size, expected.size()) << turn.name;
    EXPECT_EQ(report.orientation, turn.said) << turn.name;
  }
}

TEST(Orientation, ThatIsNoQuarterTurnIsSaidOnce) {
  const TemporaryFolder folder;
  const fs::path path = folder / "slanted.mp4";
  VideoWriter writer(path, {64, 48}, 25.0);
  writer.write(cornered());
  writer.close();
  const auto said = [&] {
    return logged([&] {
      for (int i = 0; i < 2; ++i) frame_names(path.string());
    });
  };
  EXPECT_EQ(said(), "");
  orient_mp4(path, 1, 1, -1, 1);
  EXPECT_THAT(said(), AllOf(HasSubstr("left as it is, which is 45 degrees off"),
                            testing::Not(testing::ContainsRegex("45 degrees.*\n.*45 degrees"))));
}

TEST(Videos, BesideTheOneThatIsReadAreSaidOnce) {
  const TemporaryFolder folder;
  const std::string one = (folder / "one.avi").string(), two = (folder / "two.mkv").string();
  write_avi(one, {color_image(9, {64, 48}), color_image(9, {64, 48})});
  SKIP_WITHOUT_FFMPEG();
  run_ffmpeg(fmt::format("-i {0} -i {0} -map 0 -map 1 -c copy {1}", one, two));
  EXPECT_EQ(logged([&] { frame_names(one); }), "");
  const std::string said = logged([&] { frame_names(two), frame_names(two); });
  EXPECT_THAT(said, HasSubstr("holds 2 videos, of which one is read, of 64 x 48"));
  EXPECT_EQ(said.find("videos"), said.rfind("videos"));
}

TEST(Times, GoOnWhereTheyJumpBack) {
  const TemporaryFolder folder;
  const std::string one = (folder / "one.avi").string(), part = (folder / "part.ts").string(),
                    joined = (folder / "joined.ts").string();
  write_avi(one, std::vector<cv::Mat>(30, color_image(9, {64, 48})));
  SKIP_WITHOUT_FFMPEG();
  run_ffmpeg(fmt::format("-i {} -c:v mpeg2video {}", one, part));
  const std::string bytes = read_file(part);
  save_text(joined, bytes + bytes);
  const auto source = open_source(joined);
  std::vector<double> seconds;
  while (const auto frame = source->next()) seconds.push_back(frame->seconds.value());
  ASSERT_THAT(seconds, SizeIs(60));
  for (size_t i = 0; i < seconds.size(); ++i) {
    EXPECT_NEAR(seconds[i], static_cast<double>(i) / 25.0, 1e-3);
  }
}

TEST(Rates, OfContainersWithoutTimesAndOfTimeLapse) {
  const TemporaryFolder folder;
  const std::string one = (folder / "one.avi").string(), raw = (folder / "raw.h264").string();
  write_avi(one, std::vector<cv::Mat>(50, color_image(9, {64, 48})));
  SequenceReport report;
  report.kind = SequenceKind::kVideo;
  report.frames = 48;
  report.fps = 1.0 / 3600.0;
  report.seconds = 48 * 3600.0;
  EXPECT_THAT(to_text(report), HasSubstr("rate          a frame in 3600 s, 48:00:00\n"));
  SKIP_WITHOUT_FFMPEG();
  run_ffmpeg(fmt::format("-i {} -c:v libx264 {}", one, raw));
  const SequenceReport guessed = inspect_sequence(raw);
  EXPECT_NEAR(guessed.seconds, 50 / guessed.fps, 1e-6);
  EXPECT_THAT(guessed.notes, testing::Contains(HasSubstr("has no times")));
}

TEST(FrameCount, OfAContainerIsNotBelieved) {
  const TemporaryFolder folder;
  const fs::path path = folder / "clip.avi";
  std::vector<cv::Mat> images;
  for (int i = 0; i < 30; ++i) images.push_back(gray_image(8 * i, {64, 48}));
  for (cv::Mat& image : images) cv::cvtColor(image, image, cv::COLOR_GRAY2BGR);
  write_avi(path, images);
  for (const uint32_t announced : {5U, 300U}) {
    announce_in_avi(path, announced);
    const auto source = open_source(path.string());
    EXPECT_GE(source->info().frames, 30) << announced;
    std::vector<Frame> frames;
    while (auto frame = source->next()) frames.push_back(std::move(*frame));
    ASSERT_THAT(frames, SizeIs(30)) << announced;
    EXPECT_NEAR(cv::mean(frames.back().image)[0], 8 * 29, 4);
    EXPECT_THAT(frame_names(path.string(), {.range = "25:"}), SizeIs(6)) << announced;
    const SequenceReport report = inspect_sequence(path.string());
    EXPECT_EQ(report.frames, 30) << announced;
    EXPECT_EQ(report.readable, 30) << announced;
    EXPECT_TRUE(report.intact()) << announced;
  }
  const SequenceReport report = inspect_sequence(path.string());
  EXPECT_EQ(report.announced, 300);
  EXPECT_THAT(to_text(report), AllOf(HasSubstr("30, all readable"), HasSubstr("announces 300"),
                                     HasSubstr("mjpeg in avi"), HasSubstr("25 frames/s, 1.2 s")));
}

void put_big_endian(std::string& bytes, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

// elst, ISO/IEC 14496-12, 8.6.6: version and flags, one edit, its length, where it begins.
TEST(FrameCount, LeavesOutWhatAnEditListDoesNotShow) {
  const TemporaryFolder folder;
  const fs::path path = folder / "edited.mp4";
  {
    cv::VideoWriter writer(path.string(), cv::CAP_FFMPEG,
                           cv::VideoWriter::fourcc('m', 'p', '4', 'v'), 10.0, {64, 48});
    for (int i = 0; i < 10; ++i) writer.write(color_image(10 * i, {64, 48}));
  }
  std::string bytes = read_file(path);
  const size_t edit = place_of(bytes, "elst") + 12, runs = place_of(bytes, "stts") + 12;
  uint32_t frame = 0;  // in the media's ticks
  for (size_t i = 0; i < 4; ++i)
    frame = frame << 8 | static_cast<unsigned char>(bytes[runs + 4 + i]);
  put_big_endian(bytes, edit, 700);  // ms
  put_big_endian(bytes, edit + 4, 3 * frame);
  write_file_atomically(path, bytes);
  const SequenceReport report = inspect_sequence(path.string());
  EXPECT_EQ(report.frames, 7);
  EXPECT_EQ(report.announced, 7);
  EXPECT_THAT(report.notes, IsEmpty());
  EXPECT_TRUE(report.intact());
}

TEST(FrameCount, IsDoubtedOnceHoweverOftenTheFileIsRead) {
  const TemporaryFolder folder;
  const fs::path path = folder / "clip.avi";
  write_avi(path, {color_image(9, {64, 48}), color_image(9, {64, 48})});
  announce_in_avi(path, 300);
  const std::string said = logged([&] {
    for (int i = 0; i < 2; ++i) frame_names(path.string());
  });
  EXPECT_NE(said.find("announces 300"), std::string::npos);
  EXPECT_EQ(said.find("announces 300"), said.rfind("announces 300")) << said;
}

// Ten frames from 3 s on; the last one lasts for `last` seconds.
void write_matroska(const fs::path& path, double last) {
  VideoWriter writer(path, {64, 48}, 10.0);
  for (int i = 0; i < 10; ++i) {
    cv::Mat noise;
    cv::cvtColor(noise_image(i, {64, 48}), noise, cv::COLOR_BGR2GRAY);
    writer.write(noise, 3.0 + 0.1 * i);
  }
  writer.close(3.9 + last);
}

TEST(Matroska, CountsItsTimeFromTheFirstFrameToTheEndOfTheLast) {
  const TemporaryFolder folder;
  for (const double last : {0.1, 2.0}) {
    write_matroska(folder / "late.mkv", last);
    const SequenceReport report = inspect_sequence((folder / "late.mkv").string());
    EXPECT_NEAR(report.seconds, 0.9 + last, 0.002);
    EXPECT_THAT(report.notes, IsEmpty());
    EXPECT_TRUE(report.intact());
  }
}

std::string big_endian(uint32_t value) {
  std::string bytes(4, '\0');
  put_big_endian(bytes, 0, value);
  return bytes;
}

std::string png_chunk(const std::string& type, const std::string& data) {
  uint32_t sum = 0xffffffff;  // PNG, annex D
  for (const char byte : type + data) {
    sum ^= static_cast<unsigned char>(byte);
    for (int i = 0; i < 8; ++i) sum = sum >> 1 ^ (sum % 2 == 1 ? 0xedb88320 : 0);
  }
  return big_endian(static_cast<uint32_t>(data.size())) + type + data + big_endian(~sum);
}

// Frames of one picture, each shown for so many milliseconds (APNG: acTL, fcTL, IDAT, fdAT).
std::string apng(const std::vector<uint32_t>& durations) {
  std::vector<uchar> buffer;
  cv::imencode(".png", noise_image(1, {16, 12}), buffer);
  const std::string png(buffer.begin(), buffer.end());
  const size_t at = place_of(png, "IDAT");
  uint32_t size = 0;
  for (size_t i = 4; i > 0; --i) size = size << 8 | static_cast<unsigned char>(png[at - i]);
  const std::string pixels = png.substr(at + 4, size);
  constexpr size_t kHeaderEnd = 33;
  std::string bytes = png.substr(0, kHeaderEnd);
  bytes += png_chunk("acTL", big_endian(static_cast<uint32_t>(durations.size())) + big_endian(0));
  uint32_t number = 0;
  for (const uint32_t duration : durations) {
    bytes += png_chunk("fcTL", big_endian(number++) + big_endian(16) + big_endian(12) +
                                   big_endian(0) + big_endian(0) +
                                   big_endian(duration << 16 | 1000) + std::string(2, '\0'));
    if (number == 1) {
      bytes += png_chunk("IDAT", pixels);
    } else {
      bytes += png_chunk("fdAT", big_endian(number++) + pixels);
    }
  }
  return bytes + png_chunk("IEND", "");
}

TEST(Apng, LastsUntilTheEndOfItsLastFrame) {
  const TemporaryFolder folder;
  save_text(folder / "moves.png", apng({100, 100, 100, 2000}));
  const SequenceReport report = inspect_sequence((folder / "moves.png").string());
  EXPECT_EQ(report.frames, 4);
  EXPECT_NEAR(report.seconds, 2.3, 0.002);
}

TEST(CutVideo, IsNotIntact) {
  const TemporaryFolder folder;
  write_matroska(folder / "cut.mkv", 0.1);
  truncate(folder / "cut.mkv", 0.5);
  write_avi(folder / "cut.avi", std::vector<cv::Mat>(10, noise_image(1, {64, 48})));
  truncate(folder / "cut.avi", 0.5);
  for (const char* name : {"cut.mkv", "cut.avi"}) {
    const SequenceReport report = inspect_sequence((folder / name).string());
    EXPECT_LT(report.frames, 10) << name;
    EXPECT_FALSE(report.intact()) << name;
    EXPECT_EQ(report.refusal(), nullptr) << name;
    EXPECT_THAT(to_text(report), HasSubstr("cut short")) << name;
  }
}

// Three pictures of one pixel.
TEST(CutVideo, IsAGifWithoutItsTrailer) {
  using namespace std::string_literals;
  const TemporaryFolder folder;
  const fs::path path = folder / "cut.gif";
  const std::string head = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"s;
  const std::string picture = "!\xf9\4\0\x0a\0\0\0,\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"s;
  const auto is_intact = [&](const std::string& end) {
    save_text(path, head + picture + picture + picture + end);
    const SequenceReport report = inspect_sequence(path.string());
    EXPECT_EQ(report.frames, 3);
    return report.intact();
  };
  EXPECT_TRUE(is_intact(";"));
  EXPECT_TRUE(is_intact(";\0\0"s));
  EXPECT_FALSE(is_intact(""));
}

TEST(DamagedVideo, IsSaidAndLeftOutOnDemand) {
  const TemporaryFolder folder;
  const fs::path path = folder / "clip.avi";
  std::vector<cv::Mat> images;
  for (int i = 0; i < 6; ++i) images.push_back(noise_image(i, {160, 120}));
  write_avi(path, images);
  std::string bytes = read_file(path);
  size_t third = place_of(bytes, "movi");
  for (int i = 0; i < 3; ++i) third = bytes.find("00dc", third + 1);
  for (size_t i = 0; i < 2000; ++i) bytes[third + 4000 + i] = static_cast<char>(i * 37 % 251);
  write_file_atomically(path, bytes);

  const SequenceReport report = inspect_sequence(path.string());
  EXPECT_EQ(report.frames, 6);
  ASSERT_THAT(report.problems, SizeIs(1));
  EXPECT_EQ(report.problems[0].frame, "frame000003");
  EXPECT_EQ(report.problems[0].reason, "damaged: parts of its data are broken or missing");
  EXPECT_FALSE(report.intact());
  EXPECT_EQ(report.refusal(), nullptr);
  EXPECT_THAT(frame_names(path.string()), SizeIs(6));
  EXPECT_THAT(frame_names(path.string(), {.on_error = OnError::kSkip}), SizeIs(5));
}

// The frames that are damaged, and a sum over the pixels of all.
std::pair<std::vector<std::string>, double> damage_in(const std::string& path) {
  std::pair<std::vector<std::string>, double> found;
  const auto source = open_video_file(path);
  while (auto frame = source->grab()) {
    try {
      source->decode(*frame);
    } catch (const InputError& error) {
      frame->damage = error.what();
    }
    if (!frame->damage.empty()) found.first.push_back(frame->name + ": " + frame->damage);
    if (frame->image.empty()) continue;
    found.second += cv::norm(frame->image, cv::NORM_L1) * static_cast<double>(frame->number);
  }
  return found;
}

// A decoder works on several frames at once where there are several cores.
TEST(DamagedVideo, IsTheSameOnAnyNumberOfCores) {
  const TemporaryFolder folder;
  const fs::path path = folder / "clip.mp4";
  VideoWriter video(path, {320, 240}, 25.0);
  for (int i = 0; i < 40; ++i) video.write(noise_image(i, {320, 240}));
  video.close();
  std::string bytes = read_file(path);
  const size_t begin = place_of(bytes, "mdat");
  for (const size_t part : {size_t{3}, size_t{5}}) {
    const size_t at = begin + (bytes.size() - begin) * part / 8;
    for (size_t i = 0; i < 3000; ++i) bytes[at + i] = static_cast<char>(i * 37 % 251);
  }
  write_file_atomically(path, bytes);

  cpu_set_t all, one;
  ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
  }
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  const auto expected = damage_in(path);
  ASSERT_EQ(::sched_setaffinity(0, sizeof all, &all), 0);
  EXPECT_FALSE(expected.first.empty());
  EXPECT_LT(expected.first.size(), 40U);
  for (int time = 0; time < 8; ++time) EXPECT_EQ(damage_in(path), expected);
}

// The durations of the samples of an MP4 (stts, ISO/IEC 14496-12, 8.6.1.2): the first half stays a
// frame long, the others become four.
void slow_down_second_half(const fs::path& path, uint32_t frames) {
  std::string bytes = read_file(path);
  bytes.replace(place_of(bytes, "edts"), 4, "free");  // it would cut at the former end
  const size_t stts = place_of(bytes, "stts");
  const auto number = [&](size_t at) {
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
  };
  ASSERT_EQ(number(stts + 8), 1U);  // one run of samples of equal duration
  const uint32_t duration = number(stts + 16);
  std::string runs;
  for (const uint32_t value : {2U, frames / 2, duration, frames / 2, 4 * duration}) {
    for (int shift = 24; shift >= 0; shift -= 8) runs += static_cast<char>(value >> shift);
  }
  bytes.replace(stts + 8, 12, runs);
  for (const char* box : {"moov", "trak", "mdia", "minf", "stbl", "stts"}) {
    const size_t at = place_of(bytes, box) - 4;
    const uint32_t size = number(at) + 8;
    for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(size >> (24 - 8 * i));
  }
  // The media data lies before the index, so that no offset changes.
  ASSERT_LT(place_of(bytes, "mdat"), place_of(bytes, "moov"));
  write_file_atomically(path, bytes);
}

TEST(VariableFrameRate, RangesInSecondsGoByTheFramesOwnTimes) {
  const TemporaryFolder folder;
  const fs::path path = folder / "clip.mp4";
  {
    cv::VideoWriter writer(path.string(), cv::CAP_FFMPEG,
                           cv::VideoWriter::fourcc('m', 'p', '4', 'v'), 10.0, {64, 48});
    for (int i = 0; i < 20; ++i) writer.write(color_image(10 * i, {64, 48}));
  }
  slow_down_second_half(path, 20);
  // Frame 11 is shown at 1.0 s, frame 12 at 1.4 s, ..., frame 16 at 3.0 s.
  EXPECT_THAT(frame_names(path.string(), {.range = "0.9s:1.8s"}),
              ElementsAre("frame000010", "frame000011", "frame000012"));
  EXPECT_THAT(frame_names(path.string(), {.range = "3s:"}), SizeIs(5));
  const SequenceReport report = inspect_sequence(path.string());
  EXPECT_THAT(to_text(report), HasSubstr("come unevenly, 100 to 400 ms apart"));
}

TEST(VideoNames, AreFilesWhateverTheyLookLike) {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.string());
  for (const char* name : {"12:30.mp4", "-dash.mp4", "a%03d.mp4", "who?.mp4", "pipe:0.mp4"}) {
    VideoWriter writer(name, {64, 48}, 25.0);
    writer.write(gray_image(9, {64, 48}));
    writer.close();
    EXPECT_THAT(frame_names(name), SizeIs(1)) << name;
    EXPECT_TRUE(fs::exists(folder / name)) << name;
    fs::remove(name);
  }
  EXPECT_THAT(listing(folder.string()), IsEmpty());
  fs::current_path(before);
}

TEST(UnreadableVideo, SaysWhatStandsInTheWay) {
  const TemporaryFolder folder;
  save_text(folder / "empty.mp4", "");
  save_text(folder / "text.mp4", "not a video");
  write_avi(folder / "odd.avi", {color_image(1, {64, 48})});
  std::string bytes = read_file(folder / "odd.avi");
  for (size_t at = 0; (at = bytes.find("MJPG", at)) != std::string::npos;) {
    bytes.replace(at, 4, "ZZZZ");
  }
  save_text(folder / "odd.avi", bytes);
  const auto refuse = [&](const std::string& name, const std::string& reason) {
    expect_error(ExitCode::kInput, {name, reason}, [&] { open_source((folder / name).string()); });
  };
  refuse("missing.mp4", "No such file");
  refuse("empty.mp4", "is empty");
  refuse("text.mp4", "not a video");
  refuse("odd.avi", "no decoder");
  write_avi(folder / "secret.avi", {color_image(1, {64, 48})});
  fs::permissions(folder / "secret.avi", fs::perms::none);
  if (::access((folder / "secret.avi").c_str(), R_OK) == 0) GTEST_SKIP() << "root may read all";
  refuse("secret.avi", "Permission denied");
}

}  // namespace
}  // namespace proxseg
