// Results of a comparison on disk, so that one that was interrupted goes on.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "proxseg/eval/comparison.h"

namespace proxseg::cli {

// settings: all that the result depends on.
void write_result(const std::filesystem::path& file, const nlohmann::json& settings,
                  const MethodResult& result);

// Nothing if there is no such file. Throws OutputError if it is of other settings or damaged.
std::optional<MethodResult> read_result(const std::filesystem::path& file,
                                        const nlohmann::json& settings);

}  // namespace proxseg::cli
