#include "proxseg/train/run/environment.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "proxseg/core/version.h"

namespace proxseg {
namespace {

TEST(Environment, NamesProgramLibrariesAndMachine) {
  const auto environment = describe_environment();
  EXPECT_EQ(environment.at("program").at("version"), version());
  for (const char* library : {"LibTorch", "OpenCV", "oneDNN", "BLAS"}) {
    EXPECT_FALSE(environment.at("libraries").at(library).get<std::string>().empty()) << library;
  }
  EXPECT_GE(environment.at("machine").at("cores"), 1);
  EXPECT_GT(environment.at("machine").at("memory_bytes"), 1 << 20);
  EXPECT_TRUE(environment.at("machine").at("GPUs").is_array());
}

TEST(Environment, KnowsTheCommandOfThisProcess) {
  const auto words = command_line();
  ASSERT_FALSE(words.empty());
  EXPECT_NE(words[0].find("proxseg_train_test"), std::string::npos);
}

}  // namespace
}  // namespace proxseg
