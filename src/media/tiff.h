// What a TIFF says of its pages, where OpenCV does not look.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "media/tiff_directories.h"

namespace proxseg {

bool is_tiff(std::string_view bytes);

// How many pages there are: smaller versions of another page do not count; as many as ImageJ announces; one
// that the last directory leads to beyond the end of the file counts.
int64_t tiff_page_count(const TiffDirectories& tiff);

// The directories of a TIFF, from 0, that are its pages.
std::vector<int> tiff_pages(const TiffDirectories& tiff);

// Whether a TIFF's last directory leads to a next one that is not in the file: it is cut short.
bool tiff_is_cut(const TiffDirectories& tiff);

// A page of a TIFF whose pixels lie in it row after row, not compressed: grey, grey with alpha, or
// 8-bit red, green and blue.
struct PlainPage {
  enum class Values { kUnsigned = 1, kSigned = 2, kFloat = 3 };  // as in the field SampleFormat

  uint64_t start = 0;  // of its pixels in the file
  int width = 0, height = 0;
  int samples = 1;  // of a pixel, 1 to 3
  int bits = 8;     // of a sample: 8, 16, 32, or 64 for floats
  Values values = Values::kUnsigned;
  bool is_inverted = false;  // 0 is white
  bool is_little_endian = false;

  uint64_t size() const {  // bytes
    return uint64_t{1} * width * height * samples * (static_cast<uint64_t>(bits) / 8);
  }
  bool lies_in(uint64_t file_size) const {
    return start <= file_size && size() <= file_size - start;
  }
};

// All pages of a TIFF, none unless all are such ones: those that a directory each leads to, the
// last of which may be cut, or those that lie one after the other following the only one, if all that
// ImageJ announces are there. So ImageJ writes stacks of more than 4 GiB, which a directory for
// each page could not address.
std::vector<PlainPage> plain_pages(const TiffDirectories& tiff);

// Of a sample of a TIFF's first page.
int tiff_bits(const TiffDirectories& tiff);

// The same in words, "floats of 16 bits, compressed".
std::string tiff_values_text(const TiffDirectories& tiff);

// Seconds of each of a TIFF's pages since the first one, as OME says of each plane (DeltaT), or by
// the time from one to the next of ImageJ (finterval, else fps) or OME (TimeIncrement); none where
// they don't say. pages: how many there are, 1 or more.
std::vector<double> times_of_pages(const TiffDirectories& tiff, int64_t pages);

// Why the pages of a TIFF are not one frame after the other, as ImageJ, OME or tifffile describe
// them in it; "" if they are.
std::string fault_of_stack(const TiffDirectories& tiff);

}  // namespace proxseg
