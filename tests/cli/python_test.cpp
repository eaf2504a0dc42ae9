// The Python of docs/models.md, run as it stands on a model's files: the same outputs there and
// here, and weights that go from here to there and back.
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "proxseg/media/sink.h"
#include "proxseg/recipe/model.h"
#include "proxseg/scene/scene_model.h"
#include "support/program.h"
#include "support/scene_files.h"

namespace proxseg {
namespace {

// What stands between ```python and ```, block after block.
std::string python_of(const std::string& markdown) {
  std::istringstream lines(markdown);
  std::string code;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("```", 0) == 0) {
      inside = line == "```python";
    } else if (inside) {
      code += line + "\n";
    }
  }
  return code;
}

constexpr const char* kChecks = R"(
shape = [2, network.get_submodule("encoder0.first.conv").in_channels // network.r**2, 40, 56]
x = torch.from_numpy(numpy.fromfile("x.bin", "float32").reshape(shape))
y = torch.from_numpy(numpy.fromfile("y.bin", "float32").reshape(2, -1, 40, 56))
with torch.no_grad():
    outputs = {
        "rebuilt": network(x),
        "scripted": scripted(x),
        "onnx": torch.from_numpy(forward_onnx(x.numpy())),
    }
for name, output in outputs.items():
    difference = (output - y).abs().max().item()
    assert difference < 1e-4, f"{name} differs by {difference}"
assert recipe == json.loads(metadata["recipe"])
frames = numpy.stack([cv2.imread(f"frame{i}.png") for i in range(24)]) / 255
background = cv2.imread("background.png") / 255
scale = noise_scale(frames, background, 20 / 255)
exact = read_scale("background.scale.png")
error = numpy.quantile(numpy.abs(scale / exact - 1), 0.9)
assert error < 0.1, f"the scale is off by {error}"
assert network_input(frames, background, exact).shape == (24, 6, *exact.shape)

for parameter in network.output.parameters():
    parameter.data.mul_(2.0)
write_safetensors("doubled.safetensors", network.state_dict(), metadata)
)";

void write_values(const std::filesystem::path& path, const torch::Tensor& x) {
  const auto values = x.contiguous();
  write_file_atomically(path, {static_cast<const char*>(values.data_ptr()), values.nbytes()});
}

// A network with statistics that are not those of a new one.
Model settled(const Recipe& recipe) {
  Model model(recipe, 3);
  const int64_t channels = model.network.options().in_channels;
  for (int i = 0; i < 3; ++i) model.network.forward(torch::rand({2, channels, 32, 32}) * 3.0);
  model.network.train(false);
  return model;
}

// Frames of a scene with objects, its background, and its scale as a run stores it.
void write_scene(const TemporaryFolder& folder) {
  SynthOptions options = tiny_scene(24);
  options.width = 96;
  options.height = 72;
  const SynthScene synthetic(options);
  std::vector<cv::Mat> images;
  for (int64_t i = 0; i < 24; ++i) {
    images.push_back(synthetic.frame(i).image);
    write_png(folder / ("frame" + std::to_string(i) + ".png"), images.back());
  }
  const SceneState scene = model_scene(images, BackgroundOptions{}).states[0];
  cv::Mat scale;
  scene.scale.convertTo(scale, CV_16U, 65535.0);
  write_png(folder / "background.png", scene.background);
  write_png(folder / "background.scale.png", scale);
}

class Python : public Program {
 protected:
  void SetUp() override {
    python_ = python_with_packages();
    if (python_.empty()) {
      GTEST_SKIP() << "needs python3-torch, python3-opencv and python3-numpy";
    }
    const std::filesystem::path source = PROXSEG_SOURCE_DIR;
    write_scene(folder_);
    write_file_atomically(folder_ / "models.py",
                          python_of(read_file(source / "docs/models.md")) + kChecks);
  }

  // "" if there is none.
  static std::string python_with_packages() {
    for (std::string python : {"python3", "/usr/bin/python3"}) {
      const std::string command = python + " -c 'import cv2, numpy, torch' 2>/dev/null";
      if (std::system(command.c_str()) == 0) return python;
    }
    return "";
  }

  void export_all() const {
    for (const auto& [format, file] : {std::pair{"onnx", "clip.onnx"},
                                       {"torchscript", "clip.pt"},
                                       {"state-dict", "clip-weights.pt"}}) {
      const Outcome outcome =
          run({"export", path("model.safetensors"), "--format", format, "--output", path(file)});
      ASSERT_EQ(outcome.code, 0) << outcome.err;
    }
  }

  void expect_success() const {
    const std::string log = path("python.log");
    const std::string command =
        "cd '" + folder_.string() + "' && " + python_ + " models.py > python.log 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << read_file(log);
  }

  std::string python_;
};

TEST_F(Python, GivesTheSameOutputAndItsWeightsComeBack) {
  torch::NoGradGuard no_grad;
  for (const char* config : {"default", "deepls2022"}) {
    SCOPED_TRACE(config);
    Recipe recipe = load_recipe(config);
    recipe.model.unet.channels = 4;
    Model model = settled(recipe);
    save_model(folder_ / "model.safetensors", model);
    const auto x = torch::rand({2, model.network.options().in_channels, 40, 56});
    const auto y = model.network.forward(x);
    write_values(folder_ / "x.bin", x);
    write_values(folder_ / "y.bin", y);
    export_all();
    expect_success();

    Model same = load_model(folder_ / "from-python.safetensors");
    same.network.train(false);
    EXPECT_TRUE(torch::equal(same.network.forward(x), y));
    Model doubled = load_model(folder_ / "doubled.safetensors");
    doubled.network.train(false);
    EXPECT_TRUE(torch::allclose(doubled.network.forward(x), 2.0 * y));
  }
}

}  // namespace
}  // namespace proxseg
