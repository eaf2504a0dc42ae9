// The completion script and the manual page, as a shell and a reader use them, and the launcher,
// which answers for the program.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "proxseg/core/text.h"
#include "support/program.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;

class Completion : public Program {
 protected:
  // What the shell offers for the last word.
  std::string offered(const Arguments& words) const {
    write_file_atomically(folder_ / "completion", run({"completion"}).out);
    const std::string command = fmt::format(
        "bash -c 'source {0}/completion; COMP_WORDS=(\"{1}\"); COMP_CWORD={2}; _proxseg; "
        "echo \"${{COMPREPLY[*]}}\"' > {0}/offered 2>/dev/null",
        folder_.string(), fmt::join(words, "\" \""), words.size() - 1);
    EXPECT_EQ(std::system(command.c_str()), 0);
    return read_file(folder_ / "offered");
  }
};

TEST_F(Completion, OffersCommandsOptionsAndValues) {
  EXPECT_EQ(offered({"proxseg", "tr"}), "train\n");
  EXPECT_EQ(offered({"proxseg", "train", "--re"}), "--resume\n");
  EXPECT_EQ(offered({"proxseg", "config", "sh"}), "show\n");
  EXPECT_EQ(offered({"proxseg", "config", "diff", "sak"}), "sakai2021\n");
  EXPECT_EQ(offered({"proxseg", "run", "--resu"}), "--resume\n");
  EXPECT_EQ(offered({"proxseg", "infer", "--no-pr"}), "--no-progress\n");
  EXPECT_EQ(offered({"proxseg", "sweep", "--launcher", "s"}), "slurm\n");
  EXPECT_EQ(offered({"proxseg", "config", "show", "--or"}), "--origin\n");
  EXPECT_EQ(offered({"proxseg", "export", "run", "--format", "o"}), "onnx\n");
  EXPECT_EQ(offered({"proxseg", "run", "x", "--config", "sak"}), "sakai2021\n");
  EXPECT_EQ(offered({"proxseg", "run", "x", "--set", "loss.tv.w"}), "loss.tv.weight=\n");
  EXPECT_EQ(offered({"proxseg", "baseline", "med"}), "median\n");
  EXPECT_EQ(offered({"proxseg", "config", "show", "sak"}), "sakai2021\n");
  EXPECT_EQ(offered({"proxseg", "sweep", "wor"}), "\n");
  // Left to the names of files.
  EXPECT_EQ(offered({"proxseg", "run", "clip"}), "\n");
  EXPECT_EQ(offered({"proxseg", "run", ""}), "\n");
  EXPECT_EQ(offered({"proxseg", "infer", "--model", ""}), "\n");
}

TEST_F(Program, ManualHoldsTheHelpOfEveryCommand) {
  const std::string page = run({"manual"}).out;
  EXPECT_EQ(page.rfind(".TH PROXSEG 1", 0), 0U);
  for (const char* text : {".SS proxseg train\n", ".SS proxseg config show\n", "\\-\\-origin",
                           "Usage: proxseg config show [OPTIONS]", "Exit codes: 0 success",
                           ".B NO_COLOR\n", ".B PROXSEG_REPRODUCE_ANYWAY\n"}) {
    EXPECT_NE(page.find(text), std::string::npos) << text;
  }
}

class Launcher : public Program {
 protected:
  std::string printed_by(const fs::path& program, const Arguments& arguments) const {
    Arguments words = {program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const std::string command = shell_line(words) + " >" + path("printed") + " 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return read_file(folder_ / "printed");
  }

  const fs::path launcher_ = PROXSEG_PROGRAM,
                 program_ = launcher_.parent_path() / "libexec/proxseg/proxseg";
};

TEST_F(Launcher, AnswersAsTheProgramDoesWithoutIt) {
  const fs::path alone = folder_ / "proxseg";
  fs::copy_file(launcher_, alone);
  const Arguments requests[] = {
      {"--help"},        {"--version"},   {"completion"},    {"manual"},
      {"run", "--help"}, {"infer", "-h"}, {"help", "sweep"}, {"config", "diff", "--help"}};
  for (const Arguments& request : requests) {
    const std::string answer = printed_by(alone, request);
    EXPECT_EQ(answer, printed_by(program_, request));
    EXPECT_GT(answer.size(), 20U);
  }
}

TEST_F(Launcher, StartsTheProgramBesideItWhateverLinkLeadsThere) {
  const fs::path bin = folder_ / "tree/bin", libexec = folder_ / "tree/libexec/proxseg";
  fs::create_directories(bin);
  fs::create_directories(libexec);
  fs::copy_file(launcher_, bin / "proxseg");
  fs::create_symlink(program_, libexec / "proxseg");
  fs::create_symlink("tree/bin/proxseg", folder_ / "link");
  const Arguments words = {"config", "reference"};
  EXPECT_EQ(printed_by(folder_ / "link", words), printed_by(program_, words));

  fs::remove(libexec / "proxseg");
  const std::string command = fmt::format("{} doctor 2>{}", path("link"), path("errors"));
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), static_cast<int>(ExitCode::kInternal));
  EXPECT_NE(read_file(folder_ / "errors").find("Install proxseg again"), std::string::npos);
}

TEST_F(Launcher, BeginsWhatDoctorSays) {
  EXPECT_EQ(printed_by(launcher_, {"doctor"}), printed_by(program_, {"doctor"}));
  fs::create_directories(folder_ / "libexec/proxseg");
  write_file_atomically(folder_ / "libexec/proxseg/proxseg", "#!/bin/sh\necho $*\n");
  fs::permissions(folder_ / "libexec/proxseg/proxseg", fs::perms::owner_all);
  fs::copy_file(launcher_, folder_ / "proxseg");
  EXPECT_THAT(printed_by(folder_ / "proxseg", {"doctor"}),
              testing::MatchesRegex("proxseg +[0-9.]+\nLibTorch .*\nOpenCV .*\ndoctor --begun\n"));
}

TEST_F(Launcher, TellsOpenMpHowToWaitBeforeItIsLoaded) {
  write_file_atomically(folder_ / "libexec/proxseg/proxseg",
                        "#!/bin/sh\necho $GOMP_SPINCOUNT $1\n");
  fs::permissions(folder_ / "libexec/proxseg/proxseg", fs::perms::owner_all);
  fs::copy_file(launcher_, folder_ / "proxseg");
  EXPECT_EQ(printed_by(folder_ / "proxseg", {"inspect"}), "5000 inspect\n");
  ::setenv("GOMP_SPINCOUNT", "7", 1);
  EXPECT_EQ(printed_by(folder_ / "proxseg", {"inspect"}), "7 inspect\n");
  ::unsetenv("GOMP_SPINCOUNT");
}

}  // namespace
}  // namespace proxseg
