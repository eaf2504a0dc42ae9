#include "proxseg/workflow/screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/preview.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/plausibility.h"
#include "proxseg/segment/network_segmenter.h"
#include "proxseg/track/shape.h"
#include "workflow/or_null.h"
#include "workflow/report/html.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr int kPictureWidth = 480;

// Clips of one camera.
struct Place {
  std::vector<size_t> clips;
  std::optional<SceneModel> scene;  // that they share
};

SourceOptions options_of(const Recipe& recipe) {
  SourceOptions options = whole_sequence(recipe);
  options.range = recipe.input.range;
  options.every = recipe.input.every;
  options.on_error = OnError::kSkip;
  return options;
}

// Pixels of the mask's objects that no border of the frame cuts.
int64_t whole_pixels(const cv::Mat& mask) {
  int64_t pixels = 0;
  for (const Shape& object : components_of(mask)) {
    if (!is_at_border(object.box, mask.size())) pixels += object.area;
  }
  return pixels;
}

// Looks at the masks of a clip as they come.
class ClipWatch {
 public:
  explicit ClipWatch(ScreenedClip& clip) : clip_(clip) {}

  void see(const Frame& frame, const cv::Mat& mask) {
    ++clip_.frames;
    facts_.add(mask);
    ++facts_.frames;
    const int64_t pixels = cv::countNonZero(mask);
    if (pixels == 0) return;
    if (clip_.moving++ == 0) clip_.first = frame.number, clip_.first_seconds = frame.seconds;
    covered_ += static_cast<double>(pixels) / static_cast<double>(mask.total());
    clip_.last = frame.number;
    clip_.last_seconds = frame.seconds;
    const std::pair rank{whole_pixels(mask), pixels};
    if (rank <= best_rank_) return;
    best_rank_ = rank;
    clip_.best = frame.label();
    best_ = draw_overlay(frame.image, mask);
  }

  void finish(bool is_shared) {
    constexpr int64_t kEnough = 4;
    if (clip_.moving > 0) clip_.coverage = covered_ / static_cast<double>(clip_.moving);
    if (!best_.empty()) clip_.picture = jpeg_of(best_, kPictureWidth);
    // That nothing moves is what is to be found out.
    if (facts_.empty == facts_.masks) return;
    // A scene that others share is known from more frames than those of the clip.
    if (is_shared) facts_.frames = std::max(facts_.frames, kEnough);
    clip_.doubts = doubts_about(facts_, MaskMaker::kNetwork);
  }

  // Nearly everything moves nearly always: the scene is another one.
  bool is_of_another_scene() const { return facts_.masks > 0 && facts_.share > 1.0 / 3.0; }

 private:
  ScreenedClip& clip_;
  MaskFacts facts_;
  double covered_ = 0.0;
  std::pair<int64_t, int64_t> best_rank_{-1, 0};
  cv::Mat best_;
};

// When each image of a folder or glob was taken; empty where some do not say, or for other clips.
struct Image {
  std::string name;
  int64_t taken;
};
std::vector<Image> images_with_times(const std::string& path, const SourceOptions& options) {
  if (has_video_extension(path)) return {};  // unopened
  const auto source = open_source(path, {.levels = options.levels, .on_error = options.on_error});
  const SequenceKind kind = source->info().kind;
  if (kind != SequenceKind::kFolder && kind != SequenceKind::kGlob) return {};
  std::vector<Image> images;
  while (const auto frame = source->grab()) {
    const auto taken = time_taken(fs::path(frame->folder) / frame->file);
    if (!taken) return {};
    images.push_back({frame->name, *taken});
  }
  return images;
}

// The clips that a sequence stands for: its bursts, or itself.
std::vector<ScreenedClip> clips_of(const NamedSequence& sequence, const SourceOptions& options) {
  std::vector<ScreenedClip> clips;
  std::vector<Image> images;
  try {
    if (options.range.empty()) images = images_with_times(sequence.path, options);
  } catch (const InputError&) {
    // Reported when its turn comes.
  }
  for (size_t first = 0, last = 0; first < images.size(); first = last) {
    for (last = first + 1; last < images.size(); ++last) {
      if (std::abs(images[last].taken - images[last - 1].taken) > kBurstGap) break;
    }
    ScreenedClip& clip = clips.emplace_back();
    clip.sequence = {sequence.path, sequence.name + "/" + images[first].name};
    clip.range = fmt::format("{}:{}", first + 1, last);
    clip.taken = images[first].taken;
  }
  if (clips.size() > 1) return clips;
  ScreenedClip whole;
  whole.sequence = sequence;
  if (!clips.empty()) whole.taken = clips.front().taken;
  return {whole};
}

class Screening {
 public:
  Screening(Model model, const std::vector<NamedSequence>& clips, const WorkCallbacks& callbacks)
      : segmenter_(std::move(model)),
        options_(options_of(segmenter_.recipe())),
        background_(segmenter_.recipe().background),
        callbacks_(callbacks) {
    for (const NamedSequence& sequence : clips) {
      for (ScreenedClip& clip : clips_of(sequence, options_)) results_.push_back(std::move(clip));
    }
  }

  std::optional<std::vector<ScreenedClip>> run() {
    for (Place& place : find_places()) {
      if (place.clips.size() > 1) place.scene = scene_of_all(place);
      for (const size_t clip : place.clips) {
        if (callbacks_.should_stop()) return std::nullopt;
        look_at(results_[clip], place.scene);
        callbacks_.on_progress("clips", "clips", ++done_, std::ssize(results_));
      }
    }
    if (callbacks_.should_stop()) return std::nullopt;
    std::ranges::stable_sort(results_, std::ranges::greater{}, [](const ScreenedClip& clip) {
      return std::tuple{clip.problem.empty(), clip.moving, clip.coverage};
    });
    return std::move(results_);
  }

 private:
  std::unique_ptr<FrameSource> open(const ScreenedClip& clip) const {
    SourceOptions options = options_;
    if (!clip.range.empty()) options.range = clip.range;
    return open_source(clip.sequence.path, options);
  }

  std::vector<Place> find_places() {
    std::map<std::tuple<std::string, int, int, int>, Place> shared;
    std::vector<Place> places;
    for (size_t i = 0; i < results_.size(); ++i) {
      const ScreenedClip& clip = results_[i];
      try {
        const SequenceInfo info = open(clip)->info();
        const std::string& path = clip.sequence.path;
        const std::string folder =
            clip.range.empty() ? fs::path(path).parent_path().string() : path;
        if (info.frames * options_.every <= kShort) {
          shared[{folder, info.size.width, info.size.height, info.channels}].clips.push_back(i);
        } else {
          places.push_back({{i}, std::nullopt});
        }
      } catch (const InputError& error) {
        results_[i].problem = error.what();
        ++done_;
      }
    }
    for (auto& [key, place] : shared) places.push_back(std::move(place));
    return places;
  }

  // Of images that are spread over the clips, as many as a scene is modelled of.
  std::optional<SceneModel> scene_of_all(const Place& place) {
    const int64_t most = background_.frames, clips = std::ssize(place.clips);
    const int64_t every_clip = std::max<int64_t>(1, clips / most);
    const int64_t each = std::max<int64_t>(1, most / clips);
    std::vector<cv::Mat> images;
    for (int64_t i = 0; i < clips; i += every_clip) {
      try {
        add_images_of(results_[place.clips[static_cast<size_t>(i)]], each, images);
      } catch (const InputError&) {
        // Reported when its turn comes.
      }
    }
    if (images.empty()) return std::nullopt;
    return model_scene(std::move(images), background_);
  }

  // About so many of the clip.
  void add_images_of(const ScreenedClip& clip, int64_t count, std::vector<cv::Mat>& images) {
    const auto source = open(clip);
    const int64_t step = std::max<int64_t>(1, source->info().frames / count);
    for (int64_t position = 0; auto frame = source->grab(); ++position) {
      if (position % step != step / 2) continue;
      source->decode(*frame);
      const cv::Size size = segmenter_.network_size(frame->image.size());
      images.push_back(resize_frame(frame->image, size));
    }
  }

  void look_at(ScreenedClip& clip, const std::optional<SceneModel>& scene) {
    const ScreenedClip unseen = clip;
    try {
      if (!watch(clip, scene) && scene) {
        clip = unseen;
        watch(clip, std::nullopt);
      }
    } catch (const InputError& error) {
      clip = unseen;
      clip.problem = error.what();
    }
  }

  // False where the scene seems to be another one. scene: nothing for the clip's own.
  bool watch(ScreenedClip& clip, const std::optional<SceneModel>& scene) {
    const auto source = prefetch(open(clip));
    if (scene) {
      segmenter_.set_scene(*scene, source->info());
    } else {
      segmenter_.begin(source->info(), {Product::kMask});
    }
    ClipWatch watch(clip);
    std::vector<Frame> batch;
    const auto flush = [&] {
      std::vector<cv::Mat> images;
      for (const Frame& frame : batch) images.push_back(frame.image);
      if (images.empty()) return;
      const auto found = segmenter_.segment(images, {Product::kMask});
      for (size_t i = 0; i < batch.size(); ++i) watch.see(batch[i], found[i].mask);
      batch.clear();
    };
    while (auto frame = source->next()) {
      if (callbacks_.should_stop()) return true;
      batch.push_back(std::move(*frame));
      if (std::ssize(batch) == segmenter_.batch()) flush();
    }
    flush();
    watch.finish(scene.has_value());
    return !watch.is_of_another_scene();
  }

  NetworkSegmenter segmenter_;
  SourceOptions options_;
  BackgroundOptions background_;
  const WorkCallbacks& callbacks_;
  std::vector<ScreenedClip> results_;
  int64_t done_ = 0;
};

// "frames 12 to 80, 0:01 to 0:04"
std::string when(const ScreenedClip& clip) {
  if (clip.moving == 0) return "nothing moves";
  std::string text =
      fmt::format("{} of {} frames, {} to {}", clip.moving, clip.frames, clip.first, clip.last);
  if (clip.first_seconds && clip.last_seconds) {
    text += fmt::format(" ({:.1f} to {:.1f} s)", *clip.first_seconds, *clip.last_seconds);
  }
  return text;
}

std::string card_of(const ScreenedClip& clip) {
  std::string text = fmt::format("<figure class=\"card clip\"><figcaption><b>{}</b><br>",
                                 breakable_html(clip.sequence.name));
  if (clip.taken) text += format_time(*clip.taken) + "<br>";
  text += clip.problem.empty() ? escape_html(when(clip)) : escape_html(clip.problem);
  for (const std::string& doubt : clip.doubts) text += "<br>" + escape_html(doubt);
  text += "</figcaption>";
  if (!clip.picture.empty()) {
    text += fmt::format("<img src=\"{}\" alt=\"{}\">", jpeg_uri(clip.picture),
                        escape_html("frame " + clip.best));
  }
  return text + "</figure>\n";
}

}  // namespace

std::optional<std::vector<ScreenedClip>> screen(Model model,
                                                const std::vector<NamedSequence>& clips,
                                                const WorkCallbacks& callbacks) {
  return Screening(std::move(model), clips, callbacks).run();
}

nlohmann::ordered_json to_json(const std::vector<ScreenedClip>& clips) {
  auto list = nlohmann::ordered_json::array();
  for (const ScreenedClip& clip : clips) {
    list.push_back({{"clip", clip.sequence.name},
                    {"path", clip.sequence.path},
                    {"frames", clip.frames},
                    {"moving", clip.moving},
                    {"share", clip.share()},
                    {"coverage", clip.coverage},
                    {"first", clip.first},
                    {"last", clip.last},
                    {"first_seconds", or_null(clip.first_seconds)},
                    {"last_seconds", or_null(clip.last_seconds)},
                    {"best", clip.best},
                    {"doubts", clip.doubts},
                    {"problem", clip.problem},
                    {"taken", clip.taken ? format_time(*clip.taken) : ""}});
  }
  return list;
}

std::string to_csv(const std::vector<ScreenedClip>& clips) {
  std::string text =
      "clip,frames,moving,share,coverage,first,last,first_seconds,last_seconds,best,problem,"
      "taken\n";
  for (const ScreenedClip& clip : clips) {
    text += fmt::format("{},{},{},{:.4f},{:.5f},{},{},{},{},{},{},{}\n",
                        csv_field(clip.sequence.name), clip.frames, clip.moving, clip.share(),
                        clip.coverage, clip.first, clip.last, csv_number(clip.first_seconds),
                        csv_number(clip.last_seconds), csv_field(clip.best),
                        csv_field(clip.problem), clip.taken ? format_time(*clip.taken) : "");
  }
  return text;
}

std::string page_of(const std::vector<ScreenedClip>& clips) {
  const auto moving =
      std::ranges::count_if(clips, [](const auto& clip) { return clip.moving > 0; });
  std::string body = fmt::format("<h1>Clips</h1>\n<p>Something moves in {} of {} clips.</p>\n",
                                 moving, clips.size());
  body += "<div class=\"clips\">\n";
  for (const ScreenedClip& clip : clips) body += card_of(clip);
  return html_page("Clips", body + "</div>\n");
}

}  // namespace proxseg
