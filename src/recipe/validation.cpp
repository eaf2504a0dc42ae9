#include "proxseg/recipe/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "proxseg/core/clip_range.h"
#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/levels.h"

namespace proxseg {
namespace {

std::string shown(const Recipe& recipe, const std::string& key) {
  const Field& field = *find_field(key);
  const std::string text = to_text(field.get(recipe));
  return field.type == FieldType::kText ? in_quotes(text) : text;
}

class Rules {
 public:
  explicit Rules(const Recipe& recipe) : recipe_(recipe) {}

  // The first key is the one to blame; `rule` completes "key = value: ...".
  void require(bool holds, std::vector<std::string> keys, const std::string& rule) {
    if (holds) return;
    std::string text = fmt::format("{} = {}: {}", keys.front(), shown(recipe_, keys.front()), rule);
    problems_.push_back({std::move(keys), std::move(text)});
  }

  std::vector<RecipeProblem> take() { return std::move(problems_); }

 private:
  const Recipe& recipe_;
  std::vector<RecipeProblem> problems_;
};

void check_bounds(const Recipe& recipe, Rules& rules) {
  for (const Field& field : recipe_fields()) {
    const std::string expected = violation(field, field.get(recipe));
    rules.require(expected.empty(), {field.key}, "must be " + expected);
  }
}

bool is_range(const std::string& text) {
  if (text == "roi") return true;
  try {
    parse_clip_range(text);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

void check_input(const Recipe& recipe, Rules& rules) {
  rules.require(is_device_name(recipe.device), {"device"}, "must be cpu, cuda or cuda:N");
  rules.require(is_range(recipe.input.range), {"input.range"},
                "must be FIRST:LAST with 1 <= FIRST <= LAST, times such as 12.5s:60s or "
                "0:01:30-0:02:00, roi or empty");
  rules.require(recipe.input.levels.empty() || parse_levels(recipe.input.levels), {"input.levels"},
                "must be LOW:HIGH, two numbers of which the first is smaller, or empty");
  const bool from_file = recipe.background.method == BackgroundMethod::kFile;
  const bool has_file = !recipe.background.file.empty();
  rules.require(!from_file || has_file, {"background.file", "background.method"},
                "must name an image where background.method is file");
  rules.require(from_file || !has_file, {"background.file", "background.method"},
                "is read only where background.method is file");
}

void check_model(const Recipe& recipe, Rules& rules) {
  const int64_t r = recipe.model.unet.pixel_unshuffle;
  rules.require(r != 3, {"model.pixel_unshuffle"}, "must be 1, 2 or 4");
}

void check_sparse(const Recipe& recipe, const LossOptions::Sparse& prior, const std::string& key,
                  Rules& rules) {
  if (!(prior.weight > 0)) return;
  rules.require(recipe.loss.gradient != Gradient::kProx || prior.knee > 0,
                {key + ".knee", "loss.gradient", key + ".weight"},
                "must be > 0 where loss.gradient is prox");
  rules.require(prior.on != PriorTarget::kMask || recipe.model.form == Form::kMasked,
                {key + ".on", "model.form", key + ".weight"},
                "needs model.form = masked; the signed form has no mask M");
}

void check_loss(const Recipe& recipe, Rules& rules) {
  const LossOptions& loss = recipe.loss;
  if (loss.nuclear_weight > 0) {
    rules.require(loss.gradient != Gradient::kProx || loss.nuclear.knee > 0,
                  {"loss.nuclear.knee", "loss.gradient", "loss.nuclear.weight"},
                  "must be > 0 where loss.gradient is prox");
    rules.require(loss.nuclear.penalty != SpectralPenalty::kTruncated ||
                      loss.nuclear.rank < recipe.train.batch,
                  {"loss.nuclear.rank", "train.batch", "loss.nuclear.penalty"},
                  fmt::format("must be < train.batch = {} with penalty truncated, or no singular "
                              "value is left to judge",
                              recipe.train.batch));
  }
  rules.require(loss.nuclear_weight > 0 || loss.l1.weight > 0 || loss.group_l1.weight > 0 ||
                    loss.tv.weight > 0,
                {"loss.nuclear.weight", "loss.l1.weight", "loss.group_l1.weight", "loss.tv.weight"},
                "at least one prior needs a weight > 0");
  check_sparse(recipe, loss.l1, "loss.l1", rules);
  check_sparse(recipe, loss.group_l1, "loss.group_l1", rules);
  check_sparse(recipe, loss.tv, "loss.tv", rules);
}

void check_train(const Recipe& recipe, Rules& rules) {
  const TrainOptions& train = recipe.train;
  rules.require(train.max_frames >= train.batch, {"train.max_frames", "train.batch"},
                fmt::format("must be >= train.batch = {}", train.batch));
}

void check_infer(const Recipe& recipe, Rules& rules) {
  rules.require(recipe.infer.engine != Engine::kOpenCv || recipe.model.unet.norm != Norm::kGroup,
                {"infer.engine", "model.norm"}, "cannot run model.norm = group");
}

// The second phase has two kinds of steps only: on nuclear(L) and on l1(S).
void check_alternating(const Recipe& recipe, Rules& rules) {
  if (recipe.train.alternating_steps <= 0) return;
  const LossOptions& loss = recipe.loss;
  const auto require = [&](bool holds, std::vector<std::string> keys, const std::string& rule) {
    keys.insert(keys.begin(), "train.alternating_steps");
    rules.require(holds, std::move(keys), "the second phase needs " + rule);
  };
  require(loss.gradient == Gradient::kProx, {"loss.gradient"}, "loss.gradient = prox");
  require(loss.nuclear_weight > 0, {"loss.nuclear.weight"}, "loss.nuclear.weight > 0");
  require(loss.l1.weight > 0 && loss.l1.on == PriorTarget::kForeground,
          {"loss.l1.weight", "loss.l1.on"}, "loss.l1.weight > 0 and loss.l1.on = foreground");
  require(!(loss.group_l1.weight > 0) && !(loss.tv.weight > 0),
          {"loss.group_l1.weight", "loss.tv.weight"},
          "loss.group_l1.weight = 0 and loss.tv.weight = 0, because it takes no steps on them");
}

}  // namespace

std::vector<RecipeProblem> problems_of(const Recipe& recipe) {
  Rules rules(recipe);
  check_bounds(recipe, rules);
  check_input(recipe, rules);
  check_model(recipe, rules);
  check_loss(recipe, rules);
  check_train(recipe, rules);
  check_alternating(recipe, rules);
  check_infer(recipe, rules);
  return rules.take();
}

void validate(const Recipe& recipe) {
  std::vector<std::string> texts;
  for (const RecipeProblem& problem : problems_of(recipe)) texts.push_back(problem.text);
  throw_if_any(texts, "recipe");
}

void throw_if_any(const std::vector<std::string>& problems, const std::string& what) {
  if (problems.empty()) return;
  const std::string reference = "'proxseg config reference' explains every key";
  const std::string remedy =
      what == "sweep" ? "docs/sweeps.md explains sweep files; " + reference + " of a recipe."
                      : reference + ".";
  if (problems.size() == 1) throw ConfigError(problems.front(), remedy);
  throw ConfigError(fmt::format("{} problems in the {}:\n  {}", problems.size(), what,
                                fmt::join(problems, "\n  ")),
                    remedy);
}

}  // namespace proxseg
