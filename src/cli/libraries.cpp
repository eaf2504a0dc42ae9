#include "libraries.h"

#include <opencv2/core/utility.hpp>

#include "proxseg/core/memory.h"
#include "proxseg/core/threads.h"

namespace proxseg::cli {

void start_libraries(const Recipe& recipe) {
  keep_freed_memory();
  configure_threads(recipe.threads);
  cv::setNumThreads(static_cast<int>(recipe.threads > 0 ? recipe.threads : available_cores()));
}

}  // namespace proxseg::cli
