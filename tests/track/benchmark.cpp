// The tracker beside the plain one (plain_tracker.h):
//   proxseg_track_benchmark SEED ...                    on the true masks of generated streets
//   proxseg_track_benchmark --masks NAME MASKS TRUTH    on a folder of masks, without the table's head
// print IDF1 and HOTA as Markdown;
//   proxseg_track_benchmark --follow MASKS RANGE OUTPUT
// follows the moving pixels, of value 255, of the frames that range selects (1:100; as input.range), and
// writes OUTPUT/tracks.txt and OUTPUT/plain.txt.
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/source.h"
#include "track/follow.h"

namespace proxseg {
namespace {

void print_row(const std::string& name, const TrackComparison& result) {
  const auto& [ours, plain] = result;
  fmt::print("| {} | {} | {:.3f} | {:.3f} | {} | {:.3f} | {:.3f} | {} |\n", name, ours.objects,
             ours.idf1, ours.hota, ours.switches, plain.idf1, plain.hota, plain.switches);
}

void print_true_masks(const std::vector<std::string>& seeds) {
  fmt::print(
      "| masks | objects | IDF1 | HOTA | switches | IDF1, plain | HOTA, plain | switches, plain |\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|\n");
  for (const int64_t objects : {2, 4, 6}) {
    for (const std::string& seed : seeds) {
      SynthOptions options;
      options.frames = 300;
      options.objects = objects;
      options.seed = parse_number<uint64_t>(seed).value();
      print_row(fmt::format("true, {} at once, seed {}", objects, seed), compare_trackers(options));
    }
  }
}

Followers follow(const std::string& masks, const std::string& range = "") {
  const auto source = open_source(masks, {.range = range, .gray = true});
  Followers followers;
  while (const auto frame = source->next()) followers.add(frame->image == label::kMoving);
  return followers;
}

void print_masks(const std::string& name, const std::string& masks, const std::string& truth) {
  const Followers followers = follow(masks);
  const auto boxes = read_motchallenge(truth);
  print_row(name, {followers.ours(boxes), followers.plain(boxes)});
}

void write_tracks(const std::string& masks, const std::string& range,
                  const std::filesystem::path& output) {
  const Followers followers = follow(masks, range);
  std::filesystem::create_directories(output);
  write_file_atomically(output / "tracks.txt", to_motchallenge(followers.ours()));
  write_file_atomically(output / "plain.txt", to_motchallenge(followers.plain()));
}

}  // namespace
}  // namespace proxseg

int main(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  if (arguments.size() == 4 && arguments[0] == "--masks") {
    proxseg::print_masks(arguments[1], arguments[2], arguments[3]);
  } else if (arguments.size() == 4 && arguments[0] == "--follow") {
    proxseg::write_tracks(arguments[1], arguments[2], arguments[3]);
  } else {
    proxseg::print_true_masks(arguments);
  }
}
