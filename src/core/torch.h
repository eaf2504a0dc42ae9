// The LibTorch headers that most sources need, precompiled once. torch/nn.h and torch/optim.h are
// left to the few that need them: a larger set costs every source more to load than it saves.
#pragma once

// Must come before any torch header: clang cannot compile LibTorch 1.13's at C++20 otherwise.
#include <ATen/core/ivalue.h>

#include <torch/types.h>
