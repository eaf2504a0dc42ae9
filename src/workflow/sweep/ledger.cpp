#include "proxseg/workflow/sweep/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/workflow/sweep/results.h"
#include "workflow/sweep/database.h"
#include "workflow/sweep/workers.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS trials (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  configuration TEXT NOT NULL,
  input TEXT NOT NULL,
  sequence TEXT NOT NULL,
  ground_truth INTEGER NOT NULL,
  settings TEXT NOT NULL,
  recipe TEXT NOT NULL,
  origins TEXT NOT NULL,
  rung INTEGER NOT NULL DEFAULT 0,
  steps INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'running', 'done', 'failed', 'pruned')),
  owner TEXT NOT NULL DEFAULT '',
  process INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  progress TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  exit_code INTEGER NOT NULL DEFAULT 0,
  loss REAL, score REAL, f_measure REAL, precision REAL, recall REAL, seconds REAL);
CREATE TABLE IF NOT EXISTS scores (
  trial TEXT NOT NULL, sequence TEXT NOT NULL, step INTEGER NOT NULL, score REAL NOT NULL,
  PRIMARY KEY (trial, step));
CREATE TABLE IF NOT EXISTS machines (name TEXT PRIMARY KEY, beats INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS sweep (key TEXT PRIMARY KEY, value TEXT NOT NULL);
)";

// How trials are named. Ledgers of before 0.2 do not say; theirs is another.
const std::string kIdentity = "content";

constexpr const char* kSelect =
    "SELECT id, configuration, input, sequence, ground_truth, settings, rung, steps, state, owner, "
    "attempts, progress, error, exit_code, loss, score, f_measure, precision, recall, seconds "
    "FROM trials ";

// In the order of TrialState.
constexpr std::array<const char*, 5> kStates = {"waiting", "running", "done", "failed", "pruned"};

TrialState state_of(const std::string& name) {
  return static_cast<TrialState>(std::ranges::find(kStates, name) - kStates.begin());
}

// One row of kSelect.
Trial trial_of(const Query& row, Owners& owners) {
  Trial trial;
  trial.id = row.text(0);
  trial.configuration = row.text(1);
  trial.sequence = {row.text(2), row.text(3)};
  trial.has_ground_truth = row.integer(4) != 0;
  const auto settings = ordered_json::parse(row.text(5));
  for (const auto& [key, value] : settings.items()) {
    trial.settings.emplace_back(key, value.get<std::string>());
  }
  trial.rung = row.integer(6);
  trial.steps = row.integer(7);
  trial.state = state_of(row.text(8));
  trial.owner = row.text(9);
  if (trial.state == TrialState::kRunning && !owners.are_alive(trial.owner)) {
    trial.state = TrialState::kWaiting;
  }
  trial.attempts = row.integer(10);
  trial.progress = row.text(11);
  trial.error = row.text(12);
  trial.exit_code = row.integer(13);
  const bool goes_on = trial.rung > 0 &&
                       (trial.state == TrialState::kWaiting || trial.state == TrialState::kRunning);
  if (trial.state == TrialState::kDone || goes_on) {
    trial.result = {
        row.real(14).value_or(0), row.real(15), row.real(16), row.real(17), row.real(18),
        row.real(19).value_or(0), trial.error};
    trial.error.clear();
  }
  return trial;
}

std::string settings_of(const Point& point) {
  auto settings = ordered_json::object();
  for (const Assignment& given : point) settings[given.field->key] = to_text(given.value);
  return json_line(settings);
}

std::string halving_text(const std::optional<Halving>& halving) {
  if (!halving) return "";
  return json_line(ordered_json{{"steps", halving->steps}, {"factor", halving->factor}});
}

std::string pruning_text(const std::optional<Pruning>& pruning) {
  if (!pruning) return "";
  return json_line(ordered_json{{"every", pruning->every}, {"after", pruning->after}});
}

// "" too where there is no such value.
std::string stored(Database& database, const std::string& key) {
  Query query(database, "SELECT value FROM sweep WHERE key = ?", key);
  return query.next() ? query.text(0) : "";
}

bool is_empty(Database& database) {
  return !Query(database, "SELECT name FROM sqlite_master WHERE name = 'trials'").next();
}

std::unique_ptr<Database> open(const fs::path& folder, bool create, Sharing sharing) {
  if (create) {
    make_writable_folder(folder);
  } else if (!is_sweep(folder)) {
    throw ConfigError(fmt::format("'{}' holds no sweep: ledger.sqlite is missing", folder.string()),
                      "Give the folder that sweep --output wrote.");
  }
  auto database = std::make_unique<Database>(folder / "ledger.sqlite");
  const bool is_new = is_empty(*database);
  const bool can_share = sharing == Sharing::kMachines ? database->set_journal("DELETE")
                                                       : !is_new || database->set_journal("WAL");
  if (!can_share) {
    throw OutputError(
        fmt::format("the sweep in '{}' is at work as one that a single machine runs",
                    folder.string()),
        "Stop it, and start it on each machine with sweep --worker (or --launcher slurm).");
  }
  return database;
}

void insert(Database& database, const PlannedTrial& trial) {
  database.run(
      "INSERT INTO trials (id, configuration, input, sequence, ground_truth, settings, recipe, "
      "origins, steps) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
      trial.id, trial.configuration, trial.sequence.path, trial.sequence.name,
      int64_t{trial.has_ground_truth}, settings_of(trial.point), to_json(trial.recipe.recipe),
      json_line(ordered_json(trial.recipe.origins)), trial.recipe.recipe.train.steps);
}

// Changes a trial that its owner is still running; false where it is not. changes: "COLUMN = ?, ..."
template <typename... Values>
bool settle(Database& database, const Trial& trial, const std::string& changes,
            const Values&... values) {
  database.run("UPDATE trials SET " + changes + " WHERE id = ? AND state = 'running' AND owner = ?",
               values..., trial.id, trial.owner);
  return database.changes() > 0;
}

// Running trials whose owner is gone wait again.
void recover(Database& database, Owners& owners) {
  std::vector<std::string> lost;
  Query running(database, "SELECT id, owner FROM trials WHERE state = 'running'");
  while (running.next()) {
    if (!owners.are_alive(running.text(1))) lost.push_back(running.text(0));
  }
  for (const std::string& id : lost) {
    database.run("UPDATE trials SET state = 'waiting' WHERE id = ?", id);
  }
}

}  // namespace

std::string to_string(TrialState state) { return kStates.at(static_cast<size_t>(state)); }

bool is_sweep(const fs::path& folder) { return is_there(folder / "ledger.sqlite"); }

Ledger::Ledger(const fs::path& folder, bool create, Sharing sharing)
    : folder_(folder), database_(open(folder, create, sharing)) {
  if (create) database_->run(kSchema);
  if (sharing == Sharing::kMachines) {
    database_->run("INSERT OR REPLACE INTO sweep VALUES ('sharing', 'machines')");
  }
}

Ledger::~Ledger() = default;

void Ledger::add(const SweepPlan& plan) {
  Transaction transaction(*database_);
  const std::string halving = halving_text(plan.halving);
  Query count(*database_, "SELECT COUNT(*) FROM trials");
  const bool holds_trials = count.next() && count.integer(0) > 0;
  if (holds_trials && stored(*database_, "identity") != kIdentity) {
    throw OutputError(
        fmt::format("'{}' holds a sweep of an earlier proxseg, which named its trials otherwise",
                    folder_.string()),
        "Choose another --output; sweep status, best and report still read this one.");
  }
  if (holds_trials && stored(*database_, "halving") != halving) {
    throw OutputError(fmt::format("'{}' holds a sweep with another halving", folder_.string()),
                      "Choose another --output.");
  }
  std::set<std::string> log_fields = this->log_fields();
  log_fields.insert(plan.log_fields.begin(), plan.log_fields.end());
  database_->run(
      "INSERT OR REPLACE INTO sweep VALUES ('identity', ?), ('halving', ?), ('pruning', ?), "
      "('log_fields', ?), ('most_trials', ?), ('budget', ?)",
      kIdentity, halving, pruning_text(plan.pruning), json_line(ordered_json(log_fields)),
      plan.most_trials, plan.budget ? fmt::format("{}", *plan.budget) : "");
  for (const PlannedTrial& trial : plan.trials) {
    insert(*database_, trial);
    database_->run("UPDATE trials SET state = 'waiting' WHERE id = ? AND state = 'failed'",
                   trial.id);
  }
  transaction.commit();
}

std::optional<Trial> Ledger::claim(pid_t process, const std::string& owner) {
  Owners owners(sharing());
  Transaction transaction(*database_);
  recover(*database_, owners);
  Query waiting(*database_,
                std::string(kSelect) + "WHERE state = 'waiting' ORDER BY position LIMIT 1");
  if (!waiting.next()) {
    transaction.commit();
    return std::nullopt;
  }
  Trial trial = trial_of(waiting, owners);
  trial.owner = owner.empty() ? process_identity(process) : owner;
  Query texts(*database_, "SELECT recipe, origins FROM trials WHERE id = ?", trial.id);
  texts.next();
  trial.recipe = texts.text(0);
  trial.origins = texts.text(1);
  database_->run(
      "UPDATE trials SET state = 'running', owner = ?, process = ?, attempts = attempts + 1, "
      "progress = '', error = '', exit_code = 0 WHERE id = ?",
      trial.owner, int64_t{process}, trial.id);
  transaction.commit();
  trial.state = TrialState::kRunning;
  return trial;
}

bool Ledger::report(const Trial& trial, const std::string& progress) {
  return settle(*database_, trial, "progress = ?", progress);
}

bool Ledger::finish(const Trial& trial, const TrialResult& result) {
  return settle(*database_, trial,
                "state = 'done', progress = '', loss = ?, score = ?, f_measure = ?, "
                "precision = ?, recall = ?, seconds = ?, error = ?",
                result.loss, result.score, result.f_measure, result.precision, result.recall,
                result.seconds, result.warning);
}

bool Ledger::fail(const Trial& trial, const std::string& error, int exit_code) {
  return settle(*database_, trial, "state = 'failed', error = ?, exit_code = ?", error,
                int64_t{exit_code});
}

bool Ledger::release(const Trial& trial) { return settle(*database_, trial, "state = 'waiting'"); }

bool Ledger::prune(const Trial& trial, const std::string& reason) {
  Transaction transaction(*database_);
  const bool is_own = settle(*database_, trial, "state = 'pruned', error = ?", reason);
  if (is_own) {
    database_->run(
        "UPDATE trials SET state = 'pruned', error = ? WHERE state = 'waiting' AND "
        "configuration = ?",
        fmt::format("trial {} of its configuration was pruned", trial.id), trial.configuration);
  }
  transaction.commit();
  return is_own;
}

void Ledger::beat() {
  database_->run(
      "INSERT INTO machines VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET beats = beats + 1",
      this_place());
}

std::map<std::string, int64_t> Ledger::beats_elsewhere() const {
  std::map<std::string, int64_t> beats;
  Query running(*database_, "SELECT DISTINCT owner FROM trials WHERE state = 'running'");
  while (running.next()) {
    const std::string place = place_of(running.text(0));
    if (place == this_place() || is_slurm(running.text(0))) continue;
    Query machine(*database_, "SELECT beats FROM machines WHERE name = ?", place);
    beats[place] = machine.next() ? machine.integer(0) : 0;
  }
  return beats;
}

int64_t Ledger::beats() const {
  Query known(*database_, "SELECT name FROM sqlite_master WHERE name = 'machines'");
  if (!known.next()) return 0;  // of an earlier proxseg
  Query sum(*database_, "SELECT SUM(beats) FROM machines");
  return sum.next() ? sum.integer(0) : 0;
}

void Ledger::take_from(const std::string& machine) {
  database_->run(
      "UPDATE trials SET state = 'waiting' WHERE state = 'running' AND substr(owner, 1, ?) = ?",
      std::ssize(machine) + 1, machine + ' ');
}

std::vector<double> Ledger::add_score(const std::string& id, int64_t step, double score) {
  Transaction transaction(*database_);
  database_->run("INSERT OR REPLACE INTO scores SELECT id, input, ?, ? FROM trials WHERE id = ?",
                 step, score, id);
  Query others(*database_,
               "SELECT score FROM scores WHERE step = ? AND trial <> ? AND sequence = "
               "(SELECT input FROM trials WHERE id = ?)",
               step, id, id);
  std::vector<double> scores;
  while (others.next()) scores.push_back(others.real(0).value());
  transaction.commit();
  return scores;
}

bool Ledger::extend(
    const std::function<std::vector<PlannedTrial>(const std::vector<Trial>&)>& next) {
  Transaction transaction(*database_);
  const std::vector<PlannedTrial> more = next(trials());
  for (const PlannedTrial& trial : more) insert(*database_, trial);
  transaction.commit();
  return !more.empty();
}

double Ledger::spend(double seconds) {
  Transaction transaction(*database_);
  const double sum = parse_number<double>(stored(*database_, "spent")).value_or(0.0) + seconds;
  database_->run("INSERT OR REPLACE INTO sweep VALUES ('spent', ?)", fmt::format("{}", sum));
  transaction.commit();
  return sum;
}

std::optional<double> Ledger::budget_left() const {
  const auto budget = parse_number<double>(stored(*database_, "budget"));
  if (!budget) return std::nullopt;
  return *budget - parse_number<double>(stored(*database_, "spent")).value_or(0.0);
}

int64_t Ledger::jobs() const {
  return parse_number<int64_t>(stored(*database_, "jobs")).value_or(1);
}

void Ledger::set_jobs(int64_t jobs) {
  database_->run("INSERT OR REPLACE INTO sweep VALUES ('jobs', ?)", jobs);
}

std::vector<std::string> Ledger::command() const {
  const std::string text = stored(*database_, "command");
  if (text.empty()) return {};
  return ordered_json::parse(text).get<std::vector<std::string>>();
}

void Ledger::set_command(const std::vector<std::string>& words) {
  database_->run("INSERT OR REPLACE INTO sweep VALUES ('command', ?)",
                 json_line(ordered_json(words)));
}

bool Ledger::fail_trial_of(const std::string& owner, const std::string& error, int exit_code) {
  database_->run(
      "UPDATE trials SET state = 'failed', error = ?, exit_code = ? WHERE owner = ? AND "
      "state = 'running'",
      error, int64_t{exit_code}, owner);
  return database_->changes() > 0;
}

Sharing Ledger::sharing() const {
  return stored(*database_, "sharing") == "machines" ? Sharing::kMachines : Sharing::kProcesses;
}

std::string Ledger::recipe_of(const std::string& id) const {
  Query row(*database_, "SELECT recipe FROM trials WHERE id = ?", id);
  return row.next() ? row.text(0) : "";
}

std::vector<Trial> Ledger::trials() const {
  std::vector<Trial> trials;
  Owners owners(sharing());
  Query rows(*database_, std::string(kSelect) + "ORDER BY position");
  while (rows.next()) trials.push_back(trial_of(rows, owners));
  return trials;
}

Standing Ledger::standing() const {
  Standing standing;
  Owners owners(sharing());
  Query rows(*database_,
             "SELECT state, owner, COUNT(*), SUM(attempts) FROM trials GROUP BY state, "
             "CASE state WHEN 'running' THEN owner END");
  while (rows.next()) {
    TrialState state = state_of(rows.text(0));
    if (state == TrialState::kRunning) {
      const std::string owner = rows.text(1);
      if (!owners.are_alive(owner)) state = TrialState::kWaiting;
      if (state == TrialState::kRunning) standing.owners.insert(owner);
    }
    int64_t* const counts[] = {&standing.waiting, &standing.running, &standing.done,
                               &standing.failed, &standing.pruned};
    *counts[static_cast<size_t>(state)] += rows.integer(2);
    standing.attempts += rows.integer(3);
  }
  return standing;
}

bool Ledger::promote() {
  const auto rules = halving();
  if (!rules) return false;
  Transaction transaction(*database_);
  const std::vector<std::string> winners = winners_of_rung(trials(), rules->factor);
  for (const std::string& id : winners) {
    database_->run(
        "UPDATE trials SET state = 'waiting', rung = rung + 1, steps = steps * ? WHERE id = ?",
        rules->factor, id);
  }
  transaction.commit();
  return !winners.empty();
}

std::optional<Halving> Ledger::halving() const {
  const std::string text = stored(*database_, "halving");
  if (text.empty()) return std::nullopt;
  const auto json = ordered_json::parse(text);
  return Halving{json.at("steps"), json.at("factor")};
}

int64_t Ledger::most_trials() const {
  Query count(*database_, "SELECT COUNT(*) FROM trials");
  count.next();
  return std::max(count.integer(0),
                  parse_number<int64_t>(stored(*database_, "most_trials")).value_or(0));
}

std::set<std::string> Ledger::log_fields() const {
  const std::string text = stored(*database_, "log_fields");
  if (text.empty()) return {};
  return ordered_json::parse(text).get<std::set<std::string>>();
}

std::optional<Pruning> Ledger::pruning() const {
  const std::string text = stored(*database_, "pruning");
  if (text.empty()) return std::nullopt;
  const auto json = ordered_json::parse(text);
  return Pruning{json.at("every"), json.at("after")};
}

}  // namespace proxseg
