#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/recipe_arguments.h"
#include "cli/segmentation.h"
#include "proxseg/segment/network_segmenter.h"

namespace proxseg::cli {
namespace {

struct InferArguments {
  std::string model;
  SegmentationArguments segmentation;
  RecipeArguments recipe;
};

void infer(const InferArguments& arguments) {
  const SegmentationArguments& wanted = arguments.segmentation;
  const ExportOptions options = export_options(wanted);
  expect_effect(arguments.recipe, fields_of_inference());
  Model model = load_model(arguments.model, overrides_of(arguments.recipe));
  check_settings(arguments.recipe, model.recipe);
  start_libraries(model.recipe);
  SourceOptions source = model.recipe.input;
  source.size = wanted.size;
  source.reconnect = wanted.reconnect;
  NetworkSegmenter segmenter(std::move(model));
  const int64_t head = segmenter.recipe().background.frames;
  segmenter.follow({.beside = wanted.reconnect > 0.0}, head, head);
  segment_inputs(segmenter, arguments.model, wanted.inputs, wanted.output, source, options,
                 wanted.json);
}

}  // namespace

void add_infer(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "infer", "Segment sequences with a trained network", infer,
      "Run the same command again to resume. An output folder that holds the masks of another video,\n"
      "model, range or setting is refused; --force starts over.\n"
      "Examples:\n"
      "  proxseg infer --model generic --input clip.mp4 --output out\n"
      "  proxseg infer --model runs/synthetic --input data/synthetic --output masks\n"
      "  proxseg infer --model runs/clip --input clip.mp4 --output out --save mask,soft,overlay\n"
      "  proxseg infer --model runs/clip --input dataset/ --output results --layout cdnet\n"
      "  proxseg infer --model runs/clip --input clip.mp4 --output out --engine opencv-dnn\n"
      "  proxseg infer --model runs/clip --input clip.mp4 --output out --save boxes,coco\n"
      "  proxseg infer --model runs/gate --input rtsp://gate/stream --output gate\n"
      "  ffmpeg -i clip.mp4 -pix_fmt yuv420p -f yuv4mpegpipe - |\n"
      "    proxseg infer --model runs/clip --input - --output - |\n"
      "    ffmpeg -f rawvideo -pix_fmt gray -s 320x240 -r 25 -i - masks.mkv");
  add_option(*command, "--model,-m PATH", arguments->model,
             "Run folder, model.safetensors, or generic: the network of the program, for any video")
      ->required();
  add_segmentation_arguments(*command, arguments->segmentation);
  add_set_option(*command, arguments->recipe, "mask.threshold=0.4");
  for (const char* key : {"device", "precision", "threads", "infer.engine", "input.roi"}) {
    add_field_flag(*command, arguments->recipe, key, "the model's");
  }
  add_log_options(*command);
}

}  // namespace proxseg::cli
