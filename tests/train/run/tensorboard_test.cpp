#include "proxseg/train/run/tensorboard.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "proxseg/core/file.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

// A reader of its own for what TensorBoard reads: it knows TFRecord and protocol buffers, not the
// writer.
struct Reader {
  std::string bytes;
  size_t at = 0;

  bool ends() const { return at == bytes.size(); }
  template <typename T>
  T fixed() {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(value));
    at += sizeof(value);
    return value;
  }
  std::string take(size_t size) {
    at += size;
    return bytes.substr(at - size, size);
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes.at(at++));
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
};

struct Event {
  double wall_time = -1.0;
  uint64_t step = 0;
  std::string version;
  std::map<std::string, float> values;
  std::map<std::string, std::string> messages;  // values of other kinds
};

uint32_t unmasked(uint32_t masked) {
  const uint32_t rotated = masked - 0xa282ead8U;
  return rotated >> 17 | rotated << 15;
}

std::string record_of(Reader& file) {
  const std::string length = file.take(8);
  EXPECT_EQ(unmasked(file.fixed<uint32_t>()), crc32c(length));
  std::string record = file.take(Reader{length}.fixed<uint64_t>());
  EXPECT_EQ(unmasked(file.fixed<uint32_t>()), crc32c(record));
  return record;
}

void read_value(Event& event, Reader value) {
  std::string name;
  while (!value.ends()) {
    const uint64_t key = value.varint();
    if (key == 10) name = value.take(value.varint());          // 1: tag
    if (key == 21) event.values[name] = value.fixed<float>();  // 2: simple_value
    if (key == 34 || key == 42 || key == 74) {                 // 4: image, 5: histo, 9: metadata
      event.messages[name] = value.take(value.varint());
    }
  }
}

Event event_of(Reader record) {
  Event event;
  while (!record.ends()) {
    switch (record.varint()) {
      case 9:  // 1: wall_time, double
        event.wall_time = record.fixed<double>();
        break;
      case 16:  // 2: step, varint
        event.step = record.varint();
        break;
      case 26:  // 3: file_version, text
        event.version = record.take(record.varint());
        break;
      case 42: {  // 5: summary, a message of values
        Reader summary{record.take(record.varint())};
        while (!summary.ends()) {
          EXPECT_EQ(summary.varint(), 10U);
          read_value(event, Reader{summary.take(summary.varint())});
        }
        break;
      }
      default:
        ADD_FAILURE() << "unknown field";
        return event;
    }
  }
  return event;
}

std::vector<Event> records_in(const std::filesystem::path& path) {
  Reader file{read_file(path)};
  std::vector<Event> events;
  while (!file.ends()) events.push_back(event_of(Reader{record_of(file)}));
  return events;
}

std::vector<uint64_t> steps_in(const std::filesystem::path& path) {
  std::vector<uint64_t> steps;
  for (const Event& event : records_in(path)) {
    if (event.version.empty()) steps.push_back(event.step);
  }
  return steps;
}

TEST(Crc32c, HasTheKnownValues) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);    // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);  // RFC 3720, B.4
}

struct TensorBoard : testing::Test {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "events.out.tfevents";

  void write(int64_t from, int64_t to) const {
    TensorBoardLog log(path, from);
    for (int64_t step = from; step < to; ++step) log.add(step, 1.5e9 + 0.25, {{"loss/total", 0.5}});
  }
};

TEST_F(TensorBoard, WritesWhatAnotherReaderFinds) {
  {
    TensorBoardLog log(path, 0);
    log.add(0, 1.7e9 + 0.125, {{"loss/total", 0.1}, {"learned_rank", 7.0}});
    log.add(300, 1.7e9 + 1.0, {{"loss/total", -2.5}});
  }
  const auto events = records_in(path);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].version, "brain.Event:2");
  EXPECT_EQ(events[1].wall_time, 1.7e9 + 0.125);
  EXPECT_EQ(events[1].step, 0U);
  EXPECT_EQ(events[1].values,
            (std::map<std::string, float>{{"loss/total", 0.1F}, {"learned_rank", 7.0F}}));
  EXPECT_EQ(events[2].step, 300U);
  EXPECT_EQ(events[2].values.at("loss/total"), -2.5F);
}

// What read_events.py prints of the file.
std::string read_by_protobuf(const std::filesystem::path& path, const std::filesystem::path& out) {
  const std::string command =
      fmt::format("/usr/bin/python3 {}/tests/train/run/read_events.py {} >{}", PROXSEG_SOURCE_DIR,
                  path.string(), out.string());
  EXPECT_EQ(std::system(command.c_str()), 0);
  return read_file(out);
}

TEST_F(TensorBoard, WritesWhatProtobufReads) {
  if (std::system("/usr/bin/python3 -c 'import crcmod, google.protobuf' 2>/dev/null") != 0) {
    GTEST_SKIP() << "needs python3-protobuf and python3-crcmod";
  }
  {
    TensorBoardLog log(path, 0);
    log.add(0, 1.7e9 + 0.125, {{"loss/total", 0.5}, {"learned_rank", 7.0}});
    log.add(300, 1.7e9 + 1.0, {{"loss/total", -2.5}});
  }
  EXPECT_EQ(read_by_protobuf(path, folder / "printed"),
            "0.0 0 brain.Event:2\n"
            "1700000000.125 0 - loss/total=0.5 learned_rank=7\n"
            "1700000001.0 300 - loss/total=-2.5\n");
}

TEST_F(TensorBoard, ProtobufReadsPicturesHistogramsAndHyperparameters) {
  if (std::system("/usr/bin/python3 -c 'import crcmod, google.protobuf' 2>/dev/null") != 0) {
    GTEST_SKIP() << "needs python3-protobuf and python3-crcmod";
  }
  {
    TensorBoardLog log(path, 0);
    log.add_hyperparameters(1.5e9, {{"seed", 3}, {"norm", "batch"}, {"shadows", true}}, {"F"});
    log.add_images(7, 1.5e9, {{"mask", "PNG", 48, 36, 1}, {"frame", "JPEG", 96, 36, 3}});
    log.add_histogram(8, 1.5e9, "singular", {3.0, 0.0, 1.0, 3.0});
    log.add_histogram(8, 1.5e9, "single", {2.0});
    log.end_hyperparameters(1.5e9 + 1);
  }
  add_results(path, 9, {{"F", 0.75}});
  const std::string printed = read_by_protobuf(path, folder / "printed");
  EXPECT_THAT(printed,
              testing::StartsWith(
                  "0.0 0 brain.Event:2\n"
                  "1500000000.0 0 - _hparams_/experiment: hparams: seed:3 norm:1 shadows:2 -> F\n"
                  "1500000000.0 0 - _hparams_/session_start_info: hparams: seed=3.0 norm=batch "
                  "shadows=True\n"
                  "1500000000.0 7 - mask: 48 x 36 x 1, b'PNG' frame: 96 x 36 x 3, b'JPEG'\n"
                  "1500000000.0 8 - singular: 0..3, sum 7, 19, <=0.1:1 <=1.1:1 <=3:2\n"
                  "1500000000.0 8 - single: 2..2, sum 2, 4, <=2:1\n"
                  "1500000001.0 0 - _hparams_/session_end_info: hparams: status 1\n"));
  EXPECT_THAT(printed, testing::EndsWith(" 9 - F=0.75\n"));
}

TEST_F(TensorBoard, HyperparametersAreThoseOfTheLastCall) {
  for (const int64_t first_step : {0, 1}) {
    TensorBoardLog log(path, first_step);
    log.add_hyperparameters(1.5e9, {{"seed", first_step + 3}}, {});
    log.add(first_step, 1.5e9, {{"loss/total", 0.5}});
  }
  const auto events = records_in(path);
  const auto has = [](const char* tag) {
    return [tag](const Event& event) { return event.messages.contains(tag); };
  };
  EXPECT_EQ(std::ranges::count_if(events, has("_hparams_/experiment")), 1);
  EXPECT_EQ(std::ranges::count_if(events, has("_hparams_/session_start_info")), 1);
  EXPECT_EQ(std::ranges::count_if(
                events, [](const Event& event) { return event.values.contains("loss/total"); }),
            2);
}

TEST_F(TensorBoard, ResultsAreOnlyAddedToAFileThatIsThere) {
  add_results(path, 9, {{"F", 0.75}});
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(TensorBoard, GoesOnFromAnEarlierStepWithoutDoubles) {
  write(0, 200);
  write(150, 202);
  const auto steps = steps_in(path);
  ASSERT_EQ(steps.size(), 202U);
  for (size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i], i);
}

TEST_F(TensorBoard, DropsARecordThatWasCutShortOrIsDamaged) {
  write(0, 4);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
  write(3, 4);
  EXPECT_EQ(steps_in(path), (std::vector<uint64_t>{0, 1, 2, 3}));
  std::string bytes = read_file(path);
  bytes[bytes.size() - 10] ^= 1;
  write_file_atomically(path, bytes);
  write(4, 5);
  EXPECT_EQ(steps_in(path), (std::vector<uint64_t>{0, 1, 2, 4}));
}

}  // namespace
}  // namespace proxseg
