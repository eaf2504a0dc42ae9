#include "proxseg/segment/session.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <sstream>

#include "proxseg/core/file.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/transform.h"
#include "proxseg/recipe/generic.h"
#include "proxseg/segment/median_segmenter.h"
#include "proxseg/segment/network_segmenter.h"
#include "support/expect_error.h"
#include "support/logged.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"
#include "support/standard_input.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

NetworkSegmenter small_segmenter() {
  Recipe recipe;
  recipe.model.unet.channels = 4;
  recipe.infer.batch = 5;
  recipe.input.scale = 1.0;
  recipe.background.noise_floor = 0.0;  // all of each frame is looked at
  return NetworkSegmenter(Model(recipe, 3));
}

size_t count_files(const fs::path& folder) { return listing(folder).size(); }

struct InferSession : testing::Test {
  const TemporaryFolder folder;
  const std::string scene = write_tiny_scene(folder);
  const fs::path out = folder / "out";
  NetworkSegmenter segmenter = small_segmenter();

  SequenceResult infer(const ExportOptions& options) {
    return infer_sequence(segmenter, {scene, "scene"}, out, {}, options);
  }
};

TEST_F(InferSession, SaysOnceThatItLearnsTheScene) {
  int learned = 0;
  InferCallbacks callbacks;
  callbacks.on_learning = [&] { ++learned; };
  const SequenceResult result = infer_sequence(segmenter, {scene, "scene"}, out, {}, {}, callbacks);
  EXPECT_EQ(learned, 1);
  EXPECT_EQ(result.products, std::set{Product::kMask});
}

// Frames of 480 x 360, of which the network sees some 18,000 pixels.
struct LargeFrames : testing::Test {
  // Notes how large its images are.
  struct Noting final : NetworkSegmenter {
    Noting() : NetworkSegmenter(model()) {}
    std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                      const std::set<Product>& products) override {
      size = frames.front().size();
      return NetworkSegmenter::segment(frames, products);
    }
    cv::Size size;

   private:
    static Model model() {
      Model generic = load_model(kGenericModel);
      generic.recipe.input.pixels = 18000;
      return generic;
    }
  };

  LargeFrames() {
    SynthOptions options;
    options.frames = 30;
    options.width = 480;
    options.height = 360;
    generate_sequence(options, folder / "scene");
    VideoWriter writer(folder / "scene.mp4", {480, 360}, 25.0);
    const auto source = open_source((folder / "scene").string());
    while (const auto frame = source->next()) writer.write(frame->image);
    writer.close();
  }

  // Returns the size of the images that the segmenter gets.
  cv::Size infer(const std::string& input, const std::string& save, const std::string& out,
                 const InferCallbacks& callbacks = {}) {
    Noting segmenter;
    ExportOptions options;
    options.save = parse_products(save);
    infer_sequence(segmenter, {(folder / input).string(), input}, folder / out, {}, options,
                   callbacks);
    return segmenter.size;
  }

  const TemporaryFolder folder;
};

TEST_F(LargeFrames, AreSmallForTheNetworkWhereNothingShowsThem) {
  const cv::Size full(480, 360), small = scaled_size(full, 0.0, 18000);
  for (const char* input : {"scene", "scene.mp4"}) {
    EXPECT_EQ(infer(input, "mask,soft,mask-video,boxes,contours,coco,labels,cvat", "a"), small);
    EXPECT_EQ(read_image(folder / "a/mask" / listing((folder / "a/mask").string()).at(0)).size(),
              full);
    std::filesystem::remove_all(folder / "a");
  }
  for (const char* save :
       {"overlay", "background", "foreground", "background-image", "tracks", "yolo", "labelme"}) {
    EXPECT_EQ(infer("scene.mp4", save, save), full) << save;
  }
  InferCallbacks callbacks;
  callbacks.also_wanted = [](const Frame&, int64_t) { return std::set<Product>(); };
  EXPECT_EQ(infer("scene", "mask", "b", callbacks), full);
}

TEST_F(LargeFrames, HaveTheMasksOfWholeOnes) {
  for (const char* input : {"scene", "scene.mp4"}) {
    const std::string small = std::string(input) + "-small", full = std::string(input) + "-full";
    infer(input, "mask", small);
    infer(input, "mask,overlay", full);
    int different = 0, found = 0;
    for (const std::string& name : listing((folder / full / "mask").string())) {
      const cv::Mat a = read_image(folder / small / "mask" / name),
                    b = read_image(folder / full / "mask" / name);
      ASSERT_EQ(a.size(), b.size());
      different += cv::countNonZero(a != b);
      found += cv::countNonZero(b);
    }
    EXPECT_GT(found, 5000) << input;
    EXPECT_LT(different, found / 50) << input;
  }
}

TEST_F(InferSession, EveryProductIsNamedAfterItsFrame) {
  ExportOptions options;
  options.save = parse_products("mask,soft,background,foreground,overlay");
  const SequenceResult result = infer(options);
  EXPECT_EQ(result.frames, 12);
  EXPECT_EQ(result.segmented, 12);
  for (const char* kind : {"mask", "soft", "background", "foreground"}) {
    EXPECT_EQ(count_files(out / kind), 12U) << kind;
    EXPECT_TRUE(fs::exists(out / kind / "in000007.png")) << kind;
  }
  EXPECT_TRUE(fs::exists(out / "overlay.mp4"));
  EXPECT_EQ(cv::imread((out / "mask/in000001.png").string(), cv::IMREAD_UNCHANGED).type(), CV_8UC1);
}

TEST_F(InferSession, MaskVideoHoldsTheMasksWithoutLoss) {
  ExportOptions options;
  options.save = parse_products("mask,mask-video");
  infer(options);
  const auto video = open_source((out / "mask.mkv").string(), {.gray = true});
  for (int i = 1; i <= 12; ++i) {
    const auto name = fmt::format("mask/in{:06d}.png", i);
    const cv::Mat mask = cv::imread((out / name).string(), cv::IMREAD_GRAYSCALE);
    EXPECT_EQ(cv::norm(video->next()->image, mask, cv::NORM_INF), 0.0) << name;
  }
  EXPECT_FALSE(video->next());
}

TEST_F(InferSession, MasksNothingOutsideTheRegion) {
  ExportOptions options;
  options.save = parse_products("mask,soft");
  infer_sequence(segmenter, {scene, "scene"}, out, {.roi = "10,5,30,5,30,25,10,25"}, options);
  const cv::Rect inside(10, 5, 21, 21);
  double most = 0.0;
  for (const auto& file : fs::directory_iterator(out / "soft")) {
    cv::Mat soft = cv::imread(file.path().string(), cv::IMREAD_GRAYSCALE);
    most = std::max(most, cv::norm(soft(inside), cv::NORM_INF));
    soft(inside).setTo(0);
    EXPECT_EQ(cv::countNonZero(soft), 0) << file.path();
  }
  EXPECT_GT(most, 0.0);
}

TEST_F(InferSession, ListsTheObjectsOfAllFramesInOneFile) {
  ExportOptions options;
  options.save = parse_products("mask,boxes,contours,coco");
  infer(options);
  const std::string boxes = read_file(out / "boxes.csv");
  int64_t area = 0, listed = 0;
  std::istringstream rows(boxes);
  std::string row;
  std::getline(rows, row);
  while (std::getline(rows, row)) {
    for (int i = 0; i < 6; ++i) row.erase(0, row.find(',') + 1);
    listed += std::stoll(row);
  }
  for (int i = 1; i <= 12; ++i) {
    const auto mask = fmt::format("mask/in{:06d}.png", i);
    area += cv::countNonZero(cv::imread((out / mask).string(), cv::IMREAD_GRAYSCALE));
  }
  EXPECT_EQ(listed, area);
  EXPECT_NE(read_file(out / "contours.json").find("\"file_name\":\"in000012.jpg\""),
            std::string::npos);
  EXPECT_NE(read_file(out / "coco.json").find("\"file_name\":\"in000012.jpg\""), std::string::npos);
  EXPECT_EQ(infer(options).segmented, 0);
  fs::remove(out / "boxes.csv");
  EXPECT_EQ(infer(options).segmented, 12);
  EXPECT_EQ(read_file(out / "boxes.csv"), boxes);
}

TEST_F(InferSession, TracksAreTwoFilesThatBelongTogether) {
  ExportOptions options;
  options.save = parse_products("tracks");
  SynthOptions street;
  street.frames = 12;
  generate_sequence(street, folder / "street");
  MedianSegmenter median(BackgroundOptions{});
  const auto follow = [&] {
    return infer_sequence(median, {folder / "street", "street"}, out, {}, options);
  };
  EXPECT_EQ(follow().segmented, 12);
  EXPECT_THAT(listing(out), UnorderedElementsAre("tracks.csv", "tracks.txt", "segmentation.json"));
  const std::string csv = read_file(out / "tracks.csv"), text = read_file(out / "tracks.txt");
  EXPECT_GT(text.size(), 0U);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'),
            1 + std::count(text.begin(), text.end(), '\n'));
  EXPECT_EQ(csv.find(",,,moving,"), std::string::npos) << "an object has no difference";
  EXPECT_EQ(follow().segmented, 0);
  fs::remove(out / "tracks.txt");
  EXPECT_EQ(follow().segmented, 12);
  EXPECT_EQ(read_file(out / "tracks.txt"), text);
  EXPECT_EQ(read_file(out / "tracks.csv"), csv);
}

TEST_F(InferSession, ListsAreMadeAgainWhereIdentitiesComeIn) {
  const auto with = [](const std::string& save, const std::vector<std::string>& lines = {}) {
    ExportOptions options;
    options.save = parse_products(save);
    for (const std::string& line : lines) options.counts.lines.push_back(parse_line(line));
    return options;
  };
  infer(with("mask,coco,overlay"));
  EXPECT_EQ(read_file(out / "coco.json").find("track_id"), std::string::npos);
  const std::string plain = read_file(out / "overlay.mp4");
  EXPECT_EQ(infer(with("mask,coco,overlay,tracks")).segmented, 12);
  EXPECT_NE(read_file(out / "coco.json").find("track_id"), std::string::npos);
  const std::string tracked = read_file(out / "overlay.mp4");
  EXPECT_TRUE(tracked != plain);
  EXPECT_EQ(infer(with("coco")).segmented, 0);  // they stay
  EXPECT_EQ(infer(with("mask,coco,overlay,tracks")).segmented, 0);
  const auto counted = infer(with("overlay,counts", {"a=30,0,30,48"}));
  EXPECT_EQ(counted.counts->lines.at(0).line.name, "a");
  EXPECT_TRUE(read_file(out / "overlay.mp4") != tracked);
  EXPECT_FALSE(infer(with("overlay,counts", {"a=30,0,30,48"})).counts);  // by an earlier call
  expect_error(ExitCode::kOutput, {"line a was '30,0,30,48', is '20,0,20,48'"},
               [&] { infer(with("counts", {"a=20,0,20,48"})); });
  EXPECT_EQ(infer(with("mask")).segmented, 0);
  EXPECT_TRUE(frames_done(out, with("mask,counts", {"a=30,0,30,48"})));
  EXPECT_FALSE(frames_done(out, with("mask,counts", {"a=20,0,20,48"})));
  EXPECT_FALSE(frames_done(out, with("mask,soft")));
}

TEST_F(InferSession, ListsHaveIdentitiesWhateverWasSavedBefore) {
  const auto has_ids_after = [&](const std::string& list) {
    ExportOptions options;
    options.save = parse_products(list);
    infer(options);
    return read_file(out / "coco.json").find("track_id") != std::string::npos;
  };
  EXPECT_FALSE(has_ids_after("coco"));
  EXPECT_FALSE(has_ids_after("tracks"));  // which leaves the list
  EXPECT_TRUE(has_ids_after("coco,tracks"));
  EXPECT_TRUE(has_ids_after("coco"));
  fs::remove(out / "coco.json");
  EXPECT_FALSE(has_ids_after("coco"));
  EXPECT_TRUE(has_ids_after("coco,tracks"));
}

TEST_F(InferSession, LeavesFilesOfFramesThatAreThereWhereOthersAreAdded) {
  ExportOptions options;
  options.save = parse_products("mask,labelme");
  infer(options);
  const fs::path outline = out / "labelme/in000004.json", mask = out / "mask/in000005.png";
  save_text(outline, "mine");
  save(mask, gray_image(7));
  const std::string corrected = read_file(mask);
  options.save = parse_products("mask,labelme,soft,boxes,yolo");
  EXPECT_EQ(infer(options).segmented, 12);
  EXPECT_EQ(count_files(out / "soft"), 12U);
  EXPECT_EQ(read_file(outline), "mine");
  EXPECT_TRUE(read_file(mask) == corrected);
  options.save = parse_products("labelme,tracks");  // by which its groups are others
  infer(options);
  EXPECT_NE(read_file(outline), "mine");
}

TEST_F(InferSession, OutlinesOfSingleFramesThatAreGoneAreMadeAgain) {
  ExportOptions options;
  options.save = parse_products("yolo,labelme");
  infer(options);
  fs::remove(out / "labelme/in000004.json");
  fs::remove(out / "yolo/labels/in000007.txt");
  EXPECT_EQ(infer(options).segmented, 2);
  EXPECT_TRUE(fs::exists(out / "labelme/in000004.json"));
  EXPECT_TRUE(fs::exists(out / "yolo/labels/in000007.txt"));
  EXPECT_EQ(infer(options).segmented, 0);
}

TEST_F(InferSession, WhatIsMadeAnewDoesNotStandInForItAfterAnInterruption) {
  ExportOptions plain, tracked;
  plain.save = parse_products("mask,overlay");
  tracked.save = parse_products("mask,overlay,tracks");
  infer(plain);
  int64_t calls = 0;
  InferCallbacks interrupted;
  interrupted.should_stop = [&] { return ++calls > 6; };
  infer_sequence(segmenter, {scene, "scene"}, out, {}, tracked, interrupted);
  EXPECT_FALSE(fs::exists(out / "overlay.mp4"));
  EXPECT_EQ(infer(tracked).segmented, 12);
  EXPECT_TRUE(fs::exists(out / "overlay.mp4"));
}

TEST_F(InferSession, StoppedLeavesNoFileOfTheWholeSequence) {
  ExportOptions options;
  options.save = parse_products(
      "mask,overlay,boxes,contours,coco,tracks,background-image,cvat,yolo,labelme,labels");
  int64_t calls = 0;
  InferCallbacks callbacks;
  callbacks.should_stop = [&] { return ++calls > 6; };
  infer_sequence(segmenter, {scene, "scene"}, out, {}, options, callbacks);
  EXPECT_EQ(count_files(out / "mask"), 6U);
  EXPECT_THAT(listing(out),
              UnorderedElementsAre("mask", "yolo", "labelme", "labels", "segmentation.json"));
  EXPECT_FALSE(fs::exists(out / "labelme/labels.txt"));
  EXPECT_FALSE(fs::exists(out / "yolo/data.yaml"));
}

TEST_F(InferSession, CdnetLayoutCountsAsTheFramesDo) {
  ExportOptions options;
  options.layout = Layout::kCdnet;
  infer(options);
  EXPECT_EQ(count_files(out), 13U);  // and the record
  EXPECT_TRUE(fs::exists(out / "bin000012.png"));
}

TEST_F(InferSession, ReplacesNoImageOfTheUserEvenIfForced) {
  save(out / "background.png", gray_image(77));
  const std::string before = read_file(out / "background.png");
  ExportOptions options;
  options.save = parse_products("mask,background-image");
  options.force = true;
  expect_error(ExitCode::kOutput, {"background.png' is no result of this program"},
               [&] { infer(options); });
  EXPECT_TRUE(read_file(out / "background.png") == before);
  fs::remove(out / "background.png");
  for (int call = 0; call < 2; ++call) EXPECT_EQ(infer(options).segmented, 12);
}

TEST_F(InferSession, CdnetLayoutTakesNoTwoFramesOfOneNumber) {
  for (const char* name : {"a1.png", "a2.png", "b1.png", "b2.png"}) {
    save(folder / "twins" / name, gray_image(50, {64, 48}));
  }
  ExportOptions options;
  options.layout = Layout::kCdnet;
  for (int call = 0; call < 2; ++call) {
    expect_error(ExitCode::kInput, {"'a1' and 'b1' both are frame 1", "cdnet"}, [&] {
      infer_sequence(segmenter, {(folder / "twins").string(), "twins"}, out, {}, options);
    });
  }
}

TEST_F(InferSession, LeavesTheFolderOfACameraThatIsWatched) {
  save_text(out / "watch.json", "{}");
  ExportOptions force;
  force.force = true;
  expect_error(ExitCode::kOutput, {out.string(), "watched"}, [&] { infer(force); });
  EXPECT_FALSE(fs::exists(out / "mask"));
}

TEST_F(InferSession, LeavesWhatIsThereUnlessForced) {
  infer({});
  fs::remove(out / "mask/in000003.png");
  save(out / "mask/in000004.png", gray_image(77));  // by another program
  const std::string marker = read_file(out / "mask/in000004.png");
  const SequenceResult again = infer({});
  EXPECT_EQ(again.segmented, 1);
  EXPECT_EQ(again.present, 11);
  EXPECT_TRUE(fs::exists(out / "mask/in000003.png"));
  EXPECT_EQ(read_file(out / "mask/in000004.png"), marker);
  ExportOptions force;
  force.force = true;
  EXPECT_EQ(infer(force).segmented, 12);
  EXPECT_NE(read_file(out / "mask/in000004.png"), marker);
}

TEST_F(InferSession, MakesAgainWhatAFailingMachineHasCutShort) {
  infer({});
  const std::string whole = read_file(out / "mask/in000003.png");
  save_text(out / "mask/in000002.png", "");
  truncate(out / "mask/in000003.png", 0.9);
  EXPECT_EQ(infer({}).segmented, 2);
  EXPECT_TRUE(read_file(out / "mask/in000003.png") == whole);
}

TEST_F(InferSession, SecondCallWritesTheSameMasks) {
  infer({});
  const std::string first = read_file(out / "mask/in000009.png");
  ExportOptions force;
  force.force = true;
  infer(force);
  EXPECT_EQ(read_file(out / "mask/in000009.png"), first);
}

TEST_F(InferSession, KeepsTheMasksBeforeABrokenFrame) {
  write_file_atomically(fs::path(scene) / "input/in000008.jpg", "no image");
  expect_error(ExitCode::kInput, {"in000008.jpg"}, [&] { infer({}); });
  EXPECT_TRUE(fs::exists(out / "mask/in000007.png"));
  EXPECT_FALSE(fs::exists(out / "mask/in000008.png"));
}

TEST_F(InferSession, SkipsABrokenFrameWhenTold) {
  write_file_atomically(fs::path(scene) / "input/in000008.jpg", "no image");
  SourceOptions source;
  source.on_error = OnError::kSkip;
  const SequenceResult result = infer_sequence(segmenter, {scene, "scene"}, out, source, {});
  EXPECT_EQ(result.segmented, 11);
  EXPECT_EQ(result.skipped.size(), 1U);
}

TEST_F(InferSession, DoesNotAnswerForAnotherTreatmentOfBrokenFrames) {
  write_file_atomically(fs::path(scene) / "input/in000008.jpg", "no image");
  SourceOptions skipping;
  skipping.on_error = OnError::kSkip;
  const auto skip = [&] { return infer_sequence(segmenter, {scene, "scene"}, out, skipping, {}); };
  expect_error(ExitCode::kInput, {"in000008.jpg"}, [&] { infer({}); });
  EXPECT_EQ(skip().present, 7);
  EXPECT_EQ(skip().present, 11);
  expect_error(ExitCode::kOutput, {"input.on_error was 'skip', is 'refuse'"}, [&] { infer({}); });
}

TEST_F(InferSession, CountsTheFramesThatAreDoneAndWhole) {
  ExportOptions options;
  options.save = parse_products("mask,boxes,labelme");
  infer(options);
  EXPECT_EQ(frames_done(out, options), 12);
  for (const char* file : {"mask/in000003.png", "labelme/in000003.json", "boxes.csv"}) {
    fs::remove(out / file);
    EXPECT_EQ(frames_done(out, options), std::nullopt) << file;
    infer(options);
    EXPECT_EQ(frames_done(out, options), 12) << file;
  }
  truncate(out / "mask/in000003.png", 0.9);
  EXPECT_EQ(frames_done(out, options), std::nullopt);
}

// Writes down what it is given.
class RecordingSegmenter : public Segmenter {
 public:
  explicit RecordingSegmenter(bool needs_every_frame) : needs_every_frame_(needs_every_frame) {}

  void begin(const SequenceInfo& sequence, const std::set<Product>&) override {
    begun.push_back(sequence.path);
    for (const cv::Mat& image : sequence.head) head.push_back(image.at<uchar>(0));
  }
  int64_t wanted_head() const override { return 3; }
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                    const std::set<Product>& products) override {
    calls.push_back({frames.size(), products.size()});
    std::vector<Segmentation> results;
    for (const cv::Mat& frame : frames) {
      seen.push_back(frame.at<uchar>(0));
      results.push_back(
          {cv::Mat::zeros(frame.size(), CV_8UC1), cv::Mat::zeros(frame.size(), CV_32FC1), {}, {}});
    }
    return results;
  }
  // Which frame was the last.
  cv::Mat background() const override { return gray_image(seen.empty() ? 0 : seen.back()); }
  int64_t batch() const override { return 5; }
  bool needs_every_frame() const override { return needs_every_frame_; }

  std::vector<std::string> begun;
  std::vector<int> head, seen;                   // a pixel of each image
  std::vector<std::pair<size_t, size_t>> calls;  // frames, products

 private:
  bool needs_every_frame_;
};

struct SegmenterInSession : InferSession {
  // What a segmenter is given when the masks of frames 1 to 3 and 6 are there.
  RecordingSegmenter resume(bool needs_every_frame) const {
    RecordingSegmenter earlier(needs_every_frame);
    infer_sequence(earlier, {scene, "scene"}, out, {}, {});
    for (const int frame : {4, 5, 7, 8, 9, 10, 11, 12}) {
      fs::remove(out / fmt::format("mask/in{:06d}.png", frame));
    }
    RecordingSegmenter recording(needs_every_frame);
    const auto result = infer_sequence(recording, {scene, "scene"}, out, {}, {});
    EXPECT_EQ(result.segmented, 8);
    EXPECT_EQ(result.present, 4);
    return recording;
  }
};

using Calls = std::vector<std::pair<size_t, size_t>>;

TEST_F(SegmenterInSession, IsSparedTheFramesThatAreThere) {
  const RecordingSegmenter recording = resume(/*needs_every_frame=*/false);
  EXPECT_EQ(recording.begun, std::vector<std::string>{scene});
  EXPECT_EQ(recording.calls, (Calls{{5, 1}, {3, 1}}));
}

TEST_F(SegmenterInSession, GetsEveryFrameInOrderIfItNeedsTo) {
  const RecordingSegmenter recording = resume(/*needs_every_frame=*/true);
  EXPECT_EQ(recording.begun, std::vector<std::string>{scene});
  EXPECT_EQ(recording.calls, (Calls{{1, 0}, {1, 0}, {1, 0}, {2, 1}, {1, 0}, {5, 1}, {1, 1}}));
}

TEST_F(SegmenterInSession, ReadsNothingAheadWhereAllIsThere) {
  for (int call = 0; call < 2; ++call) {
    RecordingSegmenter recording(/*needs_every_frame=*/false);
    infer_sequence(recording, {scene, "scene"}, out, {}, {});
    EXPECT_EQ(recording.begun.size(), call == 0 ? 1U : 0U);
  }
}

struct StreamInference : testing::Test {
  SequenceResult infer(const ExportOptions& options, const InferCallbacks& callbacks = {}) {
    std::vector<cv::Mat> images;
    for (int i = 1; i <= 7; ++i) images.push_back(gray_image(i));
    const StandardInput input(y4m_of(images));
    return infer_sequence(segmenter, {"-", "stdin"}, out, {}, options, callbacks);
  }

  const TemporaryFolder folder;
  const fs::path out = folder / "out";
  RecordingSegmenter segmenter{/*needs_every_frame=*/false};
};

TEST_F(StreamInference, IsLearnedFromItsHeadAndSegmentedWhole) {
  const SequenceResult result = infer({});
  EXPECT_EQ(result.frames, 7);
  EXPECT_EQ(result.segmented, 7);
  EXPECT_EQ(segmenter.begun.size(), 1U);
  EXPECT_EQ(segmenter.head, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(segmenter.seen, (std::vector<int>{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(count_files(out / "mask"), 7U);
  EXPECT_TRUE(fs::exists(out / "mask/frame000007.png"));
}

TEST_F(StreamInference, ShowsTheBackgroundAsItIsKnownInTheEnd) {
  ExportOptions options;
  options.save = parse_products("background-image");
  infer(options);
  EXPECT_THAT(listing(out), UnorderedElementsAre("background.png", "segmentation.json"));
  const cv::Mat background = cv::imread((out / "background.png").string(), cv::IMREAD_UNCHANGED);
  EXPECT_EQ(cv::norm(background, gray_image(7), cv::NORM_INF), 0.0);
}

TEST_F(StreamInference, ThatIsStoppedBeforeItsFirstFrameHasNoBackground) {
  ExportOptions options;
  options.save = parse_products("background-image");
  std::atomic<bool> stopped = false;
  InferCallbacks callbacks;
  callbacks.on_start = [&](const SequenceInfo&) { stopped = true; };
  callbacks.should_stop = [&] { return stopped.load(); };
  EXPECT_EQ(infer(options, callbacks).segmented, 0);
  EXPECT_THAT(listing(out), UnorderedElementsAre("segmentation.json"));
}

TEST_F(StreamInference, DoesNotMixWithWhatIsThere) {
  save_text(out / "notes.txt", "mine");
  expect_error(ExitCode::kOutput, {out.string(), "not empty"}, [&] { infer({}); });
  EXPECT_TRUE(segmenter.begun.empty());
  ExportOptions force;
  force.force = true;
  EXPECT_EQ(infer(force).segmented, 7);
}

TEST_F(StreamInference, ThatIsStoppedIsWhole) {
  ExportOptions options;
  options.save = parse_products("mask,overlay,boxes");
  std::atomic<int64_t> frames = 0;
  InferCallbacks callbacks;
  callbacks.on_frames = [&](int64_t done, int64_t) { frames = done; };
  callbacks.should_stop = [&] { return frames >= 5; };
  const SequenceResult result = infer(options, callbacks);
  EXPECT_EQ(result.segmented, 5);
  EXPECT_EQ(count_files(out / "mask"), 5U);
  EXPECT_EQ(open_source((out / "overlay.mp4").string())->info().frames, 5);
  EXPECT_TRUE(fs::exists(out / "boxes.csv"));
}

// A folder of results that another call comes to.
struct UsedFolder : testing::Test {
  UsedFolder() {
    write_frames("long", 6);
    write_frames("short", 3);
  }

  void write_frames(const std::string& name, int count) const {
    for (int i = 1; i <= count; ++i) {
      save(folder / name / fmt::format("{}{}.png", name, i), gray_image(i));
    }
  }

  SequenceResult segment(const std::string& name, const MaskSettings& settings = {},
                         const SourceOptions& source = {}, const ExportOptions& options = {}) {
    RecordingSegmenter segmenter(/*needs_every_frame=*/false);
    segmenter.set_settings(settings);
    return infer_sequence(segmenter, {(folder / name).string(), name}, out, source, options);
  }

  static ExportOptions products(const std::string& save) {
    ExportOptions options;
    options.save = parse_products(save);
    return options;
  }

  static ExportOptions forced(const std::string& save = "mask") {
    ExportOptions options;
    options.save = parse_products(save);
    options.force = true;
    return options;
  }

  const TemporaryFolder folder;
  const fs::path out = folder / "out";
};

TEST_F(UsedFolder, GoesOnWithTheSameCall) {
  EXPECT_EQ(segment("long", {{"method", "a"}}).segmented, 6);
  fs::rename(folder / "long", folder / "elsewhere");  // the same frames
  EXPECT_EQ(segment("elsewhere", {{"method", "a"}}).present, 6);
}

TEST_F(UsedFolder, RefusesAnotherCallAndNamesWhatDiffers) {
  segment("long", {{"method", "a"}, {"mask.threshold", "0.5"}});
  const auto refuses = [&](const std::vector<std::string>& fragments, const std::string& name,
                           const MaskSettings& settings, const SourceOptions& source = {}) {
    expect_error(ExitCode::kOutput, fragments, [&] { segment(name, settings, source); });
  };
  const MaskSettings same = {{"method", "a"}, {"mask.threshold", "0.5"}};
  refuses({out.string(), "frames was '" + (folder / "long").string(), (folder / "short").string()},
          "short", same);
  refuses({"method was 'a', is 'b'"}, "long", {{"method", "b"}, {"mask.threshold", "0.5"}});
  refuses({"mask.threshold was '0.5', is ''"}, "long", {{"method", "a"}});
  refuses({"input.range was '', is '2:4'"}, "long", same, {.range = "2:4"});
  refuses({"input.every was '1', is '2'"}, "long", same, {.every = 2});
  refuses({"input.roi was '', is '0,0,9,0,9,9'"}, "long", same, {.roi = "0,0,9,0,9,9"});
  save(folder / "long/long3.png", gray_image(77));
  refuses({"frames was"}, "long", same);
  EXPECT_EQ(count_files(out / "mask"), 6U);
}

TEST_F(UsedFolder, NoticesThatAFileOfTheBackgroundHasChanged) {
  const std::string file = (folder / "empty.png").string();
  save(file, gray_image(1));
  segment("long", {{"background.file", file}});
  EXPECT_EQ(segment("long", {{"background.file", file}}).present, 6);
  const std::string now = read_file(out / "segmentation.json");
  auto earlier = nlohmann::json::parse(now);  // as proxseg 0.1 has recorded it
  earlier["settings"]["background.file"] = file;
  write_file_atomically(out / "segmentation.json", earlier.dump());
  EXPECT_EQ(segment("long", {{"background.file", file}}).present, 6);
  write_file_atomically(out / "segmentation.json", now);
  save(file, gray_image(2));
  expect_error(ExitCode::kOutput, {"background.file was", file}, [&] {
    segment("long", {{"background.file", file}});
  });
}

TEST_F(UsedFolder, RecognisesFramesByTheHashOfEarlierVersions) {
  for (int i = 1; i <= 3; ++i) {
    save(folder / fmt::format("large/{}.png", i), noise_image(i, {400, 300}));
  }
  segment("large");
  auto record = nlohmann::json::parse(read_file(out / "segmentation.json"));
  const std::string heads = fingerprint_of_heads((folder / "large").string()).sha256;
  EXPECT_NE(record.at("settings").at("frames"), heads);
  record["settings"]["frames"] = heads;
  record.erase("extras");
  write_file_atomically(out / "segmentation.json", record.dump());
  EXPECT_EQ(segment("large").present, 3);
  save(folder / "large/1.png", noise_image(9, {400, 300}));
  expect_error(ExitCode::kOutput, {"frames was"}, [&] { segment("large"); });
}

TEST_F(UsedFolder, LeavesOutALinkThatLeadsNowhereWhenTold) {
  fs::create_symlink("/gone/long7.png", folder / "long/long7.png");
  expect_error(ExitCode::kInput, {"long7", "is not there"}, [&] { segment("long"); });
  const SequenceResult result = segment("long", {}, {.on_error = OnError::kSkip});
  EXPECT_EQ(result.skipped.size(), 1U);
  EXPECT_EQ(count_files(out / "mask"), 6U);
}

TEST_F(UsedFolder, RefusesResultsWithoutARecord) {
  segment("long");
  fs::remove(out / "segmentation.json");
  const std::vector<std::string> fragments = {(out / "mask/long").string(), "no segmentation.json"};
  expect_error(ExitCode::kOutput, fragments, [&] { segment("long"); });
  save_text(out / "segmentation.json", "{");
  expect_error(ExitCode::kOutput, fragments, [&] { segment("long"); });
  ExportOptions boxes;
  boxes.save = parse_products("boxes");
  segment("long", {}, {}, boxes);  // of which there are none yet
  expect_error(ExitCode::kOutput, fragments, [&] { segment("long"); });
}

TEST_F(UsedFolder, IsClearedByForceOfWhatTheProgramWroteAndOfNothingElse) {
  segment("long", {}, {}, forced("mask,soft,boxes,overlay,background-image,yolo,labelme,labels"));
  save(out / "mask/mine.png", gray_image(5));
  save_text(out / "notes.txt", "mine");
  segment("short", {}, {}, forced());
  EXPECT_THAT(listing(out), UnorderedElementsAre("mask", "notes.txt", "segmentation.json"));
  EXPECT_THAT(listing(out / "mask"),
              UnorderedElementsAre("mine.png", "short1.png", "short2.png", "short3.png"));
  EXPECT_EQ(segment("short").present, 3);
}

TEST_F(UsedFolder, KeepsTheUsersFilesThatAreNamedAsResults) {
  save_text(out / "boxes.csv", "mine");
  write_png(out / "background.png", gray_image(5));  // as synth leaves it
  ExportOptions boxes;
  boxes.save = parse_products("boxes");
  expect_error(ExitCode::kOutput, {"boxes.csv' is there", "no segmentation.json"},
               [&] { segment("long", {}, {}, boxes); });
  segment("long");  // neither is of this call
  EXPECT_THAT(logged([&] { segment("long", {}, {}, forced()); }),
              AllOf(HasSubstr("stay"), HasSubstr("background.png"), HasSubstr("boxes.csv")));
  EXPECT_THAT(listing(out),
              UnorderedElementsAre("mask", "boxes.csv", "background.png", "segmentation.json"));
}

TEST_F(UsedFolder, IsClearedByForceInTheOtherLayout) {
  ExportOptions cdnet = forced();
  cdnet.layout = Layout::kCdnet;
  segment("long", {}, {}, cdnet);
  save(out / "bin000099.png", gray_image(5));
  segment("short", {}, {}, forced());
  EXPECT_THAT(listing(out), UnorderedElementsAre("mask", "bin000099.png", "segmentation.json"));
}

TEST_F(UsedFolder, KeepsRecordOfWhatMadeIt) {
  segment("long", {{"method", "a"}}, {}, forced("mask"));
  ExportOptions more;
  more.save = parse_products("boxes");
  segment("long", {{"method", "a"}}, {}, more);
  const auto record = nlohmann::json::parse(read_file(out / "segmentation.json"));
  EXPECT_EQ(record["input"], (folder / "long").string());
  EXPECT_EQ(record["settings"]["method"], "a");
  EXPECT_EQ(record["products"], (std::vector<std::string>{"mask", "boxes"}));
}

TEST_F(UsedFolder, MayNotLieAmongTheFrames) {
  RecordingSegmenter segmenter(/*needs_every_frame=*/false);
  const NamedSequence sequence = {(folder / "long").string(), "long"};
  for (const bool force : {false, true}) {
    ExportOptions options;
    options.force = force;
    expect_error(ExitCode::kOutput, {"the frames of", sequence.path},
                 [&] { infer_sequence(segmenter, sequence, folder / "long", {}, options); });
  }
  EXPECT_EQ(count_files(folder / "long"), 6U);
}

TEST_F(UsedFolder, SaysWhenMasksCanHardlyBeRight) {
  EXPECT_THAT(segment("long").warnings, ElementsAre(HasSubstr("no mask in any of 6 frames")));
  EXPECT_THAT(segment("long").warnings, SizeIs(1));  // also where nothing is segmented
  EXPECT_THAT(doubts_about_masks(out), SizeIs(1));
  EXPECT_THAT(segment("short", {}, {}, forced()).warnings, ElementsAre(HasSubstr("only 3 frames")));
}

// Finds something in all but the first frame.
struct LateObject : RecordingSegmenter {
  LateObject() : RecordingSegmenter(/*needs_every_frame=*/false) {}
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                    const std::set<Product>& products) override {
    auto results = RecordingSegmenter::segment(frames, products);
    for (size_t i = 0; i < frames.size(); ++i) {
      if (frames[i].at<uchar>(0) > 1) results[i].mask.at<uchar>(0) = 255;
    }
    return results;
  }
};

TEST_F(UsedFolder, DoubtsTheMasksOfAllFramesNotOfThoseItMakesAnew) {
  const NamedSequence sequence = {(folder / "long").string(), "long"};
  LateObject segmenter;
  EXPECT_THAT(infer_sequence(segmenter, sequence, out, {}, {}).warnings, IsEmpty());
  fs::remove(out / "mask/long1.png");
  const SequenceResult again = infer_sequence(segmenter, sequence, out, {}, {});
  EXPECT_EQ(again.segmented, 1);
  EXPECT_THAT(again.warnings, IsEmpty());
}

TEST_F(UsedFolder, DoubtsMasksOfAnInterruptedCallToo) {
  segment("long");
  fs::remove(out / "mask/long6.png");
  const auto warnings = segment("long").warnings;
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("no mask in any of 6 frames:")));
  // One of another product counts no mask twice.
  EXPECT_EQ(segment("long", {}, {}, products("mask,boxes")).warnings, warnings);
}

TEST_F(UsedFolder, DoubtsNoMaskThatWasCorrectedByHand) {
  segment("long");
  cv::Mat mask = cv::Mat::zeros(gray_image(1).size(), CV_8UC1);
  mask.at<uchar>(0) = 255;
  cv::imwrite(out / "mask/long3.png", mask);
  EXPECT_THAT(segment("long").warnings, IsEmpty());
  EXPECT_THAT(doubts_about_masks(out), IsEmpty());
}

TEST_F(UsedFolder, TellsMasksOfOtherFramesFromThoseOfItsOwn) {
  segment("long");
  EXPECT_EQ(doubt_about_frames(out, (folder / "long").string()), std::nullopt);
  EXPECT_EQ(doubt_about_frames(out, (folder / "nowhere").string()), std::nullopt);
  EXPECT_EQ(doubt_about_frames(folder / "nothing", (folder / "short").string()), std::nullopt);
  EXPECT_THAT(doubt_about_frames(out, (folder / "short").string()).value_or(""),
              AllOf(HasSubstr((folder / "long").string()), HasSubstr((folder / "short").string())));
}

TEST(StandardOutput, TakesMasksAlone) {
  RecordingSegmenter segmenter(/*needs_every_frame=*/false);
  const StandardInput input(y4m_of({gray_image(1)}));
  ExportOptions options;
  options.save = parse_products("mask,soft");
  expect_error(ExitCode::kUsage, {"--save", "masks alone"}, [&] {
    infer_sequence(segmenter, {"-", "stdin"}, "-", {}, options);
  });
}

TEST(ParseProducts, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(parse_products("mask,soft").size(), 2U);
  expect_error(ExitCode::kUsage, {"--save", "'masks'"}, [] { parse_products("masks"); });
  expect_error(ExitCode::kUsage, {"nothing to save"}, [] { parse_products(""); });
}

}  // namespace
}  // namespace proxseg
