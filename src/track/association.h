// Which component of a frame is which of the objects that were there before.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/track/shape.h"
#include "track/motion.h"

namespace proxseg {

// An object as it is expected in a frame.
struct ExpectedObject {
  Shape shape;
  const Motion* motion = nullptr;  // after predict()
  bool is_new = false;             // it was seen in one frame only
  bool was_seen = false;           // in the frame before
  const Shape* last = nullptr;     // of the frame before, if it was seen alone there
};

struct Association {
  std::vector<int> component;  // of each object; -1: none. Several objects may be in one
  std::vector<int> source;  // of each component that is no object's: the object in whose expected
                            // pixels most of it lies; -1: none
};

Association associate(const std::vector<ExpectedObject>& objects,
                      const std::vector<Shape>& components);

}  // namespace proxseg
