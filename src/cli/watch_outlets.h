// Where watch tells of its cameras besides its folder: a page and a broker of MQTT.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "proxseg/workflow/watch/mqtt.h"
#include "proxseg/workflow/watch/page.h"

namespace proxseg::cli {

struct OutletArguments {
  std::string http{}, http_token_file{};
  std::string mqtt{}, mqtt_topic = "proxseg", mqtt_login_file{}, mqtt_ca{};
};

// arguments must outlive the parse.
void add_outlet_options(CLI::App& command, OutletArguments& arguments);

class Outlets {
 public:
  // Throws UsageError, OutputError and InputError, as for a file of a token that is not there.
  Outlets(const OutletArguments& arguments, const std::vector<std::string>& cameras);

  // Of the camera at that position; they live as long as this.
  std::vector<WatchObserver*> observers(size_t camera) const;

 private:
  std::unique_ptr<WatchPage> page_;
  std::vector<std::unique_ptr<MqttPublisher>> publishers_;
};

}  // namespace proxseg::cli
