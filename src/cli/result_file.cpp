#include "cli/result_file.h"

#include <fmt/format.h>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"

namespace proxseg::cli {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

constexpr const char* kRemedy = "Choose another --output, or make all results again with --force.";

}  // namespace

void write_result(const fs::path& file, const json& settings, const MethodResult& result) {
  const json document = {{"settings", settings}, {"result", json::parse(to_json(result))}};
  write_file_atomically(file, json_text(document));
}

std::optional<MethodResult> read_result(const fs::path& file, const json& settings) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  const json document = json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("settings") || !document.contains("result")) {
    throw OutputError(fmt::format("'{}' is damaged", file.string()), kRemedy);
  }
  if (json_text(document["settings"]) != json_text(settings)) {
    throw OutputError(
        fmt::format("'{}' is of another recipe, model or sequence than this call", file.string()),
        kRemedy);
  }
  return method_result_from_json(json_line(document["result"]));
}

}  // namespace proxseg::cli
