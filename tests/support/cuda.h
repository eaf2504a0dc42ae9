// For tests that compare a GPU with the CPU.
#pragma once

#include <ATen/Context.h>
#include <gtest/gtest.h>

#define SKIP_WITHOUT_CUDA() \
  if (!at::hasCUDA()) GTEST_SKIP() << "this machine has no CUDA device"
