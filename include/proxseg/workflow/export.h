// A trained network as a file for other programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "proxseg/recipe/model.h"

namespace proxseg {

enum class ExportFormat { kOnnx, kTorchScript, kSafetensors, kStateDict };

struct ExportedNetwork {
  std::filesystem::path file;
  size_t bytes;
  UNetOptions options;
  Form form;
  int64_t multiple_of;        // height and width of its input must be multiples of this
  double largest_difference;  // of its output from the network's

  std::string to_text() const;
  std::string to_json() const;
};

// Writes the network to file, once what is to be written has been read as other programs would read
// it and gives the same output. Throws NumericsError where it does not; OutputError.
ExportedNetwork export_network(Model model, ExportFormat format, const std::filesystem::path& file);

}  // namespace proxseg
