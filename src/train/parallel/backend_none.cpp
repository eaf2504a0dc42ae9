#include "proxseg/core/error.h"
#include "train/parallel/backend.h"

namespace proxseg {

std::unique_ptr<Backend> make_backend(const Launch&, torch::Device) {
  throw UsageError("this build of proxseg cannot train in several processes",
                   "Build it where Gloo's headers are (Debian: libgloo-dev).");
}

}  // namespace proxseg
