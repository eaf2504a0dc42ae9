// The pixels of a component that several objects form.
#pragma once

#include <vector>

#include "proxseg/track/shape.h"

namespace proxseg {

struct Share {
  Shape whole;    // all pixels that may be the object's, also where another may be in front of it
  Shape visible;  // those that it shows; every pixel of the component is one object's
};

struct DividedObject {
  Shape shape;  // its expected pixels, at least one
  double
      reach;  // how far from those it may have others; infinity for one that comes into view still
};

// d_i(p): the distance of pixel p from the expected pixels of object i, 0 on them. Where it is above the
// reach of some objects, but not of others, the former are left out.
//   whole_i   = {p : d_i(p) = min over j of d_j(p)}
//   visible_i = whole_i without whole_j for objects j in front of i: those that reach further down
std::vector<Share> divide(const Shape& component, const std::vector<DividedObject>& objects);

}  // namespace proxseg
