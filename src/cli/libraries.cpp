#include "cli/libraries.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <opencv2/core/utility.hpp>

#include "proxseg/core/process.h"

namespace proxseg::cli {

void restart_with_short_spins(char** words) {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return;
  ::setenv("GOMP_SPINCOUNT", "5000", 1);  // about 0.1 ms
  ::execv("/proc/self/exe", words);
}

void start_libraries(const Recipe& recipe) {
  const int64_t threads = threads_meant_by(recipe.threads), cores = available_cores();
  expect_address_space(threads);
  if (threads > cores) {
    spdlog::warn(
        "{} threads share {} cores, which is slower than {}: lower --threads or "
        "OMP_NUM_THREADS",
        threads, cores, cores);
  }
  keep_freed_memory();
  configure_threads(recipe.threads);
  cv::setNumThreads(static_cast<int>(threads));
}

}  // namespace proxseg::cli
