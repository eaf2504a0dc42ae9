// The commands of the program, one file each. add_*() declares a subcommand with its options, its
// call and its examples.
#pragma once

#include <CLI/CLI.hpp>

namespace proxseg::cli {

void add_train(CLI::App& app);
void add_infer(CLI::App& app);
void add_eval(CLI::App& app);
void add_export(CLI::App& app);
void add_run(CLI::App& app);
void add_baseline(CLI::App& app);
void add_compare(CLI::App& app);
void add_report(CLI::App& app);
void add_sweep(CLI::App& app);
void add_synth(CLI::App& app);
void add_inspect(CLI::App& app);
void add_bench(CLI::App& app);
void add_doctor(CLI::App& app);
void add_config(CLI::App& app);
void add_completion(CLI::App& app);
void add_manual(CLI::App& app);

}  // namespace proxseg::cli
