// Typed errors. Each says what went wrong, where and why, how to mend it, and which exit code it
// ends in.
#pragma once

#include <stdexcept>
#include <string>

namespace proxseg {

// Exit codes of the program; README.md lists them for users.
enum class ExitCode : int {
  kOk = 0,
  kInternal = 1,      // a fault of proxseg itself
  kUsage = 2,         // wrong command line
  kConfig = 3,        // wrong recipe: unknown key, value out of range, unreadable file
  kInput = 4,         // frames, videos or images that are missing, broken or unequal
  kOutput = 5,        // cannot write: permission, disk full, exists already
  kModel = 6,         // weights that are missing, broken or of another shape
  kNumerics = 7,      // NaN or infinity in the loss
  kMemory = 8,        // not enough memory
  kPeer = 9,          // another process of a distributed training has failed
  kInterrupted = 130  // stopped by Ctrl-C, after saving
};

class Error : public std::runtime_error {
 public:
  // message: what, where and why, without a final stop. remedy: how to mend it, as a full sentence;
  // may be empty.
  Error(ExitCode code, const std::string& message, std::string remedy = {})
      : std::runtime_error(message), code_(code), remedy_(std::move(remedy)) {}

  ExitCode code() const { return code_; }
  const std::string& remedy() const { return remedy_; }

 private:
  ExitCode code_;
  std::string remedy_;
};

template <ExitCode Code>
class TypedError : public Error {
 public:
  explicit TypedError(const std::string& message, std::string remedy = {})
      : Error(Code, message, std::move(remedy)) {}
};

using UsageError = TypedError<ExitCode::kUsage>;
using ConfigError = TypedError<ExitCode::kConfig>;
using InputError = TypedError<ExitCode::kInput>;
using OutputError = TypedError<ExitCode::kOutput>;
using ModelError = TypedError<ExitCode::kModel>;
using NumericsError = TypedError<ExitCode::kNumerics>;
using PeerError = TypedError<ExitCode::kPeer>;

}  // namespace proxseg
