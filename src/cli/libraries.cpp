#include "cli/libraries.h"

#include <unistd.h>

#include <cstdlib>
#include <opencv2/core/utility.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "proxseg/core/file.h"
#include "proxseg/core/memory.h"
#include "proxseg/core/threads.h"

namespace proxseg::cli {

void wait_briefly() {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return;
  ::setenv("GOMP_SPINCOUNT", "5000", 1);  // about 0.1 ms
  std::istringstream command_line(read_file("/proc/self/cmdline"));
  std::vector<std::string> words;
  for (std::string word; std::getline(command_line, word, '\0');) words.push_back(word);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv("/proc/self/exe", arguments.data());
  // Where that fails, this process goes on as it is.
}

void start_libraries(const Recipe& recipe) {
  wait_briefly();
  keep_freed_memory();
  configure_threads(recipe.threads);
  cv::setNumThreads(static_cast<int>(threads_meant_by(recipe.threads)));
}

}  // namespace proxseg::cli
