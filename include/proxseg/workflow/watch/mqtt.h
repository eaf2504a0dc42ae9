// What happens before a camera, for a broker of MQTT:
//   TOPIC/state       online or offline, retained; the broker itself says offline where the program is lost
//   TOPIC/events      the lines of events.jsonl; where some could not be sent in time, {"event":"dropped", ...}
//   TOPIC/statistics  those of the kind statistics
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxseg/workflow/watch/observer.h"

namespace proxseg {

struct MqttLogin {
  std::string user, password;
};

struct MqttBroker {
  std::string host;
  int port = 1883;
  bool tls = false;
  std::string
      authorities{};  // a PEM file of who may sign its certificate; "": as the system has them
  std::optional<MqttLogin> login{};
};

// Reads HOST[:PORT], mqtt://HOST[:PORT] or mqtts://HOST[:PORT], which means TLS, by default at port 8883;
// IPv6 in brackets. Throws UsageError.
MqttBroker parse_mqtt_broker(const std::string& text);

// Reads USER:PASSWORD. Throws UsageError.
MqttLogin parse_mqtt_login(const std::string& text);

// A name as one level of a topic: '/', '+', '#' and control characters become '_'.
std::string mqtt_level(const std::string& name);

// Sends in a thread of its own and looks for the broker again as often as it is lost. Up to 1000 messages wait;
// beyond them the oldest go.
class MqttPublisher : public WatchObserver {
 public:
  // topic: without wildcards. Throws UsageError for a bad one, for authorities that cannot be read, and in a
  // program without MQTT. A broker that is not there is no error.
  MqttPublisher(const MqttBroker& broker, const std::string& topic);
  // Says offline, and waits for that for two seconds at most.
  ~MqttPublisher() override;
  MqttPublisher(const MqttPublisher&) = delete;
  MqttPublisher& operator=(const MqttPublisher&) = delete;

  void on_event(const std::string& event, const std::string& line) override;

  // Whether the program was built with MQTT.
  static bool is_built_in();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proxseg
