#include "proxseg/media/stream.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <opencv2/videoio.hpp>
#include <thread>

#include "media/reconnect.h"
#include "proxseg/core/error.h"
#include "proxseg/media/sequences.h"
#include "proxseg/media/source.h"
#include "support/expect_error.h"
#include "support/file_server.h"
#include "support/sequence_files.h"
#include "support/standard_input.h"

namespace proxseg {
namespace {

using ::testing::ElementsAre;

TEST(Stream, IsStandardInputACameraOrAnAddress) {
  for (const char* path : {"-", "0", "12", "rtsp://camera/live", "http://127.0.0.1:8000/a.mp4"}) {
    EXPECT_TRUE(is_stream(path)) << path;
  }
  for (const char* path : {"", "clip.mp4", "./0", "123456", "a/b://c", "://x", "frames/*.png"}) {
    EXPECT_FALSE(is_stream(path)) << path;
  }
  EXPECT_EQ(stream_name("-"), "stdin");
  EXPECT_EQ(stream_name("0"), "camera0");
  EXPECT_EQ(stream_name("rtsp://user:secret@gate:554/live.sdp?profile=1"), "live");
  EXPECT_EQ(stream_name("rtsp://user:secret@gate"), "stream");
  EXPECT_EQ(stream_name("http://gate/.."), "stream");
  EXPECT_EQ(find_sequences("rtsp://gate/live").front().name, "live");
}

TEST(Stream, IsShownWithoutItsPassword) {
  EXPECT_EQ(without_password("rtsp://me:se@cret@gate:554/a@b"), "rtsp://gate:554/a@b");
  EXPECT_EQ(without_password("rtsp://gate/a@b"), "rtsp://gate/a@b");
  EXPECT_EQ(without_password("http://gate/video?user=me&pwd=se@cret"), "http://gate/video?...");
  EXPECT_EQ(without_password("dir/me@gate.mp4"), "dir/me@gate.mp4");
  try {
    open_stream("http://me:secret@127.0.0.1:9/gate.avi");
    ADD_FAILURE() << "opened";
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
  }
}

TEST(Stream, IsRefusedWhereAFileMustBeReadTwice) {
  expect_error(ExitCode::kInput, {"'-' is a stream"}, [] { open_source("-"); });
}

TEST(RawFrames, AreReadToTheirEndAndAPartIsLeftOut) {
  std::string bytes;
  for (const int value : {10, 20, 30}) bytes += bytes_of(color_image(value));
  const StandardInput input(bytes + bytes_of(color_image(40)).substr(0, 100));
  SourceOptions options;
  options.size = "16x12";
  const auto source = open_stream("-", options);
  EXPECT_EQ(source->info().kind, SequenceKind::kStream);
  EXPECT_EQ(source->info().frames, 0);
  EXPECT_EQ(source->info().size, cv::Size(16, 12));
  for (const int value : {10, 20, 30}) {
    const auto frame = source->next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(cv::norm(frame->image, color_image(value), cv::NORM_INF), 0.0) << frame->name;
  }
  EXPECT_FALSE(source->next());
}

TEST(RawFrames, TakeRangesStridesScaleAndGray) {
  std::string bytes;
  for (int i = 1; i <= 9; ++i) bytes += bytes_of(color_image(i));
  const StandardInput input(bytes);
  const auto source =
      open_stream("-", {.every = 3, .range = "2:8", .scale = 0.5, .gray = true, .size = "16x12"});
  EXPECT_EQ(source->info().size, cv::Size(8, 6));
  EXPECT_EQ(source->info().channels, 1);
  EXPECT_THAT(names_of(*source), ElementsAre("frame000002", "frame000005", "frame000008"));
}

TEST(RawFrames, NeedASizeThatTheStreamFills) {
  for (const char* size : {"16", "x12", "16x", "0x12", "16x12x3", "-16x12", "99999x9"}) {
    expect_error(ExitCode::kUsage, {"--size", size}, [&] { open_stream("-", {.size = size}); });
  }
  const StandardInput input("too little");
  expect_error(ExitCode::kInput, {"no frame of '-'"}, [] { open_stream("-", {.size = "16x12"}); });
  expect_error(ExitCode::kUsage, {"--size"}, [] { open_stream("0", {.size = "16x12"}); });
  const TemporaryFolder folder;
  save(folder / "a.png", color_image(1));
  expect_error(ExitCode::kUsage, {"--size"},
               [&] { open_source(folder.string(), {.size = "16x12"}); });
}

std::string plane(int value, int count) {
  return std::string(static_cast<size_t>(count), static_cast<char>(value));
}

// One frame of the same Y, U and V everywhere.
cv::Mat y4m_color(const std::string& header, int y, int u, int v, int chroma_pixels) {
  const StandardInput input("YUV4MPEG2 W3 H3 F30000:1001 " + header + "\nFRAME Xanything\n" +
                            plane(y, 9) + plane(u, chroma_pixels) + plane(v, chroma_pixels));
  const auto source = open_stream("-");
  EXPECT_NEAR(source->info().fps, 29.97, 0.001);
  cv::Mat image = source->next()->image;
  EXPECT_EQ(image.size(), cv::Size(3, 3));
  EXPECT_FALSE(source->next());
  return image;
}

void expect_color(const cv::Mat& image, const cv::Scalar& bgr) {
  EXPECT_LE(cv::norm(image, cv::Mat(image.size(), image.type(), bgr), cv::NORM_INF), 2.0) << image;
}

TEST(Y4m, HasColoursByBt601InAllItsSamplings) {
  expect_color(y4m_color("C420jpeg", 16, 128, 128, 4), {0, 0, 0});
  expect_color(y4m_color("", 235, 128, 128, 4), {255, 255, 255});
  expect_color(y4m_color("C420mpeg2", 81, 90, 240, 4), {0, 0, 255});
  expect_color(y4m_color("C422", 145, 54, 34, 6), {0, 255, 0});
  expect_color(y4m_color("C444", 41, 240, 110, 9), {255, 0, 0});
  expect_color(y4m_color("C444 XCOLORRANGE=FULL", 76, 85, 255, 9), {0, 0, 255});
}

TEST(Y4m, OfGreyImagesKeepsThem) {
  const StandardInput input(y4m_of({gray_image(3), gray_image(250)}));
  const auto source = open_stream("-");
  EXPECT_EQ(source->info().channels, 1);
  EXPECT_EQ(cv::norm(source->next()->image, gray_image(3), cv::NORM_INF), 0.0);
  EXPECT_EQ(cv::norm(source->next()->image, gray_image(250), cv::NORM_INF), 0.0);
  EXPECT_FALSE(source->next());
}

TEST(Y4m, OfOtherFormsIsRefused) {
  const auto refuse = [](const std::string& bytes, const std::string& reason) {
    const StandardInput input(bytes);
    expect_error(ExitCode::kInput, {"standard input", reason}, [] {
      const auto source = open_stream("-");
      while (source->next()) continue;
    });
  };
  refuse("", "cannot read standard input");
  refuse("no video at all, in as many words as it takes", "not a video");
  refuse("YUV4MPEG2 W3\nFRAME\n", "cannot read standard input");
  refuse("YUV4MPEG2 W-3 H3\nFRAME\n", "cannot read standard input");
  refuse("YUV4MPEG2 W3 H3 Cmono\nFRAME\n" + plane(1, 9) + "something else\n", "after 1 frames");
}

TEST(Y4m, OfAPartOfAFrameAtItsEndIsReadBeforeThat) {
  const std::string whole = y4m_of({gray_image(3), gray_image(250)});
  const StandardInput input(whole.substr(0, whole.size() - 20));
  const auto source = open_stream("-");
  EXPECT_THAT(names_of(*source), ElementsAre("frame000001"));
}

// Write end of a pipe that is standard input.
class SilentInput {
 public:
  SilentInput() {
    EXPECT_EQ(::pipe(ends_), 0);
    before_ = ::dup(STDIN_FILENO);
    ::dup2(ends_[0], STDIN_FILENO);
  }
  ~SilentInput() {
    ::dup2(before_, STDIN_FILENO);
    for (const int file : {before_, ends_[0], ends_[1]}) ::close(file);
  }
  void write(const std::string& bytes) {
    EXPECT_EQ(::write(ends_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

 private:
  int ends_[2] = {-1, -1};
  int before_ = -1;
};

TEST(StandardInputTest, ThatKeepsSilentEndsWhenToldTo) {
  for (const std::string size : {"16x12", ""}) {
    SilentInput input;
    std::string bytes = size.empty() ? "" : bytes_of(color_image(1));
    // FFmpeg looks at some kilobytes before it says what they are.
    if (size.empty()) bytes = y4m_of(std::vector<cv::Mat>(40, gray_image(1)));
    input.write(bytes);
    std::atomic<bool> stop = false;
    const auto source = prefetch(open_stream("-", {.size = size}, [&] { return stop.load(); }));
    EXPECT_TRUE(source->next()) << size;
    stop = true;
    while (source->next()) continue;
  }
}

TEST(StandardInputTest, ThatKeepsSilentDoesNotHoldUpAnError) {
  SilentInput input;
  input.write(bytes_of(color_image(1)));
  prefetch(open_stream("-", {.size = "16x12"})).reset();
}

// At 10 frames a second; those of each five are brighter one by one.
std::string bytes_of_clip(const TemporaryFolder& folder, int frames = 5) {
  {
    cv::VideoWriter writer((folder / "clip.avi").string(),
                           cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 10.0, {64, 48});
    for (int i = 0; i < frames; ++i) writer.write(color_image(40 * (i % 5), {64, 48}));
  }
  return read_file(folder / "clip.avi");
}

TEST(Address, IsKnownWithoutItsPassword) {
  const TemporaryFolder folder;
  const FileServer server(bytes_of_clip(folder));
  std::string address = server.address_of("gate.avi");
  const std::string shown = address;
  address.insert(address.find("://") + 3, "me:secret@");
  EXPECT_EQ(open_stream(address)->info().path, shown);
}

TEST(Address, IsReadAsItComes) {
  const TemporaryFolder folder;
  const FileServer server(bytes_of_clip(folder));
  const auto source = open_stream(server.address_of("gate.avi"));
  EXPECT_EQ(source->info().name, "gate");
  EXPECT_EQ(source->info().size, cv::Size(64, 48));
  EXPECT_DOUBLE_EQ(source->info().fps, 10.0);
  for (int i = 0; i < 5; ++i) EXPECT_NEAR(cv::mean(source->next()->image)[0], 40 * i, 8) << i;
  EXPECT_FALSE(source->next());
}

// FFmpeg counts them at 25 a second.
TEST(Address, OfJpegsOneAfterTheOtherHasNoTimesOfItsOwn) {
  std::string bytes;
  for (int i = 0; i < 5; ++i) {
    std::vector<uchar> jpeg;
    cv::imencode(".jpg", cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(40 * i)), jpeg);
    bytes.append(jpeg.begin(), jpeg.end());
  }
  const FileServer server(bytes);
  const auto source = open_stream(server.address_of("gate.mjpeg"));
  EXPECT_EQ(source->info().fps, 0.0);
  for (int i = 0; i < 5; ++i) {
    const auto frame = source->next();
    ASSERT_TRUE(frame) << i;
    EXPECT_FALSE(frame->seconds) << i;
  }
}

TEST(TakeHead, EndsAfterSoManyFramesOrSeconds) {
  std::vector<Frame> frames;
  for (int i = 0; i < 9; ++i) {
    frames.push_back(
        {.name = "f", .number = i + 1, .image = cv::Mat(4, 4, CV_8U), .seconds = 0.4 * i});
  }
  const auto never = [] { return false; };
  const auto head_of = [&](int64_t count, double seconds) {
    MemorySource source(frames, {});
    return take_head(source, count, never, seconds).size();
  };
  EXPECT_EQ(head_of(3, 10.0), 3U);
  EXPECT_EQ(head_of(8, 1.0), 4U);
  EXPECT_EQ(head_of(20, 10.0), 9U);
}

TEST(Reconnecting, GoesOnWhereAConnectionEnds) {
  const TemporaryFolder folder;
  const FileServer server(bytes_of_clip(folder));
  const auto source =
      open_stream(server.address_of("gate.avi"), {.reconnect = 30.0}, {}, {}, "yard");
  EXPECT_EQ(source->info().name, "yard");
  double before = -1.0;
  for (int i = 1; i <= 12; ++i) {
    const auto frame = source->next();
    ASSERT_TRUE(frame) << i;
    EXPECT_EQ(frame->number, i);
    EXPECT_EQ(frame->name, fmt::format("frame{:06}", i));
    EXPECT_NEAR(cv::mean(frame->image)[0], 40 * ((i - 1) % 5), 8) << i;
    const bool is_first_again = i == 6 || i == 11;
    if (i > 1 && !is_first_again) {
      EXPECT_NEAR(*frame->seconds - before, 0.1, 1e-6) << i;
    }
    // A second's pause, and by the stream's own times .4 s had passed, which took no time here.
    if (is_first_again) {
      EXPECT_GE(*frame->seconds - before, 0.5) << i;
    }
    before = *frame->seconds;
  }
}

TEST(Reconnecting, TakesSilenceForALoss) {
  const TemporaryFolder folder;
  const std::string bytes = bytes_of_clip(folder, 400);
  const FileServer server(bytes, bytes.size() * 3 / 4);
  std::atomic<bool> stop = false;
  const auto source =
      open_stream(server.address_of("gate.avi"), {.reconnect = 0.5}, [&] { return stop.load(); });
  int starts_again = 0;
  double before = 0.0, value = -40.0;
  for (int i = 1; i <= 500; ++i) {
    const auto frame = source->next();
    ASSERT_TRUE(frame) << i;
    const double now = cv::mean(frame->image)[0];
    if (std::abs(now - value - 40.0) > 20.0 && std::abs(now - value + 160.0) > 20.0) ++starts_again;
    value = now;
    EXPECT_GE(*frame->seconds, before) << i;
    before = *frame->seconds;
  }
  EXPECT_EQ(starts_again, 1);
  stop = true;
  while (source->next()) continue;
}

TEST(Reconnecting, WaitsForAServerThatComesBackAndEndsWhenToldTo) {
  const TemporaryFolder folder;
  const std::string bytes = bytes_of_clip(folder);
  auto server = std::make_unique<FileServer>(bytes);
  std::atomic<bool> stop = false;
  const auto source = prefetch(open_stream(server->address_of("gate.avi"), {.reconnect = 30.0},
                                           [&] { return stop.load(); }));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(source->next());
  server.reset();
  stop = true;
  EXPECT_FALSE(source->next());
}

TEST(Reconnecting, IsForCamerasAndAddresses) {
  const StandardInput input(y4m_of({gray_image(1)}));
  expect_error(ExitCode::kUsage, {"--reconnect", "standard input"},
               [] { open_stream("-", {.reconnect = 1.0}); });
  expect_error(ExitCode::kInput, {"refused"},
               [] { open_stream("http://127.0.0.1:9/gate.avi", {.reconnect = 1.0}); });
}

// Frames with times as the test says them.
TEST(Reconnecting, TakesNoLeapOfACamerasClock) {
  class Camera final : public FrameSource {
   public:
    const SequenceInfo& info() const override { return info_; }
    std::optional<Frame> grab() override {
      constexpr double kTimes[] = {0.0, 0.04, 0.08, 9e6, 9e6 + 0.04, 5.0, 5.04, 5.02};
      if (next_ == std::size(kTimes)) return std::nullopt;
      Frame frame{"", 0, gray_image(1)};
      frame.seconds = kTimes[next_++];
      return frame;
    }

   private:
    SequenceInfo info_;
    size_t next_ = 0;
  };
  const auto source = reconnecting([](ShouldStop) { return std::make_unique<Camera>(); }, 10.0,
                                   [] { return false; }, {});
  double before = 0.0;
  for (int i = 0; i < 8; ++i) {
    const auto frame = source->grab();
    ASSERT_TRUE(frame && frame->seconds && frame->arrived);
    EXPECT_GE(*frame->seconds, before) << i;
    EXPECT_LE(*frame->seconds, before + 1.0) << i;
    before = *frame->seconds;
  }
}

// A thousand frames a second come, and a hundred can be taken.
TEST(KeepUp, LeavesOutFramesEvenlyWhereTheyAreTakenSlowly) {
  struct Fast final : FrameView {
    using FrameView::FrameView;
    std::optional<Frame> grab() override {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return FrameView::grab();
    }
  };
  const std::vector<cv::Mat> images(1000, gray_image(1));
  const auto source = keep_up(std::make_unique<Fast>(std::make_unique<MemorySource>(images)), 8);
  std::vector<int64_t> numbers, dropped;
  while (const auto frame = source->next()) {
    numbers.push_back(frame->number);
    dropped.push_back(frame->dropped);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_LT(numbers.size(), 500U);
  EXPECT_GT(numbers.size(), 20U);
  EXPECT_GT(numbers.back(), 800);
  int64_t longest = 0;
  for (size_t i = 1; i < numbers.size(); ++i) {
    EXPECT_GT(numbers[i], numbers[i - 1]);
    EXPECT_EQ(dropped[i], numbers[i] - numbers[i - 1] - 1);
    longest = std::max(longest, numbers[i] - numbers[i - 1]);
  }
  EXPECT_LE(longest, 128);
}

TEST(KeepUp, TakesEveryFrameThatCanBeTaken) {
  struct Slow final : FrameView {
    using FrameView::FrameView;
    std::optional<Frame> grab() override {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      return FrameView::grab();
    }
  };
  const std::vector<cv::Mat> images(40, gray_image(1));
  const auto source = keep_up(std::make_unique<Slow>(std::make_unique<MemorySource>(images)));
  EXPECT_EQ(names_of(*source).size(), 40U);
}

TEST(Address, ThatSendsNoVideoIsNamed) {
  std::string address;
  {
    const FileServer server("no video");
    address = server.address_of("page.html");
    expect_error(ExitCode::kInput, {address}, [&] { open_stream(address); });
  }
  expect_error(ExitCode::kInput, {address, "refused"}, [&] { open_stream(address); });
}

TEST(Camera, ThatIsNotThereIsNamed) {
  expect_error(ExitCode::kInput, {"camera 97"}, [] { open_stream("97"); });
}

TEST(MemorySourceTest, ComposesWithTheViews) {
  const auto source = prefetch(prepare(
      std::make_unique<MemorySource>(std::vector<cv::Mat>{color_image(10), color_image(20)}),
      {.scale = 0.5, .gray = true}));
  EXPECT_EQ(source->info().size, cv::Size(8, 6));
  EXPECT_EQ(source->info().channels, 1);
  EXPECT_THAT(names_of(*source), ElementsAre("frame000001", "frame000002"));
}

TEST(MemorySourceTest, IsSelectedFromAsFilesAre) {
  const std::vector<cv::Mat> images(9, gray_image(1));
  const auto source = select(std::make_unique<MemorySource>(images), "2:8", 3);
  EXPECT_EQ(source->info().frames, 3);
  EXPECT_THAT(names_of(*source), ElementsAre("frame000002", "frame000005", "frame000008"));
  EXPECT_FALSE(source->next());
  const auto beyond = select(std::make_unique<MemorySource>(images), "10:");
  expect_error(ExitCode::kInput, {"'10:'", "none of the 9"}, [&] { beyond->next(); });
  expect_error(ExitCode::kUsage, {"every is 0"},
               [&] { select(std::make_unique<MemorySource>(images), "", 0); });
}

TEST(Views, LeaveFramesThatAreNotChosenUndecoded) {
  struct Undecodable final : FrameView {
    using FrameView::FrameView;
    void decode(Frame& frame) override { throw InputError("decoded " + frame.name); }
  };
  auto source = std::make_unique<Undecodable>(
      std::make_unique<MemorySource>(std::vector<cv::Mat>(4, gray_image(1))));
  const auto chosen = select(std::move(source), "4:");
  expect_error(ExitCode::kInput, {"decoded frame000004"}, [&] { chosen->next(); });
}

TEST(MemorySourceTest, OfFramesOfTwoSizesIsRefusedAtTheSecond) {
  const auto source = prepare(
      std::make_unique<MemorySource>(std::vector<cv::Mat>{color_image(1), color_image(1, {8, 8})}),
      {});
  source->next();
  expect_error(ExitCode::kInput, {"frame000002", "8 x 8", "16 x 12"}, [&] { source->next(); });
}

TEST(OpenAhead, GivesTheHeadOfAStreamAsOptionsSay) {
  SequenceInfo info;
  info.head = {color_image(10), color_image(20)};
  const auto source = open_ahead(info, {.scale = 0.5, .gray = true});
  EXPECT_EQ(source->info().size, cv::Size(8, 6));
  EXPECT_EQ(source->info().frames, 2);
  EXPECT_EQ(source->next()->image.channels(), 1);
  EXPECT_EQ(source->next()->name, "frame000002");
  EXPECT_FALSE(source->next());
}

}  // namespace
}  // namespace proxseg
