#include "cli/watch_outlets.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"

namespace proxseg::cli {
namespace {

// The first line of the file or, where none is given, the variable's value; "" where there is neither.
// Secrets are no arguments, as everybody on the machine can read those.
std::string secret_in(const std::string& file, const char* variable) {
  if (file.empty()) {
    const char* value = std::getenv(variable);
    return value == nullptr ? "" : value;
  }
  std::string line = read_file(file);
  line.resize(std::min(line.size(), line.find_first_of("\r\n")));
  if (!line.empty()) return line;
  throw UsageError(fmt::format("'{}' begins with an empty line", file));
}

MqttBroker broker_of(const OutletArguments& arguments) {
  MqttBroker broker = parse_mqtt_broker(arguments.mqtt);
  const std::string login = secret_in(arguments.mqtt_login_file, "PROXSEG_MQTT_LOGIN");
  if (!login.empty()) broker.login = parse_mqtt_login(login);
  if (!arguments.mqtt_ca.empty() && !broker.tls) {
    throw UsageError("--mqtt-ca is for an encrypted connection",
                     "Give the broker as mqtts://HOST:PORT.");
  }
  broker.authorities = arguments.mqtt_ca;
  return broker;
}

}  // namespace

void add_outlet_options(CLI::App& command, OutletArguments& arguments) {
  CLI::Option* http = add_option(
      command, "--http ADDRESS", arguments.http,
      "Serve a page with picture, masks, health and events at this address, as 127.0.0.1:8080");
  add_option(
      command, "--http-token-file FILE", arguments.http_token_file,
      "Its first line is the token that the page asks for; else that is PROXSEG_HTTP_TOKEN, or none. "
      "An address that others can reach needs one")
      ->needs(http);
  CLI::Option* mqtt = add_option(
      command, "--mqtt BROKER", arguments.mqtt,
      "Send events to this broker of MQTT: HOST, HOST:PORT or, encrypted, mqtts://HOST:PORT");
  add_option(command, "--mqtt-topic TOPIC", arguments.mqtt_topic,
             "They go to TOPIC/CAMERA/events, statistics and state")
      ->needs(mqtt)
      ->capture_default_str();
  add_option(
      command, "--mqtt-login-file FILE", arguments.mqtt_login_file,
      "Its first line is USER:PASSWORD for the broker; else that is PROXSEG_MQTT_LOGIN, or none")
      ->needs(mqtt);
  add_option(
      command, "--mqtt-ca FILE", arguments.mqtt_ca,
      "Who may sign the certificate of the broker, as PEM, in place of those whom the system trusts")
      ->needs(mqtt);
}

Outlets::Outlets(const OutletArguments& arguments, const std::vector<std::string>& cameras) {
  if (!arguments.http.empty()) {
    const std::string token = secret_in(arguments.http_token_file, "PROXSEG_HTTP_TOKEN");
    page_ = std::make_unique<WatchPage>(WatchPage::Options{arguments.http, token}, cameras);
    spdlog::info("the page is at {}", page_->url());
  }
  if (arguments.mqtt.empty()) return;
  const MqttBroker broker = broker_of(arguments);
  for (const std::string& camera : cameras) {
    publishers_.push_back(
        std::make_unique<MqttPublisher>(broker, arguments.mqtt_topic + "/" + mqtt_level(camera)));
  }
}

std::vector<WatchObserver*> Outlets::observers(size_t camera) const {
  std::vector<WatchObserver*> observers;
  if (page_) observers.push_back(&page_->observer(camera));
  if (!publishers_.empty()) observers.push_back(publishers_.at(camera).get());
  return observers;
}

}  // namespace proxseg::cli
