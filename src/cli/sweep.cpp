#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"
#include "cli/recipe_arguments.h"
#include "cli/sweep_view.h"
#include "cli/tables.h"
#include "cli/work.h"
#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/process.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/load.h"
#include "proxseg/train/run/environment.h"
#include "proxseg/workflow/sweep/launcher.h"
#include "proxseg/workflow/sweep/proposals.h"
#include "proxseg/workflow/sweep/results_json.h"
#include "proxseg/workflow/sweep/results_text.h"
#include "proxseg/workflow/sweep/trial.h"

namespace proxseg::cli {
namespace fs = std::filesystem;
namespace {

struct SweepArguments {
  const CLI::App* command = nullptr;
  std::string file;
  std::string output;
  std::string model;
  RecipeArguments recipe;  // --device and --precision
  int64_t jobs = 1;
  int64_t threads = 0;  // of each trial; 0: its share of the cores
  bool json = false;
  bool on_slurm = false;
  bool shares_output = false;  // with other machines
  bool dry_run = false;
  bool fail_fast = false;
};

struct ResultArguments {
  std::string folder;
  std::string csv;
  std::string recipe;  // to be written
  bool json = false;
  bool follow = false;
};

// What each job may take of this machine.
int64_t threads_of_job(const SweepArguments& arguments) {
  if (arguments.threads > 0) return arguments.threads;
  return std::max<int64_t>(1, threads_meant_by(0) / arguments.jobs);
}

// Cores that a job on a cluster asks for: the most that any trial names, else a few.
int64_t cores_of_job(const SweepPlan& plan) {
  constexpr int64_t kFew = 4;
  int64_t cores = 0;
  for (const PlannedTrial& trial : plan.trials) {
    cores = std::max(cores, trial.recipe.recipe.threads);
  }
  return cores > 0 ? cores : kFew;
}

SweepResults results_in(const std::string& folder) { return results_of(Ledger(folder).trials()); }

void print_estimate(const SweepPlan& plan, int64_t remaining, const SweepArguments& arguments) {
  const int64_t jobs = arguments.jobs;
  WorkCallbacks callbacks;
  callbacks.on_recipe = start_libraries;
  callbacks.should_stop = interrupt_requested;
  const PlannedTrial& first = plan.trials.front();
  const TrialCost cost = measure_cost(first.recipe, first.sequence, first.has_ground_truth,
                                      threads_of_job(arguments), seconds_since_start(), callbacks);
  const double megabytes = static_cast<double>(cost.bytes) / 1e6;
  const double seconds = seconds_of(plan, cost, remaining, jobs);
  say("measured on trial {}: {:.1f} s to start, read, segment and measure, {:.3g} s a step, "
      "{:.0f} MB\n"
      "if all trials are like it: about {} with --jobs {}, {:.0f} MB of memory\n",
      first.id, cost.seconds, cost.step_seconds, megabytes, format_duration(seconds), jobs,
      megabytes * static_cast<double>(std::min(jobs, remaining)));
  if (plan.budget && seconds > *plan.budget) {
    say("the budget is spent after about {:.0f} of the {}\n",
        *plan.budget / seconds * static_cast<double>(remaining), counted(remaining, "trial"));
  }
}

void print_plan(const SweepArguments& arguments, SweepPlan plan) {
  std::map<std::string, TrialState> states;
  if (is_there(fs::path(arguments.output) / "ledger.sqlite")) {
    for (const Trial& trial : Ledger(arguments.output).trials()) states[trial.id] = trial.state;
  }
  std::vector<Trial> trials;
  int64_t remaining = 0;
  // Of a search that goes on from earlier sweeps, the first trials are yet to be proposed.
  const bool is_proposed = plan.trials.empty() && plan.tpe.has_value();
  if (is_proposed) plan.trials = propose(plan, {});
  for (const PlannedTrial& planned : plan.trials) {
    Trial& trial = trials.emplace_back();
    trial.id = planned.id;
    trial.sequence = planned.sequence;
    trial.state = states[planned.id];
    for (const Assignment& given : planned.point) {
      trial.settings.emplace_back(given.field->key, to_text(given.value));
    }
    remaining += trial.state == TrialState::kDone ? 0 : 1;
  }
  say("{}", plan_text(trials));
  if (is_proposed) {
    say("the first, proposed from the results of earlier sweeps\n");
  } else {
    say("{}, {} to run\n", counted(std::ssize(plan.trials), "trial"), remaining);
  }
  if (plan.tpe) {
    say("tpe: goes on from their results, up to {}, {}\n",
        counted(plan.tpe->space.trials, "configuration"), counted(plan.most_trials, "trial"));
    const auto is_done = [](const auto& known) { return known.second == TrialState::kDone; };
    remaining = std::max(remaining, plan.most_trials - std::ranges::count_if(states, is_done));
  }
  if (plan.budget) say("budget: {}\n", format_duration(*plan.budget));
  if (plan.halving) {
    say("halving: {} steps each, then the best 1/{} go on to {} times as many\n",
        plan.halving->steps, plan.halving->factor, plan.halving->factor);
  }
  if (remaining == 0 || plan.trials.empty()) return;
  print_estimate(plan, remaining, arguments);
}

// Trials run in processes that may be called elsewhere. A name stays one: "generic".
std::string whole_path(const std::string& model) {
  return is_there(model) ? fs::absolute(model).lexically_normal().string() : model;
}

// Throws as parse_device() does, before any trial is noted.
void expect_devices(const SweepPlan& plan) {
  for (const PlannedTrial& trial : plan.trials) parse_device(trial.recipe.recipe.device);
}

// Sequences without ground truth say nothing about a ranking by it.
void warn_of_missing_labels(const SweepPlan& plan) {
  std::set<std::string> without;
  for (const PlannedTrial& trial : plan.trials) {
    if (!trial.has_ground_truth) without.insert(trial.sequence.name);
  }
  const bool any_has = std::ranges::any_of(plan.trials, &PlannedTrial::has_ground_truth);
  if (without.empty() || !any_has) return;
  spdlog::warn(
      "configurations are ranked by ground truth, which {} of the sequences have none of: {}; "
      "their trials train, but count for nothing",
      without.size(), fmt::join(without, ", "));
}

// What the sweep ends with: nothing if all trials are done.
void throw_outcome(const std::vector<Trial>& trials, int64_t most_trials,
                   const std::string& folder) {
  const std::string remedy =
      fmt::format("The same command goes on; finished trials are kept. See proxseg sweep status {}",
                  shell_path(folder));
  const auto done = std::ranges::count(trials, TrialState::kDone, &Trial::state);
  if (interrupt_requested()) {
    throw Error(ExitCode::kInterrupted,
                fmt::format("stopped with {} of {} done; running ones are saved", done,
                            counted(most_trials, "trial")),
                remedy);
  }
  const auto failed = std::ranges::count(trials, TrialState::kFailed, &Trial::state);
  if (failed == 0) return;
  const Trial& first = *std::ranges::find(trials, TrialState::kFailed, &Trial::state);
  throw Error(static_cast<ExitCode>(first.exit_code),
              fmt::format("{} of {} failed, first {}: {}", failed, counted(most_trials, "trial"),
                          first.id, first.error),
              remedy);
}

// The command that goes on with the sweep in the folder.
std::string command_of(const Ledger& ledger, const std::string& folder) {
  const std::vector<std::string> words = ledger.command();
  return words.empty() ? "proxseg sweep FILE --output " + shell_path(folder) : shell_line(words);
}

// What is to be said where the budget ended a sweep; "" where it did not.
std::string budget_text(const Ledger& ledger, const SweepPlan& plan, const std::string& file,
                        const std::vector<Trial>& trials) {
  const auto waiting = std::ranges::count(trials, TrialState::kWaiting, &Trial::state);
  const int64_t missing = ledger.most_trials() - std::ssize(trials) + waiting;
  if (missing == 0 || !plan.budget || ledger.budget_left().value_or(1.0) > 0.0) return "";
  return fmt::format(
      "The budget of {} is spent: {} of {} were not started. With a larger \"budget\" in {} the same "
      "command goes on.\n",
      format_duration(*plan.budget), missing, counted(ledger.most_trials(), "trial"), file);
}

SweepPlan plan_of(const SweepArguments& arguments) {
  std::vector<Override> changes = overrides_of(arguments.recipe);
  if (!arguments.model.empty()) {
    changes.push_back({"train.init=" + whole_path(arguments.model), "--model"});
  }
  SweepPlan plan = plan_sweep(arguments.file, changes);
  if (!arguments.on_slurm) expect_devices(plan);
  warn_of_missing_labels(plan);
  return plan;
}

// Until all is done, the budget is spent or the user calls it off.
void launch_trials(Ledger& ledger, const SweepPlan& plan, const SweepArguments& arguments) {
  const bool asks_cluster = arguments.on_slurm && arguments.threads == 0;
  const int64_t cores = asks_cluster ? cores_of_job(plan) : threads_of_job(arguments);
  LaunchOptions options;
  options.jobs = arguments.jobs;
  options.fail_fast = arguments.fail_fast;
  options.budget = plan.budget;
  options.worker = {"sweep", "worker", fs::absolute(arguments.output).string(), "--threads",
                    std::to_string(cores)};
  SweepView view(ledger);
  LaunchCallbacks callbacks;
  callbacks.on_look = [&](const std::vector<Trial>& trials) { view.show(trials); };
  callbacks.should_stop = interrupt_requested;
  if (plan.tpe) {
    callbacks.propose = [&](const std::vector<Trial>& seen) { return propose(plan, seen); };
  }
  if (arguments.on_slurm) {
    launch_on_slurm(ledger, options, {arguments.output, cores}, callbacks);
  } else {
    warn_of_many_threads(cores * options.jobs);
    launch(ledger, options, callbacks);
  }
}

void print_outcome(const SweepResults& results, const Ledger& ledger, const SweepPlan& plan,
                   const SweepArguments& arguments) {
  if (arguments.json) return fmt::print("{}", to_json(results));
  if (interrupt_requested()) return;
  if (!results.ranked.empty()) {
    say("{}\n{}", ranking_text(results, line_width(stdout)),
        best_text(results, arguments.output, ledger.halving()));
  }
  say("{}", budget_text(ledger, plan, arguments.file, results.trials));
}

void run_sweep(const SweepArguments& arguments) {
  if (!arguments.command->get_subcommands().empty()) return;  // one of those has run
  expect_given("sweep",
               {{"FILE", !arguments.file.empty()},
                {"--output", !arguments.output.empty() || arguments.dry_run}},
               "one of status, best and export");
  const SweepPlan plan = plan_of(arguments);
  if (arguments.dry_run) return print_plan(arguments, plan);
  const bool is_shared = arguments.on_slurm || arguments.shares_output;
  Ledger ledger(arguments.output, /*create=*/true,
                is_shared ? Sharing::kMachines : Sharing::kProcesses);
  ledger.add(plan);
  ledger.set_command(command_line());
  launch_trials(ledger, plan, arguments);
  const SweepResults results = results_of(ledger.trials());
  print_outcome(results, ledger, plan, arguments);
  throw_outcome(results.trials, ledger.most_trials(), arguments.output);
}

// Until all is done, until the budget is spent or nobody works on it any more, or until Ctrl-C.
void follow(const std::string& folder) {
  const Ledger ledger(folder);
  SweepView view(ledger);
  SweepWatch watch;
  while (!interrupt_requested()) {
    const std::vector<Trial> trials = ledger.trials();
    view.show(trials);
    const SweepActivity activity = watch.look(ledger, trials);
    if (activity == SweepActivity::kDone) return;
    if (activity != SweepActivity::kAtWork) {
      const bool is_spent = activity == SweepActivity::kSpent;
      return note("nothing runs; {}{} goes on\n", is_spent ? "with a larger budget " : "",
                  command_of(ledger, folder));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  if (line_width(stderr) > 0) fmt::print(stderr, "\n");  // after the ^C that the terminal shows
  throw Error(ExitCode::kInterrupted, "stopped watching; what runs goes on");
}

void show_status(const ResultArguments& arguments) {
  if (arguments.follow) follow(arguments.folder);
  const Ledger ledger(arguments.folder);
  const SweepResults results = results_of(ledger.trials());
  if (arguments.json) {
    fmt::print("{}", to_json(results));
    return;
  }
  const size_t columns = line_width(stdout);
  const std::string headline = SweepView(ledger).headline(results.trials);
  // Below it stand the headline, which may take two lines, and the next prompt.
  constexpr size_t kBelow = 3;
  const size_t rows = columns > 0 ? std::max<size_t>(line_count(stdout), kBelow + 1) - kBelow : 0;
  say("{}", status_text(results, arguments.folder, columns, rows));
  if (columns > 0) say("sweep: {}\n", headline);
}

// As a recipe for other videos.
void write_best_recipe(const ResultArguments& arguments, const Ledger& ledger,
                       const SweepResults& results) {
  const Trial& first = *best_trials(results).front();
  Recipe recipe = recipe_from_json(ledger.recipe_of(first.id), "trial " + first.id);
  recipe.train.steps = first.steps;
  recipe.description = fmt::format("The best of {} of the sweep {}: {} {:.4g}",
                                   counted(std::ssize(results.configurations), "configuration"),
                                   fs::absolute(arguments.folder).filename().string(),
                                   to_string(results.metric), results.configurations.front().mean);
  write_file_atomically(arguments.recipe, to_json(recipe));
}

void show_best(const ResultArguments& arguments) {
  expect_name_of_text(arguments.recipe);
  const Ledger ledger(arguments.folder);
  const SweepResults results = results_of(ledger.trials());
  if (results.ranked.empty()) {
    throw InputError(fmt::format("no trial in '{}' is done yet", arguments.folder),
                     fmt::format("See proxseg sweep status {}", shell_path(arguments.folder)));
  }
  const std::string& recipe = arguments.recipe;
  if (!recipe.empty()) write_best_recipe(arguments, ledger, results);
  if (arguments.json) {
    fmt::print("{}", best_json(results, arguments.folder, ledger.halving()));
  } else if (recipe.empty()) {
    say("{}", best_text(results, arguments.folder, ledger.halving()));
  } else {
    say("wrote {}\nTrain by it: proxseg train --config {} --input VIDEO --output DIR\n", recipe,
        shell_path(is_recipe_path(recipe) ? recipe : "./" + recipe));
  }
}

void export_results(const ResultArguments& arguments) {
  if (arguments.csv.empty() && !arguments.json) {
    throw UsageError("export needs --csv FILE or --json", "See proxseg sweep export --help.");
  }
  if (arguments.csv == "-" && arguments.json) {
    throw UsageError("--csv - and --json both write to standard output");
  }
  if (arguments.csv != "-") expect_name_of_text(arguments.csv);
  const SweepResults results = results_in(arguments.folder);
  if (arguments.json) fmt::print("{}", to_json(results));
  if (arguments.csv.empty()) return;
  if (arguments.csv == "-") return fmt::print("{}", to_csv(results));
  write_file_atomically(arguments.csv, to_csv(results));
  if (!arguments.json) say("wrote {}\n", arguments.csv);
}

// A subcommand that reads the ledger of DIR.
ResultArguments& add_reader(CLI::App& sweep, const std::string& name, const std::string& help,
                            void (*call)(const ResultArguments&),
                            const std::string& more_examples = {}) {
  const auto [command, arguments] = add_command(
      sweep, name, help, call,
      fmt::format("Examples:\n  proxseg sweep {} runs/sweep --json{}", name, more_examples));
  add_option(*command, "DIR", arguments->folder, "Folder that sweep --output wrote")->required();
  command->add_flag("--json", arguments->json, "Print the results as JSON");
  add_log_options(*command);
  return *arguments;
}

struct WorkerArguments {
  std::string folder;
  std::string owner;
  int64_t threads = 0;
};

void work(const WorkerArguments& arguments) {
  end_with_parent();
  const std::vector<std::string> words = Ledger(arguments.folder).command();
  if (!words.empty()) set_command_line(words);  // what its runs come from
  work_on_a_trial(arguments.folder, arguments.threads, arguments.owner, work_callbacks());
}

}  // namespace

void add_sweep(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "sweep", "Train many configurations and rank them", run_sweep,
      "A trial is one configuration on one sequence. Run the same command again to resume after Ctrl-C,\n"
      "a crash or kill -9: finished trials are kept, failed ones are tried again, and trials that are\n"
      "new in FILE are added. Several such commands at a time share the work.\n"
      "Examples:\n"
      "  proxseg sweep configs/sweep-example.json --output runs/sweep --dry-run\n"
      "  proxseg sweep configs/sweep-example.json --output runs/sweep --jobs 2\n"
      "  proxseg sweep configs/sweep-example.json --output runs/sweep --jobs 8 --launcher slurm\n"
      "  proxseg sweep status runs/sweep\n"
      "  proxseg sweep best runs/sweep --config-out best.json\n"
      "  proxseg sweep export runs/sweep --csv sweep.csv");
  arguments->command = command;
  add_option(*command, "FILE", arguments->file, "Sweep file, see docs/sweeps.md");
  add_option(*command, "--output,-o DIR", arguments->output,
             "Output folder of the sweep (created): ledger.sqlite and trials/ID");
  add_option(*command, "--model,-m PATH", arguments->model,
             "Network to start each trial from (train.init): generic, none, a run folder or model");
  add_option(*command, "--jobs,-j N", arguments->jobs,
             "Trials to run at a time; on one machine they share the cores")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  add_option(*command, "--threads N", arguments->threads,
             "Threads of each trial whose recipe does not name them")
      ->check(CLI::Range(1, 1024))
      ->default_str("its share of the cores");
  for (const char* key : {"device", "precision"}) {
    add_field_flag(*command, arguments->recipe, key, "the sweep file's");
  }
  add_option(*command, "--launcher local|slurm", arguments->on_slurm,
             "Where trials run: local, on this machine; slurm, as job arrays on a cluster")
      ->default_str("local")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, bool>{{"local", false}, {"slurm", true}}));
  command
      ->add_flag("--worker", arguments->shares_output,
                 "This machine is one of several that share DIR, each with this command")
      ->excludes(command->get_option("--launcher"));
  command->add_flag("--dry-run", arguments->dry_run,
                    "Print the trials and an estimate of time and memory, measured on the first");
  command
      ->add_flag("--fail-fast,!--keep-going", arguments->fail_fast,
                 "Stop at the first trial that fails, or go on with the others")
      ->default_str("--keep-going");
  command->add_flag("--json", arguments->json, "Print the results as JSON at the end");
  add_log_options(*command);
  auto& status = add_reader(*command, "status", "Every trial: state, value, progress or failure",
                            show_status, "\n  proxseg sweep status runs/sweep --follow");
  command->get_subcommand("status")->add_flag(
      "--follow,-f", status.follow,
      "Show what changes until all trials are done or nobody works on them");
  auto& best =
      add_reader(*command, "best", "The best configuration, and the commands that reproduce it",
                 show_best, "\n  proxseg sweep best runs/sweep --config-out best.json");
  add_option(*command->get_subcommand("best"), "--config-out FILE", best.recipe,
             "Write its recipe, which train takes");
  auto& exported = add_reader(*command, "export", "All results as CSV or JSON", export_results,
                              "\n  proxseg sweep export runs/sweep --csv sweep.csv");
  add_option(*command->get_subcommand("export"), "--csv FILE", exported.csv,
             "Write the trials as CSV; - writes to standard output");
  // For the sweep itself.
  const auto [worker, own] = add_command(*command, "worker", "Work on one trial", work, "");
  worker->group("");
  worker->add_option("DIR", own->folder)->required();
  worker->add_option("--threads", own->threads);
  worker->add_option("--owner", own->owner);
}

}  // namespace proxseg::cli
