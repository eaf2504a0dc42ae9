// What the test programs share, precompiled once.
#pragma once

#include <ATen/core/ivalue.h>  // before any other torch header
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
