// Lays recipes and single values one upon the other and gathers everything that is wrong with them.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proxseg/recipe/document.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/load.h"
#include "proxseg/recipe/locate.h"
#include "proxseg/recipe/read_value.h"

namespace proxseg {

class Layers {
 public:
  Layers();

  // A built-in recipe or a file with all that it extends. place stands before a message about the
  // name itself: "" or "x.json:3: extends: ".
  void add_recipe(const std::string& name_or_path, const std::filesystem::path& folder,
                  const std::string& place);

  // A document that may not extend another.
  void add_stored(std::string_view text, const std::string& label);

  void add_override(const Override& given);

  // The result. Throws ConfigError listing every problem of every layer.
  ResolvedRecipe finish();

 private:
  using Entry = Document::Entry;

  void add_document(const Document& document, const std::string& label);
  void add_base(const Document& document, const RecipeText& source);
  // False where the entry is refused; what it holds is then not looked at.
  bool add_entry(const Entry& entry, const std::string& label);
  void set(const Field& field, const ReadValue& read, const std::string& place,
           const std::string& origin);
  void refuse_key(const std::string& key, const std::string& place);
  void check_rules();
  bool failed(const std::string& key) const;

  ResolvedRecipe resolved_;
  std::vector<std::string> problems_;
  std::set<std::string> failed_;   // keys and sections that hold no value of the user's for a fault
  std::vector<std::string> open_;  // ids of the recipes whose `extends` is being followed
  bool complete_ = true;           // every layer was read to its end
};

}  // namespace proxseg
