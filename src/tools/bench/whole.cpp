#include "proxseg/tools/whole.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>

#include "media/location.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/statistics.h"
#include "proxseg/core/temporary_folder.h"
#include "proxseg/core/text.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/source.h"
#include "proxseg/recipe/load.h"
#include "proxseg/segment/methods.h"
#include "proxseg/tools/synth.h"
#include "tools/bench/timing.h"
#include "workflow/spawn.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr const char *kFloor = "floor", *kDefault = "default";

using Words = std::vector<std::string>;
using Announce = std::function<void(const std::string&)>;

struct Cost {
  double seconds = 0.0, cpu = 0.0;
};

double cpu_of(const rusage& usage) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Runs this program. What it prints goes to a file, which the error quotes if it fails.
Cost run_program(const Words& arguments, const fs::path& log) {
  Words words = {"proxseg"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0666);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  int status = 0, error = 0;
  rusage usage{};
  const double seconds = seconds_of([&] {
    const Spawned spawned = spawn("/proc/self/exe", words, &actions);
    error = spawned.error;
    while (error == 0 && ::wait4(spawned.process, &status, 0, &usage) < 0) {
      if (errno != EINTR) error = errno;
    }
  });
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0 || status != 0) {
    throw Error(ExitCode::kPeer, fmt::format("'{}' failed: {}", shell_line(words),
                                             error != 0 ? std::strerror(error) : read_file(log)));
  }
  return {seconds, cpu_of(usage)};
}

// What a user of OpenCV writes to read frames and to write masks.
Cost run_floor(const std::string& input, const cv::Mat& mask, const fs::path& folder) {
  const Location location = locate(input);
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  const double seconds = seconds_of([&] {
    int64_t count = 0;
    const auto write = [&] {
      cv::imwrite((folder / fmt::format("{:06}.png", ++count)).string(), mask);
    };
    if (location.kind == SequenceKind::kVideo) {
      cv::VideoCapture video(input);
      for (cv::Mat frame; video.read(frame);) write();
    } else {
      for (const std::string& file : location.files) {
        if (!cv::imread(file).empty()) write();
      }
    }
  });
  ::getrusage(RUSAGE_SELF, &after);
  return {seconds, cpu_of(after) - cpu_of(before)};
}

struct Sequence {
  std::string name, path;
  SequenceInfo info;
};

Sequence sequence_at(const std::string& name, const std::string& path) {
  const SequenceInfo info = open_source(path)->info();
  if (info.kind == SequenceKind::kStack) {
    throw InputError(fmt::format("'{}' is a stack, which OpenCV has no loop for", path),
                     "Give a folder of frames or a video.");
  }
  return {name, path, info};
}

// A folder of JPEG frames and the same as a video.
std::vector<Sequence> generate(cv::Size size, int64_t frames, const fs::path& folder) {
  SynthOptions scene;
  scene.width = size.width;
  scene.height = size.height;
  scene.frames = frames;
  generate_sequence(scene, folder);
  const fs::path images = folder / "input", video = folder / "video.mp4";
  VideoWriter writer(video, size, /*fps=*/25.0);
  const auto source = open_source(images.string());
  while (const auto frame = source->next()) writer.write(frame->image);
  writer.close();
  return {sequence_at("JPEG", images.string()), sequence_at("H.264", video.string())};
}

Words default_baselines() {
  Words names = {"median", "mog2", "knn"};
  for (const BaselineMethod& method : baseline_methods()) {
    if (std::string(method.name) == "cnt") names.emplace_back("cnt");
  }
  return names;
}

class WholeBenchmark {
 public:
  WholeBenchmark(const WholeOptions& options, const Announce& announce)
      : options_(options),
        announce_(announce),
        threads_(std::to_string(options.threads)),
        log_(folder_ / "log") {}

  std::vector<WholeTime> run() {
    for (const std::string& recipe : options_.recipes) resolve_recipe(recipe);
    const Words baselines = options_.baselines.empty() ? default_baselines() : options_.baselines;
    for (const std::string& name : baselines) make_baseline(name, Recipe{});
    for (const std::string& recipe : options_.recipes) add_network(recipe);
    for (const std::string& name : baselines) commands_.push_back({name, {"baseline", name}});
    if (!options_.input.empty()) {
      measure(sequence_at(options_.input, options_.input));
      return times_;
    }
    for (const cv::Size size : options_.sizes) {
      announce_(fmt::format("{} frames of {} x {}", options_.frames, size.width, size.height));
      const fs::path place = folder_ / "sequence";
      for (const Sequence& sequence : generate(size, options_.frames, place)) measure(sequence);
      fs::remove_all(place);
    }
    return times_;
  }

 private:
  struct Command {
    std::string method;
    Words words;
  };

  void add_network(const std::string& recipe) {
    std::string model = "generic";
    if (recipe != kDefault) {
      announce_("a network of " + recipe);
      const fs::path scene = folder_ / "lesson", run = folder_ / recipe;
      generate_sequence({.frames = 60, .width = 320, .height = 240}, scene);
      run_program({"train", "--config", recipe, "--input", scene.string(), "--output", run.string(),
                   "--set", "train.steps=40", "--threads", threads_},
                  log_);
      model = run.string();
    }
    commands_.push_back({recipe, {"infer", "--model", model}});
  }

  Cost run_command(const Command& command, const Sequence& sequence, const fs::path& masks) {
    Words words = command.words;
    words.insert(words.end(), {"--input", sequence.path, "--output", masks.string(), "--threads",
                               threads_, "--no-progress"});
    return run_program(words, log_);
  }

  // In rounds, so that what else happens on the machine meets every method.
  void measure(const Sequence& sequence) {
    std::map<std::string, std::vector<Cost>> costs;
    const fs::path masks = folder_ / "masks", floor = folder_ / "floor";
    cv::Mat mask;
    for (int64_t round = 1; round <= options_.repetitions; ++round) {
      announce_(fmt::format("{}, {} x {}: round {} of {}", sequence.name, sequence.info.size.width,
                            sequence.info.size.height, round, options_.repetitions));
      for (const Command& command : commands_) {
        costs[command.method].push_back(run_command(command, sequence, masks));
        if (mask.empty()) mask = middle_of(masks / "mask");
        fs::remove_all(masks);
      }
      fs::create_directories(floor);
      costs[kFloor].push_back(run_floor(sequence.path, mask, floor));
      fs::remove_all(floor);
    }
    add_times(sequence, std::move(costs));
  }

  static cv::Mat middle_of(const fs::path& folder) {
    const Location files = locate(folder.string());
    return read_image(files.files.at(files.files.size() / 2));
  }

  static double median_of(const std::vector<Cost>& costs, double Cost::*part) {
    std::vector<double> values;
    for (const Cost& cost : costs) values.push_back(cost.*part);
    return upper_median(std::move(values));
  }

  void add_times(const Sequence& sequence, std::map<std::string, std::vector<Cost>> costs) {
    const double floor = median_of(costs[kFloor], &Cost::seconds);
    const auto add = [&](const std::string& method) {
      const double seconds = median_of(costs[method], &Cost::seconds);
      times_.push_back({sequence.name, method, sequence.info.size, sequence.info.frames, seconds,
                        median_of(costs[method], &Cost::cpu), seconds / floor});
    };
    add(kFloor);
    for (const Command& command : commands_) add(command.method);
  }

  const WholeOptions& options_;
  const Announce& announce_;
  const std::string threads_;
  const TemporaryFolder folder_;
  const fs::path log_;
  std::vector<Command> commands_;
  std::vector<WholeTime> times_;
};

std::string text_of(cv::Size size) { return fmt::format("{}x{}", size.width, size.height); }

}  // namespace

std::vector<WholeTime> measure_whole(const WholeOptions& options, const Announce& announce) {
  return WholeBenchmark(options, announce).run();
}

std::string to_text(const std::vector<WholeTime>& times) {
  std::vector<Cells> rows = {
      {"input", "size", "method", "seconds", "CPU s", "frames/s", "of the floor's time"}};
  for (const WholeTime& time : times) {
    rows.push_back({time.input, text_of(time.size), time.method,
                    fmt::format("{:.2f}", time.seconds), fmt::format("{:.2f}", time.cpu),
                    fmt::format("{:.0f}", time.frames_per_second()),
                    fmt::format("{:.2f}", time.over_floor)});
  }
  return text_table(rows, /*labels=*/3);
}

std::string to_json(const std::vector<WholeTime>& times) {
  auto list = nlohmann::ordered_json::array();
  for (const WholeTime& time : times) {
    list.push_back({{"input", time.input},
                    {"size", text_of(time.size)},
                    {"method", time.method},
                    {"frames", time.frames},
                    {"seconds", time.seconds},
                    {"cpu_seconds", time.cpu},
                    {"frames_per_second", time.frames_per_second()},
                    {"over_floor", time.over_floor}});
  }
  return json_text(list);
}

}  // namespace proxseg
