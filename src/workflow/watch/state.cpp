#include "workflow/watch/state.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "proxseg/core/clock.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/sha256.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

using nlohmann::ordered_json;

constexpr const char* kFormat = "proxseg watch state";
constexpr int kVersion = 3;

double seconds_of_wall_clock() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The pixels of each object hold its place in the list, from 1.
cv::Mat labels_of(const std::vector<WatchedObject>& objects, cv::Size size) {
  cv::Mat labels = cv::Mat::zeros(size, CV_16U);
  for (size_t i = 0; i < objects.size(); ++i) {
    const Shape& shape = objects[i].track.shape;
    labels(shape.box).setTo(static_cast<double>(i + 1), shape.mask);
  }
  return labels;
}

ordered_json json_of(const WatchState& state, cv::Size size, ImageStore& store) {
  std::vector<WatchedObject> objects = state.objects;
  objects.resize(std::min<size_t>(objects.size(), std::numeric_limits<uint16_t>::max()));
  ordered_json list = ordered_json::array();
  for (const WatchedObject& object : objects) {
    list.push_back({{"id", object.track.id},
                    {"first", object.first},
                    {"frames", object.track.frames},
                    {"rests", object.track.state == TrackState::kRest}});
  }
  ordered_json json = {{"last_id", state.last_id}, {"list", std::move(list)}};
  if (!objects.empty()) json["labels"] = store.put(labels_of(objects, size));
  return json;
}

void read_objects(const ordered_json& json, const ImageStore& store, cv::Size size,
                  WatchState& state) {
  state.last_id = json.at("last_id").get<int64_t>();
  if (json.at("list").empty()) return;
  const cv::Mat labels = store.get(json.at("labels").get<std::string>());
  if (labels.type() != CV_16UC1 || labels.size() != size) {
    throw InputError("its objects are of another size");
  }
  int64_t place = 0;
  for (const ordered_json& item : json.at("list")) {
    WatchedObject object;
    object.first = item.at("first").get<double>();
    object.track.id = item.at("id").get<int64_t>();
    object.track.frames = item.at("frames").get<int64_t>();
    object.track.state = item.at("rests").get<bool>() ? TrackState::kRest : TrackState::kMoving;
    object.track.shape = shape_of(labels == static_cast<double>(++place));
    if (object.track.shape.area > 0) state.objects.push_back(std::move(object));
  }
}

void expect_same(const ordered_json& json, const char* key, const ordered_json& value,
                 const char* what) {
  if (json.at(key) != value) throw InputError(fmt::format("it is of another {}", what));
}

}  // namespace

StateFolder::StateFolder(fs::path folder, StateKey key)
    : folder_(std::move(folder)), key_(std::move(key)) {}

std::optional<WatchState> StateFolder::load() const {
  const fs::path file = folder_ / "state.json";
  if (!is_there(file)) return std::nullopt;
  try {
    const auto json = ordered_json::parse(read_file(file));
    if (json.at("format") != kFormat) throw InputError("it is none of proxseg watch");
    expect_same(json, "version", kVersion, "version");
    if (json.at("input") != sha256(key_.input)) {
      throw OutputError(
          fmt::format("'{}' is the state of another camera or address", file.string()),
          "Choose another --output, or remove the state to go on there with this one.");
    }
    expect_same(json, "model", key_.model, "model");
    expect_same(json, "size", {key_.size.width, key_.size.height}, "size of the frames");
    expect_same(json, "scene_size", {key_.scene.width, key_.scene.height},
                "size of the frames as the network sees them (input.scale, input.pixels)");
    const ImageStore store(folder_);
    WatchState state;
    state.scene = follower_state_from(json.at("scene"), store, key_.scene);
    if (state.scene.known.empty()) return std::nullopt;
    if (state.scene.known[0].scene.background.channels() != key_.channels) {
      throw InputError(key_.channels == 1 ? "it is of frames in colour, and these are grey"
                                          : "it is of grey frames, and these are in colour");
    }
    read_objects(json.at("objects"), store, key_.size, state);
    const auto gap = seconds_of_wall_clock() - json.at("wall_seconds").get<double>();
    state.seconds = state.scene.now + std::max(0.0, gap);
    return state;
  } catch (const nlohmann::json::exception& error) {
    spdlog::warn("'{}' is not taken up, and the scene is learned afresh: it is cut or damaged: {}",
                 file.string(), error.what());
  } catch (const InputError& error) {
    spdlog::warn("'{}' is not taken up, and the scene is learned afresh: {}", file.string(),
                 error.what());
  }
  return std::nullopt;
}

void StateFolder::save(WatchState state) {
  if (writing_.valid() && writing_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    return;
  }
  const auto shared = std::make_shared<const WatchState>(std::move(state));
  writing_ = std::async(std::launch::async, [this, shared] { write(*shared); });
}

void StateFolder::finish(const WatchState& state) {
  if (writing_.valid()) writing_.wait();
  write(state);
}

void StateFolder::write(const WatchState& state) const {
  try {
    ImageStore store(folder_);
    ordered_json json = {{"format", kFormat},
                         {"version", kVersion},
                         {"input", sha256(key_.input)},
                         {"model", key_.model},
                         {"size", {key_.size.width, key_.size.height}},
                         {"scene_size", {key_.scene.width, key_.scene.height}},
                         {"time", utc_time()},
                         {"wall_seconds", seconds_of_wall_clock()}};
    json["scene"] = to_json(state.scene, store);
    json["objects"] = json_of(state, key_.size, store);
    write_file_atomically(folder_ / "state.json", json_text(json));
    store.remove_others();
  } catch (const Error& error) {
    spdlog::warn("the state in '{}' cannot be saved: {}", folder_.string(), error.what());
  }
}

}  // namespace proxseg
