#include "proxseg/workflow/sweep/ledger.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>

#include "proxseg/core/file.h"
#include "proxseg/workflow/sweep/launcher.h"
#include "proxseg/workflow/sweep/results.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "workflow/sweep/database.h"
#include "workflow/sweep/workers.h"

namespace proxseg {
namespace {

using ::testing::ElementsAre;

PlannedTrial planned(const std::string& id, const std::string& configuration = "c") {
  PlannedTrial trial;
  trial.id = id;
  trial.configuration = configuration;
  trial.sequence = {"/data/a", "a"};
  trial.point = {{find_field("loss.l1.weight"), 0.25, "s.json:4"}};
  trial.recipe.recipe.train.steps = 10;
  trial.recipe.origins = {{"seed", "s.json:4"}};
  return trial;
}

SweepPlan plan_of(const std::vector<std::string>& ids) {
  SweepPlan plan;
  for (const std::string& id : ids) plan.trials.push_back(planned(id, id));
  return plan;
}

// A process that does nothing until it is told to go.
class Sleeper {
 public:
  Sleeper() {
    char name[] = "sleep", time[] = "1000";
    char* words[] = {name, time, nullptr};
    EXPECT_EQ(::posix_spawnp(&process, name, nullptr, nullptr, words, environ), 0);
  }
  ~Sleeper() { end(); }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  void end() {
    if (process < 0) return;
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
    process = -1;
  }

  pid_t process = -1;
};

struct LedgerTest : testing::Test {
  explicit LedgerTest(Sharing sharing = Sharing::kProcesses)
      : ledger(folder.string(), /*create=*/true, sharing) {}

  std::vector<TrialState> states() const {
    std::vector<TrialState> found;
    for (const Trial& trial : ledger.trials()) found.push_back(trial.state);
    return found;
  }

  const TemporaryFolder folder;
  Ledger ledger;
  const Sleeper owner;
};

using enum TrialState;

TEST_F(LedgerTest, KeepsWhatWasPlanned) {
  ledger.add(plan_of({"x", "y"}));
  const std::vector<Trial> trials = ledger.trials();
  ASSERT_EQ(trials.size(), 2U);
  EXPECT_EQ(trials[1].id, "y");
  EXPECT_EQ(trials[1].sequence.path, "/data/a");
  EXPECT_EQ(trials[1].steps, 10);
  EXPECT_EQ(trials[1].settings,
            (std::vector<std::pair<std::string, std::string>>{{"loss.l1.weight", "0.25"}}));
  EXPECT_EQ(trials[1].origins, "");  // there may be many
  EXPECT_EQ(ledger.claim(owner.process)->origins, R"({"seed":"s.json:4"})");
  EXPECT_THAT(states(), ElementsAre(kRunning, kWaiting));
}

TEST_F(LedgerTest, ATrialGoesFromWaitingToDone) {
  ledger.add(plan_of({"x", "y"}));
  const auto trial = ledger.claim(owner.process);
  ASSERT_TRUE(trial.has_value());
  EXPECT_EQ(trial->id, "x");
  EXPECT_TRUE(ledger.report(*trial, "train 3/10"));
  EXPECT_THAT(states(), ElementsAre(kRunning, kWaiting));
  EXPECT_EQ(ledger.trials()[0].progress, "train 3/10");
  EXPECT_FALSE(ledger.trials()[0].result.has_value());
  ledger.finish(*trial, {.loss = 2.5, .f_measure = 0.75, .precision = 0.5, .recall = 1.0});
  const Trial done = ledger.trials()[0];
  EXPECT_EQ(done.state, kDone);
  ASSERT_TRUE(done.result.has_value());
  EXPECT_EQ(done.result->loss, 2.5);
  EXPECT_EQ(done.result->f_measure, 0.75);
  EXPECT_FALSE(done.result->score.has_value());
  EXPECT_EQ(ledger.claim(owner.process)->id, "y");
  EXPECT_FALSE(ledger.claim(owner.process).has_value());
}

TEST_F(LedgerTest, AddingAgainKeepsResultsAndRetriesFailures) {
  ledger.add(plan_of({"x", "y"}));
  ledger.finish(*ledger.claim(owner.process), {.loss = 1.0});
  ledger.fail(*ledger.claim(owner.process), "no memory", 8);
  const Trial failed = ledger.trials()[1];
  EXPECT_EQ(failed.state, kFailed);
  EXPECT_EQ(failed.error, "no memory");
  EXPECT_EQ(failed.exit_code, 8);
  ledger.add(plan_of({"z", "y", "x"}));
  const std::vector<Trial> trials = ledger.trials();
  ASSERT_EQ(trials.size(), 3U);
  EXPECT_THAT(states(), ElementsAre(kDone, kWaiting, kWaiting));
  EXPECT_EQ(trials[0].result->loss, 1.0);
  EXPECT_EQ(trials[2].id, "z");
  EXPECT_EQ(ledger.claim(owner.process)->attempts, 1);
  EXPECT_EQ(ledger.trials()[1].attempts, 2);
}

TEST_F(LedgerTest, KnowsWhichFieldsAnyPlanDrewLogUniformly) {
  SweepPlan plan = plan_of({"x"});
  plan.log_fields = {"loss.l1.weight"};
  ledger.add(plan);
  plan.log_fields = {"loss.tv.weight"};
  ledger.add(plan);
  EXPECT_THAT(ledger.log_fields(), ElementsAre("loss.l1.weight", "loss.tv.weight"));
}

TEST_F(LedgerTest, KnowsHowManyTrialsThereMayBe) {
  SweepPlan plan = plan_of({"x", "y"});
  plan.most_trials = 40;
  ledger.add(plan);
  EXPECT_EQ(ledger.most_trials(), 40);
  plan.most_trials = 2;
  ledger.add(plan);
  EXPECT_EQ(ledger.most_trials(), 2);
}

TEST_F(LedgerTest, StandsCounted) {
  ledger.add(plan_of({"v", "w", "x", "y", "z"}));
  const std::string holder = ledger.claim(owner.process)->owner;
  Sleeper worker;
  ASSERT_TRUE(ledger.claim(worker.process).has_value());
  worker.end();
  const auto again = ledger.claim(owner.process);
  EXPECT_EQ(again->id, "w");  // whose process is gone
  ledger.finish(*again, {.loss = 1.0});
  ledger.fail(*ledger.claim(owner.process), "no memory", 8);
  const Standing standing = ledger.standing();
  EXPECT_EQ(standing.waiting, 2);
  EXPECT_EQ(standing.running, 1);
  EXPECT_EQ(standing.done, 1);
  EXPECT_EQ(standing.failed, 1);
  EXPECT_EQ(standing.attempts, 4);
  EXPECT_THAT(standing.owners, ElementsAre(holder));
}

TEST_F(LedgerTest, AResultIsNeverOverwritten) {
  ledger.add(plan_of({"x"}));
  const auto trial = ledger.claim(owner.process);
  EXPECT_TRUE(ledger.finish(*trial, {.loss = 1.0}));
  EXPECT_FALSE(ledger.finish(*trial, {.loss = 2.0}));
  EXPECT_FALSE(ledger.fail(*trial, "late", 1));
  EXPECT_FALSE(ledger.release(*trial));
  EXPECT_EQ(ledger.trials()[0].result->loss, 1.0);
}

TEST_F(LedgerTest, ATrialWhoseProcessDiedWaitsAgain) {
  ledger.add(plan_of({"x"}));
  Sleeper worker;
  ASSERT_TRUE(ledger.claim(worker.process).has_value());
  EXPECT_FALSE(ledger.claim(owner.process).has_value());
  ::kill(worker.process, SIGKILL);
  // Dead already, if not waited for yet.
  siginfo_t info;
  ::waitid(P_PID, static_cast<id_t>(worker.process), &info, WEXITED | WNOWAIT);
  EXPECT_THAT(states(), ElementsAre(kWaiting));
  const auto again = ledger.claim(owner.process);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->id, "x");
  EXPECT_EQ(ledger.trials()[0].attempts, 2);
}

TEST_F(LedgerTest, TheTrialOfAnEndedProcessFails) {
  ledger.add(plan_of({"x", "y"}));
  Sleeper worker;
  const std::string identity = process_identity(worker.process);
  ledger.claim(worker.process);
  worker.end();
  EXPECT_TRUE(ledger.fail_trial_of(identity, "killed by signal 9", 1));
  EXPECT_FALSE(ledger.fail_trial_of(identity, "killed by signal 9", 1));
  EXPECT_THAT(states(), ElementsAre(kFailed, kWaiting));
  EXPECT_EQ(ledger.trials()[0].error, "killed by signal 9");
}

const std::string kElsewhere = "2f9a-other-boot/pid:[4026531836]";

TEST_F(LedgerTest, ASweepThatASingleMachineRunsIsNotShared) {
  ledger.add(plan_of({"x"}));
  expect_error(ExitCode::kOutput, {folder.string(), "a single machine"},
               [&] { Ledger shared(folder.string(), /*create=*/true, Sharing::kMachines); });
}

struct SharedLedgerTest : LedgerTest {
  SharedLedgerTest() : LedgerTest(Sharing::kMachines) {}
};

TEST_F(SharedLedgerTest, AnotherMachinesTrialIsItsOwnUntilItIsTaken) {
  ledger.add(plan_of({"x", "y"}));
  const auto trial = ledger.claim(17, kElsewhere + " 17 99");
  const auto own = ledger.claim(owner.process);
  EXPECT_THAT(states(), ElementsAre(kRunning, kRunning));
  ledger.beat();  // of this machine
  EXPECT_THAT(ledger.beats_elsewhere(), ElementsAre(std::pair(kElsewhere, 0)));
  EXPECT_TRUE(ledger.report(*trial, "train 3/10"));
  ledger.take_from(kElsewhere);
  EXPECT_THAT(states(), ElementsAre(kWaiting, kRunning));
  EXPECT_THAT(ledger.beats_elsewhere(), ElementsAre());
  // It comes back, too late.
  const auto taken = ledger.claim(owner.process);
  EXPECT_EQ(taken->id, "x");
  EXPECT_FALSE(ledger.report(*trial, "train 4/10"));
  EXPECT_FALSE(ledger.release(*trial));
  EXPECT_FALSE(ledger.prune(*trial, "late"));
  EXPECT_FALSE(ledger.finish(*trial, {.loss = 1.0}));
  EXPECT_THAT(states(), ElementsAre(kRunning, kRunning));
  EXPECT_TRUE(ledger.finish(*taken, {.loss = 2.0}));
  EXPECT_EQ(ledger.trials()[0].result->loss, 2.0);
}

TEST_F(LedgerTest, ATrialFromBeforeARestartOfTheOnlyMachineWaitsAgain) {
  ledger.add(plan_of({"x"}));
  ledger.claim(17, kElsewhere + " 17 99");
  EXPECT_THAT(states(), ElementsAre(kWaiting));
}

const std::string kElsewhereBeats =
    "INSERT INTO machines VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET beats = beats + 1";

// Each trial is done as soon as its worker starts. Another machine shows signs of life for a while.
class InstantWorkers final : public Workers {
 public:
  InstantWorkers(Ledger& ledger, Database& elsewhere, pid_t process)
      : ledger_(ledger), elsewhere_(elsewhere), process_(process) {}
  bool reap(bool) override {
    if (std::chrono::steady_clock::now() < end_of_signs_)
      elsewhere_.run(kElsewhereBeats, kElsewhere);
    return false;
  }
  void start(int64_t wanted, const Standing& standing) override {
    if (standing.running == 0) taken_ = std::chrono::steady_clock::now();
    while (wanted-- > 0) ledger_.finish(*ledger_.claim(process_), {.loss = 1.0});
  }
  void interrupt() override {}
  std::vector<std::string> identities() const override { return {}; }

  bool took_in_time() const { return taken_ > end_of_signs_; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  Ledger& ledger_;
  Database& elsewhere_;
  pid_t process_;
  Time end_of_signs_ = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  Time taken_;
};

TEST_F(SharedLedgerTest, TheTrialsOfAMachineThatShowsNoSignOfLifeAreTaken) {
  ledger.add(plan_of({"x", "y"}));
  ledger.claim(17, kElsewhere + " 17 99");
  Database elsewhere(folder / "ledger.sqlite");
  InstantWorkers workers(ledger, elsewhere, owner.process);
  LaunchOptions options;
  options.lease = 1.0;
  keep_at_work(ledger, workers, options, {}, std::chrono::milliseconds(50), 1);
  EXPECT_THAT(states(), ElementsAre(kDone, kDone));
  EXPECT_TRUE(workers.took_in_time());
}

// A worker that has finished its trial, and whose process has not ended yet, is no reason to stop.
class LingeringWorkers final : public Workers {
 public:
  LingeringWorkers(Ledger& ledger, pid_t process) : ledger_(ledger), process_(process) {}
  bool reap(bool) override { return lingers_ > 0 && --lingers_ == 0; }
  void start(int64_t, const Standing&) override {
    ledger_.finish(*ledger_.claim(process_), {.loss = 1.0});
    lingers_ = 3;
  }
  void interrupt() override {}
  std::vector<std::string> identities() const override {
    return lingers_ > 0 ? std::vector{process_identity(process_)} : std::vector<std::string>{};
  }

 private:
  Ledger& ledger_;
  pid_t process_;
  int lingers_ = 0;
};

TEST_F(LedgerTest, ASearchThatLearnsGoesOnWhileAWorkerEnds) {
  ledger.add(plan_of({"x"}));
  LingeringWorkers workers(ledger, owner.process);
  LaunchCallbacks callbacks;
  callbacks.propose = [](const std::vector<Trial>& seen) {
    return seen.size() < 3 ? std::vector{planned("y" + std::to_string(seen.size()))}
                           : std::vector<PlannedTrial>{};
  };
  keep_at_work(ledger, workers, {}, callbacks, std::chrono::milliseconds(1), 1);
  EXPECT_THAT(states(), ElementsAre(kDone, kDone, kDone));
}

TEST_F(LedgerTest, ConnectionsThatClaimAtOnceShareTheTrials) {
  constexpr int kTrials = 60;
  std::vector<std::string> ids;
  for (int i = 0; i < kTrials; ++i) ids.push_back(std::to_string(i));
  ledger.add(plan_of(ids));
  std::vector<std::vector<std::string>> claimed(4);
  std::vector<std::thread> threads;
  for (auto& mine : claimed) {
    threads.emplace_back([&] {
      Ledger connection(folder.string());
      while (const auto trial = connection.claim(owner.process)) mine.push_back(trial->id);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::multiset<std::string> all;
  for (const auto& mine : claimed) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all, std::multiset<std::string>(ids.begin(), ids.end()));
}

TEST_F(LedgerTest, ConnectionsThatOpenAtOnceCreateOneLedger) {
  const TemporaryFolder fresh;
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      Ledger connection(fresh.string(), /*create=*/true);
      connection.add(plan_of({"x", "y"}));
      ++opened;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 8);
  EXPECT_EQ(Ledger(fresh.string()).trials().size(), 2U);
}

TEST_F(LedgerTest, HalvingSendsTheBestHalfOnUntilOneIsLeft) {
  SweepPlan plan = plan_of({"a", "b", "c", "d"});
  plan.halving = Halving{10, 2};
  ledger.add(plan);
  EXPECT_FALSE(ledger.promote());  // they are waiting
  for (const double loss : {4.0, 1.0, 3.0, 2.0}) {
    ledger.finish(*ledger.claim(owner.process), {.loss = loss});
  }
  EXPECT_TRUE(ledger.promote());
  EXPECT_THAT(states(), ElementsAre(kDone, kWaiting, kDone, kWaiting));
  EXPECT_EQ(ledger.trials()[1].steps, 20);
  EXPECT_EQ(ledger.trials()[1].rung, 1);
  // What goes on keeps its value until it has a further one: it is better than what was given up.
  EXPECT_EQ(results_of(ledger.trials()).configurations.front().id, "b");
  EXPECT_EQ(ledger.trials()[1].result.value().loss, 1.0);
  EXPECT_FALSE(ledger.promote());
  for (const double loss : {0.9, 0.8}) {
    ledger.finish(*ledger.claim(owner.process), {.loss = loss});
  }
  EXPECT_TRUE(ledger.promote());
  const auto last = ledger.claim(owner.process);
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->id, "d");
  EXPECT_EQ(last->steps, 40);
  ledger.finish(*last, {.loss = 0.7});
  EXPECT_FALSE(ledger.promote());
  EXPECT_EQ(ledger.halving(), plan.halving);
  // The same plan again changes nothing; another halving would mix up the rungs.
  ledger.add(plan);
  EXPECT_THAT(states(), ElementsAre(kDone, kDone, kDone, kDone));
  plan.halving->factor = 3;
  expect_error(ExitCode::kOutput, {folder.string(), "another halving"}, [&] { ledger.add(plan); });
}

TEST_F(LedgerTest, TellsTheBudgetAndTheCommandOfWhoWorksOnIt) {
  SweepPlan plan = plan_of({"a"});
  ledger.add(plan);
  EXPECT_FALSE(ledger.budget_left().has_value());
  EXPECT_EQ(ledger.jobs(), 1);
  EXPECT_TRUE(ledger.command().empty());
  plan.budget = 20.0;
  ledger.add(plan);
  ledger.spend(15.0);
  EXPECT_EQ(ledger.budget_left(), 5.0);
  ledger.set_jobs(3);
  ledger.set_command({"proxseg", "sweep", "a b.json"});
  const Ledger reader(folder.string());
  EXPECT_EQ(reader.jobs(), 3);
  EXPECT_THAT(reader.command(), ElementsAre("proxseg", "sweep", "a b.json"));
}

TEST_F(LedgerTest, ASweepIsIdleALeaseAfterTheLastSignOfLife) {
  ledger.add(plan_of({"a"}));
  const auto is_at_work = [&](SweepWatch& watch) {
    return watch.look(ledger, ledger.trials()) == SweepActivity::kAtWork;
  };
  SweepWatch at_once(0.0), patient(3600.0);
  EXPECT_EQ(at_once.look(ledger, ledger.trials()), SweepActivity::kIdle);
  EXPECT_TRUE(is_at_work(patient));
  const auto pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds(150)); };
  SweepWatch watch(0.1);
  EXPECT_TRUE(is_at_work(watch));
  pause();
  ledger.beat();  // whoever waits for a trial to end
  EXPECT_TRUE(is_at_work(watch));
  pause();
  ledger.report(*ledger.claim(owner.process), "train 1/10");
  EXPECT_TRUE(is_at_work(watch));
  pause();
  EXPECT_FALSE(is_at_work(watch));
}

TEST_F(LedgerTest, ASweepIsDoneOrItsBudgetSpent) {
  SweepPlan plan = plan_of({"a", "b"});
  plan.budget = 5.0;
  ledger.add(plan);
  SweepWatch watch(3600.0);
  const auto look = [&] { return watch.look(ledger, ledger.trials()); };
  EXPECT_EQ(look(), SweepActivity::kAtWork);
  const auto first = ledger.claim(owner.process);
  ledger.spend(6.0);
  EXPECT_EQ(look(), SweepActivity::kAtWork);
  ledger.finish(*first, {.loss = 1.0});
  EXPECT_EQ(look(), SweepActivity::kSpent);
  ledger.finish(*ledger.claim(owner.process), {.loss = 1.0});
  EXPECT_EQ(look(), SweepActivity::kDone);
}

TEST_F(LedgerTest, AFolderWithoutALedgerIsRefused) {
  const TemporaryFolder empty;
  expect_error(ExitCode::kConfig, {empty.string(), "holds no sweep"},
               [&] { Ledger ledger_of_none(empty.string()); });
}

TEST_F(LedgerTest, ADamagedLedgerIsNamed) {
  const TemporaryFolder other;
  write_file_atomically(other / "ledger.sqlite", "this is no database, but long enough for one");
  expect_error(ExitCode::kOutput, {(other / "ledger.sqlite").string(), "not a database"},
               [&] { Ledger damaged(other.string()); });
}

TEST(ProcessIdentity, IsThatOfALivingProcess) {
  Sleeper sleeper;
  const std::string identity = process_identity(sleeper.process);
  EXPECT_TRUE(is_alive(identity));
  EXPECT_NE(identity, process_identity(::getpid()));
  EXPECT_EQ(process_identity(::getpid()), process_identity(::getpid()));
  // Another process with the same number is another process.
  EXPECT_FALSE(is_alive(identity + "0"));
  EXPECT_FALSE(is_alive("other-boot " + identity.substr(identity.find(' ') + 1)));
  sleeper.end();
  EXPECT_FALSE(is_alive(identity));
  EXPECT_FALSE(is_alive(""));
}

TEST_F(LedgerTest, AnEarlierVersionsLedgerIsReadButNotAddedTo) {
  ledger.add(plan_of({"a", "b"}));
  Database(folder / "ledger.sqlite").run("DELETE FROM sweep WHERE key = 'identity'");
  EXPECT_EQ(ledger.trials().size(), 2U);
  expect_error(ExitCode::kOutput, {folder.string(), "an earlier proxseg"}, [&] {
    ledger.add(plan_of({"a", "b"}));
  });
}

TEST_F(LedgerTest, APrunedTrialEndsItsConfiguration) {
  SweepPlan plan;
  plan.pruning = Pruning{5, 2};
  plan.trials = {planned("a", "x"), planned("b", "x"), planned("c", "y")};
  ledger.add(plan);
  EXPECT_EQ(ledger.pruning(), plan.pruning);
  ledger.prune(*ledger.claim(owner.process), "its score is low");
  EXPECT_THAT(states(),
              ElementsAre(TrialState::kPruned, TrialState::kPruned, TrialState::kWaiting));
  EXPECT_EQ(ledger.trials()[0].error, "its score is low");
  EXPECT_NE(ledger.trials()[1].error.find("trial a of its configuration"), std::string::npos);
  EXPECT_EQ(ledger.standing().pruned, 2);
  ledger.add(plan);  // the same command again
  EXPECT_EQ(ledger.standing().pruned, 2);
}

TEST_F(LedgerTest, ScoresAreComparedOnOneSequenceAtOneStep) {
  SweepPlan plan = plan_of({"a", "b", "c", "d"});
  plan.trials[3].sequence = {"/data/other", "other"};
  ledger.add(plan);
  EXPECT_THAT(ledger.add_score("a", 10, 0.5), ElementsAre());
  EXPECT_THAT(ledger.add_score("b", 10, 0.7), ElementsAre(0.5));
  EXPECT_THAT(ledger.add_score("b", 20, 0.8), ElementsAre());
  EXPECT_THAT(ledger.add_score("d", 10, 0.1), ElementsAre());
  EXPECT_THAT(ledger.add_score("c", 10, 0.6), ElementsAre(0.5, 0.7));
  // A step that is made again, after a crash, replaces its score.
  EXPECT_THAT(ledger.add_score("a", 10, 0.4), testing::UnorderedElementsAre(0.6, 0.7));
}

TEST_F(LedgerTest, ExtendsByWhatIsNamedOnSeeingAll) {
  ledger.add(plan_of({"a"}));
  EXPECT_TRUE(ledger.extend([](const std::vector<Trial>& seen) {
    EXPECT_EQ(seen.size(), 1U);
    return plan_of({"b", "c"}).trials;
  }));
  EXPECT_EQ(ledger.standing().waiting, 3);
  EXPECT_FALSE(ledger.extend([](const std::vector<Trial>&) { return plan_of({}).trials; }));
}

TEST_F(LedgerTest, AddsUpTheTimeOfAllProcesses) {
  EXPECT_DOUBLE_EQ(ledger.spend(1.5), 1.5);
  EXPECT_DOUBLE_EQ(Ledger(folder.string()).spend(2.0), 3.5);
}

}  // namespace
}  // namespace proxseg
