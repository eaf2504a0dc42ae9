#include <memory>

#include "cli/command.h"
#include "cli/libraries.h"
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
  wait_briefly();
  Model model = load_model(arguments.model, overrides_of(arguments.recipe));
  start_libraries(model.recipe);
  SourceOptions source = model.recipe.input;
  source.size = wanted.size;
  NetworkSegmenter segmenter(std::move(model));
  print_results(segment_inputs(segmenter, wanted.inputs, wanted.output, source, options),
                wanted.json);
}

}  // namespace

void add_infer(CLI::App& app) {
  auto* command = app.add_subcommand("infer", "Segment sequences with a trained network");
  const auto arguments = std::make_shared<InferArguments>();
  command->add_option("--model,-m", arguments->model, "Run folder or model.safetensors")
      ->required()
      ->option_text("PATH");
  add_segmentation_arguments(*command, arguments->segmentation);
  add_set_option(*command, arguments->recipe);
  add_field_flag(*command, arguments->recipe, "infer.engine");
  add_field_flag(*command, arguments->recipe, "input.roi");
  command->callback([arguments] { infer(*arguments); });
  command->footer(
      "Frames whose outputs are there already are left as they are, so that an interrupted call "
      "goes on.\n"
      "Examples:\n"
      "  proxseg infer --model runs/synthetic --input data/synthetic --output masks\n"
      "  proxseg infer --model runs/clip --input clip.mp4 --output out --save mask,soft,overlay\n"
      "  proxseg infer --model runs/clip --input dataset/ --output results --layout cdnet\n"
      "  proxseg infer --model runs/clip --input clip.mp4 --output out --engine opencv-dnn\n"
      "  proxseg infer --model runs/clip --input clip.mp4 --output out --save boxes,coco\n"
      "  proxseg infer --model runs/gate --input rtsp://gate/stream --output gate\n"
      "  ffmpeg -i clip.mp4 -pix_fmt yuv420p -f yuv4mpegpipe - |\n"
      "    proxseg infer --model runs/clip --input - --output - |\n"
      "    ffmpeg -f rawvideo -pix_fmt gray -s 320x240 -r 25 -i - masks.mkv");
}

}  // namespace proxseg::cli
