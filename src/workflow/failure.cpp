#include "proxseg/workflow/failure.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <new>
#include <opencv2/core.hpp>
#include <system_error>

namespace proxseg {
namespace {

constexpr const char* kReport = "This is a fault in proxseg; please report it.";

Failure out_of_memory() {
  return {ExitCode::kMemory, "not enough memory",
          "Lower train.memory, infer.batch or input.scale."};
}

// LibTorch's allocators say it in a text alone: that of the CPU in the second or the third.
bool is_out_of_memory(const std::string& message) {
  constexpr const char* kTexts[] = {"out of memory", "not enough memory", "can't allocate memory"};
  return std::ranges::any_of(
      kTexts, [&](const char* text) { return message.find(text) != std::string::npos; });
}

}  // namespace

Failure current_failure() {
  try {
    throw;
  } catch (const Error& error) {
    return {error.code(), error.what(), error.remedy()};
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (is_out_of_memory(message)) return out_of_memory();
    return {ExitCode::kInternal, message, kReport};
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) return out_of_memory();
    return {ExitCode::kInternal, error.what(), kReport};
  } catch (const std::system_error& error) {
    // No memory for another thread's stack, for example.
    const bool lacks_memory = error.code() == std::errc::resource_unavailable_try_again ||
                              error.code() == std::errc::not_enough_memory;
    if (lacks_memory) return out_of_memory();
    return {ExitCode::kInternal, error.what(), kReport};
  } catch (const std::exception& error) {
    return {ExitCode::kInternal, error.what(), kReport};
  }
}

}  // namespace proxseg
