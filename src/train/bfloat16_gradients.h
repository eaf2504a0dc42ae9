// Whether the CPU's library can be trusted to train in bfloat16.
#pragma once

#include <cstdint>

namespace proxseg {

// Whether convolutions of images `width` pixels wide give their weights' gradient in bfloat16 to
// its precision. That of oneDNN 2.6, Debian 12's, is off by as much as itself, or NaN, in images
// over some 220 pixels wide on CPUs with AMX; so small ones are tried, once, before a wider image
// is trained on, with a warning where they fail.
bool bfloat16_gradients_hold(int64_t width);

}  // namespace proxseg
