// What to read of a sequence, and what to do with a frame that cannot be read.
#pragma once

#include <cstdint>
#include <string>

namespace proxseg {

enum class OnError {
  kRefuse,       // an unreadable frame ends the run with an InputError that names it
  kSkip,         // an unreadable frame is logged, counted and left out
  kSkipSilently  // likewise but not logged: for a reading beside one that tells of it
};

// Enough pixels to recognise objects, few enough that training takes minutes for any camera.
constexpr int64_t kAutomaticPixels = 100000;

struct SourceOptions {
  // Keep every n-th frame of the range. >= 1. Raise it for long recordings in which little changes
  // from one frame to the next: time and disk space fall in proportion, and so do the masks.
  int64_t every = 1;
  // Frames to read, "FIRST:LAST", either may be empty; "" is all. Positions count from 1, both are
  // included; "12.5s" and, with '-' instead of ':', "1:30" and "0:01:30" are times of an input that
  // knows its frame rate, from FIRST up to LAST. "roi" is the frames whose numbers lie in the range
  // of the sequence's temporalROI.txt.
  std::string range{};
  // Region of interest: "X,Y,X,Y,X,Y...", the corners of a polygon in pixels of the input, or an
  // image of its size that is dark outside, within ROI.bmp where there is one. "" is all. Set it
  // where parts of the picture move without interest, such as trees; nothing is learned or found
  // outside.
  std::string roi{};
  // Factor on width and height, in [0, 1]; area interpolation. 0: the automatic scale of scaled_size(), by `pixels`.
  // Time and memory fall with its square; objects that become smaller than some five pixels are
  // lost.
  double scale = 1.0;
  int64_t pixels = kAutomaticPixels;  // >= 1
  // Scale Frame::image alone: the frames keep their size, and so does the region of interest. For results of
  // the frames' size that need no more of their pixels.
  bool images_only = false;
  // Convert to one grey channel: a little faster, but cast shadows can no longer be told by colour.
  // Grey input stays grey either way.
  bool gray = false;
  // Of frames of more than 8 bits, "LOW:HIGH": the values that become black and white. "": chosen
  // for each sequence, over all of it, by choose_levels().
  std::string levels{};
  OnError on_error = OnError::kRefuse;
  // Of a camera or an address: the seconds without a frame after which the connection is taken for lost. It
  // is then opened again, and so is one that ends; frames that come faster than they are taken are left
  // out evenly. 0: the stream ends with its connection, and every frame is taken.
  double reconnect = 0.0;
  // "WIDTHxHEIGHT" of raw frames on standard input; "" where the input says so itself.
  std::string size{};
};

// Whether SourceOptions::roi holds the corners of a polygon; else it is a path, or empty.
bool is_polygon(const std::string& roi);

}  // namespace proxseg
