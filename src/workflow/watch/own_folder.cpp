#include "workflow/watch/own_folder.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/sink.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr const char* kInputFile = "watch.json";
constexpr const char* kOtherFolder = "Choose another --output.";

nlohmann::json json_of(const NamedSequence& input) {
  const bool is_live = is_stream(input.path);
  // An address may hold a password.
  const std::string shown = is_live ? input.name : fs::weakly_canonical(input.path).string();
  return {{"input", shown}, {"stream", is_live}};
}

void expect_same_input(const fs::path& folder, const NamedSequence& input) {
  const fs::path file = folder / kInputFile;
  if (!is_there(file)) return;
  const auto there = nlohmann::json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  const nlohmann::json here = nlohmann::json::parse(json_line(json_of(input)));
  if (!there.is_object() ||
      there.value("stream", nlohmann::json()).type() != here["stream"].type() ||
      there.value("input", nlohmann::json()).type() != here["input"].type()) {
    return;  // damaged, and written anew
  }
  const bool are_streams = here["stream"] && there["stream"];
  if (are_streams || there == here) return;
  throw OutputError(
      fmt::format(
          "'{}' was watched into '{}', as its {} says: its masks and events would mix with those of '{}'",
          there["input"].get<std::string>(), folder.string(), kInputFile,
          here["input"].get<std::string>()),
      kOtherFolder);
}

}  // namespace

void expect_own_folder(const fs::path& folder, const NamedSequence& input) {
  expect_apart({folder / "mask"}, {}, input.path);
  for (const char* file : {"segmentation.json", "provenance.json"}) {
    if (!is_there(folder / file)) continue;
    throw OutputError(fmt::format("'{}' holds what another command has made, as its {} says",
                                  folder.string(), file),
                      "Choose another --output, or move that file and what it tells of away.");
  }
  expect_same_input(folder, input);
}

void record_input(const fs::path& folder, const NamedSequence& input) {
  write_file_atomically(folder / kInputFile, json_text(json_of(input)));
}

}  // namespace proxseg
