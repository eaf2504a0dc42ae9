// Messages for Debian's broker, which is stopped and started meanwhile.
#include "proxseg/workflow/watch/mqtt.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <optional>

#include "support/expect_error.h"
#include "workflow/watch/message_queue.h"
#ifdef PROXSEG_WITH_MQTT
#include "support/mqtt_broker.h"
#endif

namespace proxseg {
namespace {

TEST(MqttBroker, IsReadFromText) {
  const auto expect_broker = [](const char* text, const char* host, int port, bool tls) {
    const MqttBroker broker = parse_mqtt_broker(text);
    EXPECT_EQ(broker.host, host) << text;
    EXPECT_EQ(broker.port, port) << text;
    EXPECT_EQ(broker.tls, tls) << text;
  };
  expect_broker("localhost", "localhost", 1883, false);
  expect_broker("10.0.0.7:1884", "10.0.0.7", 1884, false);
  expect_broker("mqtt://home.lan", "home.lan", 1883, false);
  expect_broker("mqtts://home.lan", "home.lan", 8883, true);
  expect_broker("mqtts://[::1]:9", "::1", 9, true);
  for (const char* text : {"", ":1883", "host:", "host:x", "host:0", "host:70000", "http://host",
                           "mqtt://", "user@host", "host/topic", "[::1", "a b"}) {
    EXPECT_THROW(parse_mqtt_broker(text), UsageError) << text;
  }
}

TEST(MqttBroker, LoginsHaveAUser) {
  EXPECT_EQ(parse_mqtt_login("me:a:b").user, "me");
  EXPECT_EQ(parse_mqtt_login("me:a:b").password, "a:b");
  for (const char* text : {"", "me", ":secret"}) EXPECT_THROW(parse_mqtt_login(text), UsageError);
}

TEST(MqttBroker, NamesAreLevelsOfTopics) {
  EXPECT_EQ(mqtt_level("north gate"), "north gate");
  EXPECT_EQ(mqtt_level("a/b+c#d\n"), "a_b_c_d_");
}

TEST(MessageQueue, DropsTheOldestAndCountsThem) {
  MessageQueue queue(2);
  for (const char* text : {"a", "b", "c", "d"}) queue.push({"topic", text});
  EXPECT_EQ(queue.take_dropped(), 2);
  EXPECT_EQ(queue.take_dropped(), 0);
  EXPECT_EQ(queue.pop()->text, "c");
  EXPECT_EQ(queue.pop()->text, "d");
  EXPECT_FALSE(queue.pop());
}

#ifdef PROXSEG_WITH_MQTT

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class Mqtt : public testing::Test {
 protected:
  void SetUp() override {
    if (MqttTestBroker::program().empty()) GTEST_SKIP() << "mosquitto is not installed";
  }

  static MqttBroker at(int port) { return parse_mqtt_broker(fmt::format("127.0.0.1:{}", port)); }
  const std::string kState = "proxseg/gate/state", kEvents = "proxseg/gate/events",
                    kStatistics = "proxseg/gate/statistics";
};

TEST_F(Mqtt, SendsEventsStatisticsAndState) {
  MqttTestBroker broker(free_port());
  broker.start();
  MqttListener listener(broker.port());
  {
    MqttPublisher publisher(at(broker.port()), "proxseg/gate");
    EXPECT_TRUE(listener.until([&] { return listener.last(kState) == "online"; }));
    publisher.on_event("object", R"({"event":"object"})");
    publisher.on_event("statistics", R"({"event":"statistics"})");
    EXPECT_TRUE(listener.until(
        [&] { return !listener.last(kEvents).empty() && !listener.last(kStatistics).empty(); }));
    publisher.on_event("stop", R"({"event":"stop"})");  // is still sent
  }
  EXPECT_TRUE(listener.until([&] { return listener.last(kState) == "offline"; }));
  EXPECT_THAT(listener.all(kEvents), ElementsAre(R"({"event":"object"})", R"({"event":"stop"})"));
  EXPECT_THAT(listener.all(kStatistics), ElementsAre(R"({"event":"statistics"})"));
  MqttListener late(broker.port());
  EXPECT_TRUE(late.until([&] { return late.last(kState) == "offline"; })) << "it is retained";
}

TEST_F(Mqtt, WaitsForABrokerThatComesLaterAndFindsOneAgain) {
  MqttTestBroker broker(free_port());
  MqttPublisher publisher(at(broker.port()), "proxseg/gate");
  publisher.on_event("start", "first");
  broker.start();
  for (const char* text : {"first", "second", "third"}) {
    MqttListener listener(broker.port());
    EXPECT_TRUE(listener.until([&] { return listener.last(kState) == "online"; }));
    if (text != std::string("first")) publisher.on_event("object", text);
    if (text != std::string("first")) {
      EXPECT_TRUE(listener.until([&] { return listener.last(kEvents) == text; })) << text;
    }
    broker.stop();
    broker.start();
  }
}

TEST_F(Mqtt, KeepsABoundedNumberOfEventsMeanwhile) {
  MqttTestBroker broker(free_port());
  MqttPublisher publisher(at(broker.port()), "proxseg/gate");
  for (int i = 0; i < 1500; ++i) publisher.on_event("object", fmt::format("{}", i));
  broker.start();
  MqttListener listener(broker.port());
  publisher.on_event("object", "last");
  EXPECT_TRUE(listener.until([&] { return listener.last(kEvents) == "last"; }));
  const auto events = listener.all(kEvents);
  EXPECT_LE(events.size(), 1001U);
  EXPECT_THAT(events, testing::Not(Contains("0")));
}

TEST_F(Mqtt, TheBrokerSaysOfflineWhereTheProgramIsLost) {
  MqttTestBroker broker(free_port());
  broker.start();
  MqttListener listener(broker.port());
  const pid_t process = ::fork();
  if (process == 0) {
    const MqttPublisher publisher(at(broker.port()), "proxseg/gate");
    for (;;) ::pause();
  }
  EXPECT_TRUE(listener.until([&] { return listener.last(kState) == "online"; }));
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
  EXPECT_TRUE(listener.until([&] { return listener.last(kState) == "offline"; }));
}

TEST_F(Mqtt, LogsIn) {
  const TemporaryFolder folder;
  const std::string passwords = folder / "passwords";
  const std::string make = fmt::format("mosquitto_passwd -b -c '{}' me secret", passwords);
  ASSERT_EQ(std::system(make.c_str()), 0);
  std::filesystem::permissions(passwords, std::filesystem::perms::owner_read);
  const int open_port = free_port();
  MqttTestBroker broker(free_port(), fmt::format("allow_anonymous false\npassword_file {}\n"
                                                 "listener {} 127.0.0.1\nallow_anonymous true\n",
                                                 passwords, open_port));
  broker.start();
  MqttListener listener(open_port);
  MqttBroker right = at(broker.port()), wrong = right;
  right.login = {"me", "secret"};
  wrong.login = {"me", "guess"};
  const MqttPublisher stranger(wrong, "proxseg/stranger");
  const MqttPublisher publisher(right, "proxseg/gate");
  EXPECT_TRUE(listener.until([&] { return listener.last(kState) == "online"; }));
  EXPECT_EQ(listener.last("proxseg/stranger/state"), "");
}

TEST_F(Mqtt, TrustsTheAuthoritiesThatItIsGiven) {
  const TemporaryFolder folder;
  const std::string make = fmt::format(
      "cd '{}' && for name in ours other; do openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 "
      "-addext subjectAltName=IP:127.0.0.1 -keyout $name.key -out $name.crt; done >log 2>&1",
      (folder / "").string());
  if (std::system(make.c_str()) != 0) GTEST_SKIP() << "openssl is not installed";
  MqttTestBroker broker(
      free_port(), fmt::format("allow_anonymous true\ncertfile {0}/ours.crt\nkeyfile {0}/ours.key\n"
                               "listener {1} 127.0.0.1\nallow_anonymous true\n",
                               (folder / "").string(), free_port()));
  broker.start();
  MqttBroker secure = parse_mqtt_broker(fmt::format("mqtts://127.0.0.1:{}", broker.port()));
  expect_error(ExitCode::kUsage, {"nowhere.crt"}, [&] {
    MqttBroker other = secure;
    other.authorities = folder / "nowhere.crt";
    MqttPublisher(other, "proxseg/gate");
  });
  secure.authorities = folder / "ours.crt";
  const std::string plain = read_file(broker.folder() / "broker.conf");
  MqttListener listener(std::stoi(plain.substr(plain.rfind("listener ") + 9)));
  MqttBroker distrusted = secure;
  distrusted.authorities = folder / "other.crt";
  const MqttPublisher stranger(distrusted, "proxseg/stranger");
  const MqttPublisher publisher(secure, "proxseg/gate");
  EXPECT_TRUE(listener.until([&] { return listener.last(kState) == "online"; }));
  EXPECT_EQ(listener.last("proxseg/stranger/state"), "");
}

TEST_F(Mqtt, RefusesWhatIsNoTopic) {
  for (const char* topic : {"a/+/b", "#", "", "/a", "a/"}) {
    EXPECT_THROW(MqttPublisher(at(1), topic), UsageError) << topic;
  }
}

#endif

}  // namespace
}  // namespace proxseg
