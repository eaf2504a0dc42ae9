#include <memory>

#include "command.h"
#include "libraries.h"
#include "recipe_arguments.h"
#include "segmentation.h"

namespace proxseg::cli {
namespace {

struct InferArguments {
  std::string model;
  std::vector<std::string> inputs;
  std::string output;
  std::string save = "mask";
  Layout layout = Layout::kFlat;
  RecipeArguments recipe;
  bool force = false;
  bool json = false;
};

void infer(const InferArguments& arguments) {
  ExportOptions options;
  options.save = parse_products(arguments.save);
  options.layout = arguments.layout;
  options.force = arguments.force;
  Model model = load_model(arguments.model, overrides_of(arguments.recipe));
  start_libraries(model.recipe);
  const SourceOptions source = model.recipe.input;
  Segmenter segmenter(std::move(model));
  print_results(segment_inputs(segmenter, arguments.inputs, arguments.output, source, options),
                arguments.json);
}

}  // namespace

void add_infer(CLI::App& app) {
  auto* command = app.add_subcommand("infer", "Segment sequences with a trained network");
  const auto arguments = std::make_shared<InferArguments>();
  command->add_option("--model,-m", arguments->model, "Run folder or model.safetensors")
      ->required()
      ->option_text("PATH");
  command
      ->add_option(
          "--input,-i", arguments->inputs,
          "Folder of frames, quoted glob, video, CDnet sequence or tree of those; repeatable")
      ->required()
      ->option_text("PATH ...");
  command->add_option("--output,-o", arguments->output, "Folder of the results, created")
      ->required()
      ->option_text("DIR");
  command
      ->add_option("--save", arguments->save,
                   "Comma-separated: mask, soft, background, foreground, overlay")
      ->capture_default_str()
      ->option_text("LIST");
  command
      ->add_option("--layout", arguments->layout,
                   "flat: DIR/mask/NAME.png; cdnet: DIR/binNNNNNN.png")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Layout>{{"flat", Layout::kFlat}, {"cdnet", Layout::kCdnet}}))
      ->option_text("flat|cdnet");
  add_set_option(*command, arguments->recipe);
  command->add_flag("--force", arguments->force, "Write again what is already there");
  command->add_flag("--json", arguments->json, "Print the results as JSON");
  command->callback([arguments] { infer(*arguments); });
  command->footer(
      "Frames whose outputs are there already are left as they are, so that an interrupted call "
      "goes on.\n"
      "Examples:\n"
      "  proxseg infer --model runs/synthetic --input data/synthetic --output masks\n"
      "  proxseg infer --model runs/clip --input clip.mp4 --output out --save mask,soft,overlay\n"
      "  proxseg infer --model runs/clip --input dataset/ --output results --layout cdnet");
}

}  // namespace proxseg::cli
