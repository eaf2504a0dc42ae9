#include "proxseg/segment/network_segmenter.h"

#include <opencv2/imgproc.hpp>
#include <thread>

#include "proxseg/tools/synth.h"
#include "support/cuda.h"
#include "support/expect_error.h"
#include "support/scene_files.h"
#include "support/shaking_camera.h"

namespace proxseg {
namespace {

const std::set<Product> kNetworkProducts = {Product::kMask, Product::kSoft, Product::kBackground,
                                            Product::kForeground};

Recipe recipe(Form form = Form::kMasked) {
  Recipe r;
  r.precision = Precision::kFloat32;
  r.model.form = form;
  r.model.unet.channels = 4;
  r.input.scale = 1.0;
  r.mask = {.threshold = 0.5, .median = 0.02, .min_area = 0, .fill_holes = 0};
  return r;
}

struct Scene {
  SynthScene scene{tiny_scene(3)};
  std::vector<cv::Mat> frames = {scene.frame(0).image, scene.frame(1).image, scene.frame(2).image};
  SceneModel model;

  explicit Scene(double scale = 0.01) {
    const cv::Mat background = scene.background();
    model.states = {{.background = background,
                     .scale = cv::Mat(background.size(), CV_32FC1, cv::Scalar(scale))}};
  }

  SequenceInfo info(const cv::Mat& roi) const {
    SequenceInfo sequence;
    sequence.size = model.background().size();
    sequence.roi = roi;
    return sequence;
  }
};

TEST(NetworkSegmenter, OfAModelTrainedOnAGpuDoesWithoutOne) {
  if (at::hasCUDA()) GTEST_SKIP() << "this machine has a GPU";
  const Scene s;
  std::vector<cv::Mat> masks;
  for (const char* device : {"cpu", "cuda", "cuda:3"}) {
    Recipe r = recipe();
    r.device = device;
    NetworkSegmenter segmenter(Model(r, 3));
    EXPECT_EQ(segmenter.recipe().device, device);
    segmenter.set_scene(s.model);
    masks.push_back(segmenter.segment(s.frames, kNetworkProducts)[1].soft);
    EXPECT_EQ(cv::norm(masks.back(), masks.front(), cv::NORM_INF), 0.0) << device;
  }
}

TEST(NetworkSegmenter, IsKnownByItsWeightsAndTheSettingsOfItsMasks) {
  const auto settings = [](const Recipe& r) { return NetworkSegmenter(Model(r, 3)).settings(); };
  Recipe r = recipe();
  const MaskSettings first = settings(r);
  r.train.steps = 7;
  r.threads = 1;
  EXPECT_EQ(settings(r), first);
  r.mask.threshold = 0.25;
  EXPECT_EQ(settings(r).at("mask.threshold"), "0.25");
  EXPECT_EQ(settings(r).at("model"), first.at("model"));
  r.seed = 2;
  EXPECT_NE(settings(r).at("model"), first.at("model"));
}

TEST(NetworkSegmenter, GivesEveryProductAtTheFramesSize) {
  const Scene s;
  for (const Form form : {Form::kMasked, Form::kSigned}) {
    for (const double scale : {1.0, 0.4}) {
      for (const int64_t channels : {1, 3}) {
        Recipe r = recipe(form);
        r.input.scale = scale;
        NetworkSegmenter segmenter(Model(r, channels));
        segmenter.set_scene(s.model);
        const auto results = segmenter.segment(s.frames, kNetworkProducts);
        ASSERT_EQ(results.size(), 3U);
        EXPECT_EQ(cv::norm(segmenter.background(), s.model.background(), cv::NORM_INF), 0.0);
        const int type = channels == 1 ? CV_8UC1 : CV_8UC3;
        for (const auto& result : results) {
          EXPECT_EQ(result.mask.size(), s.model.background().size());
          EXPECT_EQ(result.mask.type(), CV_8UC1);
          EXPECT_EQ(result.soft.type(), CV_32FC1);
          EXPECT_EQ(result.background.type(), type);
          EXPECT_EQ(result.foreground.type(), type);
          EXPECT_EQ(cv::countNonZero((result.mask != 0) & (result.mask != 255)), 0);
        }
      }
    }
  }
}

TEST(NetworkSegmenter, BatchesDoNotChangeTheResult) {
  const Scene s;
  NetworkSegmenter segmenter(Model(recipe(), 3));
  segmenter.set_scene(s.model);
  const auto together = segmenter.segment(s.frames, kNetworkProducts);
  for (size_t i = 0; i < s.frames.size(); ++i) {
    const auto alone = segmenter.segment({s.frames[i]}, kNetworkProducts);
    EXPECT_LT(cv::norm(alone[0].soft, together[i].soft, cv::NORM_INF), 1e-4);
  }
}

TEST(NetworkSegmenter, CopiesShareTheNetworkAmongThreadsAndKeepTheirScenes) {
  const Scene s, other(0.03);
  const NetworkSegmenter original(Model(recipe(), 3));
  const auto soft_of = [&](const SceneModel& scene) {
    NetworkSegmenter copy(original);
    copy.set_scene(scene);
    std::vector<cv::Mat> soft;
    for (int i = 0; i < 20; ++i) {
      soft.push_back(
          copy.segment({s.frames[static_cast<size_t>(i % 3)]}, kNetworkProducts)[0].soft);
    }
    return soft;
  };
  const std::vector<cv::Mat> alone = soft_of(s.model), otherwise = soft_of(other.model);
  EXPECT_GT(cv::norm(alone[0], otherwise[0], cv::NORM_INF), 1e-4);
  std::vector<std::vector<cv::Mat>> together(4);
  {
    std::vector<std::jthread> threads;
    for (size_t k = 0; k < together.size(); ++k) {
      threads.emplace_back([&, k] { together[k] = soft_of(k % 2 == 0 ? s.model : other.model); });
    }
  }
  for (size_t k = 0; k < together.size(); ++k) {
    const auto& expected = k % 2 == 0 ? alone : otherwise;
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(cv::norm(together[k][i], expected[i], cv::NORM_INF), 0.0) << k << " " << i;
    }
  }
}

TEST(NetworkSegmenter, EnginesGiveTheSameMasks) {
  const Scene s;
  for (const Form form : {Form::kMasked, Form::kSigned}) {
    Recipe r = recipe(form);
    r.input.scale = 0.7;
    const Model model(r, 3);
    const auto result_of = [&](Engine engine) {
      Model copy(r, 3);
      load_state(copy.network, model.network.state(), "copy");
      copy.recipe.infer.engine = engine;
      NetworkSegmenter segmenter(std::move(copy));
      segmenter.set_scene(s.model);
      return segmenter.segment(s.frames, kNetworkProducts).back();
    };
    const Segmentation torch = result_of(Engine::kTorch), opencv = result_of(Engine::kOpenCv);
    EXPECT_GT(cv::norm(torch.soft, cv::NORM_INF), 1e-3);
    EXPECT_LT(cv::norm(torch.soft, opencv.soft, cv::NORM_INF), 1e-5);
    EXPECT_LE(cv::countNonZero(torch.mask != opencv.mask), 2);
  }
}

TEST(NetworkSegmenter, NothingOutsideTheRoi) {
  const Scene s;
  cv::Mat roi(s.model.background().size(), CV_8UC1, cv::Scalar(255));
  roi.colRange(0, 20) = 0;
  Recipe r = recipe();
  r.mask.threshold = 0.0;
  NetworkSegmenter segmenter(Model(r, 3));
  segmenter.set_scene(s.model, s.info(roi));
  const auto result = segmenter.segment(s.frames, kNetworkProducts).front();
  EXPECT_EQ(cv::countNonZero(result.mask.colRange(0, 18)), 0);
  EXPECT_GT(cv::countNonZero(result.mask.colRange(22, 48)), 0);
}

TEST(NetworkSegmenter, DifferencesCountInUnitsOfTheScale) {
  const auto soft_of = [](const Scene& s) {
    NetworkSegmenter segmenter(Model(recipe(), 3));
    segmenter.set_scene(s.model);
    return segmenter.segment(s.frames, kNetworkProducts).front().soft;
  };
  const cv::Mat soft = soft_of(Scene(0.01));
  EXPECT_EQ(cv::norm(soft_of(Scene(0.01)), soft, cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(soft_of(Scene(0.04)), soft, cv::NORM_INF), 1e-3);
}

// Frames of 320 x 240 with an object here and there, before a background in one grey.
struct WideScene {
  SceneModel model;
  std::vector<cv::Mat> frames;

  explicit WideScene(const std::vector<cv::Rect>& objects) {
    const cv::Mat background(240, 320, CV_8UC3, cv::Scalar::all(90));
    model.states = {{.background = background,
                     .scale = cv::Mat(background.size(), CV_32FC1, cv::Scalar(0.05))}};
    for (const cv::Rect& object : objects) {
      frames.push_back(background.clone());
      if (object.empty()) continue;
      cv::Mat place = frames.back()(object);
      cv::RNG(3).fill(place, cv::RNG::UNIFORM, 120, 250);
    }
  }
  std::vector<Segmentation> segment(const Recipe& r) const {
    NetworkSegmenter segmenter(Model(r, 3));
    SequenceInfo sequence;
    sequence.size = model.background().size();
    segmenter.set_scene(model, sequence);
    return segmenter.segment(frames, kNetworkProducts);
  }
};

TEST(NetworkSegmenter, FindsNothingWhereNothingDiffersFromTheBackground) {
  Recipe r = recipe();
  r.mask.threshold = 0.1;  // a network of random weights gives about a half
  for (const auto& result : WideScene({{}, {}}).segment(r)) {
    EXPECT_EQ(cv::countNonZero(result.mask), 0);
    EXPECT_LT(cv::norm(result.soft, cv::NORM_INF), 1e-9);
  }
}

// What OpenCV runs is the network of whole frames.
TEST(NetworkSegmenter, FindsTheSameIfItLooksOnlyWhereSomethingDiffers) {
  for (const int64_t unshuffle : {1, 2}) {
    for (const Padding padding : {Padding::kZeros, Padding::kReflect}) {
      Recipe r = recipe();
      r.model.unet.pixel_unshuffle = unshuffle;
      r.model.unet.padding = padding;
      for (const auto& objects : std::vector<std::vector<cv::Rect>>{
               {{150, 100, 20, 16}}, {{2, 2, 9, 9}, {40, 30, 12, 20}}, {{300, 220, 20, 20}, {}}}) {
        const WideScene scene(objects);
        r.infer.engine = Engine::kTorch;
        const auto found = scene.segment(r);
        r.infer.engine = Engine::kOpenCv;
        const auto expected = scene.segment(r);
        for (size_t i = 0; i < found.size(); ++i) {
          EXPECT_EQ(cv::norm(found[i].soft, cv::NORM_INF) > 0.1, !objects[i].empty());
          EXPECT_LT(cv::norm(found[i].soft, expected[i].soft, cv::NORM_INF), 1e-5) << objects[0];
        }
      }
    }
  }
}

TEST(NetworkSegmenter, FollowsTheExposure) {
  const Scene s;
  const auto difference_of = [&](bool follow) {
    Recipe r = recipe();
    r.background.follow_exposure = follow;
    NetworkSegmenter segmenter(Model(r, 3));
    segmenter.set_scene(s.model);
    const cv::Mat darker = s.model.background() * 0.8;
    const cv::Mat foreground = segmenter.segment({darker}, kNetworkProducts).front().foreground;
    return cv::norm(foreground, cv::NORM_INF);
  };
  EXPECT_GT(difference_of(false), 8.0);
  EXPECT_LE(difference_of(true), 2.0);
}

TEST(NetworkSegmenter, ComparesEachFrameOfABatchWithItsOwnState) {
  Scene s;
  std::vector<cv::Mat> frames = s.frames;
  frames[1] = cv::Mat(~frames[1]);  // of its own
  SceneState negative = s.model.states[0];
  negative.background = cv::Mat(~negative.background);
  s.model.states.push_back(negative);
  s.model.looks = {look_of(s.frames), look_of({frames[1]})};
  NetworkSegmenter segmenter(Model(recipe(), 3));
  segmenter.set_scene(s.model);
  const auto together = segmenter.segment(frames, kNetworkProducts);
  for (size_t i = 0; i < frames.size(); ++i) {
    const auto alone = segmenter.segment({frames[i]}, kNetworkProducts);
    EXPECT_LT(cv::norm(alone[0].soft, together[i].soft, cv::NORM_INF), 1e-4);
    EXPECT_LE(cv::norm(alone[0].background, together[i].background, cv::NORM_INF), 1.0);
  }
  segmenter.set_scene({.states = {s.model.states[0]}, .looks = {}});
  const auto by_one_state = segmenter.segment(frames, kNetworkProducts);
  EXPECT_EQ(cv::norm(by_one_state[0].soft, together[0].soft, cv::NORM_INF), 0.0);
  EXPECT_EQ(s.model.state_of(frames[1]), 1U);
  EXPECT_GT(cv::norm(by_one_state[1].soft, together[1].soft, cv::NORM_INF), 1e-3);
}

TEST(NetworkSegmenter, GivesFramesOfAShakingCameraInTheirOwnSizeWithTheirBorder) {
  const auto frames = seen_by_a_shaking_camera();
  const cv::Mat roi(150, 200, CV_8U, cv::Scalar(255));
  NetworkSegmenter segmenter(Model(recipe(), 3));
  const SceneModel scene = model_scene(frames, {});
  ASSERT_GT(scene.background().cols, 200);
  SequenceInfo sequence;
  sequence.size = roi.size();
  sequence.roi = roi;
  segmenter.set_scene(scene, sequence);
  EXPECT_EQ(segmenter.background().size(), cv::Size(200, 150));
  const auto results = segmenter.segment({frames[3], frames[17]}, kNetworkProducts);
  for (const Segmentation& result : results) {
    for (const cv::Mat& image : {result.mask, result.soft, result.background, result.foreground}) {
      EXPECT_EQ(image.size(), cv::Size(200, 150));
    }
  }
  const cv::Rect border(2, 2, 4, 146);
  EXPECT_LT(cv::norm(results[0].background(border), frames[3](border), cv::NORM_L1) /
                (3.0 * border.area()),
            16.0);
}

TEST(NetworkSegmenter, NothingStandsOutOutsideTheRoiOfAShakingCamera) {
  const auto frames = seen_by_a_shaking_camera();
  SequenceInfo sequence;
  sequence.size = frames[0].size();
  sequence.roi = cv::Mat(sequence.size, CV_8U, cv::Scalar(255));
  sequence.roi.colRange(0, 100) = 0;
  NetworkSegmenter segmenter(Model(recipe(), 3));
  const SceneModel scene = model_scene(frames, {});
  ASSERT_NE(scene.states[0].alignment, nullptr);
  segmenter.set_scene(scene, sequence);
  cv::Mat frame = frames[3].clone();
  frame(cv::Rect(60, 50, 80, 50)).setTo(cv::Scalar(10, 250, 10));
  const auto result = segmenter.segment({frame}, kNetworkProducts)[0];
  EXPECT_EQ(cv::norm(result.foreground.colRange(0, 100), cv::NORM_INF), 0.0);
  EXPECT_EQ(cv::norm(result.soft.colRange(0, 100), cv::NORM_INF), 0.0);
  EXPECT_EQ(cv::norm(result.background.colRange(0, 100), frame.colRange(0, 100), cv::NORM_INF),
            0.0);
  EXPECT_GT(cv::norm(result.foreground.colRange(100, 200), cv::NORM_INF), 0.0);
}

TEST(NetworkSegmenter, FindsTheSameOnAGpu) {
  SKIP_WITHOUT_CUDA();
  const Scene s;
  const auto soft_on = [&](const char* device) {
    Recipe r = recipe();
    r.device = device;
    NetworkSegmenter segmenter(Model(r, 3));
    segmenter.set_scene(s.model);
    return segmenter.segment(s.frames, kNetworkProducts).front().soft;
  };
  EXPECT_LT(cv::norm(soft_on("cuda"), soft_on("cpu"), cv::NORM_INF), 1e-3);
}

TEST(NetworkSegmenter, BeginsWithTheSceneOfTheWholeSequence) {
  const TemporaryFolder folder;
  const auto source = open_source(write_tiny_scene(folder), {});
  const cv::Mat frame = source->next()->image;
  NetworkSegmenter segmenter(Model(recipe(), 3));
  segmenter.begin(source->info(), {});
  const cv::Mat begun = segmenter.segment({frame}, kNetworkProducts).front().soft;
  segmenter.set_scene(scene_of(source->info(), segmenter.recipe().background), source->info());
  EXPECT_EQ(
      cv::norm(segmenter.segment({frame}, kNetworkProducts).front().soft, begun, cv::NORM_INF), 0);
}

TEST(NetworkSegmenter, MasksDoNotDependOnWhatElseIsMade) {
  const TemporaryFolder folder;
  const auto source = open_source(write_tiny_scene(folder), {});
  const cv::Mat frame = source->next()->image;
  for (const double scale : {1.0, 0.5}) {
    Recipe r = recipe();
    r.input.scale = scale;
    r.background.noise_floor = 0.0;  // all of each frame is looked at
    NetworkSegmenter segmenter(Model(r, 3));
    segmenter.begin(source->info(), {Product::kMask});
    EXPECT_EQ(segmenter.background().size(), frame.size());
    const Segmentation alone = segmenter.segment({frame}, {Product::kMask, Product::kSoft})[0];
    const cv::Mat blurred = segmenter.segment({frame}, kNetworkProducts)[0].background;
    segmenter.begin(source->info(), kNetworkProducts);
    const Segmentation among = segmenter.segment({frame}, kNetworkProducts)[0];
    EXPECT_EQ(cv::norm(alone.soft, among.soft, cv::NORM_INF), 0.0) << scale;
    EXPECT_EQ(cv::norm(alone.mask, among.mask, cv::NORM_INF), 0.0) << scale;
    EXPECT_EQ(cv::norm(blurred, among.background, cv::NORM_INF) == 0.0, scale == 1.0) << scale;
    const cv::Mat full = scene_of(source->info(), r.background).background();
    EXPECT_LT(cv::norm(segmenter.background(), full, cv::NORM_L1) / (3.0 * full.total()), 1.0);
  }
}

SequenceInfo stream_of(const cv::Mat& scene, size_t head) {
  SequenceInfo stream;
  stream.kind = SequenceKind::kStream;
  stream.size = scene.size();
  stream.head.assign(head, scene);
  return stream;
}

TEST(NetworkSegmenter, NoBatchGoesBeyondTheFrameFromWhichAStreamIsFollowed) {
  const cv::Mat scene = textured({80, 60});
  Recipe r = recipe();
  r.infer.batch = 8;
  NetworkSegmenter segmenter(Model(r, 3));
  segmenter.follow({}, 20, 20);
  EXPECT_EQ(segmenter.batch(), 8);
  segmenter.begin(stream_of(scene, 20), {Product::kMask});
  for (const int64_t expected : {8, 8, 4, 1, 1}) {
    ASSERT_EQ(segmenter.batch(), expected);
    segmenter.segment(std::vector<cv::Mat>(static_cast<size_t>(expected), scene), {Product::kMask});
  }
}

// A followed scene has the detail that was learned of its first frames.
TEST(NetworkSegmenter, AFollowedStreamKeepsTheDetailOfItsBackground) {
  const cv::Mat scene = textured({160, 120});
  Recipe r = recipe();
  r.input.scale = 0.5;
  NetworkSegmenter segmenter(Model(r, 3));
  segmenter.follow({}, 25, 0);
  segmenter.begin(stream_of(scene, 25), kNetworkProducts);
  segmenter.segment({scene}, kNetworkProducts);
  EXPECT_LT(cv::norm(segmenter.background(), scene, cv::NORM_L1) / (3.0 * scene.total()), 1.0);
}

// Until another scene has been learned.
TEST(NetworkSegmenter, NothingStandsOutWhereTheSceneIsNotKnown) {
  const cv::Mat scene = textured({160, 120});
  cv::Mat other;
  cv::flip(255 - scene, other, -1);
  NetworkSegmenter segmenter(Model(recipe(), 3));
  segmenter.follow({}, 25, 0);
  segmenter.begin(stream_of(scene, 25), kNetworkProducts);
  int unknown = 0;
  for (int i = 0; i < 12; ++i) {
    segmenter.set_time(1.0 + 0.1 * i);
    const Segmentation result = segmenter.segment({i < 3 ? scene : other}, kNetworkProducts)[0];
    if (segmenter.follower()->knows_scene()) continue;
    ++unknown;
    for (const cv::Mat& image : {result.mask, result.soft, result.foreground}) {
      EXPECT_EQ(cv::norm(image, cv::NORM_INF), 0.0) << i;
    }
    EXPECT_EQ(cv::norm(result.background, other, cv::NORM_INF), 0.0) << i;
  }
  EXPECT_GT(unknown, 0);
}

// The scene of a stream is followed in the size that the network sees.
TEST(NetworkSegmenter, TellsWherePartsOfAStreamsFramesAreInTheirPixels) {
  const cv::Mat scene = textured({160, 120});
  const cv::Rect place(60, 40, 40, 32);
  cv::Mat with_object = scene.clone();
  with_object(place).setTo(cv::Scalar(230, 20, 210));
  Recipe r = recipe();
  r.input.scale = 0.5;
  NetworkSegmenter segmenter(Model(r, 3));
  FollowOptions options;
  options.absorb = 2.0;
  segmenter.follow(options, 25, 0);
  segmenter.begin(stream_of(scene, 25), {Product::kMask});
  EXPECT_EQ(segmenter.follower()->scene().frame_size(), cv::Size(80, 60));
  std::vector<SceneEvent> events;
  for (int i = 0; i < 200; ++i) {
    segmenter.set_time(1.0 + 0.1 * i);
    const auto result = segmenter.segment({i < 20 ? scene : with_object}, {Product::kMask});
    ASSERT_EQ(result[0].mask.size(), scene.size());
    if (i == 30) segmenter.accept(place);
    for (const SceneEvent& event : segmenter.take_events()) events.push_back(event);
  }
  const auto accepted = std::ranges::find(events, "accepted", &SceneEvent::kind);
  ASSERT_NE(accepted, events.end());
  EXPECT_TRUE(segmenter.follower()->shows_nothing());
  EXPECT_LT(cv::norm(segmenter.background()(place), with_object(place), cv::NORM_L1) /
                (3.0 * place.area()),
            4.0);
  EXPECT_NEAR(accepted->box.x, place.x, 4);
  EXPECT_NEAR(accepted->box.br().x, place.br().x, 4);
  EXPECT_NEAR(accepted->box.y, place.y, 4);
  EXPECT_NEAR(accepted->box.br().y, place.br().y, 4);
}

TEST(NetworkSegmenter, RefusesFramesOfAnotherSizeAndNeedsAScene) {
  const Scene s;
  NetworkSegmenter segmenter(Model(recipe(), 3));
  expect_error(ExitCode::kUsage, {"begin() comes first"},
               [&] { segmenter.segment(s.frames, kNetworkProducts); });
  segmenter.set_scene(s.model);
  expect_error(ExitCode::kUsage, {"10 x 8", "48"},
               [&] { segmenter.segment({cv::Mat(8, 10, CV_8UC3)}, kNetworkProducts); });
}

}  // namespace
}  // namespace proxseg
