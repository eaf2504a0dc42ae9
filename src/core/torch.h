// The LibTorch headers that the project's sources share, precompiled once.
#pragma once

// Must come before any torch header: clang cannot compile LibTorch 1.13's at C++20 otherwise.
#include <ATen/core/ivalue.h>

#include <torch/autograd.h>
#include <torch/nn.h>
#include <torch/optim.h>
#include <torch/types.h>
