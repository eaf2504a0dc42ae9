// What a call logs.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace proxseg {

template <class Call>
std::string logged(const Call& call) {
  testing::internal::CaptureStdout();
  call();
  return testing::internal::GetCapturedStdout();
}

}  // namespace proxseg
