#include "workflow/watch/state.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "proxseg/core/file.h"
#include "support/expect_error.h"
#include "support/logged.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {
namespace fs = std::filesystem;

using testing::HasSubstr;

const StateKey kKey{"rtsp://me:secret@gate/stream", "abc", {32, 24}, {32, 24}, 3};

// A scene in one grey, and an object in it.
WatchState some_state() {
  WatchState state{.seconds = 100.0, .last_id = 7};
  state.scene.now = 100.0;
  FollowerState::Known known;
  known.scene.background = cv::Mat(kKey.size, CV_8UC3, cv::Scalar::all(90));
  known.samples.push_back({99.0, known.scene.background, cv::Mat::zeros(12, 16, CV_8U)});
  state.scene.known.push_back(known);
  cv::Mat mask = cv::Mat::zeros(kKey.size, CV_8U);
  mask(cv::Rect(4, 6, 10, 8)) = 255;
  state.objects.push_back({{.id = 5, .frames = 40, .shape = shape_of(mask)}, 60.0});
  state.objects[0].track.state = TrackState::kRest;
  return state;
}

TEST(StateFolder, GivesBackWhatWasSavedAndLetsTimePass) {
  const TemporaryFolder folder;
  EXPECT_FALSE(StateFolder(folder / "state", kKey).load());
  StateFolder(folder / "state", kKey).finish(some_state());
  const auto state = StateFolder(folder / "state", kKey).load();
  ASSERT_TRUE(state);
  EXPECT_GE(state->seconds, 100.0);
  EXPECT_EQ(state->last_id, 7);
  ASSERT_EQ(state->scene.known.size(), 1U);
  EXPECT_EQ(cv::norm(state->scene.known[0].scene.background,
                     some_state().scene.known[0].scene.background, cv::NORM_INF),
            0.0);
  ASSERT_EQ(state->objects.size(), 1U);
  const WatchedObject& object = state->objects[0];
  EXPECT_EQ(object.track.id, 5);
  EXPECT_EQ(object.track.frames, 40);
  EXPECT_EQ(object.first, 60.0);
  EXPECT_EQ(object.track.state, TrackState::kRest);
  EXPECT_EQ(object.track.shape.box, cv::Rect(4, 6, 10, 8));
}

TEST(StateFolder, SaysNothingOfPasswords) {
  const TemporaryFolder folder;
  StateFolder(folder / "state", kKey).finish(some_state());
  EXPECT_THAT(read_file(folder / "state/state.json"), testing::Not(HasSubstr("secret")));
}

TEST(StateFolder, RefusesAForeignOrADamagedStateWithAWarning) {
  const TemporaryFolder folder;
  const fs::path file = folder / "state/state.json";
  StateFolder(folder / "state", kKey).finish(some_state());
  const std::string bytes = read_file(file);
  const auto expect_refusal = [&](const StateKey& key, const char* reason) {
    const std::string said =
        logged([&] { EXPECT_FALSE(StateFolder(folder / "state", key).load()); });
    EXPECT_THAT(said, HasSubstr("state.json"));
    EXPECT_THAT(said, HasSubstr(reason));
  };
  expect_error(ExitCode::kOutput, {"state.json", "another camera"}, [&] {
    StateFolder(folder / "state", {"rtsp://yard/stream", "abc", {32, 24}, {32, 24}, 3}).load();
  });
  expect_refusal({kKey.input, "def", {32, 24}, {32, 24}, 3}, "another model");
  expect_refusal({kKey.input, "abc", {64, 48}, {32, 24}, 3}, "another size");
  expect_refusal({kKey.input, "abc", {32, 24}, {32, 24}, 1}, "in colour");
  const auto write_with = [&](const char* key, const nlohmann::ordered_json& value) {
    auto changed = nlohmann::ordered_json::parse(bytes);
    changed[key] = value;
    write_file_atomically(file, changed.dump());
  };
  expect_refusal({kKey.input, "abc", {32, 24}, {16, 12}, 3}, "as the network sees them");
  write_with("version", 1);
  expect_refusal(kKey, "another version");
  write_with("format", "something else");
  expect_refusal(kKey, "none of proxseg");
  write_with("scene", nullptr);
  expect_refusal(kKey, "scene");
  for (const size_t cut : {size_t{0}, size_t{1}, bytes.size() / 2, bytes.size() - 3}) {
    write_file_atomically(file, bytes.substr(0, cut));
    expect_refusal(kKey, "damaged");
  }
}

}  // namespace
}  // namespace proxseg
