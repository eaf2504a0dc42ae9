#include "proxseg/workflow/watch/mqtt.h"

#include <fmt/format.h>

#include <algorithm>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"

#ifdef PROXSEG_WITH_MQTT
#include <mosquitto.h>
#include <pthread.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "proxseg/core/clock.h"
#include "workflow/watch/message_queue.h"
#endif

namespace proxseg {

MqttBroker parse_mqtt_broker(const std::string& text) {
  const UsageError error(fmt::format("--mqtt: '{}' is no broker", text),
                         "Give it as HOST, HOST:1883 or mqtts://HOST:8883.");
  MqttBroker broker;
  std::string rest = text;
  if (const size_t end = rest.find("://"); end != std::string::npos) {
    const std::string scheme = rest.substr(0, end);
    if (scheme != "mqtt" && scheme != "mqtts") throw error;
    broker.tls = scheme == "mqtts";
    rest = rest.substr(end + 3);
  }
  constexpr int kTlsPort = 8883, kHighest = 65535;
  if (broker.tls) broker.port = kTlsPort;
  const bool is_ipv6 = rest.starts_with('[');
  const size_t colon = rest.find(':', is_ipv6 ? std::min(rest.find(']'), rest.size()) : 0);
  if (colon != std::string::npos) {
    const auto port = parse_number<int>(rest.substr(colon + 1));
    if (!port || *port < 1 || *port > kHighest) throw error;
    broker.port = *port;
    rest.resize(colon);
  }
  broker.host = is_ipv6 && rest.ends_with(']') ? rest.substr(1, rest.size() - 2) : rest;
  if (broker.host.empty() || broker.host.find_first_of("/@[] ") != std::string::npos) throw error;
  return broker;
}

MqttLogin parse_mqtt_login(const std::string& text) {
  const size_t colon = text.find(':');
  if (colon == 0 || colon == std::string::npos) {
    throw UsageError("the login for the MQTT broker is not USER:PASSWORD");
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string mqtt_level(const std::string& name) {
  std::string level = name;
  for (char& c : level) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (is_control || c == '/' || c == '+' || c == '#') c = '_';
  }
  return level;
}

#ifdef PROXSEG_WITH_MQTT

class MqttPublisher::Impl {
 public:
  Impl(const MqttBroker& broker, std::string topic) : broker_(broker), topic_(std::move(topic)) {
    if (topic_.empty() || ::mosquitto_pub_topic_check(topic_.c_str()) != MOSQ_ERR_SUCCESS ||
        topic_.starts_with('/') || topic_.ends_with('/')) {
      throw UsageError(fmt::format("'{}' is no topic of MQTT", topic_),
                       "Give it without + and #, as garden/camera.");
    }
    static const Library library;
    client_.reset(::mosquitto_new(nullptr, /*clean_session=*/true, this));
    if (!client_) throw Error(ExitCode::kMemory, "no memory for MQTT");
    ::mosquitto_connect_callback_set(client_.get(), [](mosquitto*, void* self, int code) {
      static_cast<Impl*>(self)->on_answer(code);
    });
    ::mosquitto_publish_callback_set(client_.get(), [](mosquitto*, void* self, int id) {
      static_cast<Impl*>(self)->unconfirmed_.erase(id);
    });
    expect(::mosquitto_will_set(client_.get(), state_topic().c_str(), kOffline.size(),
                                kOffline.data(), kQos, /*retain=*/true));
    if (broker.login) {
      expect(::mosquitto_username_pw_set(client_.get(), broker.login->user.c_str(),
                                         broker.login->password.c_str()));
    }
    if (broker.tls) use_tls();
    worker_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  void push(const std::string& event, const std::string& line) {
    queue_.push({topic_ + (event == "statistics" ? "/statistics" : "/events"), line});
  }

 private:
  struct Library {
    Library() { ::mosquitto_lib_init(); }
    ~Library() { ::mosquitto_lib_cleanup(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
  };
  struct Deleter {
    void operator()(mosquitto* client) const { ::mosquitto_destroy(client); }
  };

  static void expect(int result) {
    if (result == MOSQ_ERR_SUCCESS) return;
    throw UsageError(fmt::format("MQTT: {}", ::mosquitto_strerror(result)));
  }

  std::string state_topic() const { return topic_ + "/state"; }

  void use_tls() {
    if (broker_.authorities.empty()) {
      expect(::mosquitto_int_option(client_.get(), MOSQ_OPT_TLS_USE_OS_CERTS, 1));
      return;
    }
    const int result = ::mosquitto_tls_set(client_.get(), broker_.authorities.c_str(), nullptr,
                                           nullptr, nullptr, nullptr);
    if (result != MOSQ_ERR_SUCCESS) {
      throw UsageError(fmt::format("cannot use the certificates in '{}': {}", broker_.authorities,
                                   ::mosquitto_strerror(result)));
    }
  }

  // All that follows is on the thread of its own, as are the callbacks.

  void run(const std::stop_token& stop) {
    sigset_t broken_pipe;  // of TLS; else it would end the program
    ::sigemptyset(&broken_pipe);
    ::sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    constexpr double kFirstPause = 1.0, kLongest = 60.0;  // seconds
    const auto is_over = [&] { return stop.stop_requested(); };
    double pause = kFirstPause;
    while (!is_over()) {
      const std::string why = connect_and_send(stop);
      if (is_over()) break;
      if (was_online_) pause = kFirstPause;
      if (was_online_ || !has_complained_) {
        spdlog::warn("MQTT: no connection to {}:{}: {}; tried again until there is one",
                     broker_.host, broker_.port, why);
        has_complained_ = true;
      }
      pause_for(pause, is_over);
      pause = std::min(2.0 * pause, kLongest);
    }
    say_goodbye();
  }

  // Until the connection ends; why it did.
  std::string connect_and_send(const std::stop_token& stop) {
    constexpr int kKeepAlive = 20;  // seconds
    is_online_ = was_online_ = false;
    refusal_.clear();
    int result =
        ::mosquitto_connect_async(client_.get(), broker_.host.c_str(), broker_.port, kKeepAlive);
    while (result == MOSQ_ERR_SUCCESS && !stop.stop_requested()) {
      result = turn();
      if (is_online_) send_what_waits();
    }
    is_online_ = false;
    if (!refusal_.empty()) return refusal_;
    return result == MOSQ_ERR_ERRNO ? std::strerror(errno) : ::mosquitto_strerror(result);
  }

  int turn() {
    constexpr int kMilliseconds = 100;
    return ::mosquitto_loop(client_.get(), kMilliseconds, /*max_packets=*/1);
  }

  void on_answer(int code) {
    if (code != 0) {
      refusal_ = ::mosquitto_connack_string(code);
      return;
    }
    is_online_ = was_online_ = true;
    has_complained_ = false;
    spdlog::info("MQTT: {}:{} gets {}/events", broker_.host, broker_.port, topic_);
    publish(state_topic(), kOnline, /*retain=*/true);
  }

  // Few at a time wait for the broker to confirm them, which the library sends again after a loss: the
  // others stay where their number is bounded.
  void send_what_waits() {
    constexpr size_t kMostUnconfirmed = 20;
    while (unconfirmed_.size() < kMostUnconfirmed) {
      if (const int64_t dropped = queue_.take_dropped(); dropped > 0) {
        spdlog::warn("MQTT: {} messages were dropped", dropped);
        const nlohmann::ordered_json event = {
            {"time", utc_time()}, {"event", "dropped"}, {"messages", dropped}};
        publish(topic_ + "/events", json_line(event), /*retain=*/false);
      }
      const auto message = queue_.pop();
      if (!message) return;
      publish(message->topic, message->text, /*retain=*/false);
    }
  }

  void publish(const std::string& topic, std::string_view text, bool retain) {
    int id = 0;
    ::mosquitto_publish(client_.get(), &id, topic.c_str(), static_cast<int>(text.size()),
                        text.data(), kQos, retain);
    if (id != 0) unconfirmed_.insert(id);
  }

  void say_goodbye() {
    constexpr auto kMost = std::chrono::seconds(2);
    if (!was_online_) return;
    const auto until = steady_now() + kMost;
    is_online_ = true;
    send_what_waits();
    publish(state_topic(), kOffline, /*retain=*/true);
    int result = MOSQ_ERR_SUCCESS;
    while (result == MOSQ_ERR_SUCCESS && !unconfirmed_.empty() && steady_now() < until) {
      result = turn();
      send_what_waits();
    }
    ::mosquitto_disconnect(client_.get());
  }

  static constexpr std::string_view kOnline = "online", kOffline = "offline";
  static constexpr int kQos = 1;  // at least once
  static constexpr size_t kMostWaiting = 1000;

  MqttBroker broker_;
  std::string topic_;
  MessageQueue queue_{kMostWaiting};
  std::unique_ptr<mosquitto, Deleter> client_;
  bool is_online_ = false, was_online_ = false, has_complained_ = false;
  std::set<int> unconfirmed_;
  std::string refusal_;
  std::jthread worker_;
};

void MqttPublisher::on_event(const std::string& event, const std::string& line) {
  impl_->push(event, line);
}

bool MqttPublisher::is_built_in() { return true; }

#else

class MqttPublisher::Impl {
 public:
  Impl(const MqttBroker&, const std::string&) {
    throw UsageError("this program was built without libmosquitto, and knows no MQTT",
                     "Install libmosquitto-dev and build it again.");
  }
};

void MqttPublisher::on_event(const std::string&, const std::string&) {}

bool MqttPublisher::is_built_in() { return false; }

#endif

MqttPublisher::MqttPublisher(const MqttBroker& broker, const std::string& topic)
    : impl_(std::make_unique<Impl>(broker, topic)) {}

MqttPublisher::~MqttPublisher() = default;

}  // namespace proxseg
