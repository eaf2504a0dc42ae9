#include "proxseg/nn/export/safetensors.h"

#include <cmath>
#include <cstdint>

#include "proxseg/core/file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

std::string file_of(const std::string& header, size_t data_bytes) {
  const uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + header +
         std::string(data_bytes, '\0');
}

TEST(Safetensors, RoundTripsTensorsAndMetadata) {
  const TemporaryFolder folder;
  const auto path = folder / "model.safetensors";
  const auto a = torch::randn({2, 3, 4}), b = torch::randn({5}, torch::kFloat64);
  const auto c = torch::tensor({int64_t{7}}), scalar = torch::tensor(int64_t{3}),
             none = torch::zeros({0, 4});
  const auto strided = torch::randn({3, 4}).t();
  save_safetensors(
      path,
      {{{"a", a}, {"b", b}, {"c", c}, {"scalar", scalar}, {"none", none}, {"strided", strided}},
       {{"recipe", "{\"x\": \"\u00e9\"}"}}});
  const WeightsFile file = load_safetensors(path);
  EXPECT_EQ(file.metadata.at("recipe"), "{\"x\": \"\u00e9\"}");
  std::map<std::string, torch::Tensor> read(file.tensors.begin(), file.tensors.end());
  ASSERT_EQ(read.size(), 6U);
  EXPECT_TRUE(torch::equal(read.at("a"), a));
  EXPECT_TRUE(torch::equal(read.at("b"), b));
  EXPECT_TRUE(torch::equal(read.at("c"), c));
  EXPECT_TRUE(torch::equal(read.at("scalar"), scalar));
  EXPECT_TRUE(torch::equal(read.at("none"), none));
  EXPECT_TRUE(torch::equal(read.at("strided"), strided));
}

TEST(Safetensors, DataStartsAtAMultipleOfEight) {
  const TemporaryFolder folder;
  save_safetensors(folder / "x", {{{"a", torch::zeros({1})}}, {}});
  const std::string bytes = read_file(folder / "x");
  EXPECT_EQ((bytes.size() - 4) % 8, 0U);
}

struct BadFile {
  const char* name;
  std::string bytes;
  const char* message;
};

TEST(Safetensors, RefusesMalformedFiles) {
  const std::string one = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  const uint64_t huge = uint64_t{1} << 62;
  const BadFile files[] = {
      {"empty", "", "cut short"},
      {"seven bytes", "1234567", "cut short"},
      {"huge header", std::string(reinterpret_cast<const char*>(&huge), 8) + "{}",
       "header's length"},
      {"not JSON", file_of("{nonsense", 0), "not valid JSON"},
      {"not UTF-8", file_of("{\"\xff\":1}", 0), "not valid JSON"},
      {"an array", file_of("[1]", 0), "not a JSON object"},
      {"too deep", file_of(std::string(1000, '[') + std::string(1000, ']'), 0),
       "nested too deeply"},
      {"twice", file_of("{" + one + "," + one + "}", 8), "occurs twice"},
      {"no dtype", file_of(R"({"a":{"shape":[2],"data_offsets":[0,8]}})", 8), "'a' is malformed"},
      {"dtype", file_of(R"({"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}})", 4), "BF16"},
      {"shape of 9",
       file_of(R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})", 4),
       "at most 8 sizes"},
      {"shape object", file_of(R"({"a":{"dtype":"F32","shape":{"x":1},"data_offsets":[0,4]}})", 4),
       "not a list"},
      {"strides overflow",
       file_of(
           R"({"a":{"dtype":"F32","shape":[0,1099511627776,1099511627776],"data_offsets":[0,0]}})",
           0),
       "impossibly large"},
      {"fraction", file_of(R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", 8),
       "not a natural number"},
      {"offset past 64 bits",
       file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551624]}})", 8),
       "malformed data_offsets"},
      {"not UTF-8 in metadata", file_of("{\"__metadata__\":{\"x\":\"\xc3\x28\"}}", 0),
       "not valid JSON"},
      {"negative size", file_of(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8),
       "size of 'a' is not a natural"},
      {"negative offset", file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})", 8),
       "data_offsets"},
      {"reversed", file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8),
       "do not match"},
      {"too small", file_of(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
       "do not match"},
      {"overflow",
       file_of(
           R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}})",
           0),
       "impossibly large"},
      {"past the end", file_of("{" + one + "}", 4), "describes 8"},
      {"left over", file_of("{" + one + "}", 12), "12 bytes of data"},
      {"overlap",
       file_of("{" + one + R"(,"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 12),
       "overlaps"},
      {"gap", file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8), "gap"},
      {"metadata", file_of(R"({"__metadata__":{"x":1}})", 0), "metadata 'x'"},
      {"metadata list", file_of(R"({"__metadata__":[]})", 0), "__metadata__"},
  };
  const TemporaryFolder folder;
  for (const BadFile& bad : files) {
    SCOPED_TRACE(bad.name);
    write_file_atomically(folder / "bad", bad.bytes);
    expect_error(ExitCode::kModel, {(folder / "bad").string(), bad.message},
                 [&] { load_safetensors(folder / "bad"); });
  }
}

TEST(Safetensors, RefusesWeightsThatAreNotFinite) {
  const TemporaryFolder folder;
  save_safetensors(folder / "x", {{{"a", torch::full({3}, NAN)}}, {}});
  expect_error(ExitCode::kModel, {"'a' holds NaN"}, [&] { load_safetensors(folder / "x"); });
}

// A file of a terabyte that occupies nothing on the disk.
TEST(Safetensors, RefusesAHugeFileBeforeReadingIt) {
  const TemporaryFolder folder;
  const auto path = folder / "huge";
  write_file_atomically(path, file_of("{}", 0));
  std::filesystem::resize_file(path, uintmax_t{1} << 40);
  expect_error(ExitCode::kModel, {path.string(), "its header describes 0"},
               [&] { load_safetensors(path); });
}

TEST(Safetensors, EveryTruncationIsRefused) {
  const TemporaryFolder folder;
  save_safetensors(folder / "x",
                   {{{"a", torch::ones({3})}, {"b", torch::ones({2})}}, {{"k", "v"}}});
  const std::string bytes = read_file(folder / "x");
  for (size_t size = 0; size < bytes.size(); ++size) {
    write_file_atomically(folder / "cut", bytes.substr(0, size));
    expect_error(ExitCode::kModel, {"cut"}, [&] { load_safetensors(folder / "cut"); });
  }
}

TEST(Safetensors, NamesAMissingFile) {
  expect_error(ExitCode::kModel, {"/nowhere/model.safetensors"},
               [] { load_safetensors("/nowhere/model.safetensors"); });
}

}  // namespace
}  // namespace proxseg
