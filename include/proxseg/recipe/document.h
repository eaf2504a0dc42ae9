// A file of settings as a flat list of keys and values with their lines, before the keys are
// checked.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace proxseg {

struct Document {
  struct Entry {
    std::string key;  // dotted; the items of an array "key" are "key[0]", "key[1]", ...
    // Objects and arrays are empty: what they hold follows as entries of their own.
    nlohmann::json value;
    int line;  // of the key, or of the item, from 1
  };
  struct Fault {
    std::string key;  // whose value could not be read; "" for other faults
    std::string text;
    int line;
  };
  std::vector<Entry> entries;  // in the order of the file
  std::vector<Fault> faults;
  bool complete = true;  // false: reading stopped at the last fault
};

struct DocumentSyntax {
  std::string_view what = "a recipe";  // in messages
  bool dotted_keys = false;            // "train.steps" is allowed beside {"train": {"steps": ...}}
};

// JSON with // and /* */ comments. Never throws: duplicate keys, syntax errors, text that is not
// UTF-8 and nesting too deep become faults.
Document parse_document(std::string_view text, const DocumentSyntax& syntax = {});

// key is an item or a key, at any depth, of what `container` names.
bool is_below(std::string_view key, std::string_view container);

}  // namespace proxseg
