// What the bytes of an image file say of themselves, where OpenCV does not look.
#pragma once

#include <cstdint>
#include <opencv2/core/types.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace proxseg {

// Why the bytes cannot be the whole image that they announce, "" if they can: empty, of another
// format than those of has_image_extension(), a JPEG without its end, a PNG without its last chunk,
// a PNG or BMP too small for its pixels.
std::string fault_of_image(std::string_view bytes);

// Of a JPEG's pixels as they are stored, before its EXIF turns them; empty for all else.
cv::Size jpeg_size(std::string_view bytes);

bool is_tiff(std::string_view bytes);

// Pages of a TIFF (smaller versions of another page not counted; as many as ImageJ announces; one
// that its last directory leads to beyond the end of the file counts),
// frames of an animated PNG or WebP; 1 for all else.
int64_t pages_of_image(std::string_view bytes);

// The directories of a TIFF, from 0, that are its pages.
std::vector<int> tiff_pages(std::string_view bytes);

// Whether a TIFF's last directory leads to a next one that is not in the file: it is cut short.
bool tiff_is_cut(std::string_view bytes);

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
};

// All pages of a TIFF, none unless all are such ones: those that a directory each leads to, the
// last of which may be cut, or those that lie one after the other behind the only one, if all that
// ImageJ announces are there. So ImageJ writes stacks of more than 4 GiB, which a directory for
// each page could not address.
std::vector<PlainPage> plain_pages(std::string_view bytes);

// Of a sample of a TIFF's first page.
int tiff_bits(std::string_view bytes);

// The same in words, "floats of 16 bits, compressed".
std::string tiff_values_text(std::string_view bytes);

// Seconds of each of a TIFF's pages since the first one, as OME says of each plane (DeltaT), or by
// the time from one to the next of ImageJ (finterval, else fps) or OME (TimeIncrement); none where
// they don't say. pages: how many there are, 1 or more.
std::vector<double> times_of_pages(std::string_view bytes, int64_t pages);

// Why the pages of a TIFF are not one frame after the other, as ImageJ, OME or tifffile describe
// them in it; "" if they are.
std::string fault_of_stack(std::string_view bytes);

// The text "YYYY:MM:DD HH:MM:SS" of EXIF's DateTimeOriginal, when the camera took the picture, in a
// JPEG or a TIFF; "" if there is none.
std::string_view exif_time(std::string_view bytes);

// Grey with alpha, which OpenCV decodes as colour.
bool is_gray_with_alpha(std::string_view bytes);

}  // namespace proxseg
