// The completion script and the manual page, as a shell and a reader use them.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/program.h"

namespace proxseg {
namespace {

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

}  // namespace
}  // namespace proxseg
