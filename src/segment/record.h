// What made the products in an output folder. The folder keeps it beside them, in
// segmentation.json, and never answers for another video, model, range or setting.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "proxseg/media/sequences.h"
#include "proxseg/media/source.h"
#include "proxseg/media/source_options.h"
#include "proxseg/segment/segmenter.h"
#include "proxseg/track/counting.h"
#include "segment/products.h"

namespace proxseg {

struct MaskRecord {
  std::string input;  // as the user gave it; only shown, since inputs may move
  // What decides the masks: "frames" (a SHA-256), "input.range", "method", ...
  MaskSettings settings;
  // What decides the counts besides: "line gate", "zone door", ... with their points.
  MaskSettings counting;
};

// Of the sequence's products by segmenter. Reads the head of each of its files. Throws InputError.
MaskRecord record_of(const Segmenter& segmenter, const NamedSequence& sequence,
                     const SourceOptions& source, const CountOptions& counts);

// Throws OutputError, naming what differs with both values, if folder holds products of another
// record, or some of `products` without a record.
void expect_same_record(const std::filesystem::path& folder, const MaskRecord& record,
                        const std::set<Product>& products);

// Removes the images of frames that write_png() made in folder, and what is one file for the
// sequence if it is recorded there. Warns of files of those names that may be the user's: they
// stay.
void remove_products(const std::filesystem::path& folder);

// Of the products recorded in folder.
Extras recorded_extras(const std::filesystem::path& folder);

// Records the call, with products besides those recorded before, and, for people, the levels that
// were chosen for frames of more than 8 bits. begun: those whose files for the whole sequence it makes. Throws
// OutputError.
void save_record(const std::filesystem::path& folder, const MaskRecord& record,
                 const std::set<Product>& products, const std::set<Product>& begun,
                 const std::optional<Levels>& levels);

// Adds to what is recorded that all is done, for so many frames. Throws OutputError.
void record_end(const std::filesystem::path& folder, int64_t frames);

}  // namespace proxseg
