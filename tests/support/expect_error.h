// For refused inputs: the type of the error and what its message must carry.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proxseg/core/error.h"

namespace proxseg {

// Fails unless call() throws an Error of that exit code whose message holds every fragment.
template <typename Call>
void expect_error(ExitCode code, const std::vector<std::string>& fragments, Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    for (const std::string& fragment : fragments) {
      EXPECT_NE(std::string(error.what()).find(fragment), std::string::npos)
          << "'" << fragment << "' is not in: " << error.what();
    }
    return;
  }
  ADD_FAILURE() << "nothing was thrown";
}

}  // namespace proxseg
