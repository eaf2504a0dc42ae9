// Debian's broker of MQTT on a port of this machine, and who listens to it.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <mosquitto.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "proxseg/core/file.h"
#include "support/free_port.h"
#include "support/temporary_folder.h"

namespace proxseg {

class MqttTestBroker {
 public:
  // more: further lines of its configuration.
  explicit MqttTestBroker(int port, const std::string& more = "allow_anonymous true\n")
      : port_(port) {
    write_file_atomically(
        folder_ / "broker.conf",
        fmt::format(
            "user root\npersistence false\nper_listener_settings true\nlistener {} 127.0.0.1\n{}",
            port, more));
  }
  ~MqttTestBroker() { stop(); }
  MqttTestBroker(const MqttTestBroker&) = delete;
  MqttTestBroker& operator=(const MqttTestBroker&) = delete;

  static std::string program() {
    for (const char* path :
         {"/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"}) {
      if (::access(path, X_OK) == 0) return path;
    }
    return "";
  }

  void start() {
    const std::string file = folder_ / "broker.conf", log = folder_ / "log";
    std::vector<std::string> words = {program(), "-c", file};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
      posix_spawn_file_actions_addopen(&actions, stream, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                       0600);
    }
    EXPECT_EQ(::posix_spawn(&process_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }

  void stop() {
    if (process_ <= 0) return;
    const pid_t process = std::exchange(process_, -1);
    ::kill(process, SIGTERM);
    ::waitpid(process, nullptr, 0);
  }

  int port() const { return port_; }
  std::filesystem::path folder() const { return folder_ / ""; }

 private:
  int port_;
  pid_t process_ = -1;
  TemporaryFolder folder_;
};

// Hears everything on a broker, from when it could be reached on; it tries again until it can.
class MqttListener {
 public:
  explicit MqttListener(int port) {
    ::mosquitto_lib_init();
    client_ = ::mosquitto_new(nullptr, true, this);
    ::mosquitto_connect_callback_set(client_, [](mosquitto* client, void* self, int) {
      ::mosquitto_subscribe(client, nullptr, "#", 1);
      static_cast<MqttListener*>(self)->is_connected_ = true;
    });
    ::mosquitto_message_callback_set(
        client_, [](mosquitto*, void* self, const mosquitto_message* message) {
          static_cast<MqttListener*>(self)->heard_[message->topic].emplace_back(
              static_cast<const char*>(message->payload), static_cast<size_t>(message->payloadlen));
        });
    for (int i = 0;
         i < 500 && ::mosquitto_connect(client_, "127.0.0.1", port, 20) != MOSQ_ERR_SUCCESS; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    until([this] { return is_connected_; });
  }
  ~MqttListener() { ::mosquitto_destroy(client_); }
  MqttListener(const MqttListener&) = delete;
  MqttListener& operator=(const MqttListener&) = delete;

  // Listens until that is so, for half a minute at most; whether it is.
  template <typename Condition>
  bool until(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition() && std::chrono::steady_clock::now() < end) ::mosquitto_loop(client_, 20, 1);
    return condition();
  }

  std::string last(const std::string& topic) const {
    const auto place = heard_.find(topic);
    return place == heard_.end() ? "" : place->second.back();
  }
  std::vector<std::string> all(const std::string& topic) const {
    const auto place = heard_.find(topic);
    return place == heard_.end() ? std::vector<std::string>() : place->second;
  }

 private:
  mosquitto* client_;
  bool is_connected_ = false;
  std::map<std::string, std::vector<std::string>> heard_;
};

}  // namespace proxseg
