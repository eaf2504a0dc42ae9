// What the bytes of an image file say of themselves, where OpenCV does not look.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace proxseg {

// Why the bytes cannot be the whole image that they announce, "" if they can: empty, of another
// format than those of has_image_extension(), a JPEG without its end, a PNG without its last chunk,
// a PNG or BMP too small for its pixels.
std::string fault_of_image(std::string_view bytes);

bool is_tiff(std::string_view bytes);

// Pages of a TIFF (smaller versions of another page not counted; as many as ImageJ announces),
// frames of an animated PNG or WebP; 1 for all else.
int64_t pages_of_image(std::string_view bytes);

// The directories of a TIFF, from 0, that are its pages.
std::vector<int> tiff_pages(std::string_view bytes);

// Pages of a TIFF that lie one after the other behind its only directory: so ImageJ writes stacks
// of more than 4 GiB, which a directory for each page could not address.
struct RawPages {
  int64_t count = 0;
  uint64_t start = 0;  // of the first one in the file
  int width = 0, height = 0;
  int channels = 1;  // 1, or 3: red, green and blue
  int bits = 8;      // of a channel: 8, 16, or 32 for floating point
  bool is_little_endian = false;

  uint64_t page_bytes() const {
    return uint64_t{1} * width * height * channels * (static_cast<uint64_t>(bits) / 8);
  }
};

// Nothing unless all pages that ImageJ announces are there.
std::optional<RawPages> raw_pages(std::string_view bytes);

// From one page of a TIFF to the next, as ImageJ (finterval, else fps) or OME (TimeIncrement) say;
// 0 where they don't.
double seconds_between_pages(std::string_view bytes);

// Why the pages of a TIFF are not one frame after the other, as ImageJ or OME describe them in it;
// "" if they are.
std::string fault_of_stack(std::string_view bytes);

// The text "YYYY:MM:DD HH:MM:SS" of EXIF's DateTimeOriginal, when the camera took the picture, in a
// JPEG or a TIFF; "" if there is none.
std::string_view exif_time(std::string_view bytes);

// Grey with alpha, which OpenCV decodes as colour.
bool is_gray_with_alpha(std::string_view bytes);

}  // namespace proxseg
