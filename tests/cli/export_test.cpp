// proxseg export, and proxseg infer with the other engine, as a user calls them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <opencv2/core/version.hpp>
#include <opencv2/imgcodecs.hpp>

#include "support/program.h"
#include "support/scene_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;

// OpenCV from 4.7 on convolves by Winograd: 2e-5 was seen.
constexpr bool kWinograd = CV_VERSION_MAJOR > 4 || (CV_VERSION_MAJOR == 4 && CV_VERSION_MINOR >= 7);
constexpr double kMostDifference = kWinograd ? 1e-4 : 1e-5;

class Export : public Program {
 protected:
  void SetUp() override {
    scene_ = write_tiny_scene(folder_);
    const Outcome outcome = run(quick({"train", "--input", scene_, "--output", path("run")}));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
  }

  std::string scene_;
};

TEST_F(Export, WritesEveryFormatAfterComparingIt) {
  for (const char* format : {"onnx", "torchscript", "safetensors", "state-dict"}) {
    SCOPED_TRACE(format);
    const std::string file = path(std::string("exported/") + format);
    const Outcome outcome =
        run({"export", path("run"), "--format", format, "--output", file, "--json"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const auto exported = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(exported.at("bytes"), fs::file_size(file));
    EXPECT_EQ(exported.at("in_channels"), 6);
    EXPECT_EQ(exported.at("out_channels"), 1);
    EXPECT_EQ(exported.at("multiple_of"), std::string(format) == "onnx" ? 8 : 1);
    EXPECT_LT(exported.at("largest_difference"), kMostDifference);
  }
  EXPECT_EQ(listing(folder_ / "exported").size(), 4U);
}

TEST_F(Export, ToSafetensorsIsTheModelWithItsSettings) {
  const std::string file = path("copy.safetensors");
  const Outcome text = run({"export", path("run"), "--format", "safetensors", "--output", file});
  EXPECT_NE(text.out.find("input:      float32 [N, 6, H, W]: frames D"), std::string::npos)
      << text.out;
  EXPECT_NE(text.out.find("parity:     differs from the network by 0 at most"), std::string::npos);
  EXPECT_EQ(read_file(file), read_file(path("run/model.safetensors")));
  run({"export", path("run"), "--format", "safetensors", "--output", file, "--set",
       "mask.threshold=0.125"});
  EXPECT_NE(read_file(file).find("0.125"), std::string::npos);
}

TEST_F(Export, RefusesWhatItCannotWrite) {
  expect_failure(ExitCode::kUsage, {"--format"}, {"export", path("run"), "--output", path("x")});
  expect_failure(ExitCode::kUsage, {"tflite"},
                 {"export", path("run"), "--output", path("x"), "--format", "tflite"});
  expect_failure(ExitCode::kModel, {path("none")},
                 {"export", path("none"), "--output", path("x"), "--format", "onnx"});
  ASSERT_EQ(run(quick({"train", "--input", scene_, "--output", path("group")},
                      {"--set", "model.norm=group"}))
                .code,
            0);
  expect_failure(ExitCode::kUsage, {"group norms", "TorchScript"},
                 {"export", path("group"), "--output", path("x"), "--format", "onnx"});
  EXPECT_FALSE(fs::exists(path("x")));
}

TEST_F(Export, NeverReplacesTheModelItself) {
  const std::string model = path("run/model.safetensors"), before = read_file(model);
  fs::create_hard_link(model, folder_ / "link");
  for (const std::string& output : {model, path("link"), path("run/../run/model.safetensors")}) {
    expect_failure(ExitCode::kOutput, {output, "is the model"},
                   {"export", path("run"), "--format", "onnx", "--output", output});
  }
  EXPECT_EQ(read_file(model), before);
}

TEST_F(Export, OpenCvEngineRefusesWhatItCannotCompute) {
  for (const auto& [flag, value] :
       {std::pair{"--device", "cuda"}, std::pair{"--precision", "bf16"}}) {
    expect_failure(ExitCode::kUsage, {},
                   {"infer", "--model", path("run"), "--input", scene_, "--output", path("x"),
                    "--engine", "opencv-dnn", flag, value});
  }
  EXPECT_FALSE(fs::exists(path("x")));
}

TEST_F(Export, EnginesGiveTheSameMasksOnDisk) {
  const auto infer = [&](const char* engine) {
    const Outcome outcome =
        run({"infer", "--model", path("run"), "--input", scene_, "--output", path(engine), "--save",
             "mask,soft", "--engine", engine, "--set", "precision=fp32"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
  };
  infer("torch");
  infer("opencv-dnn");
  for (int i = 1; i <= 12; ++i) {
    const auto soft = [&](const char* engine) {
      return cv::imread(path(fmt::format("{}/soft/in{:06d}.png", engine, i)), cv::IMREAD_GRAYSCALE);
    };
    ASSERT_FALSE(soft("torch").empty());
    EXPECT_LE(cv::norm(soft("torch"), soft("opencv-dnn"), cv::NORM_INF), 1) << i;
  }
  expect_failure(ExitCode::kConfig, {"--engine", "opencv-dnn"},
                 {"infer", "--model", path("run"), "--input", scene_, "--output", path("x"),
                  "--engine", "tensorrt"});
}

}  // namespace
}  // namespace proxseg
