#include "proxseg/core/file.h"

#include "proxseg/core/appended_file.h"
#include "proxseg/core/write_fault.h"
#include "support/expect_error.h"
#include "support/file_size_limit.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

TEST(AtomicWrite, RoundTripsBytesAndCreatesFolders) {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\nc", 5);
  write_file_atomically(folder / "x/y/z.bin", bytes);
  EXPECT_EQ(read_file(folder / "x/y/z.bin"), bytes);
}

TEST(AtomicWrite, ReplacesWhatWasThereAndLeavesNothingElse) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "old and longer");
  write_file_atomically(folder / "a", "new");
  EXPECT_EQ(read_file(folder / "a"), "new");
  EXPECT_EQ(listing(folder.string()).size(), 1U);
}

TEST(AtomicWrite, KeepsTheOldFileWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "old");
  {
    const FileSizeLimit limit(16);
    expect_error(ExitCode::kOutput, {"cannot write", (folder / "a").string()},
                 [&] { write_file_atomically(folder / "a", std::string(1000, 'x')); });
  }
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_EQ(listing(folder.string()).size(), 1U);
}

TEST(AtomicWrite, NamesAFolderThatCannotBeMade) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", "");
  expect_error(ExitCode::kOutput, {"cannot create the folder", (folder / "file").string()},
               [&] { write_file_atomically(folder / "file/x", "text"); });
  expect_error(ExitCode::kOutput, {(folder / "file").string()},
               [&] { make_writable_folder(folder / "file"); });
}

TEST(AtomicWrite, RefusesToReplaceAFolder) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "a/b");
  expect_error(ExitCode::kOutput, {"cannot write", (folder / "a").string()},
               [&] { write_file_atomically(folder / "a", "text"); });
  EXPECT_EQ(listing(folder.string()).size(), 1U);
}

TEST(TemporaryPath, StaysInTheFolderAndKeepsTheExtension) {
  const auto path = temporary_path_for("runs/x/overlay.mp4");
  EXPECT_EQ(path.parent_path(), "runs/x");
  EXPECT_EQ(path.extension(), ".mp4");
  EXPECT_NE(path, "runs/x/overlay.mp4");
}

TEST(PublishFile, RemovesTheTemporaryWhenItFails) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "target/occupied");
  write_file_atomically(folder / "part", "text");
  expect_error(ExitCode::kOutput, {(folder / "target").string()},
               [&] { publish_file(folder / "part", folder / "target"); });
  EXPECT_FALSE(std::filesystem::exists(folder / "part"));
}

TEST(ReadFile, NamesWhatCannotBeRead) {
  const TemporaryFolder folder;
  expect_error(ExitCode::kInput, {(folder / "none").string(), "No such file"},
               [&] { read_file(folder / "none"); });
  expect_error(ExitCode::kInput, {folder.string(), "it is a folder"},
               [&] { read_file(folder.string()); });
}

TEST(AppendedFile, GrowsByWholeRecords) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "log", "a\n");
  AppendedFile file(folder / "log");
  file.append("b\n");
  EXPECT_EQ(read_file(folder / "log"), "a\nb\n");
  expect_error(ExitCode::kOutput, {"nowhere"}, [&] { AppendedFile(folder / "nowhere/log"); });
}

TEST(WriteFault, MakesWritesFailWithItsError) {
  const TemporaryFolder folder;
  AppendedFile file(folder / "log");
  set_write_fault([] { return ENOSPC; });
  expect_error(ExitCode::kOutput, {"file", "No space left"},
               [&] { write_file_atomically(folder / "file", "bytes"); });
  expect_error(ExitCode::kOutput, {"log", "No space left"}, [&] { file.append("record"); });
  set_write_fault({});
  EXPECT_EQ(listing(folder / ""), std::vector<std::string>{"log"});
  write_file_atomically(folder / "file", "bytes");
  EXPECT_EQ(read_file(folder / "file"), "bytes");
}

}  // namespace
}  // namespace proxseg
