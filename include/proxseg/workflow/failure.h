// What an exception means to the user.
#pragma once

#include <string>

#include "proxseg/core/error.h"

namespace proxseg {

struct Failure {
  ExitCode code;
  std::string message;
  std::string remedy;  // may be empty
};

// Of the exception that is being handled.
Failure current_failure();

}  // namespace proxseg
